"""The exchange's clock and the trader's own, with what comes next and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cockpit.domain.errors import CockpitError
from cockpit.domain.values import session_date
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.labels import Figure, label, set_tone

if TYPE_CHECKING:
    from cockpit.market.session import SessionCalendar
    from cockpit.ports.clock import Clock

SECOND = 1_000_000_000
_NEXT = {
    "pre": ("Pre-market, opens in", "warning"),
    "open": ("Open, closes in", "up"),
    "post": ("After hours, ends in", "warning"),
    "closed": ("Closed, pre-market in", "muted"),
}


class SessionClock(QWidget):
    """New York time, phase with countdown, local time and the session's date."""

    def __init__(self, calendar: SessionCalendar, clock: Clock, theme: Theme) -> None:
        super().__init__()
        self._calendar, self._clock = calendar, clock
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.exchange = Figure(theme, FontRole.FIGURE)
        self.exchange.setText("00:00:00")
        self.exchange.setToolTip("New York, the exchange's time")
        self.local = label(theme, "", FontRole.CAPTION, "muted")
        row.addWidget(self.exchange)
        row.addWidget(label(theme, "NY", FontRole.CAPTION, "muted"))
        row.addWidget(self.local)
        row.addStretch(1)
        self.phase = Figure(theme, FontRole.CAPTION)
        column.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.phase, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.setMinimumWidth(186)
        self.setAccessibleName("Session clock")

    def refresh(self) -> None:
        """Show the time of now; within the same second it costs nothing."""
        now = self._clock.now_ns()
        text = fmt.new_york_time(now)
        if text == self.exchange.text():
            return
        self.exchange.setText(text)
        self.local.setText(f"{fmt.local_time(now, seconds=False)} local")
        self.local.setToolTip(f"{fmt.new_york_date(now)} in New York")
        try:
            words, tone = self._phase_words(now)
        except CockpitError as error:
            words, tone = "No calendar for this day", "warning"
            self.phase.setToolTip(error.user_text)
        self.phase.setText(words)
        set_tone(self.phase, tone)

    def _phase_words(self, now: int) -> tuple[str, str]:
        words, tone = _NEXT[self._calendar.phase(now).value]
        left = (self._calendar.next_change(now) - now) / SECOND
        session = self._calendar.session(session_date(now))
        half = " (half day)" if session is not None and session.half_day else ""
        return f"{words} {fmt.duration(left)}{half}", tone
