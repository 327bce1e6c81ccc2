"""A status in lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cockpit.app.control.messages import HeldPosition, OpenOrder, StatusReport
from cockpit.domain.limits import TradingState
from cockpit.domain.values import utc


def as_lines(report: StatusReport) -> Iterator[str]:
    """The whole status, a fact a line."""
    yield _head(report)
    reason = f": {report.reason}" if report.reason else ""
    state = report.state.value if report.state is TradingState.ACTIVE else report.state.name
    yield _row("Trading", f"{state}{reason}")
    if report.locked:
        yield _row("Locked", report.locked)
    yield _row("Ready", f"no: {report.not_ready}" if report.not_ready else "yes")
    if report.running:
        word = "ARMED" if report.armed else "DISARMED"
        yield _row("Arming", f"{word}: {report.arming}" if report.arming else word)
    if report.day_pnl is not None:
        yield _row("Day P&L", f"{report.day_pnl:+,.2f} after fees")
    yield from _list("Positions", map(position_line, report.positions), "none held")
    yield from _list("Orders", map(order_line, report.orders), "none open")
    if report.unknown:
        yield _row("Unknown", f"{', '.join(report.unknown)}: sent, no answer yet")
    if report.waiting:
        yield _row("Proposals", f"{report.waiting} wait for you")
    if report.running:
        lamps = (f"{lamp.kind} {lamp.name}: {lamp.health}" for lamp in report.lamps)
        yield from _list("Lamps", lamps, "nothing is connected")
        last = f", last: {report.last_alert}" if report.last_alert else ""
        yield _row("Alerts", f"{report.alerts} active{last}")


def _head(report: StatusReport) -> str:
    label = f", {report.label}" if report.label else ""
    account = f"{report.account_id} ({report.mode.value}{label})"
    if report.running:
        return f"{account}: runs as process {report.pid} since {_when(report.since_ns)}"
    whence = "as the broker says" if report.asked else "from the ledger; the broker was not asked"
    return f"{account}: no cockpit runs. As of {_when(report.as_of_ns)}, {whence}"


def position_line(position: HeldPosition) -> str:
    """One position."""
    open_profit = "" if position.unrealised is None else f", open {position.unrealised:+,.2f}"
    cost = f"{position.average_cost:.4f}".rstrip("0").rstrip(".")
    return f"{position.symbol} {position.quantity} at {cost}{open_profit}"


def order_line(order: OpenOrder) -> str:
    """One order."""
    limit = "" if order.limit_price is None else f" {order.limit_price}"
    kind = order.type.value.replace("_", " ")
    what = f"{order.side.value} {order.quantity} {order.symbol} {kind}{limit}"
    filled = f", filled {order.filled}" if order.filled else ""
    return f"{order.client_order_id} {what}, {order.state.value.replace('_', ' ')}{filled}"


def _list(name: str, lines: Iterable[str], none: str) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield _row("" if number else name, line)
        none = ""
    if none:
        yield _row(name, none)


def _row(name: str, text: str) -> str:
    return f"  {name:<10} {text}"


def _when(ts_ns: int) -> str:
    return f"{utc(ts_ns):%Y-%m-%d %H:%M:%S} UTC"
