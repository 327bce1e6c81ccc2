"""The foundations: type, colours, distances, icons, formats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from cockpit.ui.gallery.board import Section, Specimen
from cockpit.ui.theme import FontRole, Motion, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.theme.icons import GLYPHS
from cockpit.ui.widgets.empty import Glyph
from cockpit.ui.widgets.labels import Pair, label

_SWATCH = QSize(28, 20)
_COLOUR_COLUMNS, _ICON_COLUMNS = 3, 6
_NS_OPEN = 1_772_548_200_000_000_000  # 3 March 2026, 09:30 in New York


class _Swatch(QWidget):
    """A colour by its role."""

    def __init__(self, theme: Theme, role: str) -> None:
        super().__init__()
        self._theme, self._role = theme, role
        self.setFixedSize(_SWATCH)
        self.setAccessibleName(f"Colour {role}")
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fill with the theme's colour of now, in a frame that shows the ground's own."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._theme.colour(self._role))
            painter.setPen(self._theme.colour("line_strong"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


def _type(theme: Theme) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(Space.XS)
    for role in FontRole:
        size = theme.font(role).pixelSize()
        column.addWidget(label(theme, f"{role.value} {size}: 1,234.50 \u22120.07", role))
    for tone in ("", "muted", "faint", "up", "down", "accent", "warning", "critical"):
        column.addWidget(label(theme, f"tone {tone or 'plain'}: +$1,234.50", tone=tone))
    return made


def _colours(theme: Theme) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(Space.XS)
    for place, role in enumerate(asdict(theme.colours)):
        line, column = divmod(place, _COLOUR_COLUMNS)
        grid.addWidget(_Swatch(theme, role), line, 2 * column)
        grid.addWidget(label(theme, role, FontRole.CAPTION), line, 2 * column + 1)
    return made


def _icons(theme: Theme) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(Space.S)
    for place, name in enumerate(sorted(GLYPHS)):
        line, column = divmod(place, _ICON_COLUMNS)
        grid.addWidget(Glyph(theme, name, 18), line, 2 * column)
        grid.addWidget(label(theme, name, FontRole.MICRO, "muted"), line, 2 * column + 1)
    return made


def _formats(theme: Theme) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(Space.XXS)
    for name, text in (
        ("Money", fmt.money(Decimal("1234.5"))),
        ("Signed money, a loss", fmt.signed_money(Decimal("-1234.5"))),
        ("What rounds to zero", fmt.signed_money(Decimal("-0.001"))),
        ("Price", fmt.price(312.4)),
        ("Price in fine ticks", fmt.price(0.4375, Decimal("0.0001"))),
        ("Quantity", fmt.quantity(Decimal(-1200))),
        ("Share of one", fmt.percent(-0.0123, signed=True)),
        ("Volume", fmt.compact(4_560_000)),
        ("Missing", fmt.money(None)),
        ("Time in New York", fmt.new_york_time(_NS_OPEN)),
        ("Date in New York", fmt.new_york_date(_NS_OPEN)),
        ("Age", f"{fmt.age(0.26)}, {fmt.age(75)}, {fmt.age(90_000)}"),
        ("Time left", f"{fmt.duration(7)}, {fmt.duration(3723)}"),
    ):
        pair = Pair(theme, name)
        pair.show_value(text)
        column.addWidget(pair)
    return made


def _measures(theme: Theme) -> QLabel:
    spaces = ", ".join(f"{space.name} {space.value}" for space in Space)
    motions = ", ".join(f"{m.name} {theme.motion(m)} ms" for m in Motion)
    return label(theme, f"{spaces}\n{motions}", FontRole.CAPTION, wrap=True)


def _specimens(theme: Theme) -> Iterator[Specimen]:
    yield "Type and tones", _type(theme)
    yield "Colours by role", _colours(theme)
    yield "Numbers and times", _formats(theme)
    yield "Icons by meaning", _icons(theme)
    yield "Distances and durations", _measures(theme)


FOUNDATIONS = Section("foundations", "Type, colour, icons, formats", _specimens)
