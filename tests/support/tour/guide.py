"""The guide's pictures, cut out of the tour's: dark ones of a small screen.

`python -m tests.support.tour SHOTS` first, then `python -m tests.support.tour.guide SHOTS`.
Look at each before it is kept.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from tests.support.needs import ROOT

FOLDER = ROOT / "docs" / "images"


class Cut(NamedTuple):
    """A picture of the tour and what of it is shown; nothing but the name shows all of it."""

    shot: str
    area: QRect | None = None


CUTS = {
    "first-run": Cut("01-first-run", QRect(276, 170, 796, 350)),
    "first-proposal": Cut("11-proposals"),
    "proposal": Cut("11-proposals", QRect(1060, 132, 306, 322)),
    "killed": Cut("53-killed"),
    "limits": Cut("30-05-change-limits", QRect(238, 54, 870, 582)),
    "locked": Cut("55-locked", QRect(0, 24, 1366, 140)),
    "journal": Cut("22-journal-entry", QRect(246, 132, 812, 424)),
    "import": Cut("37-import", QRect(288, 258, 774, 452)),
    "recap": Cut("23-recap-fact", QRect(246, 132, 812, 424)),
    "accounts": Cut("31-account-typed", QRect(414, 68, 496, 486)),
    "settings": Cut("31-settings-search", QRect(168, 8, 1010, 672)),
    "ticket": Cut("32-ticket-limit", QRect(367, 90, 632, 620)),
    "palette": Cut("30-08-find-anything", QRect(380, 140, 580, 420)),
    "chart-menu": Cut("39-chart-menu", QRect(246, 132, 812, 424)),
    "risk": Cut("21-panel-risk", QRect(0, 556, 680, 212)),
    "alerts": Cut("53-snooze", QRect(1060, 536, 306, 232)),
}


def main(shots: Path) -> None:
    """Write all of them."""
    for name, cut in CUTS.items():
        whole = QImage(str(shots / f"{cut.shot}.png"))
        assert not whole.isNull(), f"{cut.shot} is not in {shots}"
        part = whole if cut.area is None else whole.copy(cut.area)
        part = part.convertToFormat(QImage.Format.Format_RGB888)
        assert part.save(str(FOLDER / f"{name}.png"), "PNG", 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
