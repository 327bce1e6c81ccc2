"""What the trader should know: active first, history below, with search and a tick to say seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cockpit.domain.alert import Alert, AlertState, Severity
from cockpit.domain.events import AlertChanged
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.buttons import button, icon_button
from cockpit.ui.widgets.empty import EmptyState, Glyph
from cockpit.ui.widgets.labels import label

if TYPE_CHECKING:
    from cockpit.app.commands import Commands
    from cockpit.app.telling.alerts import Alerts

SHOWN = 100
AT_ONCE = 6
"""So many changes are shown at once between two heartbeats; more wait for the next."""
ROWS_AT_ONCE = 1
"""So many rows are made in a frame: with its style, layout and first paint one costs 6 ms."""
LOOK: dict[Severity, tuple[str, str, str]] = {
    Severity.INFO: ("info", "muted", "Info"),
    Severity.NOTICE: ("notice", "notice", "Notice"),
    Severity.WARNING: ("warning", "warning", "Warning"),
    Severity.CRITICAL: ("critical", "critical", "Critical"),
}
"""Icon, colour role and word of each severity."""

SNOOZES = ((5, "5 minutes"), (15, "15 minutes"), (60, "1 hour"))

_ORDER = {
    AlertState.ACTIVE: 0,
    AlertState.SNOOZED: 1,
    AlertState.ACKNOWLEDGED: 2,
    AlertState.CLEARED: 2,
}


def _rank(alert: Alert) -> tuple[int, int]:
    """What nobody has seen first, of that the most severe; else as it comes, newest first."""
    place = _ORDER[alert.state]
    return place, -alert.severity if alert.state is AlertState.ACTIVE else 0


def matches(alert: Alert, words: str) -> bool:
    """True when every word is somewhere in the alert."""
    kind = f"{alert.source} {alert.severity.name} {alert.state.value}"
    text = f"{alert.title} {alert.text} {kind}".casefold()
    return all(word in text for word in words.casefold().split())


class AlertRow(QFrame):
    """One alert: severity by icon and word, title, text, when and how often."""

    def __init__(self, alert: Alert, theme: Theme, commands: Commands) -> None:
        super().__init__()
        self.alert = alert
        icon, role, word = LOOK[alert.severity]
        active = alert.state is AlertState.ACTIVE
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.S, Space.S, Space.S)
        row.setSpacing(Space.S)
        glyph = Glyph(theme, icon, 16, role if active else "faint")
        row.addWidget(glyph, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(Space.XXS)
        times = f" ({alert.count} times)" if alert.count > 1 else ""
        title = label(
            theme, f"{alert.title}{times}", FontRole.STRONG, "" if active else "muted", wrap=True
        )
        column.addWidget(title)
        if alert.text:
            column.addWidget(label(theme, alert.text, FontRole.BODY, "muted", wrap=True))
        state = "" if active else f", {_state_words(alert)}"
        when = f"{word}, {fmt.new_york_time(alert.raised_ns)} NY, {alert.source}{state}"
        column.addWidget(label(theme, when, FontRole.CAPTION, "faint"))
        row.addLayout(column, 1)
        # Until the list has grown its rows are squeezed: never to less than a line and the icons.
        self.setMinimumHeight(title.fontMetrics().height() + glyph.height() + 2 * Space.S)
        if active:
            seen = icon_button(
                theme, "acknowledge", f"Acknowledge: {alert.title}",
                lambda: commands.acknowledge(alert.key),
            )  # fmt: skip
            if alert.severity is not Severity.CRITICAL:
                row.addWidget(self._later(theme, commands), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(seen, 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(f"{word}: {alert.title}. {alert.text}")

    def _later(self, theme: Theme, commands: Commands) -> QToolButton:
        """A menu of how long it is put off."""
        made = icon_button(theme, "clock", f"Snooze: {self.alert.title}", self._open_later)
        self.later = QMenu(self)
        self.later.setAccessibleName("Snooze for")
        for minutes, words in SNOOZES:
            self.later.addAction(words, lambda m=minutes: commands.snooze(self.alert.key, m))
        self._later_button = made
        return made

    def _open_later(self) -> None:
        at = self._later_button.rect().bottomLeft()
        self.later.popup(self._later_button.mapToGlobal(at))


def _state_words(alert: Alert) -> str:
    if alert.state is AlertState.SNOOZED:
        return f"snoozed until {fmt.new_york_time(alert.until_ns, seconds=False)} NY"
    return alert.state.value


class AlertsPanel(QWidget):
    """Newest first; a row is made anew only when its alert changed."""

    def __init__(self, alerts: Alerts, commands: Commands, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._alerts, self._commands, self._theme = alerts, commands, theme
        self.rows: list[AlertRow] = []
        self._outdated, self._made = False, 0
        self.setAccessibleName("Alerts")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tools())
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addStretch(1)
        inside = QWidget()
        inside.setLayout(self._list)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(inside)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("Alert history")
        self.empty = EmptyState(
            theme, "alert", "All quiet", "Warnings and news of the session will stand here."
        )
        column.addWidget(self._scroll, 1)
        column.addWidget(self.empty, 1)
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _tools(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(Space.S, Space.S, Space.S, Space.XS)
        row.setSpacing(Space.S)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search alerts")
        self.search.setAccessibleName("Search alerts")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text="": self._rebuild())
        self.count = label(self._theme, "", FontRole.CAPTION, "muted")
        self.all_seen = button(self._theme, "Acknowledge all", self.acknowledge_all, kind="quiet")
        row.addWidget(self.search, 1)
        row.addWidget(self.count)
        row.addWidget(self.all_seen)
        return box

    def acknowledge_all(self) -> None:
        """Mark every active alert as seen."""
        for alert in self._alerts.active():
            self._commands.acknowledge(alert.key)

    def _on_frame(self, frame: Frame) -> None:
        """In a storm the rows come together, four times a second: one costs milliseconds."""
        self._outdated |= frame.touched(AlertChanged)
        if frame.heartbeat:
            self._made = 0
        if self._outdated and self.isVisible() and self._made < AT_ONCE:
            self._rebuild(ROWS_AT_ONCE)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while nobody looked."""
        super().showEvent(event)
        if self._outdated:
            self._rebuild()

    def _rebuild(self, new_rows: int = SHOWN) -> None:
        """Show what is now; what is left over of more than `new_rows` new rows comes next."""
        self._made += 1
        known = self._alerts.all()
        matching = [alert for alert in known if matches(alert, self.search.text())]
        shown = sorted(matching, key=_rank)[:SHOWN]
        self._show(self._rows_for(shown, new_rows))
        self._outdated = [row.alert for row in self.rows] != shown
        active = len(self._alerts.active())
        self.count.setText(f"{active} active")
        self.all_seen.setEnabled(active > 0)
        self._scroll.setVisible(bool(known))
        self.empty.setVisible(not known)

    def _rows_for(self, shown: Sequence[Alert], new_rows: int) -> list[AlertRow]:
        """A row for each alert; those that have to wait for theirs keep the one they had."""
        old = {row.alert.key: row for row in self.rows}
        rows: list[AlertRow] = []
        for alert in shown:
            row = old.get(alert.key)
            if (row is None or row.alert != alert) and new_rows > 0:
                row, new_rows = AlertRow(alert, self._theme, self._commands), new_rows - 1
            if row is not None:
                rows.append(row)
        return rows

    def _show(self, rows: list[AlertRow]) -> None:
        """A row costs milliseconds: those whose alert is as it was stay, at their new place."""
        for gone in [row for row in self.rows if row not in rows]:
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        self.rows = rows
        for place, row in enumerate(self.rows):
            there = self._list.itemAt(place)
            if there is None or there.widget() is not row:
                self._list.removeWidget(row)
                self._list.insertWidget(place, row)
