"""Brackets, OCO, OTO and trailing stops of the toy venue, kept as Alpaca keeps them.

Whatever may trade works in the paper broker's matching; what waits (legs before their entry, the
stop beside a limit, a stop that trails) is kept here, as `held` or as `new` out of the market.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from cockpit.domain.market import Quote
from cockpit.domain.order import OrderType, Side
from cockpit.domain.values import to_price
from tests.toyserver import show
from tests.toyserver.faults import RefusedError

if TYPE_CHECKING:
    from tests.toyserver.exchange import Exchange, ToyOrder

CLASSES = ("bracket", "oco", "oto")
_SHAPE = 40010001
_RULE = 42210000
_FUNDS = 40310000
Rule = tuple[bool, int, str]
"""Whether it is broken, and the venue's code and words for that."""


def check(body: Mapping[str, Any], held: Decimal, asset: Mapping[str, Any]) -> None:
    """Refuse what Alpaca refuses of these orders; `held` is the signed position."""
    cls = body.get("order_class") or ""
    rules = [*_of_fractions(body, cls, held, asset), *_of_hours_and_trails(body, cls)]
    if cls in CLASSES:
        rules += [*_of_exits(body, cls), *_of_entry(body, cls, held)]
    for broken, code, why in rules:
        if broken:
            raise RefusedError(403 if code == _FUNDS else 422, code, why)


def check_size(old: Decimal, new: str | None) -> None:
    """Refuse another size for, or of, a part of a share."""
    if new and (old % 1 or Decimal(new) % 1):
        raise RefusedError(422, _RULE, "qty of fractional orders can't be replaced")


def _of_fractions(
    body: Mapping[str, Any], cls: str, held: Decimal, asset: Mapping[str, Any]
) -> Iterator[Rule]:
    if body.get("qty") is None or not Decimal(body["qty"]) % 1:
        return
    simple = cls not in CLASSES and body.get("type") != "trailing_stop"
    yield not simple, _RULE, "fractional orders must be simple orders"
    yield body.get("time_in_force") != "day", _RULE, "fractional orders must be DAY orders"
    short = body.get("side") == "sell" and Decimal(body["qty"]) > held
    yield short, _RULE, "fractional orders cannot be sold short"
    yield not asset.get("fractionable"), _FUNDS, f"asset {body['symbol']!r} is not fractionable"


def _of_hours_and_trails(body: Mapping[str, Any], cls: str) -> Iterator[Rule]:
    kind, tif = body.get("type"), body.get("time_in_force")
    wrong = (kind, tif, cls in CLASSES) != ("limit", "day", False)
    yield (
        bool(body.get("extended_hours")) and wrong,
        _RULE,
        "extended hours order must be DAY limit orders",
    )
    if kind == "trailing_stop":
        both = (body.get("trail_price") is None) == (body.get("trail_percent") is None)
        yield both, _SHAPE, "one of trail_price or trail_percent is required"
        priced = bool(body.get("stop_price") or body.get("limit_price"))
        yield priced, _SHAPE, "trailing stop orders require no price"


def _of_exits(body: Mapping[str, Any], cls: str) -> Iterator[Rule]:
    target = (body.get("take_profit") or {}).get("limit_price")
    stop = (body.get("stop_loss") or {}).get("stop_price")
    if cls == "oto":
        one = (target is None) != (stop is None)
        yield not one, _SHAPE, "oto orders require one of take_profit or stop_loss"
        return
    yield target is None, _SHAPE, f"{cls} orders require take_profit.limit_price"
    yield stop is None, _SHAPE, f"{cls} orders require stop_loss.stop_price"
    sign = (1 if body["side"] == "buy" else -1) * (1 if cls == "bracket" else -1)
    apart = (Decimal(target) - Decimal(stop)) * sign > 0 if target and stop else False
    yield not apart, _RULE, "take_profit.limit_price must be > stop_loss.stop_price"


def _of_entry(body: Mapping[str, Any], cls: str, held: Decimal) -> Iterator[Rule]:
    kind, quantity = body.get("type"), Decimal(body["qty"])
    closes = held * (1 if body["side"] == "buy" else -1) < 0
    yield body.get("time_in_force") not in ("day", "gtc"), _RULE, f"{cls} must be day or gtc"
    if cls == "oco":
        limit = kind == "limit" and not body.get("limit_price")
        yield not limit, _SHAPE, "oco orders must be limit orders"
        enough = closes and quantity <= abs(held)
        yield not enough, _FUNDS, "insufficient qty available for order"
    else:
        yield kind not in ("market", "limit"), _SHAPE, f"{cls} orders must be market or limit"
        yield closes, _RULE, f"{cls} orders must be entry orders"


class Groups:
    """What waits beside the market, and what follows when one of a group moves."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.waiting: dict[str, ToyOrder] = {}  # by the venue's id

    # taking in

    def legs_of(self, body: Mapping[str, Any], first: ToyOrder) -> None:
        """Make the exits that come along with an order; they are held for now."""
        profit, loss = body.get("take_profit") or {}, body.get("stop_loss") or {}
        if first.order_class == "oco":
            profit = {}  # it is the order itself
        side = first.terms.side if first.order_class == "oco" else first.terms.side.opposite
        for prices in (profit, loss):
            if prices:
                stop, limit = prices.get("stop_price"), prices.get("limit_price")
                kind = {(False, True): "limit", (True, False): "stop", (True, True): "stop_limit"}
                leg = self._exchange.enter(
                    None,
                    msgspec.structs.replace(
                        first.terms,
                        side=side,
                        type=OrderType(kind[bool(stop), bool(limit)]),
                        limit_price=None if limit is None else Decimal(limit),
                        stop_price=None if stop is None else Decimal(stop),
                    ),
                )
                leg.order_class, leg.first, leg.status = first.order_class, first, "held"
                first.legs.append(leg)
                self.waiting[leg.id] = leg

    def trail(self, order: ToyOrder, body: Mapping[str, Any], quote: Quote | None) -> None:
        """Let a stop follow the market from here."""
        order.trail_price = _number(body.get("trail_price"))
        order.trail_percent = _number(body.get("trail_percent"))
        self.waiting[order.id] = order
        order.status = "new"
        if quote is not None:
            self._move(order, quote)

    # what the market does

    def on_quote(self, quote: Quote) -> None:
        """Move what trails, and let stops into the market that it has reached."""
        for order in [o for o in self.waiting.values() if o.terms.symbol == quote.symbol]:
            if order.trails:
                self._move(order, quote)
            armed = order.trails or (order.first is not None and self._armed(order))
            stop = order.terms.stop_price
            if armed and stop is not None and _reached(order.terms.side, stop, quote):
                order.reached = True
                for other in self._others(order):
                    self._exchange.end(other, "canceled")
                self._let_in(order)

    def _move(self, order: ToyOrder, quote: Quote) -> None:
        side = order.terms.side
        mark = to_price(quote.ask if side is Side.BUY else quote.bid)
        best = min if side is Side.BUY else max
        order.hwm = mark if order.hwm is None else best(order.hwm, mark)
        distance = order.trail_price
        if distance is None:
            distance = order.hwm * (order.trail_percent or Decimal(0)) / 100
        stop = (order.hwm + distance * side.sign).quantize(Decimal("0.01"))
        order.terms = msgspec.structs.replace(order.terms, stop_price=stop)

    def _armed(self, leg: ToyOrder) -> bool:
        """Whether a held stop would go off: its entry is filled, or it stands beside a limit."""
        first = leg.first
        return first is not None and (first.order_class == "oco" or first.status == "filled")

    def _let_in(self, order: ToyOrder) -> None:
        self.waiting.pop(order.id, None)
        self._exchange.into_market(order)

    # what happens to one of them

    def filled(self, order: ToyOrder, quantity: Decimal) -> None:
        """After an execution of `order`."""
        if order.first is None and order.order_class in ("bracket", "oto"):
            if order.status == "filled":
                self._begin_exits(order)
            return
        for other in self._others(order):
            if order.status == "filled":
                self._exchange.end(other, "canceled")
            else:
                left = other.terms.quantity - quantity
                other.terms = msgspec.structs.replace(other.terms, quantity=left)

    def _begin_exits(self, entry: ToyOrder) -> None:
        """The limit goes into the market; the stop beside it stays held until it is reached."""
        for leg in entry.legs:
            if leg.status == "held" and (leg.terms.stop_price is None or len(entry.legs) == 1):
                self._let_in(leg)

    def ended(self, order: ToyOrder) -> None:
        """After `order` was cancelled or has expired: those that belong to it end, too."""
        self.waiting.pop(order.id, None)
        if order.first is None and order.order_class in ("bracket", "oto"):
            for leg in order.legs:
                self._exchange.end(leg, "canceled")
        for other in self._others(order):
            self._exchange.end(other, "canceled")

    def take_place(self, old: ToyOrder, new: ToyOrder) -> None:
        """`new` stands where `old` stood, among those that belong to it."""
        new.order_class, new.first, new.legs = old.order_class, old.first, old.legs
        new.trail_price, new.trail_percent, new.hwm = old.trail_price, old.trail_percent, old.hwm
        for leg in new.legs:
            leg.first = new
        if old.first is not None:
            old.first.legs[old.first.legs.index(old)] = new
        old.legs, old.first = [], None

    def _others(self, order: ToyOrder) -> list[ToyOrder]:
        """The open ones of which only one may trade, without `order`."""
        first = order.first or order
        if first.order_class == "oto" or first.order_class not in CLASSES:
            return []
        exits = [first, *first.legs] if first.order_class == "oco" else first.legs
        beside = [o for o in exits if o is not order and show.is_open(o) and not o.reached]
        return beside if order in exits else []


def _reached(side: Side, stop: Decimal, quote: Quote) -> bool:
    return to_price(quote.ask) >= stop if side is Side.BUY else to_price(quote.bid) <= stop


def _number(text: Any) -> Decimal | None:
    return None if text is None else Decimal(str(text))
