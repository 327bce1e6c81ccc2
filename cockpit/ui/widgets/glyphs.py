"""Numbers stamped from a sheet of their characters, many cells in one call.

A live table shows numbers that nobody has seen before: laying each out anew, and having Qt
blend it letter by letter, is most of what a frame costs. The characters of a number always
have the same width and shape, so that their pixels can be kept: each at four places between
two pixels, as Qt itself tells apart. What stands on the screen is the same to within a shade.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGlyphRun,
    QImage,
    QPainter,
    QPixmap,
    QStaticText,
    QTextLayout,
)

from cockpit.ui.charts.arrays import Stamps
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import MINUS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DIGITS, _BEFORE, _AFTER = "0123456789", f"+-{MINUS}$", ".,% KMB"
_ALL = _DIGITS + _BEFORE + _AFTER
_PLACES = 4  # Qt tells quarters of a pixel apart
_UNIT = 64  # and counts in parts of this
_EDGE = 2  # pixels around a character
_PROBES = "0123456789", "+1.25%", f"{MINUS}$4,150.60", "-77 KMB"
_NEAR, _ALLOWED = 32, 0.1  # shades a pixel may be off, and the share of pixels that may be more
_KEPT = 20_000
_CODES = np.full(max(map(ord, _ALL)) + 1, -1)
_CODES[[ord(character) for character in _ALL]] = np.arange(len(_ALL))


class Widths(dict[str, float]):
    """How wide each number is in a font, by its text; -1 when that is no number."""

    def __init__(self, font: QFont) -> None:
        super().__init__()
        metrics = QFontMetricsF(font)
        self._each = {character: metrics.horizontalAdvance(character) for character in _ALL}

    def __missing__(self, text: str) -> float:
        """Add the characters up."""
        if len(self) > _KEPT:
            self.clear()
        try:
            width = sum(map(self._each.__getitem__, text))
        except KeyError:
            width = -1.0
        self[text] = width
        return width


class GlyphSheet:
    """The characters of one font in one ink over one ground, at one pixel ratio.

    `true` tells whether a number looks as Qt itself would draw it. It doesn't where letters are
    smoothed by the colours of a display's parts: those can't be kept without what is behind.
    """

    def __init__(self, font: QFont, ink: QColor, ground: QColor, ratio: float) -> None:
        metrics = QFontMetricsF(font)
        self._ratio, self._ascent = ratio, metrics.ascent()
        self._advances = np.array([metrics.horizontalAdvance(character) for character in _ALL])
        self._width = math.ceil(float(self._advances.max()) * ratio) + 2 * _EDGE
        self._height = math.ceil(metrics.height() * ratio) + _EDGE
        self._base = math.ceil(self._ascent * ratio) + 1
        self._stamps = Stamps()
        share = self._shares(font, ink, ground)
        self._boxes = self._inked(share)
        self._sheet = _pixmap(share, ink)
        self.true = self._looks_true(font, ink, ground)

    def draw(
        self, painter: QPainter, texts: Sequence[str], x: Sequence[int], y: Sequence[int]
    ) -> None:
        """Paint numbers whose lines of text begin at the whole logical pixels `x`, `y`."""
        codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
        which: Ints = _CODES[codes]
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        if not len(codes):
            return
        # an empty text begins where the next one does, and behind the last nothing is
        begins = np.minimum(np.cumsum(lengths) - lengths, len(codes) - 1)
        after = np.cumsum(self._advances[which])
        before = after - self._advances[which]
        at = np.repeat(np.asarray(x, np.float64) - before[begins], lengths) + before
        at = (np.floor(at * (self._ratio * _UNIT) + 0.5) + 1) / _UNIT  # as Qt rounds
        pixel = np.floor(at)
        base = np.floor((np.asarray(y, np.float64) + self._ascent) * self._ratio + 0.5)
        boxes = self._boxes[((at - pixel) * _PLACES).astype(np.int64), which]
        painter.save()
        painter.scale(1 / self._ratio, 1 / self._ratio)
        self._stamps.draw(
            painter, self._sheet,
            pixel + boxes[:, 0], np.repeat(base, lengths) + boxes[:, 1], boxes[:, 2:],
        )  # fmt: skip
        painter.restore()

    def _shares(self, font: QFont, ink: QColor, ground: QColor) -> Floats:
        """How much ink each pixel takes, of each character (across) at each place (down)."""
        image = _canvas(self._width * len(_ALL), self._height * _PLACES, self._ratio, ground)
        runs = [_run(font, character) for character in _ALL]
        with QPainter(image) as painter:
            painter.setPen(ink)
            for place in range(_PLACES):
                base = place * self._height + self._base
                for column, run in enumerate(runs):
                    left = column * self._width + _EDGE + (place + 0.5 / _UNIT) / _PLACES
                    painter.drawGlyphRun(QPointF(left, base) / self._ratio, run)
        paint, behind = _shade(ink), _shade(ground)
        contrast = paint - behind
        share = (_shades(image) - behind) @ contrast / max(float(contrast @ contrast), 1.0)
        return np.clip(share, 0.0, 1.0)

    def _inked(self, share: Floats) -> Floats:
        """By place and character: where its ink begins, and its box in the sheet."""
        boxes = np.zeros((_PLACES, len(_ALL), 6))
        for place, column in np.ndindex(_PLACES, len(_ALL)):
            left, top = column * self._width, place * self._height
            cell = share[top : top + self._height, left : left + self._width] > 0
            down, across = np.flatnonzero(cell.any(axis=1)), np.flatnonzero(cell.any(axis=0))
            if len(down):
                x, y = float(across[0]), float(down[0])
                size = across[-1] + 1 - x, down[-1] + 1 - y
                boxes[place, column] = x - _EDGE, y - self._base, left + x, top + y, *size
        return boxes

    def _looks_true(self, font: QFont, ink: QColor, ground: QColor) -> bool:
        step = math.ceil(self._height / self._ratio) + 2
        size = math.ceil(12 * self._width), math.ceil(len(_PROBES) * step * self._ratio)
        own, other = (_canvas(*size, self._ratio, ground) for _ in range(2))
        rows = [place * step for place in range(len(_PROBES))]
        with QPainter(own) as painter:
            self.draw(painter, _PROBES, [_EDGE] * len(_PROBES), rows)
        with QPainter(other) as painter:
            painter.setFont(font)
            painter.setPen(ink)
            for text, row in zip(_PROBES, rows, strict=True):
                static = QStaticText(text)
                static.setTextFormat(Qt.TextFormat.PlainText)
                painter.drawStaticText(_EDGE, row, static)
        wanted, got = _shades(other), _shades(own)
        inked = np.abs(wanted - _shade(ground)).max(axis=2) > _NEAR
        off = np.abs(wanted - got).max(axis=2) > _NEAR
        return bool(off.sum() <= _ALLOWED * inked.sum())


_Key = tuple[FontRole, int, int, float]
_SHEETS: WeakKeyDictionary[Theme, dict[_Key, GlyphSheet]] = WeakKeyDictionary()


def sheet_of(theme: Theme, font: FontRole, role: str, ratio: float) -> GlyphSheet:
    """The sheet of a font and a colour, made once for all tables: it takes some milliseconds."""
    ink, ground = theme.colour(role), theme.colour("surface")
    sheets = _SHEETS.setdefault(theme, {})
    key = font, ink.rgb(), ground.rgb(), ratio
    if key not in sheets:
        sheets[key] = GlyphSheet(theme.font(font), ink, ground, ratio)
    return sheets[key]


def _run(font: QFont, character: str) -> QGlyphRun:
    """The shape that a character has inside a number: signs stand higher before a digit."""
    first = character in _BEFORE or character in _DIGITS
    layout = QTextLayout(f"{character}0" if first else f"0{character}", font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    whole = layout.glyphRuns()[0]
    run = QGlyphRun()
    run.setRawFont(whole.rawFont())
    run.setGlyphIndexes([whole.glyphIndexes()[0 if first else 1]])
    run.setPositions([QPointF()])
    return run


def _canvas(width: int, height: int, ratio: float, ground: QColor) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(ground)
    return image


def _shade(colour: QColor) -> Floats:
    return np.array([colour.blue(), colour.green(), colour.red()], np.float64)


def _shades(image: QImage) -> Floats:
    """Blue, green and red of each pixel."""
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return rows[:, :, :3].astype(np.float64)


def _pixmap(share: Floats, ink: QColor) -> QPixmap:
    """Transparent where no ink is. Qt brightens letters by what is behind: that is kept so."""
    height, width = share.shape
    rows = np.empty((height, width, 4), np.uint8)
    rows[:, :, :3] = np.round(share[:, :, None] * _shade(ink))
    rows[:, :, 3] = np.round(share * 255)
    flat, kind = rows.tobytes(), QImage.Format.Format_ARGB32_Premultiplied
    return QPixmap.fromImage(QImage(flat, width, height, kind).copy())
