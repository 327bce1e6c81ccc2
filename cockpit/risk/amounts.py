"""Controls 9 to 16: how much, how many, how often, and how much is lost already.

They spare an order that only reduces a position; see `risk/admission` for how they are written.
"""

from __future__ import annotations

from cockpit.domain.limits import ControlResult
from cockpit.domain.values import ZERO
from cockpit.risk.results import HUNDRED, capped, denied, lesser, not_below_zero, passed, whole
from cockpit.risk.view import RiskView

_REPEATED_AUTOMATION_PASSED = passed("automation")
_LOSS_COOLDOWN_PASSED = passed("cooldown")


def order_volume(view: RiskView) -> ControlResult:
    """9: shares an order, and its share of the average daily volume where known."""
    limit, instrument = view.limits.max_order_quantity, view.instrument
    if instrument is not None and instrument.average_daily_volume is not None:
        share = instrument.average_daily_volume * view.limits.max_order_adv_fraction
        limit = lesser(limit, share)
    quantity = view.order.intent.quantity
    return capped("order volume", "VOLUME_ORDER", "The order", ZERO, quantity, limit, "shares")


def order_value(view: RiskView) -> ControlResult:
    """10: money an order: the lesser of the fixed cap and a fraction of equity."""
    if view.notional is None or view.equity is None:
        return denied("order value", "VALUE_UNKNOWN", "The order's value can't be reckoned.")
    limits = view.limits
    limit = lesser(limits.max_order_value, limits.max_order_equity_fraction * view.equity)
    return capped("order value", "VALUE_ORDER", "The order", ZERO, view.notional, limit, "USD")


def buying_power(view: RiskView) -> ControlResult:
    """11: enough money after all open and unknown orders at their worst price."""
    if view.notional is None or view.buying_power is None:
        return denied("buying power", "BUYINGPOWER_UNKNOWN", "Buying power is not known.")
    for commitment in view.commitments:
        if not commitment.priced:
            text = f"An open order on {commitment.symbol} has no price: what it costs is not known."
            return denied("buying power", "BUYINGPOWER_UNPRICED", text)
    committed = view.committed
    return capped(
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
        return denied("position", "POSITION_UNKNOWN", "The position's value can't be reckoned.")
    side = view.order.intent.side
    held = not_below_zero(view.position * side.sign)
    before = view.committed_beside + held * view.worst_price * view.multiplier
    limit = view.limits.max_position_fraction * view.equity
    return capped(
        "position",
        "POSITION_CONCENTRATION",
        "The position",
        before,
        before + view.notional,
        limit,
        "USD",
    )


def gross_exposure(view: RiskView) -> ControlResult:
    """12b: all positions and open orders against equity."""
    if view.notional is None or view.equity is None:
        return denied("gross exposure", "EXPOSURE_UNKNOWN", "Exposure can't be reckoned.")
    before = view.gross_exposure + view.committed
    limit = view.limits.max_gross_fraction * view.equity
    return capped(
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
    open_now, limits = len(view.open_orders), view.limits
    if not (0 <= view.orders_today < limits.max_orders_per_day):
        return denied(
            "orders", "ORDERS_PER_DAY", f"The day's {limits.max_orders_per_day} orders are used up."
        )
    return capped(
        "orders",
        "ORDERS_ACTIVE",
        "Open orders",
        whole(open_now),
        whole(open_now + 1),
        whole(limits.max_active_orders),
        "orders",
    )


def message_rate(view: RiskView) -> ControlResult:
    """14: messages to the broker a second and a minute."""
    limits = view.limits
    if not (0 <= view.messages_last_second < limits.max_messages_per_second):
        return denied("message rate", "RATE_SECOND", "Too many orders in one second.")
    return capped(
        "message rate",
        "RATE_MINUTE",
        "Messages this minute",
        whole(view.messages_last_minute),
        whole(view.messages_last_minute + 1),
        whole(limits.max_messages_per_minute),
        "messages",
    )


def repeated_automation(view: RiskView) -> ControlResult:
    """15: one strategy may not enter one symbol again and again."""
    if not view.automation.is_automated:
        return _REPEATED_AUTOMATION_PASSED
    entries = view.automation.recent_entries
    return capped(
        "automation",
        "AUTOMATION_REPEATED",
        "The strategy's entries",
        whole(entries),
        whole(entries + 1),
        whole(view.limits.max_strategy_entries),
        "entries",
    )


def day_loss(view: RiskView) -> ControlResult:
    """16a: the day's loss, realised + unrealised, against the start equity."""
    if view.day_pnl is None or view.start_equity is None:
        return denied("day loss", "LOSS_UNKNOWN", "The day's loss can't be reckoned.")
    loss = not_below_zero(-view.day_pnl)
    limit = view.limits.day_loss_reducing_fraction * view.start_equity
    return capped("day loss", "LOSS_DAY", "The day's loss", loss, loss, limit, "USD")


def drawdown(view: RiskView) -> ControlResult:
    """16b: the fall from the day's peak, in percent of the equity there."""
    fall = view.drawdown
    if fall is None:
        return denied("drawdown", "LOSS_UNKNOWN", "The fall from the day's peak can't be reckoned.")
    limit = view.limits.max_drawdown_fraction * HUNDRED
    return capped(
        "drawdown", "LOSS_DRAWDOWN", "The fall from the day's peak", fall, fall, limit, "%"
    )


def loss_cooldown(view: RiskView) -> ControlResult:
    """16c: after too many losses in a row openings wait."""
    if view.cooldown:
        return denied("cooldown", "LOSS_COOLDOWN", view.cooldown)
    return _LOSS_COOLDOWN_PASSED
