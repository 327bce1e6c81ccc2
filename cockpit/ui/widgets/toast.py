"""Short messages over the chart; they leave by themselves and take no focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from cockpit.domain.alert import Severity
from cockpit.ui.theme import FontRole, Motion, Space, Theme
from cockpit.ui.widgets.empty import Glyph
from cockpit.ui.widgets.labels import label

WIDTH = 360
_KEPT = 4
_FROM_TOP = 0.3
_TALLEST = 0.4
"""So much of the height messages may take: lower down are fields, rows and buttons."""
_LOOK: dict[Severity, tuple[str, str]] = {
    Severity.INFO: ("info", "muted"),
    Severity.NOTICE: ("info", "notice"),
    Severity.WARNING: ("warning", "warning"),
    Severity.CRITICAL: ("critical", "critical"),
}


class Toast(QFrame):
    """One message with its severity's icon; `dismissed` when its cross is clicked."""

    dismissed = Signal()

    def __init__(self, theme: Theme, severity: Severity, title: str, text: str) -> None:
        super().__init__()
        self.key, self.severity = "", severity
        self.setProperty("kind", "toast")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(f"{title}. {text}")
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.M, Space.S, Space.M)
        row.setSpacing(Space.M)
        icon, role = _LOOK[severity]
        row.addWidget(Glyph(theme, icon, 18, role), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(Space.XXS)
        words.addWidget(label(theme, title, FontRole.STRONG, wrap=True))
        if text:
            words.addWidget(label(theme, text, FontRole.BODY, "muted", wrap=True))
        row.addLayout(words, 1)
        row.addWidget(self._close_button(theme), 0, Qt.AlignmentFlag.AlignTop)

    def _close_button(self, theme: Theme) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon("close"))
        button.setAccessibleName("Dismiss message")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(self.dismissed)
        return button


class Toasts(QWidget):
    """The stack in the upper middle of `over`, where the chart is.

    Below it are rows, fields and buttons: a click meant for Save must not end on a message.
    """

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._theme = theme
        self._over = over
        # Oldest first. The layout is no measure: it still counts those on their way out.
        self._toasts: list[Toast] = []
        self.setAccessibleName("Messages")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.S)
        over.installEventFilter(self)
        self.hide()

    def tell(self, severity: Severity, title: str, text: str = "", key: str = "") -> None:
        """Show a message; warnings stay twice as long, and the oldest of too many leaves.

        `key` names it for `withdraw`.
        """
        toast = Toast(self._theme, severity, title, text)
        toast.key = key
        self._toasts.append(toast)
        self._column.addWidget(toast)
        toast.show()  # now, or its height counts only after the place was measured
        while len(self._toasts) > _KEPT:
            self._leave(self._least())
        toast.dismissed.connect(lambda: self._leave(toast))
        stay = self._theme.motion(Motion.TOAST) * (2 if severity >= Severity.WARNING else 1)
        timer = QTimer(toast)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._leave(toast))
        timer.start(stay)
        self._settle()

    def withdraw(self, key: str) -> None:
        """Take messages away whose cause is gone, or which somebody has acknowledged."""
        for toast in [toast for toast in self._toasts if key and toast.key == key]:
            self._leave(toast)

    def shown(self) -> list[str]:
        """The messages on screen as read aloud, oldest first."""
        return [toast.accessibleName() for toast in self._toasts]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the place when the window changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return super().eventFilter(watched, event)

    def _leave(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            self._column.removeWidget(toast)
            toast.hide()
            toast.deleteLater()
            self._settle()

    def _least(self) -> Toast:
        """Which leaves first: the oldest of the least severe, and never the newest."""
        return min(self._toasts[:-1], key=lambda toast: toast.severity)

    def _settle(self) -> None:
        if not self._toasts:
            self.hide()
            return
        self.setFixedWidth(WIDTH)
        self.show()
        height = self._column.totalHeightForWidth(WIDTH) if self._column.hasHeightForWidth() else -1
        self.resize(WIDTH, max(height, self._column.sizeHint().height()))
        area = self._over.rect()
        if len(self._toasts) > 1 and self.height() > area.height() * _TALLEST:
            self._leave(self._least())  # it stands among the alerts; what is below is in use
            return
        self.move((area.width() - WIDTH) // 2, round(area.height() * _FROM_TOP))
        self.raise_()
