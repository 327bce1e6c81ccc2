"""What can be set for Finnhub's stream, in the section `[feeds.finnhub]`."""

from __future__ import annotations

from pydantic import Field

from cockpit.adapters.feeds.symbols import LIQUID, Symbol
from cockpit.adapters.sources.settings import Address
from cockpit.kernel.settings import SettingsModel


class FinnhubFeedSettings(SettingsModel):
    """Which symbols; address of REST, plan and patience are those of `[sources.finnhub]`.

    What is held or has an order is asked for beside `symbols`. The plan allows `most_symbols` at
    once. A stream that says nothing for `quiet_s` must answer a ping; one that brought no trade
    for `mute_s` is compared with the last prices of `probes` symbols by REST, within
    `requests_per_minute` of the plan's.
    """

    symbols: tuple[Symbol, ...] = Field(default=LIQUID, min_length=1)
    stream_url: Address = "wss://ws.finnhub.io"
    most_symbols: int = Field(default=50, gt=0)
    quiet_s: float = Field(default=10.0, gt=0)
    mute_s: float = Field(default=60.0, gt=0)
    probes: int = Field(default=2, ge=0)
    reconnect_max_s: float = Field(default=30.0, gt=0)
    requests_per_minute: int = Field(default=30, gt=0)
