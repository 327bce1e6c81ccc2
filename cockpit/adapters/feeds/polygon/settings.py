"""What can be set for Polygon's stream, in the section `[feeds.polygon]`."""

from __future__ import annotations

from pydantic import Field

from cockpit.adapters.feeds.symbols import LIQUID, Symbol
from cockpit.adapters.sources.settings import Address
from cockpit.kernel.settings import SettingsModel


class PolygonFeedSettings(SettingsModel):
    """Which symbols; address of REST, plan and patience are those of `[sources.polygon]`.

    What is held or has an order is asked for beside `symbols`. `stream_url` is the real-time one
    on the advanced plan and the delayed one on any other when not set. `quote_lot` is the number
    of shares that one unit of a quoted size stands for. A stream that says nothing for `quiet_s`
    must answer a ping; one that brought nothing for `mute_s` is compared with REST.
    """

    symbols: tuple[Symbol, ...] = Field(default=LIQUID, min_length=1)
    stream_url: Address | None = None
    quote_lot: int = Field(default=1, gt=0)
    quiet_s: float = Field(default=5.0, gt=0)
    mute_s: float = Field(default=15.0, gt=0)
    reconnect_max_s: float = Field(default=30.0, gt=0)
    requests_per_minute: int = Field(default=60, gt=0)
