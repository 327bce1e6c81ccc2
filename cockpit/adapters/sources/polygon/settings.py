"""What can be set for Polygon, in the section `[sources.polygon]`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cockpit.adapters.sources.settings import Address, RestSettings


class PolygonSettings(RestSettings):
    """Which plan the key has: it says what may be asked, how much, and how old it is.

    The key is not a setting: the vault holds it. Polygon calls itself Massive since October 2025;
    `url` is its new address. `requests_per_minute` is what the plan allows when not set.
    """

    url: Address = "https://api.massive.com"
    plan: Literal["basic", "starter", "developer", "advanced"] = "basic"
    requests_per_minute: int | None = Field(default=None, gt=0)
