"""A painter that knows the theme: pens, fills, text and pills by the names of their roles."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QStaticText

from cockpit.ui.theme import FontRole, Theme

PILL_HEIGHT = 18.0
_KEPT = 4000


class Words(NamedTuple):
    """A line of text laid out, and its width."""

    static: QStaticText
    width: float


class Letters:
    """Fonts, and text laid out once: most of what a chart says it says again a frame later."""

    def __init__(self, theme: Theme) -> None:
        self.fonts: dict[FontRole, QFont] = {role: theme.font(role) for role in FontRole}
        self._metrics = {role: QFontMetricsF(font) for role, font in self.fonts.items()}
        self._words: dict[tuple[FontRole, str], Words] = {}

    def height(self, role: FontRole) -> float:
        """The height of a line."""
        return self._metrics[role].height()

    def words(self, role: FontRole, text: str) -> Words:
        """`text` laid out."""
        known = self._words.get((role, text))
        if known is None:
            if len(self._words) > _KEPT:
                self._words.clear()
            static = QStaticText(text)
            static.setTextFormat(Qt.TextFormat.PlainText)
            static.prepare(font=self.fonts[role])
            known = Words(static, self._metrics[role].horizontalAdvance(text))
            self._words[role, text] = known
        return known


_LETTERS: WeakKeyDictionary[Theme, Letters] = WeakKeyDictionary()


def letters_of(theme: Theme) -> Letters:
    """Those of all charts of a theme; fonts stay when its colours change."""
    known = _LETTERS.get(theme)
    if known is None:
        known = _LETTERS[theme] = Letters(theme)
    return known


class Canvas:
    """The painter and the looks of one paint event; never kept beyond it."""

    __slots__ = ("_letters", "_role", "painter", "theme")

    def __init__(self, painter: QPainter, theme: Theme) -> None:
        self.painter, self.theme = painter, theme
        self._letters = letters_of(theme)
        self._role = FontRole.BODY

    def pen(self, role: str, *, dashed: bool = False, alpha: int = 255) -> None:
        """Draw in the colour of `role`, one pixel wide."""
        colour = self.theme.colour(role)
        colour.setAlpha(alpha)
        pen = QPen(colour, 1.0)
        if dashed:
            pen.setDashPattern([4.0, 3.0])
        self.painter.setPen(pen)

    def fill(self, role: str) -> None:
        """Fill with the colour of `role`, without an outline."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.theme.colour(role))

    def fill_soft(self, role: str, share: float) -> None:
        """Fill with `share` of the colour of `role` over the surface, without an outline."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(mixed(self.theme.colour(role), self.theme.colour("surface"), share))

    def smooth(self, wanted: bool) -> None:
        """Antialias what follows, or stop it."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, wanted)

    def hline(self, y: float, start: float, stop: float) -> None:
        """A crisp horizontal line with the current pen."""
        self.painter.drawLine(round(start), round(y), round(stop), round(y))

    def vline(self, x: float, start: float, stop: float) -> None:
        """A crisp vertical line with the current pen."""
        self.painter.drawLine(round(x), round(start), round(x), round(stop))

    def font(self, role: FontRole) -> None:
        """Write in a role's font from here on."""
        self._role = role
        self.painter.setFont(self._letters.fonts[role])

    def width(self, text: str) -> float:
        """How wide `text` is in the font."""
        return self._letters.words(self._role, text).width

    def text(
        self,
        text: str,
        box: QRectF,
        role: str,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        """Paint a line of text vertically centred in `box`, in the font that was chosen."""
        words = self._letters.words(self._role, text)
        x, y = box.x(), box.y() + (box.height() - self._letters.height(self._role)) / 2
        if align & Qt.AlignmentFlag.AlignHCenter:
            x += (box.width() - words.width) / 2
        self.painter.setPen(self.theme.colour(role))
        self.painter.drawStaticText(QPointF(x, y), words.static)

    def pill(self, text: str, box: QRectF, ground: str, ink: str, *, frame: str = "") -> None:
        """A rounded label, framed in the role `frame`; opaque, so that no line runs through it."""
        self.smooth(True)
        self.fill(ground)
        self.painter.drawRoundedRect(box, 3, 3)
        if frame:
            self.pen(frame)
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            self.painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        self.smooth(False)
        self.text(text, box, ink, Qt.AlignmentFlag.AlignHCenter)


def mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """`share` of `colour` over `ground`, opaque: as translucent, but cheap to fill with."""
    rest = 1.0 - share
    return QColor(
        round(colour.red() * share + ground.red() * rest),
        round(colour.green() * share + ground.green() * rest),
        round(colour.blue() * share + ground.blue() * rest),
    )


def faded(colour: QColor, alpha: int) -> QColor:
    """A copy of `colour` with that alpha (0 to 255)."""
    result = QColor(colour)
    result.setAlpha(alpha)
    return result
