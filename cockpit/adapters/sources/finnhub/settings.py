"""What can be set for Finnhub, in the section `[sources.finnhub]`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cockpit.adapters.sources.settings import Address, RestSettings


class FinnhubSettings(RestSettings):
    """Which plan the key has; bars and corporate actions need `premium`.

    The key is not a setting: the vault holds it. `requests_per_minute` is what the plan allows.
    """

    url: Address = "https://finnhub.io/api/v1"
    plan: Literal["free", "premium"] = "free"
    requests_per_minute: int = Field(default=60, gt=0)
