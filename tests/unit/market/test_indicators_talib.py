"""Ours against TA-Lib, on the recorded session. TA-Lib is no dependency: `pip install TA-Lib`."""

from __future__ import annotations

import csv
import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cockpit.domain.market import Bar
from cockpit.domain.values import to_ns
from cockpit.market.indicators import indicator

talib: Any = pytest.importorskip("talib")
pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def bars(shared_data: Path) -> list[Bar]:
    """The session's minutes that were traded in, as the exchange's prints give them."""
    file = shared_data / "intraday_us" / "derived_1min_bars.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    return [bar_of(row) for row in rows if row["symbol"] == "XXX"]


def bar_of(row: dict[str, str]) -> Bar:
    ts = to_ns(datetime.fromisoformat(row["ts"]))
    first, high, low, last, volume, vwap = (
        float(row[name]) for name in ("open", "high", "low", "close", "volume", "vwap")
    )
    return Bar(
        symbol="XXX", open=first, high=high, low=low, close=last, volume=volume, vwap=vwap,
        trades=int(row["trades"]), interval_s=60, ts_event=ts, ts_init=ts,
    )  # fmt: skip


def column(bars: list[Bar], name: str) -> Any:
    return np.array([getattr(bar, name) for bar in bars])


@pytest.mark.parametrize("period", [1, 2, 9, 20, 50])
def test_ema(bars: list[Bar], period: int) -> None:
    ours = indicator(f"ema:{period}")
    told = [ours.update(bar) for bar in bars]
    close = column(bars, "close")
    theirs = close if period == 1 else talib.EMA(close, period)
    assert len(bars) > 300
    assert np.array(told, dtype=float) == pytest.approx(theirs, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("period", [2, 5, 14, 30])
def test_atr(bars: list[Bar], period: int) -> None:
    ours = indicator(f"atr:{period}")
    told = [ours.update(bar) for bar in bars]
    theirs = talib.ATR(*(column(bars, name) for name in ("high", "low", "close")), period)
    assert np.array(told, dtype=float) == pytest.approx(theirs, rel=1e-10, nan_ok=True)


@pytest.mark.parametrize("period", [2, 20, 50])
def test_sma_and_bands(bars: list[Bar], period: int) -> None:
    close = column(bars, "close")
    upper, middle, lower = talib.BBANDS(close, period, 2, 2)
    for name, theirs in (("sma", middle), ("bbupper", upper), ("bblower", lower)):
        ours = indicator(f"{name}:{period}")
        told = [ours.update(bar) for bar in bars]
        assert np.array(told, dtype=float) == pytest.approx(theirs, rel=1e-7, nan_ok=True)


@pytest.mark.parametrize("period", [2, 5, 14, 30])
def test_rsi(bars: list[Bar], period: int) -> None:
    ours = indicator(f"rsi:{period}")
    told = [ours.update(bar) for bar in bars]
    theirs = talib.RSI(column(bars, "close"), period)
    assert np.array(told, dtype=float) == pytest.approx(theirs, rel=1e-10, nan_ok=True)


def test_macd_and_its_signal(bars: list[Bar]) -> None:
    line, signal, _ = talib.MACD(column(bars, "close"), 12, 26, 9)
    for name, theirs, first in (("macd", line, 25), ("macdsignal", signal, 33)):
        ours = indicator(name)
        told = np.array([ours.update(bar) for bar in bars], dtype=float)
        assert np.isnan(told).sum() == first
        known = np.isfinite(theirs)  # TA-Lib tells of neither before there is a signal
        assert told[known] == pytest.approx(theirs[known], rel=1e-9, abs=1e-12)


def test_its_own_stream_says_the_same(bars: list[Bar]) -> None:
    stream = getattr(talib, "stream", None) or pytest.importorskip("talib.stream")
    close = column(bars, "close")
    theirs = stream.EMA(close[:100], 20)
    if not hasattr(theirs, "update"):
        pytest.skip("an older TA-Lib, whose stream functions keep nothing between two bars")
    ours = indicator("ema:20")
    told = [ours.update(bar) for bar in bars]
    for at in range(100, len(bars)):
        theirs.update(float(close[at]))
        assert told[at] == pytest.approx(theirs.value, rel=1e-12)
