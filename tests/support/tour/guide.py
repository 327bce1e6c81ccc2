"""The guide's pictures, cut out of the tour's: dark ones of a small screen.

`python -m tests.support.tour SHOTS` first, then `python -m tests.support.tour.guide SHOTS`.
One whole picture: `python -m tests.support.tour.guide SHOTS/20-traded.png cockpit-dark`.
Look at each before it is kept.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from tests.support.gallery import few_colours
from tests.support.needs import ROOT

FOLDER = ROOT / "docs" / "images"


class Cut(NamedTuple):
    """A picture of the tour and what of it is shown: an area, its dialog, or all of it."""

    shot: str
    area: QRect | None = None
    dialog: bool = False
    less: int = 0
    """So many pixels of a dialog's foot are left away."""


CUTS = {
    "first-run": Cut("01-first-run", dialog=True),
    "first-proposal": Cut("11-proposals"),
    "proposal": Cut("11-proposals", QRect(1060, 132, 306, 322)),
    "killed": Cut("53-killed"),
    "limits": Cut("30-05-change-limits", dialog=True),
    "locked": Cut("55-locked", QRect(0, 24, 1366, 140)),
    "journal": Cut("22-journal-entry", QRect(246, 132, 812, 424)),
    "import": Cut("37-import", dialog=True),
    "recap": Cut("23-recap-fact", QRect(246, 132, 812, 424)),
    "accounts": Cut("31-account-typed", dialog=True),
    "settings": Cut("31-settings-search", dialog=True, less=96),
    "ticket": Cut("32-ticket-limit", dialog=True),
    "palette": Cut("30-08-find-anything", dialog=True),
    "chart-menu": Cut("39-chart-menu", QRect(246, 132, 812, 450)),
    "risk": Cut("21-panel-risk", QRect(0, 556, 680, 212)),
    "alerts": Cut("53-snooze", QRect(1060, 536, 306, 232)),
}


def main(shots: Path) -> None:
    """Write all of them."""
    frames = json.loads((shots / "frames.json").read_text(encoding="utf-8"))
    for name, cut in CUTS.items():
        whole = QImage(str(shots / f"{cut.shot}.png"))
        assert not whole.isNull(), f"{cut.shot} is not in {shots}"
        area = cut.area or whole.rect()
        if cut.dialog:
            area = QRect(*frames[cut.shot]).adjusted(0, 0, 0, -cut.less)
        assert few_colours(whole.copy(area)).save(str(FOLDER / f"{name}.png"), "PNG", 0)


def keep(picture: Path, name: str) -> None:
    """A picture as it is, in few colours: the README's two are of a larger window."""
    assert few_colours(QImage(str(picture))).save(str(FOLDER / f"{name}.png"), "PNG", 0)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        keep(Path(sys.argv[1]), sys.argv[2])
    else:
        main(Path(sys.argv[1]))
