"""All that a control may look at, gathered once per evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, Side
from cockpit.domain.values import ZERO, to_price
from cockpit.risk.limit_book import Permission
from cockpit.risk.once import once

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


class RiskView(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One order against the state of everything at `now_ns`.

    Money is in the account's currency; `open_orders` are all others that may still
    trade, sent or reserved, without the one that `order` replaces, `commitments` what they
    may add to positions (a stop that only closes adds nothing). `not_ready` says why
    openings must wait, `not_connected` why everything must. None means nobody knows, and
    a control that needs it denies. `day_pnl` is realised + unrealised - fees, `drawdown` the
    fall from its peak in percent. `expected_key` is the fingerprint of the key that the
    account began with. `day_trades` are those of five business days, with what is open
    today and with this order, if they were closed today. What is reckoned from these is
    reckoned once.
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
    commitments: Sequence[Commitment]
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

    @once
    def reduces(self) -> bool:
        """True when the order, with all others on its side, can only make the position smaller."""
        side, position = self.order.intent.side, self.position
        if not position or (position > ZERO) is (side is _BUY):
            return False
        all_of_side = self.order.remaining
        for other in self.on_symbol:
            if other.intent.side is side:
                all_of_side += other.remaining
        return all_of_side <= abs(position)

    @once
    def on_symbol(self) -> list[Order]:
        """The open orders of the order's own symbol."""
        symbol, others = self.order.intent.symbol, self.open_orders
        return [other for other in others if other.intent.symbol == symbol]

    @property
    def guards(self) -> bool:
        """True for a stop that the core holds for a position."""
        intent = self.order.intent
        return intent.stop_price is not None and bool(intent.protects)

    @once
    def waits(self) -> bool:
        """True for a stop that the far touch has not reached; also when there is no quote."""
        intent, touch = self.order.intent, self.far_touch
        if intent.stop_price is None or touch is None:
            return intent.stop_price is not None
        return (intent.stop_price - touch) * intent.side.sign > ZERO

    @once
    def bound(self) -> Decimal | None:
        """How far against us it may trade: its limit, else the stop or touch beyond it."""
        intent, touch = self.order.intent, self.far_touch
        if intent.limit_price is not None:
            return intent.limit_price
        known = [price for price in (intent.stop_price, touch) if price is not None]
        beyond = max if intent.side is _BUY else min
        return beyond(known, default=None)

    @once
    def worst_price(self) -> Decimal | None:
        """The price to reckon its money with; see `worst_price_of`."""
        return worst_price_of(self.order.intent, self.far_touch)

    @once
    def far_touch(self) -> Decimal | None:
        """The ask for a buy, the bid for a sell; None without a quote."""
        if self.quote is None:
            return None
        return to_price(self.quote.ask if self.order.intent.side is _BUY else self.quote.bid)

    @property
    def multiplier(self) -> Decimal:
        """Money per price unit and unit of quantity."""
        return self.instrument.multiplier if self.instrument else _ONE

    @once
    def notional(self) -> Decimal | None:
        """What still may trade x worst price x multiplier; None without a price."""
        price = self.worst_price
        return None if price is None else price * self.order.remaining * self.multiplier

    @once
    def committed(self) -> Decimal:
        """Worst-case money of all open orders that could add to a position."""
        return sum([commitment.notional for commitment in self.commitments], ZERO)

    @once
    def committed_beside(self) -> Decimal:
        """The same of the order's own symbol and side."""
        symbol, side = self.order.symbol, self.order.intent.side
        mine = [c.notional for c in self.commitments if c.symbol == symbol and c.side is side]
        return sum(mine, ZERO)


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
