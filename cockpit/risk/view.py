"""All that a control may look at, gathered once per evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.market import Quote
from cockpit.domain.once import once
from cockpit.domain.order import Order, OrderIntent, Side
from cockpit.domain.order_groups import Line, claimed
from cockpit.domain.values import ZERO, to_price
from cockpit.risk.limit_book import Permission

_ONE = Decimal(1)
_BUY = Side.BUY  # a look at the class costs more than a comparison of decimals


class AutomationView(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the automation has done lately: entries of this strategy and symbol."""

    is_automated: bool
    recent_entries: int


class ApprovalView(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whether a person must decide, and whether one has, bound to this very order.

    `releasing` is True on the last pass, right before the order goes out.
    """

    needed: bool
    releasing: bool
    given_for: str | None
    expires_ns: int | None


class Commitment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money that open orders of one symbol and side may still add to a position.

    `priced` is False when nobody knows a price of the symbol: then it is more than `notional`.
    """

    symbol: str
    side: Side
    notional: Decimal
    priced: bool = True


class Commitments(msgspec.Struct, frozen=True, gc=False):
    """What open orders may still add to positions: by symbol and side, and altogether.

    `unpriced` names a symbol whose open orders nobody has a price for; empty is none.
    """

    rows: Sequence[Commitment] = ()
    total: Decimal = ZERO
    unpriced: str = ""

    @classmethod
    def of(cls, rows: Sequence[Commitment]) -> Commitments:
        """Add them up."""
        unpriced = [row.symbol for row in rows if not row.priced]
        total = sum([row.notional for row in rows], ZERO)
        return cls(rows, total, unpriced[0] if unpriced else "")


class Worth(msgspec.Struct, frozen=True, gc=False):
    """Prices that an order may meet, and the money in it; each None when nobody knows a price.

    `touch` is the ask for a buy and the bid for a sell, `bound` how far against us it may
    trade, `worst` the price to reckon its money with (see `worst_price_of`). `notional` is
    what still may trade x worst price x multiplier; `beside` what open orders of the same
    symbol and side may add, `held` what the position on that side comes to.
    """

    touch: Decimal | None
    bound: Decimal | None
    worst: Decimal | None
    notional: Decimal | None
    beside: Decimal
    held: Decimal


class RiskView(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One order against the state of everything at `now_ns`.

    Money is in the account's currency; `open_orders` are all others on its symbol that may still
    trade, sent or reserved, without the one that `order` replaces, `open_count` is their number
    on all symbols, `commitments` what these may add to positions (a stop that only closes adds
    nothing). `not_ready` says why
    openings must wait, `not_connected` why everything must, `not_offered` what of the order the
    broker does not do. None means nobody knows, and
    a control that needs it denies. `day_pnl` is realised + unrealised - fees, `drawdown` the
    fall from its peak in percent. `expected_key` is the fingerprint of the key that the
    account began with. `day_trades` are those of five business days, with what is open
    today and with this order, if they were closed today. `lines` tells of the groups and entries
    that orders at the venue belong to. What is reckoned from these is reckoned once.
    """

    order: Order
    now_ns: int
    limits: Limits
    mode: Mode
    account_mode: Mode | None
    trading_state: TradingState
    not_ready: str
    instrument: Instrument | None
    halted: bool
    permission: Permission
    session_open: bool
    quote: Quote | None
    quote_age_s: Decimal | None
    position: Decimal
    gross_exposure: Decimal
    equity: Decimal | None
    start_equity: Decimal | None
    buying_power: Decimal | None
    day_pnl: Decimal | None
    open_orders: Sequence[Order]
    open_count: int
    commitments: Commitments
    recent_same: int
    orders_today: int
    messages_last_second: int
    messages_last_minute: int
    automation: AutomationView
    approval: ApprovalView
    key_fingerprint: str
    expected_key: str | None
    drawdown: Decimal | None
    cooldown: str
    margin: bool | None
    day_trades: int | None
    not_connected: str = ""
    not_offered: str = ""
    lines: Mapping[str, Line] = {}

    @property
    def reduces(self) -> bool:
        """True when the order, with all others on its side, can only make the position smaller."""
        return self.closes if self.position else False

    @once
    def closes(self) -> bool:
        """The same where something is held."""
        intent, position = self.order.intent, self.position
        side = intent.side
        if (position > ZERO) is (side is _BUY):
            return False
        all_of_side, plain = self.order.remaining, intent.venue is None
        for other in self.open_orders:
            if other.intent.side is side:
                all_of_side += other.remaining
                plain = plain and other.intent.venue is None
        return (all_of_side if plain else self._claimed()) <= abs(position)

    def _claimed(self) -> Decimal:
        """As much as the order and all others on its side can trade; of a group one only."""
        side = self.order.intent.side
        on_side = [other for other in self.open_orders if other.intent.side is side]
        return claimed([self.order, *on_side], self.lines.get)

    @once
    def waits(self) -> bool:
        """True for a stop that the far touch has not reached; also when there is no quote."""
        intent, touch = self.order.intent, self.worth.touch
        if intent.stop_price is None or touch is None:
            return intent.stop_price is not None
        return (intent.stop_price - touch) * intent.side.sign > ZERO

    def waits_for(self, other: Order) -> bool:
        """True for an exit at the venue whose entry is `other`, of which nothing has traded."""
        terms = self.order.intent.venue
        entry = self.lines.get(terms.parent) if terms is not None else None
        line = self.lines.get(other.client_order_id)
        if entry is None or line is None:
            return False
        return entry.first == line.first and entry.traded == ZERO

    @once
    def worth(self) -> Worth:
        """The order's prices and money, of which several controls ask; reckoned in one look."""
        order, quote, beside = self.order, self.quote, ZERO
        intent = order.intent
        symbol, side, bound = intent.symbol, intent.side, intent.limit_price
        buys, touch = side is _BUY, None
        if quote is not None:
            touch = to_price(quote.ask if buys else quote.bid)
        if bound is None:
            bound = _stop_or_touch(intent, touch)
        for row in self.commitments.rows:
            if row.symbol == symbol and row.side is side:
                beside += row.notional
        worst = bound if buys else worst_price_of(intent, touch)
        if worst is None:
            return Worth(touch, bound, None, None, beside, ZERO)
        unit = self.instrument.multiplier if self.instrument else _ONE
        notional, held = worst * order.remaining * unit, self.position if buys else -self.position
        held = held * worst * unit if held > ZERO else ZERO
        return Worth(touch, bound, worst, notional, beside, held)


def _stop_or_touch(intent: OrderIntent, touch: Decimal | None) -> Decimal | None:
    """Of an order without a limit the stop or the touch beyond it."""
    known = [price for price in (intent.stop_price, touch) if price is not None]
    beyond = max if intent.side is _BUY else min
    return beyond(known, default=None)


def worst_price_of(intent: OrderIntent, touch: Decimal | None) -> Decimal | None:
    """The most money a unit may move: a buy's limit, else the highest of stop, limit and touch.

    The limit of a sale is only its floor: sold at the touch it is worth more. None when
    there is no price at all.
    """
    worst = intent.limit_price
    if worst is not None and intent.side is _BUY:
        return worst
    for price in (intent.stop_price, touch):
        if price is not None and (worst is None or price > worst):
            worst = price
    return worst
