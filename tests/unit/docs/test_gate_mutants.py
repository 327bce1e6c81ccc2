import re

from cockpit.risk.controls import CONTROLS
from tests.unit.docs.pages import page, rows

PAGE = page("docs/gate-mutants.md")
MUTANTS = rows(PAGE)


def test_every_control_is_there_with_every_kind_of_edit() -> None:
    kinds = ("removed from CONTROLS", "always passes", "moved into or out of SIZE_AND_LOSS")
    for kind in kinds:
        assert {of for of, edit, *_ in MUTANTS if edit == kind} == {c.__name__ for c in CONTROLS}
    swapped = [of for of, edit, *_ in MUTANTS if edit == "swapped with the next"]
    assert swapped == [control.__name__ for control in CONTROLS[:-1]]
    assert {"the token", "the reservation", "the adapter", "the gate"} <= {m[0] for m in MUTANTS}


def test_somebody_notices_each_of_them() -> None:
    assert all("::" in killer for *_, killer in MUTANTS)
    told = re.search(r"^(\d+) mutants, (\d+) noticed\.$", PAGE, re.MULTILINE)
    assert told is not None
    assert told.groups() == (str(len(MUTANTS)), str(len(MUTANTS)))
