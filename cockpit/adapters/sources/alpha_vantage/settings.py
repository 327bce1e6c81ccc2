"""What can be set for Alpha Vantage, in the section `[sources.alpha_vantage]`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cockpit.adapters.sources.settings import Address, RestSettings


class AlphaVantageSettings(RestSettings):
    """Which plan the key has, and what it may see.

    The key is not a setting: the vault holds it. `entitlement` is what a premium key is entitled
    to: "end-of-day", "delayed" by 15 minutes or "realtime". `requests_per_minute` and
    `requests_per_day` are what the plan allows when not set; 0 a day is no such limit.
    """

    url: Address = "https://www.alphavantage.co"
    plan: Literal["free", "premium"] = "free"
    entitlement: Literal["end-of-day", "delayed", "realtime"] = "end-of-day"
    requests_per_minute: int | None = Field(default=None, gt=0)
    requests_per_day: int | None = Field(default=None, ge=0)
