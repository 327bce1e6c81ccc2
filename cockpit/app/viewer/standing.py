"""Checks and arming in a viewer: as told, and nothing is armed from here."""

from __future__ import annotations

from cockpit.app.arming import OFF_AT_START
from cockpit.domain.events import ArmingChanged


class MirrorArming:
    """Whether the cockpit that is watched is armed."""

    def __init__(self) -> None:
        self.armed = False
        self.reason = OFF_AT_START

    def show(self, told: ArmingChanged) -> None:
        """Stand as the cockpit does."""
        self.armed, self.reason = told.armed, told.reason

    def why_not(self) -> str:
        """Nothing is armed from a viewer."""
        return "It is armed in the cockpit you view."

    def touch(self) -> None:
        """Nothing: who watches is not at the cockpit."""
