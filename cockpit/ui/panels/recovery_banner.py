"""The line below the header while ledger and broker don't agree, with what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from cockpit.domain.events import RecoveryChanged
from cockpit.domain.recovery import Difference, Recovering, RecoveryPhase
from cockpit.ui.asking import ask
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.theme import Theme
from cockpit.ui.theme.format import quantity
from cockpit.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from cockpit.app.commands import Commands

_NAMED = 3


class RecoveryBanner(Banner):
    """Comes with BLOCKED and stays until READY, so that comparing again doesn't make it flicker."""

    accept_requested = Signal()

    def __init__(
        self,
        recovery: Recovering,
        commands: Commands,
        bridge: Bridge,
        theme: Theme,
        *,
        read_only: bool,
    ) -> None:
        super().__init__(theme, "Recovery", icon="critical")
        self._recovery, self._commands, self._read_only = recovery, commands, read_only
        self._blocked = False
        self.again = self.add_button("Compare again", self._compare)
        self.again.setToolTip("Asks the broker now. It is done every few seconds anyway.")
        self.accept = self.add_button(
            "Accept the broker's positions...", self.accept_requested.emit
        )
        self.hide()
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _compare(self) -> None:
        ask(self._commands, self._commands.compare_again(), "compare-again")

    def _on_frame(self, frame: Frame) -> None:
        if frame.touched(RecoveryChanged):
            self._show()

    def _show(self) -> None:
        phase, differences = self._recovery.phase, self._recovery.differences
        blocked = phase is RecoveryPhase.BLOCKED
        self._blocked = blocked or (self._blocked and phase is not RecoveryPhase.READY)
        self.say(blocked_words(self._recovery) if blocked else self._recovery.text, "critical")
        self.again.setVisible(not self._read_only)
        self.again.setEnabled(blocked)
        self.accept.setVisible(bool(differences) and not self._read_only)
        self.accept.setEnabled(blocked)
        self.setVisible(self._blocked)


def blocked_words(recovery: Recovering) -> str:
    """What keeps trading blocked, and what to do next."""
    if not recovery.differences:
        return f"{recovery.text} Nothing is sent. It is compared again every few seconds."
    return (
        f"Nothing is sent: {differences_words(recovery.differences)}. Look at the account at the "
        "broker. If it is right, accept its positions; if not, mend it there."
    )


def differences_words(differences: tuple[Difference, ...]) -> str:
    """ABC: 10 here, 20 at the broker; the first few, and how many more."""
    named = [
        f"{d.symbol}: {quantity(d.here)} here, {quantity(d.at_broker)} at the broker"
        for d in differences[:_NAMED]
    ]
    more = len(differences) - _NAMED
    return "; ".join([*named, f"{more} more"] if more > 0 else named)
