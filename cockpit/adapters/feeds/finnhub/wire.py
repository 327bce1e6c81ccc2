"""Finnhub's stream as it comes: a JSON object a message, most of them a list of trades."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from cockpit.adapters.feeds import frames
from cockpit.kernel.clock import MILLISECOND
from cockpit.ports.feed import RawRow, RawTrade

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=(1 << 62) // MILLISECOND)]


class WireTrade(msgspec.Struct, gc=False):
    """A print, without an id. One of no volume is an update of the price, and no trade."""

    s: str
    p: float
    t: Milliseconds
    v: float = 0.0
    c: list[str] | None = None


class WireTrades(msgspec.Struct, tag_field="type", tag="trade"):
    """Prints."""

    data: list[WireTrade] | None = None


class WireError(msgspec.Struct, tag_field="type", tag="error"):
    """What is refused."""

    msg: str = ""


class WirePing(msgspec.Struct, tag_field="type", tag="ping"):
    """It is still there."""


class _News(msgspec.Struct, tag_field="type", tag="news"):
    pass


class _Release(msgspec.Struct, tag_field="type", tag="pr"):
    pass


Message = WireTrades | WireError | WirePing | _News | _Release
_one = msgspec.json.Decoder(Message)
_apart = msgspec.json.Decoder(dict[str, msgspec.Raw])
_rows = msgspec.json.Decoder(list[msgspec.Raw])
_trade = msgspec.json.Decoder(WireTrade)


def _trades_in(frame: bytes) -> list[msgspec.Raw]:
    return _rows.decode(_apart.decode(frame).get("data", msgspec.Raw(b"")))


def messages_in(frame: bytes) -> list[Message]:
    """The message of a frame. Raises one of UNREADABLE."""
    return [_one.decode(frame)]


def readable_in(frame: bytes, unreadable: Callable[[str], None]) -> list[Message]:
    """The trades of a frame that can be read; `unreadable` is told of the others."""
    return [WireTrades(frames.readable_in(frame, _trades_in, _trade.decode, unreadable))]


def rows_of(
    messages: list[Message],
    control: Callable[[WireError], None],
    unreadable: Callable[[str], None],
    wanted: set[str],
) -> list[RawRow]:
    """The prints of the symbols that are wanted, in the order they came; errors to `control`."""
    rows: list[RawRow] = []
    for message in messages:
        if isinstance(message, WireError):
            control(message)
        elif isinstance(message, WireTrades):
            for trade in message.data or ():
                if trade.s not in wanted:
                    unreadable(f"of {trade.s[:20]!r}, which nobody asked for")
                elif trade.v:
                    rows.append(_print(trade))
    return rows


def _print(trade: WireTrade) -> RawTrade:
    return RawTrade(trade.s, trade.p, trade.v, trade.t * MILLISECOND, ",".join(trade.c or ()))


def encoded(**word: Any) -> bytes:
    """A word of ours, e.g. `encoded(type="subscribe", symbol="AAPL")`."""
    return msgspec.json.encode(word)
