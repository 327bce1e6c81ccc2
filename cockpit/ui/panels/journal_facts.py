"""A trade's plan beside its outcome, in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cockpit.domain.excursion import Excursion
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order
from cockpit.domain.trade import Trade
from cockpit.journal.plan import TradePlan, plan_of
from cockpit.ui.theme.format import (
    money,
    new_york_date,
    new_york_time,
    number,
    quantity,
    signed_money,
)


def facts_of(
    trade: Trade,
    fills: Mapping[str, Fill],
    order: Callable[[str], Order | None],
    excursions: Mapping[str, Excursion],
) -> str:
    """Times and prices, plan, and how far the price went; what is not known is left out."""
    orders = {f.client_order_id: o for f in fills.values() if (o := order(f.client_order_id))}
    plan = plan_of(trade, fills, orders)
    lines = [_outcome(trade)]
    if plan is not None:
        lines.append(_planned(plan))
    found = excursions.get(trade.trade_id)
    if found is not None and found.closed_ns == trade.closed_ns:
        lines.append(_moved(found))
    return "\n".join(lines)


def _outcome(trade: Trade) -> str:
    r = trade.r_multiple
    in_r = "" if r is None else f", {number(r, signed=True)} R"
    return (
        f"In {_when(trade.opened_ns, timed=trade.opened_timed)} at {number(trade.entry_price)}, "
        f"out {_when(trade.closed_ns, timed=trade.closed_timed)} at {number(trade.exit_price)}\n"
        f"{signed_money(trade.net, currency=trade.currency)} after "
        f"{money(trade.fees, currency=trade.currency)} fees{in_r}"
    )


def _when(ts_ns: int, *, timed: bool) -> str:
    """The time of day, or the day where a statement tells no more."""
    return new_york_time(ts_ns) if timed else new_york_date(ts_ns)


def _planned(plan: TradePlan) -> str:
    who = f"{plan.strategy}, {plan.tactic}" if plan.tactic else plan.strategy
    told = [f"{quantity(plan.filled)} of {quantity(plan.quantity)} filled"]
    if plan.entry is not None:
        told.append(f"entry {number(plan.entry)}")
    if plan.entry_slippage is not None:
        told.append(f"slippage {number(plan.entry_slippage, signed=True)}")
    told += [f"{n} {number(p)}" for n, p in (("stop", plan.stop), ("target", plan.target)) if p]
    if plan.planned_r is not None:
        told.append(f"planned {number(plan.planned_r)} R")
    if plan.closed_by:
        told.append(f"closed by {', '.join(plan.closed_by)}")
    reason = f"\n{plan.reason}" if plan.reason else ""
    return f"Plan ({who}): {', '.join(told)}{reason}"


def _moved(found: Excursion) -> str:
    return (
        f"MAE {number(found.adverse, signed=True)} ({signed_money(found.worst)}), "
        f"MFE {number(found.favourable, signed=True)} ({signed_money(found.best)}), "
        f"from {found.source}"
    )
