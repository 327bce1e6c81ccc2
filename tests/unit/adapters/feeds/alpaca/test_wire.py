"""Alpaca's bytes in rows; recorded messages and bodies are read by the same code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgpack
import msgspec
import pytest

from cockpit.adapters.brokers.alpaca.faults import UnreadableError
from cockpit.adapters.brokers.bodies import decoded
from cockpit.adapters.feeds.alpaca import history
from cockpit.adapters.feeds.alpaca.wire import (
    WireBar,
    WireError,
    WireSubscription,
    WireSuccess,
    messages_in,
    ns_of_time,
    rows_of,
)
from cockpit.ports.feed import RawBar, RawCorrection, RawQuote, RawRow, RawStatus, RawTrade

TEN_S = 10_000_000_010  # the recordings' dummy time, to the nanosecond


def fail(detail: str) -> None:
    pytest.fail(f"unreadable: {detail}")


def rows(*messages: dict[str, Any]) -> list[RawRow]:
    return rows_of(messages_in(msgpack.packb(list(messages))), fail, fail)


def stamped(message: dict[str, Any]) -> dict[str, Any]:
    """As it is on the wire: times are msgpack timestamps there."""
    return {k: msgpack.Timestamp(10, 10) if k == "t" else v for k, v in message.items()}


@pytest.fixture(params=[stamped, dict], ids=["timestamps", "text"])
def recorded(shared_data: Path, request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    lines = (shared_data / "api_fixtures" / "alpaca_ws_messages.jsonl").read_text().splitlines()
    messages = [message for line in lines for message in json.loads(line)]
    return {message["T"]: request.param(message) for message in messages}


def test_recorded_messages(recorded: dict[str, dict[str, Any]]) -> None:
    quote, trade, status, cancel = rows(*(recorded[kind] for kind in "qtsx"))
    assert isinstance(quote, RawQuote)
    assert (quote.symbol, quote.bid, quote.ask) == ("SPIP", 25.41, 25.43)
    assert (quote.bid_size, quote.ask_size, quote.ts_event) == (35, 35, TEN_S)
    assert isinstance(trade, RawTrade)
    assert (trade.symbol, trade.price, trade.size, trade.conditions) == ("AAPL", 177.79, 90, "@I")
    assert status == RawStatus("STRR", halted=False, reason="C11", ts_event=TEN_S)
    assert cancel == RawCorrection("DJT", "D4868", 36.18, 31800.0, TEN_S)
    assert trade.trade_id == "V6142"


def test_a_recorded_bar_makes_a_row_and_books_and_news_make_none(
    recorded: dict[str, dict[str, Any]],
) -> None:
    bar, book, news = (recorded[kind] for kind in "bon")
    told = messages_in(msgpack.packb([bar, book, news]))
    assert isinstance(told[0], WireBar)
    (row,) = rows_of(told, fail, fail)
    assert isinstance(row, RawBar)
    assert (row.symbol, row.close, row.vwap) == ("AAPL", 178.005, 177.987562)
    assert (row.ts_event, row.interval_s, row.revised) == (TEN_S, 60, False)


def test_the_longest_form_of_a_time_is_read_too() -> None:
    long = msgspec.msgpack.Ext(-1, (7).to_bytes(4, "big") + (10).to_bytes(8, "big"))
    assert ns_of_time(long) == 10 * 10**9 + 7


@pytest.mark.parametrize("ns", [0, 999_999_999, 10**18 + 1])
def test_times_are_kept_to_the_nanosecond(ns: int) -> None:
    stamp = msgpack.Timestamp(*divmod(ns, 10**9))
    quote = {"T": "q", "S": "A", "bp": 1.0, "ap": 1.1, "bs": 1, "as": 1, "t": stamp}
    (row,) = rows(quote)
    assert row.ts_event == ns


@pytest.mark.parametrize("code", ["H", "P", "2"])
def test_words_of_a_halt(code: str) -> None:
    (status,) = rows({"T": "s", "S": "A", "sc": code, "sm": "Halt", "t": msgpack.Timestamp(1, 0)})
    assert status == RawStatus("A", halted=True, reason="Halt", ts_event=10**9)


def test_a_correction_names_the_old_print_and_brings_what_is_true() -> None:
    now = msgpack.Timestamp(5, 0)
    (correction,) = rows(
        {"T": "c", "S": "A", "x": "V", "oi": 1, "op": 10.0, "os": 5, "oc": ["@"], "ci": 2,
         "cp": 10.5, "cs": 6, "cc": ["@", "I"], "z": "C", "t": now}
    )  # fmt: skip
    assert correction == RawCorrection("A", "V1", 10.0, 5.0, 5 * 10**9, 10.5, 6.0, "V2")


def test_words_about_the_session_are_no_rows() -> None:
    said: list[Any] = []
    frame = msgpack.packb(
        [
            {"T": "success", "msg": "connected"},
            {"T": "error", "code": 406, "msg": "connection limit exceeded"},
            {"T": "subscription", "trades": ["A"], "quotes": None, "lulds": []},
        ]
    )
    assert rows_of(messages_in(frame), said.append, fail) == []
    assert said == [
        WireSuccess(msg="connected"),
        WireError(code=406, msg="connection limit exceeded"),
        WireSubscription(trades=["A"]),
    ]


@pytest.mark.parametrize("seconds", [1 << 33, (1 << 34) - 1, 1 << 40, -1])
@pytest.mark.parametrize("many", [1, 100])
def test_a_time_beyond_all_columns_takes_nothing_else_along(seconds: int, many: int) -> None:
    def quote(at: int) -> dict[str, Any]:
        when = msgpack.Timestamp(at, 1)
        return {"T": "q", "S": "A", "bp": 1.0, "ap": 1.1, "bs": 1, "as": 1, "t": when}

    halt = {"T": "s", "S": "B", "sc": "H", "sm": "Halt", "t": msgpack.Timestamp(1, 0)}
    told: list[str] = []
    frame = msgpack.packb([*(quote(10 + n) for n in range(many)), quote(seconds), halt])
    found = rows_of(messages_in(frame), fail, told.append)
    assert [type(row) for row in found[many:]] == [RawStatus]
    assert len(told) == 1


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(UnreadableError):
        ns_of_time("yesterday")


# REST


@pytest.fixture(scope="module")
def bodies(shared_data: Path) -> list[tuple[str, bytes]]:
    lines = (shared_data / "api_fixtures" / "alpaca_rest.jsonl").read_text().splitlines()
    read = [json.loads(line) for line in lines]
    return [(r["url"].partition("?")[0], json.dumps(r["body"]).encode()) for r in read]


def of(bodies: list[tuple[str, bytes]], path: str) -> list[bytes]:
    found = [body for url, body in bodies if url.endswith(path)]
    assert found
    return found


def test_recorded_bars(bodies: list[tuple[str, bytes]]) -> None:
    pages = [decoded(body, history.BarsPage) for body in of(bodies, "/v2/stocks/bars")]
    (apple,) = [page.bars["AAPL"] for page in pages if page.bars]
    bar = history.raw_bar("AAPL", apple[0], 86_400)
    assert (bar.open, bar.close, bar.trades, bar.vwap) == (174, 174.61, 732412, 173.703516)
    assert datetime.fromtimestamp(bar.ts_event / 1e9, UTC) == datetime(2022, 2, 1, 5, tzinfo=UTC)


def test_recorded_latest_quotes(bodies: list[tuple[str, bytes]]) -> None:
    for body in of(bodies, "/v2/stocks/quotes/latest"):
        for symbol, quote in decoded(body, history.Quotes).quotes.items():
            row = history.raw_quote(symbol, quote, 100)
            assert row.bid > 0
            assert row.bid_size == quote.bs * 100


def test_recorded_snapshots(bodies: list[tuple[str, bytes]]) -> None:
    """Those of stocks are recorded empty; those of coins have the same shape, one level down."""
    for body in of(bodies, "/v2/stocks/snapshots"):
        assert decoded(body, dict[str, history.Snapshot]) == {}
    (body,) = of(bodies, "/v1beta3/crypto/us/snapshots")
    shots = decoded(json.dumps(json.loads(body)["snapshots"]).encode(), dict[str, history.Snapshot])
    assert history.previous_closes(shots, "2022-03-28")["BTC/USD"] == 47148.98
    assert history.previous_closes(shots, "2022-03-29")["BTC/USD"] == 47532.2
    quote = shots["BTC/USD"].quote
    assert quote is not None
    assert history.raw_quote("BTC/USD", quote, 1).ask_size == 0.00209349


@pytest.mark.parametrize(
    ("seconds", "word"), [(60, "1Min"), (300, "5Min"), (3600, "1Hour"), (86_400, "1Day")]
)
def test_lengths_of_bars(seconds: int, word: str) -> None:
    assert history.timeframe(seconds) == word


@pytest.mark.parametrize("seconds", [0, 1, 90, 172_800])
def test_a_length_that_alpaca_has_not_is_refused(seconds: int) -> None:
    with pytest.raises(UnreadableError):
        history.timeframe(seconds)
