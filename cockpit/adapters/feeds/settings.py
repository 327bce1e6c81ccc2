"""What every played feed lets the user choose."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cockpit.kernel.settings import SettingsModel

MIN_SPEED = 0.1
MAX_SPEED = 1000.0

Speed = Annotated[float, Field(ge=MIN_SPEED, le=MAX_SPEED)] | Literal["max"]


class PlayedSettings(SettingsModel):
    """`speed` is session seconds a real second, or "max" for as fast as possible."""

    speed: Speed = 1.0

    @property
    def pace(self) -> float | None:
        """The speed as the transport takes it: None is as fast as possible."""
        return None if self.speed == "max" else self.speed
