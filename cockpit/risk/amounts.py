"""Controls 9 to 16: how much, how many, how often, and how much is lost already.

They spare an order that only reduces a position; see `risk/admission` for how they are written.
"""

from __future__ import annotations

from cockpit.domain.limits import ControlResult
from cockpit.domain.values import ZERO, lesser, not_below_zero
from cockpit.risk.results import beyond, counted, denied, passed
from cockpit.risk.view import RiskView

_REPEATED_AUTOMATION_PASSED = passed("automation")
_LOSS_COOLDOWN_PASSED = passed("cooldown")


def order_volume(view: RiskView) -> ControlResult:
    """9: shares an order, and its share of the average daily volume where known."""
    limits, instrument = view.limits, view.instrument
    limit = limits.max_order_quantity
    volume = None if instrument is None else instrument.average_daily_volume
    if volume is not None:
        limit = lesser(limit, volume * limits.max_order_adv_fraction)
    quantity = view.order.intent.quantity
    if not (ZERO <= quantity <= limit):
        return beyond("order volume", "VOLUME_ORDER", "The order", ZERO, quantity, limit, "shares")
    return ControlResult("order volume", True, "", "", ZERO, quantity, limit, "shares")


def order_value(view: RiskView) -> ControlResult:
    """10: money an order: the lesser of the fixed cap and a fraction of equity."""
    notional, equity, limits = view.worth.notional, view.equity, view.limits
    if notional is None or equity is None:
        return denied("order value", "VALUE_UNKNOWN", "The order's value can't be reckoned.")
    limit = lesser(limits.max_order_value, limits.max_order_equity_fraction * equity)
    if not (ZERO <= notional <= limit):
        return beyond("order value", "VALUE_ORDER", "The order", ZERO, notional, limit, "USD")
    return ControlResult("order value", True, "", "", ZERO, notional, limit, "USD")


def buying_power(view: RiskView) -> ControlResult:
    """11: enough money after all open and unknown orders at their worst price."""
    worth, commitments, limit = view.worth, view.commitments, view.buying_power
    if worth.notional is None or limit is None:
        return denied("buying power", "BUYINGPOWER_UNKNOWN", "Buying power is not known.")
    if commitments.unpriced:
        text = f"An open order on {commitments.unpriced} has no price: what it costs is not known."
        return denied("buying power", "BUYINGPOWER_UNPRICED", text)
    before = commitments.total
    after = before + worth.notional
    if not (ZERO <= after <= limit):
        return beyond(
            "buying power", "BUYINGPOWER_SHORT", "Open orders", before, after, limit, "USD"
        )
    return ControlResult("buying power", True, "", "", before, after, limit, "USD")


def concentration(view: RiskView) -> ControlResult:
    """12a: one symbol's share of equity."""
    worth, equity = view.worth, view.equity
    if worth.notional is None or equity is None:
        return denied("position", "POSITION_UNKNOWN", "The position's value can't be reckoned.")
    before = worth.beside + worth.held
    after, limit = before + worth.notional, view.limits.max_position_fraction * equity
    if not (ZERO <= after <= limit):
        return beyond(
            "position", "POSITION_CONCENTRATION", "The position", before, after, limit, "USD"
        )
    return ControlResult("position", True, "", "", before, after, limit, "USD")


def gross_exposure(view: RiskView) -> ControlResult:
    """12b: all positions and open orders against equity."""
    worth, equity = view.worth, view.equity
    if worth.notional is None or equity is None:
        return denied("gross exposure", "EXPOSURE_UNKNOWN", "Exposure can't be reckoned.")
    before = view.gross_exposure + view.commitments.total
    after, limit = before + worth.notional, view.limits.max_gross_fraction * equity
    if not (ZERO <= after <= limit):
        return beyond(
            "gross exposure", "EXPOSURE_GROSS", "Gross exposure", before, after, limit, "USD"
        )
    return ControlResult("gross exposure", True, "", "", before, after, limit, "USD")


def order_counts(view: RiskView) -> ControlResult:
    """13: orders open at once and orders a day."""
    open_now, limits = view.open_count, view.limits
    if not (0 <= view.orders_today < limits.max_orders_per_day):
        return denied(
            "orders", "ORDERS_PER_DAY", f"The day's {limits.max_orders_per_day} orders are used up."
        )
    most = limits.max_active_orders
    return counted("orders", "ORDERS_ACTIVE", "Open orders", open_now, most, "orders")


def message_rate(view: RiskView) -> ControlResult:
    """14: messages to the broker a second and a minute."""
    limits = view.limits
    if not (0 <= view.messages_last_second < limits.max_messages_per_second):
        return denied("message rate", "RATE_SECOND", "Too many orders in one second.")
    sent, most = view.messages_last_minute, limits.max_messages_per_minute
    return counted("message rate", "RATE_MINUTE", "Messages this minute", sent, most, "messages")


def repeated_automation(view: RiskView) -> ControlResult:
    """15: one strategy may not enter one symbol again and again."""
    if not view.automation.is_automated:
        return _REPEATED_AUTOMATION_PASSED
    entries, most = view.automation.recent_entries, view.limits.max_strategy_entries
    what = "The strategy's entries"
    return counted("automation", "AUTOMATION_REPEATED", what, entries, most, "entries")


def day_loss(view: RiskView) -> ControlResult:
    """16a: the day's loss, realised + unrealised, against the start equity."""
    gain, start = view.day_pnl, view.start_equity
    if gain is None or start is None:
        return denied("day loss", "LOSS_UNKNOWN", "The day's loss can't be reckoned.")
    loss = not_below_zero(-gain)
    limit = view.limits.day_loss_reducing_fraction * start
    if not (ZERO <= loss <= limit):
        return beyond("day loss", "LOSS_DAY", "The day's loss", loss, loss, limit, "USD")
    return ControlResult("day loss", True, "", "", loss, loss, limit, "USD")


def drawdown(view: RiskView) -> ControlResult:
    """16b: the fall from the day's peak, in percent of the equity there."""
    fall = view.drawdown
    if fall is None:
        return denied("drawdown", "LOSS_UNKNOWN", "The fall from the day's peak can't be reckoned.")
    limit = view.limits.max_drawdown_percent
    if not (ZERO <= fall <= limit):
        return beyond(
            "drawdown", "LOSS_DRAWDOWN", "The fall from the day's peak", fall, fall, limit, "%"
        )
    return ControlResult("drawdown", True, "", "", fall, fall, limit, "%")


def loss_cooldown(view: RiskView) -> ControlResult:
    """16c: after too many losses in a row openings wait."""
    if view.cooldown:
        return denied("cooldown", "LOSS_COOLDOWN", view.cooldown)
    return _LOSS_COOLDOWN_PASSED
