"""How a price chart is drawn: what a person chose, kept with the workspace."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class BarStyle(StrEnum):
    """How a bar is drawn."""

    CANDLES = "candles"
    BARS = "bars"
    LINE = "line"


EMA_PERIODS = (9, 20, 50)
SMA_PERIODS = (20, 50, 200)
"""The averages that can be chosen, in bars of the timeframe."""


class ChartLook(msgspec.Struct, frozen=True, kw_only=True):
    """Candles with the session's VWAP unless chosen otherwise. `interval_s` is the timeframe."""

    style: BarStyle = BarStyle.CANDLES
    interval_s: int = 60
    vwap: bool = True
    emas: tuple[int, ...] = ()
    smas: tuple[int, ...] = ()
    bands: bool = False
    day_levels: bool = False
    profile: bool = False
    figures: bool = False
    rsi: bool = False
    macd: bool = False
    log: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The names of the indicators that lie over the bars."""
        bands = ("bbupper:20", "bblower:20") if self.bands else ()
        averages = (*(f"ema:{n}" for n in self.emas), *(f"sma:{n}" for n in self.smas))
        return (*averages, *bands)

    @property
    def told(self) -> tuple[str, ...]:
        """The names of the indicators that are told as figures: they are no prices."""
        return ("atr:14", "rvol:20") if self.figures else ()

    @property
    def studies(self) -> tuple[str, ...]:
        """The names of the indicators that have a pane of their own below the volume."""
        return (("rsi:14",) if self.rsi else ()) + (("macd", "macdsignal") if self.macd else ())

    def with_sma(self, period: int, *, shown: bool) -> ChartLook:
        """The same with a simple average more or less."""
        kept = {*self.smas, period} if shown else {*self.smas} - {period}
        return msgspec.structs.replace(self, smas=tuple(sorted(kept)))

    def with_ema(self, period: int, *, shown: bool) -> ChartLook:
        """The same with an average more or less."""
        kept = {*self.emas, period} if shown else {*self.emas} - {period}
        return msgspec.structs.replace(self, emas=tuple(sorted(kept)))
