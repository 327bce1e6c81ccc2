from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

QUOTES = "ts,symbol,bid,bid_size,ask,ask_size,exchange"
TRADES = "ts,symbol,price,size,exchange,conditions,corr"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes lines as a file, gzipped when it is named so."""

    def do(name: str, *lines: str) -> Path:
        path = tmp_path / name
        data = ("\n".join(lines) + "\n").encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return do


def stamp(second: float) -> str:
    return f"2018-01-02T14:30:{second:09.6f}Z"


def quote_line(second: float, exchange: str = "N", bid: str = "10.0", ask: str = "10.1") -> str:
    return f"{stamp(second)},ABC,{bid},3,{ask},4,{exchange}"


def trade_line(second: float, price: str = "10.05", corr: str = "0") -> str:
    return f"{stamp(second)},ABC,{price},50,N,@F,{corr}"


@pytest.fixture
def quotes(write: Write) -> Callable[[Sequence[str]], Path]:
    return lambda lines: write("quotes.csv.gz", QUOTES, *lines)


@pytest.fixture
def trades(write: Write) -> Callable[[Sequence[str]], Path]:
    return lambda lines: write("trades.csv.gz", TRADES, *lines)


@pytest.fixture
def line() -> tuple[Callable[..., str], Callable[..., str]]:
    return quote_line, trade_line
