from cockpit.adapters.faults import FAULTS
from cockpit.app.simulation.invariants import INVARIANTS
from tests.unit.docs.pages import page, rows, section

PAGE = page("docs/simulation.md")


def test_faults_are_told_as_they_are() -> None:
    told = rows(section(PAGE, "## Faults"))
    assert told == [[fault.kind.value, fault.where, fault.text] for fault in FAULTS]


def test_invariants_are_told_as_they_are() -> None:
    told = rows(section(PAGE, "## Invariants"))
    assert told == [[rule.name, rule.when.value, rule.text] for rule in INVARIANTS]
