"""Inter, shipped with the program, with digits of equal width."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtGui import QFont, QFontDatabase

from cockpit.kernel.resources import resource

FAMILY = "Inter"
_FILES = ("Regular", "Medium", "SemiBold", "Bold")


class FontRole(StrEnum):
    """What a text is for; its size and weight follow."""

    MICRO = "micro"  # units, axis labels
    CAPTION = "caption"  # labels above figures, table headers
    BODY = "body"
    STRONG = "strong"  # a figure that counts, a symbol
    TITLE = "title"  # the head of a card
    FIGURE = "figure"  # the one strong number of a panel
    DISPLAY = "display"


_SCALE: dict[FontRole, tuple[int, QFont.Weight]] = {
    FontRole.MICRO: (10, QFont.Weight.Medium),
    FontRole.CAPTION: (11, QFont.Weight.Medium),
    FontRole.BODY: (12, QFont.Weight.Normal),
    FontRole.STRONG: (12, QFont.Weight.DemiBold),
    FontRole.TITLE: (13, QFont.Weight.DemiBold),
    FontRole.FIGURE: (17, QFont.Weight.DemiBold),
    FontRole.DISPLAY: (26, QFont.Weight.DemiBold),
}


def load_fonts() -> None:
    """Give Inter to Qt, once a process. Raises ResourceMissingError when it is not shipped."""
    if FAMILY in QFontDatabase.families():
        return
    for weight in _FILES:
        QFontDatabase.addApplicationFont(str(resource(f"fonts/Inter-{weight}.otf")))


def font(role: FontRole = FontRole.BODY) -> QFont:
    """The font of `role`: pixel sizes (logical), and tabular figures."""
    size, weight = _SCALE[role]
    result = QFont(FAMILY)
    result.setPixelSize(size)
    result.setWeight(weight)
    result.setFeature(QFont.Tag("tnum"), 1)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return result
