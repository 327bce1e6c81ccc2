"""Paints the cells of a blotter: numbers stamped from sheets, words as text that is laid out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap, QStaticText

from cockpit.ui.charts.arrays import Rects
from cockpit.ui.charts.canvas import mixed
from cockpit.ui.models.columns import Align, Column, Mark
from cockpit.ui.models.table import LiveRow, Table
from cockpit.ui.theme import FontRole, Inset, Theme
from cockpit.ui.widgets.blotter_curves import CurvePainter, role_of
from cockpit.ui.widgets.blotter_marks import MARK_SIZE, draw_mark
from cockpit.ui.widgets.glyphs import GlyphSheet, Widths, sheet_of

ROW_HEIGHT = 26
PAD = int(Inset.CELL)
MARK_ROOM = MARK_SIZE + 5  # a shape and its distance from the word
_CURVE_EDGE = 2  # room for the line's own width
_CURVE_TOP = 5 - _CURVE_EDGE
_CACHE_LIMIT = 6000
_CELL_LIMIT = 20_000  # small: they share the text that is laid out
_FLASH_LEVELS = 8


class Slot(NamedTuple):
    """Where a column stands: its number in the table, left edge and width in pixels."""

    column: int
    x: int
    width: int


class _Type(NamedTuple):
    font: QFont
    metrics: QFontMetricsF
    drop: int  # from the row's top to the text's
    widths: Widths


class _Batch:
    """Numbers of one font and colour, to be painted together: where each begins."""

    __slots__ = ("texts", "x", "y")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.x: list[int] = []
        self.y: list[int] = []


class _Laid(NamedTuple):
    """One cell ready to paint: its text, where that begins and the shape before it."""

    text: QStaticText
    x: int
    drop: int
    mark: Mark | None


Place = tuple[LiveRow, int]
"""A row and its top."""

_Numbers = defaultdict[tuple[FontRole, str], _Batch]


class CellPainter:
    """Holds fonts, colours and laid-out text of one theme; make it anew when that changes."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._colours: dict[str, QColor] = {}
        self._types: dict[FontRole, _Type] = {}
        self._laid_out: dict[tuple[str, FontRole, int], tuple[QStaticText, float]] = {}
        self._laid_cells: dict[tuple[str, int], _Laid] = {}
        self._sheets: dict[tuple[FontRole, str, float], GlyphSheet] = {}
        self._curve = CurvePainter(_CURVE_EDGE, ROW_HEIGHT - 11)
        self._rects = Rects()
        self._slots: list[Slot] = []
        self._font: FontRole | None = None
        self._pen = ""

    def colour(self, role: str) -> QColor:
        """The theme's colour of `role`, kept."""
        known = self._colours.get(role)
        if known is None:
            known = self._colours[role] = self._theme.colour(role)
        return known

    def begin(self, painter: QPainter) -> None:
        """Start a paint event: the painter knows none of our fonts and colours yet."""
        self._font, self._pen = None, ""
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)

    def rows(
        self,
        painter: QPainter,
        table: Table,
        places: Sequence[Place],
        slots: list[Slot],
        now_ms: int,
        *,
        grounds: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        """Paint the cells of rows at their heights: flashes first, then all text.

        `grounds` has the colour role of what stands behind a row at that height, where it is
        not the panel's own: a flash fades into that.

        Column after column, for the cells of one mostly share their font and their colour.
        Numbers wait until all are known, then those of one look are stamped in one call.
        """
        self._fit(slots)
        self._flashes(painter, table, places, now_ms, grounds)
        for row, _ in places:
            if row.laid_for is not self._slots:
                row.laid_for, row.painted = self._slots, [None] * len(row.texts)
        numbers: _Numbers = defaultdict(_Batch)
        for slot in self._slots:
            column = table.columns[slot.column]
            if column.curve:
                self._curves(painter, slot.column, slot, places)
            else:
                self._column(painter, column, slot, places, numbers)
        for (font, colour), batch in numbers.items():
            self._stamp(painter, font, colour, batch)

    def text(
        self, painter: QPainter, text: str, role: FontRole, colour: QColor, at: QPointF
    ) -> None:
        """Paint `text` in a row whose top is `at.y()`, starting at `at.x()`."""
        static, _ = self._layout(text, role, 0)
        self._use(painter, role)
        self._pen = ""
        painter.setPen(colour)
        painter.drawStaticText(at + QPointF(0, self._type(role).drop), static)

    def width(self, text: str, role: FontRole) -> float:
        """How wide `text` is painted."""
        return self._type(role).metrics.horizontalAdvance(text)

    def _column(
        self,
        painter: QPainter,
        column: Column,
        slot: Slot,
        places: Sequence[Place],
        numbers: _Numbers,
    ) -> None:
        index, fades, font = slot.column, column.marks_stale, column.font
        right, room = slot.x + slot.width - PAD, slot.width - 2 * PAD
        is_number = column.align is Align.RIGHT and column.mark is None
        widths, last, batch = self._type(font).widths, "", _Batch()
        for row, y in places:
            laid: _Laid | int | None = row.painted[index]
            if laid is None:
                width = widths[row.texts[index]] if is_number else -1.0
                fits = 0.0 <= width <= room
                laid = round(right - width) if fits else self._lay_cell(column, row, slot)
                row.painted[index] = laid
            colour = "faint" if fades and row.stale else row.looks[index]
            if not isinstance(laid, int):
                self._word(painter, laid, font, colour, y)
                continue
            if colour != last:
                last, batch = colour, numbers[font, colour]
            batch.texts.append(row.texts[index])
            batch.x.append(laid)
            batch.y.append(y)

    def _word(self, painter: QPainter, laid: _Laid, font: FontRole, colour: str, y: int) -> None:
        if laid.mark is not None:
            middle = y + ROW_HEIGHT / 2
            draw_mark(painter, laid.mark, laid.x - MARK_ROOM, middle, self.colour(colour))
        self._use(painter, font)
        if colour != self._pen:
            self._pen = colour
            painter.setPen(self.colour(colour))
        painter.drawStaticText(laid.x, y + laid.drop, laid.text)

    def _stamp(self, painter: QPainter, font: FontRole, colour: str, batch: _Batch) -> None:
        """Paint numbers of one look; one by one where they can't be kept as pixels."""
        ratio, drop = painter.device().devicePixelRatioF(), self._type(font).drop
        sheet = self._sheets.get((font, colour, ratio))
        if sheet is None:
            sheet = sheet_of(self._theme, font, colour, ratio)
            self._sheets[font, colour, ratio] = sheet
        if sheet.true:
            sheet.draw(painter, batch.texts, batch.x, [y + drop for y in batch.y])
            return
        for text, x, y in zip(batch.texts, batch.x, batch.y, strict=True):
            static, _ = self._layout(text, font, 0)
            self._word(painter, _Laid(static, x, drop, None), font, colour, y)

    def _lay_cell(self, column: Column, row: LiveRow, slot: Slot) -> _Laid:
        text = row.texts[slot.column]
        if column.mark is not None:
            return self._place(column, slot, text, column.mark(row.values[slot.column]))
        known = self._laid_cells.get((text, slot.column))
        if known is None:
            if len(self._laid_cells) > _CELL_LIMIT:
                self._laid_cells.clear()
            known = self._place(column, slot, text, None)
            self._laid_cells[text, slot.column] = known
        return known

    def _place(self, column: Column, slot: Slot, text: str, mark: Mark | None) -> _Laid:
        reserved = MARK_ROOM if mark is not None else 0.0
        room = int(slot.width - 2 * PAD - reserved)
        static, width = self._layout(text, column.font, room)
        x = slot.x + PAD + reserved + (room - width if column.align is Align.RIGHT else 0.0)
        return _Laid(static, round(x), self._type(column.font).drop, mark)

    def _fit(self, slots: list[Slot]) -> None:
        """Keep the same list while columns stand still, so that laid-out cells stay good."""
        if slots != self._slots:
            self._slots = slots
            self._laid_cells.clear()

    def _flashes(
        self,
        painter: QPainter,
        table: Table,
        places: Sequence[Place],
        now_ms: int,
        grounds: Mapping[int, str],
    ) -> None:
        across = {slot.column: (slot.x + 2, slot.x + slot.width - 3) for slot in self._slots}
        lit: dict[tuple[int, int] | tuple[int, int, str], list[int]] = {}
        for row, y in places:
            over, ground = False, grounds.get(y)
            for index, flash in row.flashes.items():
                if now_ms >= flash[0]:
                    over = True
                elif index in across:
                    left, right = across[index]
                    alike = flash if ground is None else (*flash, ground)
                    boxes = lit.get(alike)
                    if boxes is None:
                        boxes = lit[alike] = []
                    boxes += left, y + 2, right, y + ROW_HEIGHT - 4
            if over:
                row.flashes = {i: lasts for i, lasts in row.flashes.items() if now_ms < lasts[0]}
        painter.setPen(Qt.PenStyle.NoPen)
        for (until, direction, *behind), boxes in lit.items():
            share = round((until - now_ms) / table.flash_ms * _FLASH_LEVELS) / _FLASH_LEVELS
            role = {1: "up_soft", -1: "down_soft"}.get(direction, "accent_soft")
            painter.setBrush(mixed(self.colour(role), self.colour(*behind or ("surface",)), share))
            self._rects.fill(painter, boxes)

    def _curves(self, painter: QPainter, column: int, slot: Slot, places: Sequence[Place]) -> None:
        ratio = painter.device().devicePixelRatioF()
        for row, y in places:
            values = row.values[column]
            if values is None or len(values) < 2:
                continue
            wanted = role_of(values, stale=row.stale), ratio
            kept: tuple[tuple[str, float], QPixmap] | None = row.painted[column]
            if kept is None or kept[0] != wanted:
                width = slot.width - 2 * PAD + 2 * _CURVE_EDGE
                picture = self._curve.picture(values, width, self.colour(wanted[0]), ratio)
                kept = row.painted[column] = wanted, picture
            painter.drawPixmap(slot.x + PAD - _CURVE_EDGE, y + _CURVE_TOP, kept[1])

    def _use(self, painter: QPainter, role: FontRole) -> None:
        if role is not self._font:
            self._font = role
            painter.setFont(self._type(role).font)

    def _type(self, role: FontRole) -> _Type:
        known = self._types.get(role)
        if known is None:
            font = self._theme.font(role)
            metrics = QFontMetricsF(font)
            drop = round((ROW_HEIGHT - 1 - metrics.height()) / 2)
            known = self._types[role] = _Type(font, metrics, drop, Widths(font))
        return known

    def _layout(self, text: str, role: FontRole, room: int) -> tuple[QStaticText, float]:
        """The laid-out text and its width; cut with an ellipsis when `room` (> 0) is too small."""
        key = (text, role, room)
        known = self._laid_out.get(key)
        if known is None:
            if len(self._laid_out) > _CACHE_LIMIT:
                self._laid_out.clear()
            known = self._laid_out[key] = self._lay_out(text, role, room)
        return known

    def _lay_out(self, text: str, role: FontRole, room: int) -> tuple[QStaticText, float]:
        kind = self._type(role)
        width = kind.metrics.horizontalAdvance(text)
        if 0 < room < width:
            text = kind.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            width = kind.metrics.horizontalAdvance(text)
        static = QStaticText(text)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.prepare(font=kind.font)
        return static, width
