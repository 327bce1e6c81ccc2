"""Says that the day is over for trading, and why, and counts down to the next one."""

from __future__ import annotations

from cockpit.app.limits.lockout import Lockout
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.theme import Theme
from cockpit.ui.theme.format import duration
from cockpit.ui.widgets.banner import Banner


class LockoutBanner(Banner):
    """There while the lock holds; nothing on it can end that."""

    def __init__(self, lockout: Lockout, bridge: Bridge, theme: Theme) -> None:
        super().__init__(theme, "Locked for today")
        self._lockout = lockout
        self.hide()
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _on_frame(self, frame: Frame) -> None:
        if frame.heartbeat or frame.everything:
            holds = self._lockout.holds
            if holds:
                lock, left = self._lockout.lock, duration(self._lockout.left_s)
                text = f"{lock.reason}: {left} left. Closing and cancelling go on."
                if text != self.text.text():
                    self.say(text, "critical" if lock.why else "warning")
            self.setVisible(holds)
