"""Facts that ride the bus, typed by class. Each was stored before it was published.

Quote, TradePrint, Bar and TradingStatus (domain.market) are events themselves.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.account import Account
from cockpit.domain.adjustment import Adjustment
from cockpit.domain.alert import Alert
from cockpit.domain.approval import ApprovalOutcome, ApprovalRequest
from cockpit.domain.connection import Connection
from cockpit.domain.fill import Fill
from cockpit.domain.limits import TradingState
from cockpit.domain.order import Order, OrderState
from cockpit.domain.position import Position
from cockpit.domain.recovery import Compared, Difference, RecoveryPhase
from cockpit.domain.trade import Trade


class OrderChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An order reached a new state, or was made (`previous` is None)."""

    order: Order
    previous: OrderState | None
    ts_event: int
    ts_init: int


class FillBooked(msgspec.Struct, frozen=True, kw_only=True):
    """An execution is in the ledger; `late` when its order had already ended."""

    fill: Fill
    order: Order
    late: bool
    ts_event: int
    ts_init: int


class FillBusted(msgspec.Struct, frozen=True, kw_only=True):
    """The venue took `fill` back: nothing was traded. `order` is without it."""

    fill: Fill
    order: Order
    reason: str
    ts_event: int
    ts_init: int


class PositionAdjusted(msgspec.Struct, frozen=True, kw_only=True):
    """A position was set by other means than a trade."""

    adjustment: Adjustment
    ts_event: int
    ts_init: int


class PositionChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A position after a fill, a fill taken back, or an adjustment."""

    position: Position
    ts_event: int
    ts_init: int


class AccountChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The broker's money figures changed."""

    account: Account
    ts_event: int
    ts_init: int


class ApprovalRequested(msgspec.Struct, frozen=True, kw_only=True):
    """A person is asked to decide."""

    request: ApprovalRequest
    ts_event: int
    ts_init: int


class ApprovalResolved(msgspec.Struct, frozen=True, kw_only=True):
    """A request ended."""

    request: ApprovalRequest
    outcome: ApprovalOutcome
    ts_event: int
    ts_init: int


class TradingStateChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Trading became active, reducing or halted; `reason` in words."""

    state: TradingState
    previous: TradingState
    reason: str
    ts_event: int
    ts_init: int


class ArmingChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The session was armed or disarmed; `reason` says by whom, or why."""

    armed: bool
    reason: str
    ts_event: int
    ts_init: int


class RecoveryChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The way to trading went on; `text` says why nothing may be sent, empty once READY.

    `differences` are those of the last look, `compared` the last comparing that ended well.
    """

    phase: RecoveryPhase
    text: str
    ts_event: int
    ts_init: int
    differences: tuple[Difference, ...] = ()
    compared: Compared | None = None


class AlertChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An alert was raised, counted up, acknowledged or cleared."""

    alert: Alert
    ts_event: int
    ts_init: int


class ConnectionChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A feed's or broker session's lamp changed."""

    connection: Connection
    ts_event: int
    ts_init: int


class TradeClosed(msgspec.Struct, frozen=True, kw_only=True):
    """A position went flat: a round trip is in the journal."""

    trade: Trade
    ts_event: int
    ts_init: int


class JournalEntryWritten(msgspec.Struct, frozen=True, kw_only=True):
    """The entry of a day, or with `trade_id` of a trade, was written; `day` is ISO 8601."""

    account_id: str
    day: str
    net: Decimal
    ts_event: int
    ts_init: int
    trade_id: str = ""


class PlaybackChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded or simulated session changed its pace; `speed` None is as fast as possible."""

    speed: float | None
    paused: bool
    finished: bool
    position_ns: int
    ts_event: int
    ts_init: int


class TriggersChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger was made, changed or removed, or has spoken; `name` is its name of now."""

    name: str
    ts_event: int
    ts_init: int
