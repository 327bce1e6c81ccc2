from cockpit.journal.definitions import DEFINITIONS
from tests.unit.docs.pages import page, rows

PAGE = page("docs/statistics.md")


def test_every_statistic_is_told_as_it_is_reckoned() -> None:
    told = [
        [d.id, d.label, d.formula, d.unit, d.basis, d.source, "; ".join(d.undefined)]
        for d in DEFINITIONS
    ]
    assert rows(PAGE) == told
