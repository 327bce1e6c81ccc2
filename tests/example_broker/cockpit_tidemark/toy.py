"""The venue as a toy on loopback: its whole protocol, an exact ledger, and its moods. For tests.

Each line is one JSON object. A client asks `{"id": 1, "do": "submit", ...}` and is answered
`{"id": 1, "ok": ...}` or `{"id": 1, "refused": {"code": ..., "message": ...}}`. Whoever signed in
is told of everything by `{"update": "order" | "execution" | "account", ...}`, in order.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

KEY = "tidemark-toy-key"
_OPEN = ("working", "part")
_QUESTIONS = ("account", "positions", "orders", "order", "executions")
ZERO = Decimal(0)


class RefusedError(Exception):
    """The venue's own no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass
class Held:
    """An order in the venue's books."""

    id: str
    terms: dict[str, Any]
    state: str
    ts: int
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    executions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def left(self) -> Decimal:
        return Decimal(self.terms["quantity"]) - self.filled

    @property
    def sign(self) -> int:
        return 1 if self.terms["side"] == "buy" else -1

    def shown(self) -> dict[str, Any]:
        average = str(self.paid / self.filled) if self.filled else None
        told = {"id": self.id, "state": self.state, "ts": self.ts, "filled": str(self.filled)}
        return self.terms | told | {"average": average}


class ToyVenue:
    """`async with ToyVenue() as toy`: then `toy.address` answers. One account, one symbol.

    `lost` says of what is asked next that its "answer" or "request" gets lost, `silent` refuses
    every question, `doubled` tells each update twice, `odd` maps a client id to a word nobody has
    heard.
    """

    def __init__(self, symbol: str = "ABC", cash: Decimal = Decimal(100_000)) -> None:
        self.symbol, self.cash = symbol, cash
        self.orders: dict[str, Held] = {}
        self.bought = self.cost = ZERO
        self.lost: dict[str, str] = {}
        self.silent = self.doubled = False
        self.odd: dict[str, str] = {}
        self.address = ("127.0.0.1", 0)
        self._book: dict[str, Decimal] = {}
        self._ids = itertools.count(1)
        self._last_ts = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._listening: set[asyncio.StreamWriter] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._server: asyncio.Server | None = None
        self._verbs: dict[str, Callable[..., Any]] = {
            "submit": self._submit,
            "replace": self._replace,
            "cancel": self._cancel,
            "cancel_all": self._cancel_all,
            "account": self._account,
            "positions": self._positions,
            "orders": lambda: [self._shown(o) for o in self.orders.values() if self._is_open(o)],
            "order": self._order,
            "executions": self._executions,
        }

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = self._server.sockets[0].getsockname()[:2]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        await self._empty.wait()

    def cut(self) -> None:
        """Break every line without a word."""
        for writer in list(self._writers):
            writer.transport.abort()

    # the market

    def quote(self, bid: float, ask: float, size: float) -> None:
        """Quote the symbol; each side's size is used up by what it trades."""
        self._book = {
            "bid": Decimal(str(bid)), "ask": Decimal(str(ask)),
            "bid_size": Decimal(str(size)), "ask_size": Decimal(str(size)),
        }  # fmt: skip
        for order in list(self.orders.values()):
            if self._is_open(order):
                self._match(order)

    def _match(self, order: Held) -> None:
        buys, book, terms = order.sign > 0, self._book, order.terms
        if not book:
            return
        price = book["ask" if buys else "bid"]
        if terms["stop"] is not None:
            if (price - Decimal(terms["stop"])) * order.sign < 0:
                return
            terms["stop"] = None
        if terms["limit"] is not None and (Decimal(terms["limit"]) - price) * order.sign < 0:
            return
        side = "ask_size" if buys else "bid_size"
        quantity = min(order.left, book[side])
        if quantity > 0:
            book[side] -= quantity
            self._trade(order, quantity, price)

    def _trade(self, order: Held, quantity: Decimal, price: Decimal) -> None:
        order.filled += quantity
        order.paid += quantity * price
        order.state = "part" if order.left else "filled"
        order.ts = self._now()
        self._book_position(quantity * order.sign, price)
        self.cash -= quantity * price * order.sign
        made = {
            "id": f"X{next(self._ids)}",
            "client_id": order.terms["client_id"],
            "order": order.id,
            "symbol": self.symbol,
            "side": order.terms["side"],
            "quantity": str(quantity),
            "price": str(price),
            "fee": "0",
            "cumulative": str(order.filled),
            "ts": order.ts,
        }
        order.executions.append(made)
        self._tell({"update": "execution", "execution": made})
        self._tell({"update": "order", "order": self._shown(order)})
        self._tell({"update": "account", "account": self._account()})

    def _book_position(self, signed: Decimal, price: Decimal) -> None:
        after = self.bought + signed
        if self.bought * signed >= 0:
            self.cost = (abs(self.bought) * self.cost + abs(signed) * price) / abs(after)
        elif self.bought * after < 0:
            self.cost = price
        self.bought = after

    # what a client may ask for

    def _submit(self, order: dict[str, Any]) -> dict[str, Any]:
        held = self._taken_in(order)
        shown = self._shown(held)
        self._after_answer(held)
        return shown

    def _taken_in(self, terms: dict[str, Any]) -> Held:
        if terms["client_id"] in self.orders:
            raise RefusedError("DUPLICATE_ID", "an order of this id is here already")
        if terms["symbol"] != self.symbol:
            raise RefusedError("NO_SUCH_SYMBOL", f"{terms['symbol']} is not traded here")
        at = Decimal(terms["limit"] or str(self._book.get("ask", 0)))
        if Decimal(terms["quantity"]) * at > 2 * max(self.cash, ZERO):
            raise RefusedError("BUYING_POWER", "it is more than the account can pay")
        held = Held(f"T{next(self._ids)}", dict(terms), "working", self._now())
        self.orders[terms["client_id"]] = held
        return held

    def _after_answer(self, held: Held) -> None:
        """Updates of an order come behind the answer that took it in."""

        def tell() -> None:
            self._tell({"update": "order", "order": self._shown(held)})
            if self._is_open(held):
                self._match(held)

        asyncio.get_running_loop().call_soon(tell)

    def _replace(self, old: str, if_filled: str, order: dict[str, Any]) -> dict[str, Any]:
        before = self._open_one(old)
        if before.filled != Decimal(if_filled):
            raise RefusedError("FILLED_FURTHER", "more of it was filled than you know")
        new = self._taken_in(order)
        self._end(before, "replaced")
        shown = self._shown(new)
        self._after_answer(new)
        return shown

    def _cancel(self, client_id: str) -> None:
        self._end(self._open_one(client_id), "cancelled")

    def _cancel_all(self) -> None:
        for order in self.orders.values():
            if self._is_open(order):
                self._end(order, "cancelled")

    def _end(self, order: Held, state: str) -> None:
        order.state, order.ts = state, self._now()
        self._tell({"update": "order", "order": self._shown(order)})

    def _open_one(self, client_id: str) -> Held:
        order = self.orders.get(client_id)
        if order is None or not self._is_open(order):
            raise RefusedError("NOT_OPEN", "no such order is open")
        return order

    def _is_open(self, order: Held) -> bool:
        return order.state in _OPEN

    def _shown(self, order: Held) -> dict[str, Any]:
        shown = order.shown()
        return shown | {"state": self.odd.get(order.terms["client_id"], shown["state"])}

    def _order(self, client_id: str) -> dict[str, Any] | None:
        order = self.orders.get(client_id)
        return None if order is None else self._shown(order)

    def _executions(self, since: int) -> list[dict[str, Any]]:
        made = [e for order in self.orders.values() for e in order.executions if e["ts"] >= since]
        return sorted(made, key=lambda e: e["ts"])

    def _positions(self) -> list[dict[str, Any]]:
        told = {"symbol": self.symbol, "quantity": str(self.bought), "cost": str(self.cost)}
        return [told] if self.bought else []

    def _account(self) -> dict[str, Any]:
        equity = self.cash + self.bought * self._book.get("bid", ZERO)
        return {
            "number": "TIDE-0001",
            "cash": str(self.cash),
            "equity": str(equity),
            "buying_power": str(2 * max(self.cash, ZERO)),
            "ts": self._now(),
        }

    def _now(self) -> int:
        self._last_ts = max(time.time_ns(), self._last_ts + 1)
        return self._last_ts

    # the line

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._empty.clear()
        try:
            while text := await reader.readline():
                self._answer(json.loads(text), writer)
        except OSError:
            pass
        finally:
            self._listening.discard(writer)
            self._writers.discard(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            if not self._writers:
                self._empty.set()

    def _answer(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        number, do = asked.pop("id"), asked.pop("do")
        lost = self.lost.pop(do, "")
        if lost == "request":
            return
        try:
            said = {"ok": self._done(do, asked, writer)}
        except RefusedError as no:
            said = {"refused": {"code": no.code, "message": no.message}}
        if not lost:
            self._say({"id": number} | said, writer)

    def _done(self, do: str, terms: dict[str, Any], writer: asyncio.StreamWriter) -> Any:
        if do == "sign_in":
            if terms.get("key") != KEY:
                raise RefusedError("KEY", "the key opens nothing here")
            self._listening.add(writer)
            return {"environment": "paper"}
        if writer not in self._listening:
            raise RefusedError("SIGN_IN", "sign in first")
        if self.silent and do in _QUESTIONS:
            raise RefusedError("BUSY", "the venue answers no questions now")
        return self._verbs[do](**terms)

    def _tell(self, update: dict[str, Any]) -> None:
        for writer in self._listening:
            for _ in range(2 if self.doubled else 1):
                self._say(update, writer)

    def _say(self, said: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        if not writer.is_closing():
            writer.write(json.dumps(said).encode() + b"\n")
