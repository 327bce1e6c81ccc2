"""What a user may choose about the simulated market."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from pydantic import Field

from cockpit.adapters.feeds.settings import PlayedSettings


class SyntheticSettings(PlayedSettings):
    """`seed` and `day` fix every row of the session.

    `day` is a New York day; none takes the clock's own, or the next when that session
    has begun. `start` is a New York time of day up to which the session is played as
    fast as possible, e.g. 09:36, so that the window opens on charts that are not empty.
    """

    seed: Annotated[int, Field(ge=0)] = 7
    day: date | None = None
    start: time | None = None
