"""Cancel and flatten with proof: carried out by the screen's commands, verified at the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from cockpit.app.control.messages import Cleared, OpenOrder
from cockpit.app.control.standing import held_position
from cockpit.app.core import Core
from cockpit.domain.errors import CockpitError
from cockpit.domain.order import FLATTEN, Order, OrderState
from cockpit.domain.position import Position
from cockpit.trading.kill_switch import KillReport, not_closing

Tell = Callable[[str], None]
T = TypeVar("T")
_REFUSED = (OrderState.DENIED, OrderState.REJECTED)


def as_work(
    core: Core, body: Coroutine[Any, Any, T], name: str, *, still: bool = True
) -> asyncio.Future[T]:
    """Run `body` as the core's own work: who waits for it and leaves does not take it along.

    A simulated market stands `still` meanwhile, unless told otherwise.
    """
    outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    async def run() -> None:
        try:
            result = await body
        except Exception as error:  # noqa: BLE001 -- whoever waits for the outcome raises it
            if not outcome.done():
                outcome.set_exception(error)
                outcome.exception()  # also when nobody waits any more
        else:
            if not outcome.done():
                outcome.set_result(result)

    if still:
        core.supervisor.work(run(), name=name, owner="control")
    else:
        core.supervisor.serve(run, name=name, owner="control")
    return outcome


async def cancel_all(core: Core, tell: Tell) -> Cleared:
    """Cancel everything open and list what the broker still calls open. Raises BrokerError."""
    tell(f"Cancelling {_count(len(core.orders.open()), 'open order')}, asking the broker.")
    report = await core.commands.cancel_all_verified()
    return _cleared(core, report, (), flattened=False, problems=report.problems)


async def flatten_all(core: Core, tell: Tell) -> Cleared:
    """Halt, cancel everything, close everything, verify. Raises BrokerError."""
    before = {order.client_order_id for order in core.orders.all()}
    tell(f"Trading is halted. Closing {_count(len(core.portfolio.open_positions()), 'position')}.")
    report: KillReport = await core.commands.kill_all("Flatten all, from a terminal.", flatten=True)
    tell("Asking the broker what is left.")
    held = await core.commands.held_at_broker(None)
    problems = dict.fromkeys([*_refusals(core, before), *_blocked(core, held), *report.problems])
    return _cleared(core, report, held, flattened=True, problems=tuple(problems))


async def flatten(core: Core, symbols: Iterable[str], tell: Tell) -> Cleared:
    """Close these positions, each after its orders were cancelled. Raises BrokerError."""
    before = {order.client_order_id for order in core.orders.all()}
    wanted, problems = tuple(dict.fromkeys(symbols)), list[str]()
    for symbol in wanted:
        tell(f"Closing {symbol}.")
        try:
            await core.commands.flatten(symbol)
        except CockpitError as error:
            problems.append(error.user_text)
    tell("Asking the broker what is left.")
    held = await core.commands.held_at_broker(wanted)
    problems += _refusals(core, before)
    if held and (why := not_closing(core.recovery)):
        problems = [why, *problems]
    return _cleared(core, None, held, flattened=True, problems=problems)


def _cleared(
    core: Core,
    report: KillReport | None,
    still_held: Iterable[Position],
    *,
    flattened: bool,
    problems: Sequence[str] = (),
) -> Cleared:
    return Cleared(
        account_id=core.account_id,
        state=core.switch.state,
        still_open=() if report is None else _left(report),
        still_held=tuple(held_position(position) for position in still_held),
        flattened=flattened,
        problems=tuple(problems),
        aside="" if report is None else report.aside,
    )


def _left(report: KillReport) -> tuple[OpenOrder, ...]:
    """What the broker calls open, in its own words."""
    return tuple(
        OpenOrder(
            client_order_id=theirs.client_order_id,
            state=theirs.report.state,
            symbol=theirs.symbol,
            side=theirs.side,
            type=theirs.type,
            quantity=theirs.quantity,
            filled=theirs.report.filled,
            limit_price=theirs.limit_price,
        )
        for theirs in report.still_open
    )


def _refusals(core: Core, before: set[str]) -> list[str]:
    """Why closing orders made since `before` did not go out."""
    return [_why(order) for order in core.orders.all() if _is_refused(order, before)]


def _blocked(core: Core, held: Iterable[Position]) -> list[str]:
    """Which open orders kept a position from being closed."""
    problems: list[str] = []
    for position in held:
        orders = ", ".join(
            f"{order.client_order_id} is {order.state.value}"
            for order in core.orders.open(position.symbol)
        )
        if orders:
            problems.append(
                f"{position.symbol}: not closed while an order may still fill: {orders}"
            )
    return problems


def _is_refused(order: Order, before: set[str]) -> bool:
    mine = order.intent.strategy == FLATTEN and order.client_order_id not in before
    return mine and order.state in _REFUSED


def _why(order: Order) -> str:
    return f"{order.symbol}: {order.reason_text or order.state.value} ({order.reason_code})"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
