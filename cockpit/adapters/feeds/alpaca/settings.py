"""What can be set for Alpaca's market data, in the section `[feeds.alpaca]`."""

from __future__ import annotations

from pydantic import Field

from cockpit.adapters.feeds.symbols import LIQUID, Symbol
from cockpit.kernel.settings import SettingsModel


class AlpacaFeedSettings(SettingsModel):
    """Which symbols; addresses, keys and patience are those of `[brokers.alpaca]`.

    What is held or has an order is asked for beside `symbols`. `quote_lot` is the number of
    shares that one unit of a quoted size stands for: since November 2025 the tapes count shares,
    before they counted round lots of 100. A stream that brought nothing for `mute_s` is compared
    with the latest quotes by REST. `minute_bars` asks for the vendor's own bars beside the trades:
    they fill a minute that lacks some, and put it right when trades came late. Of the data plan's
    requests `requests_per_minute` may be used. `own_process` reads the stream in a process of its
    own, which costs some 80 MB, so that no burst of quotes makes the window wait; None: where the
    system lets two processes talk without either waiting for the other (`crossing.NEVER_WAITS`).
    """

    symbols: tuple[Symbol, ...] = Field(default=LIQUID, min_length=1)
    quote_lot: int = Field(default=1, gt=0)
    mute_s: float = Field(default=15.0, gt=0)
    minute_bars: bool = False
    own_process: bool | None = None
    requests_per_minute: int = Field(default=100, gt=0)
