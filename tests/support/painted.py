"""Words that widgets paint themselves: which, in what ink, and on what ground.

`QPainter` tells of each word it draws while a widget is asked for its picture; the ground is then
read from that picture, so what stands behind the words is measured and not believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QWidget

from cockpit.ui.theme.fonts import FAMILY
from cockpit.ui.theme.tokens import contrast

OPAQUE = 0.99


@dataclass(frozen=True)
class Word:
    """Some text as it was drawn, and where in the picture."""

    text: str
    ink: QColor
    area: QRect


class Listener:
    """Hears what is drawn."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.words: list[Word] = []
        self._plain, self._static = QPainter.drawText, QPainter.drawStaticText
        patch.setattr(QPainter, "drawText", self._on_text(self._plain))
        patch.setattr(QPainter, "drawStaticText", self._on_static(self._static))

    def _on_text(self, draw: Any) -> Any:
        def heard(painter: QPainter, *args: Any) -> Any:
            self._note(painter, _area(painter, args), str(args[-1]))
            return draw(painter, *args)

        return heard

    def _on_static(self, draw: Any) -> Any:
        def heard(painter: QPainter, *args: Any) -> Any:
            at, static = (args[0], args[1]) if len(args) == 2 else (QPointF(*args[:2]), args[2])
            self._note(painter, QRectF(QPointF(at), static.size()), static.text())
            return draw(painter, *args)

        return heard

    def _note(self, painter: QPainter, area: QRectF, text: str) -> None:
        ink = QColor(painter.pen().color())
        ink.setAlphaF(ink.alphaF() * painter.opacity())
        if text.strip() and painter.font().family() == FAMILY:  # and no icon, whose font is another
            place = painter.deviceTransform().mapRect(area).toAlignedRect()
            self.words.append(Word(text, ink, place))


def _area(painter: QPainter, args: tuple[Any, ...]) -> QRectF:
    """Where `drawText` puts its words, whichever way it was called."""
    if isinstance(args[0], QRect | QRectF):
        return QRectF(painter.boundingRect(QRectF(args[0]), int(args[1]), str(args[2])))
    if isinstance(args[0], QPointF):
        x, y = args[0].x(), args[0].y()
    else:
        x, y = float(args[0]), float(args[1])
    metrics = QFontMetricsF(painter.font())
    return metrics.boundingRect(str(args[-1])).translated(x, y)


@contextmanager
def listening() -> Iterator[Listener]:
    """Hear what is drawn in this block."""
    with pytest.MonkeyPatch.context() as patch:
        yield Listener(patch)


def painted_words(root: QWidget) -> tuple[list[Word], QImage]:
    """All words that `root` and what is in it paint themselves, and the picture of it."""
    with listening() as heard:
        picture = root.grab().toImage()
    inside = picture.rect()
    return [word for word in heard.words if inside.intersects(word.area)], picture


def most_seen(picture: QImage, area: QRect) -> QColor:
    """The colour most pixels of an area have: words cover less than what they stand on."""
    area = area.intersected(picture.rect())
    counted: dict[int, int] = {}
    for y in range(area.top(), area.bottom() + 1, 2):
        for x in range(area.left(), area.right() + 1, 2):
            pixel = picture.pixel(x, y)
            counted[pixel] = counted.get(pixel, 0) + 1
    return QColor(max(counted, key=lambda pixel: counted[pixel]))


def over(ink: QColor, ground: QColor) -> QColor:
    """What a pen that lets some ground through looks like."""
    share = ink.alphaF()
    pairs = zip(ink.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]  # stubs say object
    return QColor(*(round(share * a + (1 - share) * b) for a, b in pairs))


OFF = 3.0
"""To 1: so much is asked of the words of what can't be used now."""


def weak_words(root: QWidget, least: float, off: str = "") -> tuple[set[str], dict[str, str]]:
    """What was painted, and of it what stands out less than `least` to 1; in the ink `off` OFF."""
    words, picture = painted_words(root)
    found: dict[str, str] = {}
    for word in words:
        ground = most_seen(picture, word.area)
        ink = over(word.ink, ground)
        ratio = contrast(ink.name(), ground.name())
        if ratio < (OFF if ink.name() == off else least):
            found[word.text] = f"{ink.name()} on {ground.name()}: {ratio:.2f}"
    return {word.text for word in words}, found
