"""How a running cockpit stands, as a second terminal is told."""

from __future__ import annotations

import os
from collections.abc import Iterable

from cockpit.app.control.messages import (
    Doubts,
    HeldPosition,
    LampLine,
    OpenOrder,
    StatusReport,
)
from cockpit.app.core import Core
from cockpit.domain.order import Order, OrderState
from cockpit.domain.position import Position
from cockpit.kernel.clock import WallClock


def status_of(core: Core, since_ns: int) -> StatusReport:
    """Everything at this instant; asks nobody."""
    alerts = core.alerts.active()
    return StatusReport(
        running=True,
        as_of_ns=WallClock().now_ns(),
        mode=core.mode,
        account_id=core.account_id,
        label=core.feed_label,
        state=core.switch.state,
        reason=core.switch.reason,
        locked=_locked(core),
        not_ready=core.readiness.disconnected(),
        positions=held(core),
        orders=tuple(open_order(order) for order in core.orders.open()),
        unknown=tuple(
            o.client_order_id for o in core.orders.open() if o.state is OrderState.UNKNOWN
        ),
        waiting=len(core.approvals.waiting()),
        day_pnl=round(core.portfolio.day_pnl, 4),
        lamps=tuple(
            LampLine(kind=lamp.kind, name=lamp.name, health=lamp.health.value, detail=lamp.detail)
            for lamp in core.readiness.lamps
        ),
        alerts=len(alerts),
        last_alert=f"{alerts[0].title}: {alerts[0].text}" if alerts else "",
        armed=core.arming.armed,
        arming=_arming(core),
        pid=os.getpid(),
        since_ns=since_ns,
    )


def doubts_of(core: Core) -> Doubts:
    """What the feed brought and nobody believed."""
    quality = core.ingest.quality
    return Doubts(
        feed=quality.source,
        accepted=quality.accepted,
        refused=dict(quality.counts),
        flagged=dict(quality.flagged),
        recent=tuple(quality.recent),
    )


def _locked(core: Core) -> str:
    lockout = core.lockout
    return lockout.lock.words if lockout is not None and lockout.holds else ""


def _arming(core: Core) -> str:
    """Who armed it, or what hinders arming now, or why it is off."""
    arming = core.arming
    return ("" if arming.armed else arming.why_not()) or arming.reason


def held(core: Core, symbols: Iterable[str] | None = None) -> tuple[HeldPosition, ...]:
    """What is held, of all symbols or some, with its open profit where a price is known."""
    wanted = None if symbols is None else set(symbols)
    return tuple(
        held_position(position, core.portfolio.unrealised_of(position.symbol))
        for position in core.portfolio.open_positions()
        if wanted is None or position.symbol in wanted
    )


def held_position(position: Position, unrealised: float | None = None) -> HeldPosition:
    """A position in the words of an answer."""
    return HeldPosition(
        symbol=position.symbol,
        quantity=position.quantity,
        average_cost=position.average_cost,
        unrealised=None if unrealised is None else round(unrealised, 4),
    )


def open_order(order: Order) -> OpenOrder:
    """An order in the words of an answer."""
    intent = order.intent
    return OpenOrder(
        client_order_id=order.client_order_id,
        state=order.state,
        symbol=intent.symbol,
        side=intent.side,
        type=intent.type,
        quantity=intent.quantity,
        filled=order.filled,
        limit_price=intent.limit_price,
    )
