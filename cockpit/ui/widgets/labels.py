"""Text in a role and a tone, captions over figures, hairlines: the bricks of every panel."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from cockpit.ui.theme import FontRole, Space, Theme


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Set a property the style sheet looks at, and restyle only when it changed."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def set_tone(widget: QWidget, tone: str) -> None:
    """Colour a label by meaning: muted, faint, up, down, accent, warning, critical or empty."""
    set_property(widget, "tone", tone)


def signed_tone(value: float) -> str:
    """The tone of a gain, a loss or nothing."""
    return "up" if value > 0 else "down" if value < 0 else ""


def label(
    theme: Theme,
    text: str = "",
    role: FontRole = FontRole.BODY,
    tone: str = "",
    *,
    wrap: bool = False,
) -> QLabel:
    """A plain text label; never rich text, so that data can't become markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setFont(theme.font(role))
    made.setWordWrap(wrap)
    if tone:
        made.setProperty("tone", tone)
    return made


def hairline(*, vertical: bool = False) -> QFrame:
    """A separator of one pixel."""
    line = QFrame()
    line.setProperty("kind", "line")
    line.setAccessibleName("separator")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


class ElidedLabel(QLabel):
    """A label that ends in an ellipsis where room ends; the whole text is its tooltip."""

    def __init__(
        self, theme: Theme, text: str = "", role: FontRole = FontRole.BODY, tone: str = ""
    ) -> None:
        super().__init__()
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if tone:
            self.setProperty("tone", tone)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show `text` as far as it fits."""
        if text != self._whole:
            self._whole = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide anew."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics = self.fontMetrics()
        self.setText(metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))


class Lines(QLabel):
    """A paragraph with the room of so many lines, whatever it says: nothing below it moves.

    Its tooltip has the whole text, for what is longer.
    """

    def __init__(self, theme: Theme, lines: int, role: FontRole, tone: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role))
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + Space.XS)
        if tone:
            self.setProperty("tone", tone)

    def setText(self, text: str) -> None:
        """Show `text`; unchanged text costs nothing."""
        if text != self.text():
            super().setText(text)
            self.setToolTip(text)


class Figure(QLabel):
    """A figure that changes often: it keeps the room of its widest text.

    So nothing around it is arranged anew while it moves: a label without a size of its own has
    its whole row, and what holds that, measured with each change. Give it an alignment in a
    layout that is wider, or it stands in the middle.
    """

    def __init__(self, theme: Theme, role: FontRole, *, least: int = 0) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role))
        self._least, self._widest = QSize(least, 0), 0.0

    def setText(self, text: str) -> None:
        """Show `text`; unchanged text costs nothing."""
        if text == self.text():
            return
        super().setText(text)
        width = self.fontMetrics().horizontalAdvance(text)
        if width > self._widest:
            self._widest = width
            self.setFixedSize(self.sizeHint().expandedTo(self._least))


class Pair(QWidget):
    """A caption and its figure on one line, the figure right-aligned."""

    def __init__(self, theme: Theme, caption: str, tooltip: str = "", width: int = 0) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        self.caption = label(theme, caption, FontRole.CAPTION, "muted")
        self.value = Figure(theme, FontRole.STRONG)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.caption)
        row.addStretch(1)
        row.addWidget(self.value)
        self.setToolTip(tooltip)
        if width:
            self.setMinimumWidth(width)
        self._name = caption
        self.show_value("")

    def show_value(self, text: str, tone: str = "") -> None:
        """Show a figure; unchanged text costs nothing."""
        if text != self.value.text():
            self.value.setText(text)
            self.setAccessibleName(f"{self._name} {text}")
        set_tone(self.value, tone)
