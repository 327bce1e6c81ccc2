"""The gate's controls in their fixed order: pure functions of a RiskView.

Each returns a ControlResult. Missing input denies. Limits are written as
`if not (0 < n <= limit)`: the other way round lets NaN pass.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from cockpit.domain.limits import ControlResult, TradingState
from cockpit.domain.order import FLATTEN, OrderType, TimeInForce
from cockpit.domain.values import ZERO, to_decimal
from cockpit.risk.limit_book import Permission
from cockpit.risk.view import RiskView

Control = Callable[[RiskView], ControlResult]
HUNDRED = Decimal(100)


def _passed(control: str, **measured: object) -> ControlResult:
    return ControlResult(control=control, passed=True, **measured)  # pyright: ignore[reportArgumentType] -- forwarded fields are typed at the call


def _denied(control: str, code: str, text: str, **measured: object) -> ControlResult:
    return ControlResult(control=control, passed=False, code=code, text=text, **measured)  # pyright: ignore[reportArgumentType] -- forwarded fields are typed at the call


def _capped(  # noqa: PLR0917 -- one row of a table: who, why, what, before, after, limit, unit
    control: str, code: str, what: str, before: Decimal, after: Decimal, limit: Decimal, unit: str
) -> ControlResult:
    if not (ZERO <= after <= limit):
        text = f"{what} would be {after.normalize():f} {unit}, the limit is {limit.normalize():f}."
        return _denied(control, code, text, before=before, after=after, limit=limit, unit=unit)
    return _passed(control, before=before, after=after, limit=limit, unit=unit)


def environment(view: RiskView) -> ControlResult:
    """1: the account must be of the mode the cockpit runs in."""
    if view.account_mode is None or view.account_mode is not view.mode:
        return _denied(
            "environment",
            "ENVIRONMENT_MODE",
            f"The cockpit runs in {view.mode.value} mode, the account does not.",
        )
    return _passed("environment")


def trading_state(view: RiskView) -> ControlResult:
    """2: HALTED sends only a person's flatten, REDUCING only what closes.

    A flatten and an exit that protects only ever close, whatever the state.
    """
    flattens = view.order.intent.strategy == FLATTEN
    if flattens and not view.reduces:
        text = "It would do more than close the position now."
        return _denied("trading state", "STATE_FLATTEN", text)
    if view.order.intent.protects and not view.reduces:
        text = "A protecting exit would do more than close what is held now."
        return _denied("trading state", "STATE_PROTECTION", text)
    if view.trading_state is TradingState.HALTED and not flattens:
        return _denied("trading state", "STATE_HALTED", "Trading is halted.")
    if view.trading_state is TradingState.REDUCING and not view.reduces:
        return _denied("trading state", "STATE_REDUCING", "Only orders that close are allowed now.")
    return _passed("trading state")


def readiness(view: RiskView) -> ControlResult:
    """3: sessions up; for openings also nothing unknown on the symbol, the loop on time."""
    if view.not_connected:
        return _denied("readiness", "READINESS_NOT_READY", view.not_connected)
    if view.not_ready and not view.reduces:
        return _denied("readiness", "READINESS_NOT_READY", view.not_ready)
    return _passed("readiness")


def validity(view: RiskView) -> ControlResult:
    """4: on the instrument's grid of prices and sizes, with a legal time in force."""
    intent, instrument = view.order.intent, view.instrument
    if instrument is None:
        return _denied("validity", "VALIDITY_SYMBOL", f"{intent.symbol} is not known here.")
    if intent.quantity % instrument.lot != 0:
        return _denied(
            "validity", "VALIDITY_LOT", f"The quantity must be in steps of {instrument.lot}."
        )
    for price in (intent.limit_price, intent.stop_price):
        if price is not None and price % instrument.tick != 0:
            return _denied(
                "validity", "VALIDITY_TICK", f"Prices must be in steps of {instrument.tick}."
            )
    if intent.tif is TimeInForce.IOC and intent.type.needs_stop:
        return _denied("validity", "VALIDITY_TIF", "A stop can't be immediate-or-cancel.")
    return _passed("validity")


def instrument_open(view: RiskView) -> ControlResult:
    """5: the instrument may be traded now, and opened by whoever wants to."""
    if view.permission is not Permission.PERMITTED and not view.reduces:
        symbol = view.order.symbol
        if view.permission is Permission.RESTRICTED:
            text = f"{symbol} is on the list of restricted symbols."
            return _denied("instrument", "INSTRUMENT_RESTRICTED", text)
        text = f"{symbol} is not on the list of permitted symbols."
        return _denied("instrument", "INSTRUMENT_NOT_PERMITTED", text)
    if view.halted:
        return _denied("instrument", "INSTRUMENT_HALTED", f"{view.order.symbol} is halted.")
    if not view.session_open:
        return _denied("instrument", "INSTRUMENT_SESSION", "The market is not open for this order.")
    return _passed("instrument")


def duplicate(view: RiskView) -> ControlResult:
    """6: the same symbol, side, quantity and price twice within the window is an accident.

    Not of an exit that protects: it is put back as it was, and control 2 lets no two of them
    close more than is held.
    """
    if view.recent_same and not view.order.intent.protects:
        seconds = view.limits.duplicate_window_s
        return _denied(
            "duplicate", "DUPLICATE_ORDER", f"The same order was made less than {seconds} s ago."
        )
    return _passed("duplicate")


def market_data(view: RiskView) -> ControlResult:
    """7: a fresh, uncrossed quote with a sane spread; a protecting stop has its own price."""
    quote, age, limits = view.quote, view.quote_age_s, view.limits
    if view.guards:
        return _passed("market data")
    if quote is None or age is None:
        return _denied(
            "market data", "MARKETDATA_MISSING", f"There is no quote for {view.order.symbol}."
        )
    if not (ZERO <= age <= limits.max_quote_age_s):
        return _denied(
            "market data",
            "MARKETDATA_STALE",
            f"The quote is {age:.1f} s old.",
            after=age,
            limit=limits.max_quote_age_s,
            unit="s",
        )
    if not (quote.bid < quote.ask):
        return _denied("market data", "MARKETDATA_LOCKED", "Bid and ask are locked.")
    spread = to_decimal(quote.spread_fraction)
    return _capped(
        "market data",
        "MARKETDATA_SPREAD",
        "The spread",
        spread * HUNDRED,
        spread * HUNDRED,
        limits.max_spread_fraction * HUNDRED,
        "%",
    )


def price_collar(view: RiskView) -> ControlResult:
    """8: not further from the far touch, on the paying side, than the collar allows."""
    touch, price, intent = view.far_touch, view.bound, view.order.intent
    if view.guards and intent.limit_price is None:
        return _passed("price collar")
    if touch is None or price is None:
        return _denied("price collar", "COLLAR_NO_PRICE", "There is no price to compare with.")
    if intent.stop_price is not None:
        if intent.limit_price is None:
            return _passed("price collar")  # a stop waits away from the market by design
        # once triggered, the market stands at the stop or beyond it
        beyond = max if intent.side.sign > 0 else min
        touch = beyond(intent.stop_price, touch)
    worse = max(ZERO, (price - touch) * intent.side.sign / touch) * HUNDRED
    block = view.limits.collar_block_fraction * HUNDRED
    if not (ZERO <= worse <= block):
        text = f"The price is {worse:.1f} % through the market."
        return _denied("price collar", "COLLAR_BLOCK", text, after=worse, limit=block, unit="%")
    return _passed(
        "price collar",
        before=ZERO,
        after=worse,
        limit=block,
        unit="%",
        warning=worse > view.limits.collar_warn_fraction * HUNDRED,
    )


def order_volume(view: RiskView) -> ControlResult:
    """9: shares an order, and its share of the average daily volume where known."""
    limit = view.limits.max_order_quantity
    if view.instrument is not None and view.instrument.average_daily_volume is not None:
        share = view.instrument.average_daily_volume * view.limits.max_order_adv_fraction
        limit = min(limit, share)
    quantity = view.order.intent.quantity
    return _capped("order volume", "VOLUME_ORDER", "The order", ZERO, quantity, limit, "shares")


def order_value(view: RiskView) -> ControlResult:
    """10: money an order: the lesser of the fixed cap and a fraction of equity."""
    if view.notional is None or view.equity is None:
        return _denied("order value", "VALUE_UNKNOWN", "The order's value can't be reckoned.")
    limit = min(view.limits.max_order_value, view.limits.max_order_equity_fraction * view.equity)
    return _capped("order value", "VALUE_ORDER", "The order", ZERO, view.notional, limit, "USD")


def buying_power(view: RiskView) -> ControlResult:
    """11: enough money after all open and unknown orders at their worst price."""
    if view.notional is None or view.buying_power is None:
        return _denied("buying power", "BUYINGPOWER_UNKNOWN", "Buying power is not known.")
    committed = view.open_notional()
    return _capped(
        "buying power",
        "BUYINGPOWER_SHORT",
        "Open orders",
        committed,
        committed + view.notional,
        view.buying_power,
        "USD",
    )


def concentration(view: RiskView) -> ControlResult:
    """12a: one symbol's share of equity."""
    if view.notional is None or view.equity is None or view.worst_price is None:
        return _denied("position", "POSITION_UNKNOWN", "The position's value can't be reckoned.")
    side = view.order.intent.side
    held = max(ZERO, view.position * side.sign) * view.worst_price * view.multiplier
    before = held + view.open_notional(symbol=view.order.symbol, side=side)
    limit = view.limits.max_position_fraction * view.equity
    what = f"The position in {view.order.symbol}"
    return _capped(
        "position", "POSITION_CONCENTRATION", what, before, before + view.notional, limit, "USD"
    )


def gross_exposure(view: RiskView) -> ControlResult:
    """12b: all positions and open orders against equity."""
    if view.notional is None or view.equity is None:
        return _denied("gross exposure", "EXPOSURE_UNKNOWN", "Exposure can't be reckoned.")
    before = view.gross_exposure + view.open_notional()
    limit = view.limits.max_gross_fraction * view.equity
    return _capped(
        "gross exposure",
        "EXPOSURE_GROSS",
        "Gross exposure",
        before,
        before + view.notional,
        limit,
        "USD",
    )


def order_counts(view: RiskView) -> ControlResult:
    """13: orders open at once and orders a day."""
    open_now, limits = Decimal(len(view.open_orders)), view.limits
    if not (0 <= view.orders_today < limits.max_orders_per_day):
        return _denied(
            "orders", "ORDERS_PER_DAY", f"The day's {limits.max_orders_per_day} orders are used up."
        )
    return _capped(
        "orders",
        "ORDERS_ACTIVE",
        "Open orders",
        open_now,
        open_now + 1,
        Decimal(limits.max_active_orders),
        "orders",
    )


def message_rate(view: RiskView) -> ControlResult:
    """14: messages to the broker a second and a minute."""
    limits = view.limits
    if not (0 <= view.messages_last_second < limits.max_messages_per_second):
        return _denied("message rate", "RATE_SECOND", "Too many orders in one second.")
    return _capped(
        "message rate",
        "RATE_MINUTE",
        "Messages this minute",
        Decimal(view.messages_last_minute),
        Decimal(view.messages_last_minute + 1),
        Decimal(limits.max_messages_per_minute),
        "messages",
    )


def repeated_automation(view: RiskView) -> ControlResult:
    """15: one strategy may not enter one symbol again and again."""
    if not view.automation.is_automated:
        return _passed("automation")
    entries = Decimal(view.automation.recent_entries)
    return _capped(
        "automation",
        "AUTOMATION_REPEATED",
        f"Entries of {view.order.intent.strategy}",
        entries,
        entries + 1,
        Decimal(view.limits.max_strategy_entries),
        "entries",
    )


def day_loss(view: RiskView) -> ControlResult:
    """16: the day's loss, realised + unrealised, against the start equity."""
    if view.day_pnl is None or view.start_equity is None:
        return _denied("day loss", "LOSS_UNKNOWN", "The day's loss can't be reckoned.")
    loss = max(ZERO, -view.day_pnl)
    limit = view.limits.day_loss_reducing_fraction * view.start_equity
    return _capped("day loss", "LOSS_DAY", "The day's loss", loss, loss, limit, "USD")


def self_match(view: RiskView) -> ControlResult:
    """17: never trade with oneself; a protecting stop that waits trades with nobody yet."""
    if view.guards and view.waits:
        return _passed("self match")
    intent, bound = view.order.intent, view.bound
    if bound is None:
        return _denied("self match", "SELFMATCH_UNKNOWN", "There is no price to compare with.")
    for other in view.open_orders:
        if other.symbol != intent.symbol or other.intent.side is intent.side:
            continue
        theirs = other.intent.limit_price
        if theirs is None or other.intent.type is not OrderType.LIMIT:
            continue
        if (bound - theirs) * intent.side.sign >= 0:
            return _denied("self match", "SELFMATCH_OWN", "It would trade with your own order.")
    return _passed("self match")


def approval(view: RiskView) -> ControlResult:
    """18: a person's yes, for exactly this order, not older than allowed."""
    asked = view.approval
    if not asked.needed or not asked.releasing:
        return _passed("approval")
    if asked.given_for is None:
        if view.reduces:
            return _passed("approval")  # what only closes never waits for a person
        return _denied("approval", "APPROVAL_MISSING", "Nobody has approved this order.")
    if asked.given_for != view.order.fingerprint:
        return _denied("approval", "APPROVAL_CHANGED", "The order changed after it was approved.")
    if asked.expires_ns is None or not (view.now_ns <= asked.expires_ns):
        return _denied("approval", "APPROVAL_LAPSED", "The approval came too late.")
    return _passed("approval")


CONTROLS: tuple[Control, ...] = (
    environment,
    trading_state,
    readiness,
    validity,
    instrument_open,
    duplicate,
    market_data,
    price_collar,
    order_volume,
    order_value,
    buying_power,
    concentration,
    gross_exposure,
    order_counts,
    message_rate,
    repeated_automation,
    day_loss,
    self_match,
    approval,
)
"""The fixed order. The first denial stops."""

SIZE_AND_LOSS: frozenset[Control] = frozenset(
    {
        order_volume,
        order_value,
        buying_power,
        concentration,
        gross_exposure,
        order_counts,
        message_rate,
        repeated_automation,
        day_loss,
    }
)
"""Controls 9 to 16, which never block an order that only reduces a position."""
