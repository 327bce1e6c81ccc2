"""What a running cockpit tells a viewer: all of it once, then each fact, then prices in beats.

A viewer computes no figure of its own: it shows what the cockpit says, so the two windows
can't disagree.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.app.health.findings import Finding, HealthChanged
from cockpit.app.limits.lockout import Lock
from cockpit.domain.account import Account, Mode
from cockpit.domain.alert import Alert
from cockpit.domain.approval import ApprovalRequest
from cockpit.domain.connection import Connection
from cockpit.domain.events import (
    AccountChanged,
    AlertChanged,
    ApprovalRequested,
    ApprovalResolved,
    ArmingChanged,
    ConnectionChanged,
    FillBooked,
    FillBusted,
    JournalEntryWritten,
    OrderChanged,
    PositionAdjusted,
    PositionChanged,
    RecoveryChanged,
    TradeClosed,
    TradingStateChanged,
)
from cockpit.domain.fill import Fill
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import TradingState
from cockpit.domain.market import Bar, BarRevised, Quote, TradePrint
from cockpit.domain.order import Order
from cockpit.domain.position import Position
from cockpit.ports.entries import JournalEntry

FACTS: tuple[type, ...] = (
    AccountChanged,
    AlertChanged,
    ApprovalRequested,
    ApprovalResolved,
    ArmingChanged,
    Bar,
    BarRevised,
    ConnectionChanged,
    FillBooked,
    HealthChanged,
    JournalEntryWritten,
    OrderChanged,
    PositionChanged,
    RecoveryChanged,
    TradeClosed,
    TradingStateChanged,
)
"""Passed on as they are, in the order in which the cockpit told them."""

REWRITES: tuple[type, ...] = (FillBusted, PositionAdjusted)
"""Facts that change what was told before: the viewer is told everything anew."""

BY_NAME = {kind.__name__: kind for kind in FACTS}


class _Word(msgspec.Struct, frozen=True, kw_only=True, tag_field="word"):
    """One message to a viewer."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One symbol's market as it stands."""

    symbol: str
    quote: Quote | None
    last: TradePrint | None
    halted: bool
    reference: float | None
    volume: float
    high: float | None
    low: float | None


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One position and its figures at its mark."""

    position: Position
    mark: float | None
    unrealised: float
    exposure: float
    day_pnl: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The portfolio in numbers; None is what is not known."""

    start_equity: Decimal | None
    realised: Decimal
    fees: Decimal
    day_realised: Decimal
    day_fees: Decimal
    carried: float
    unrealised: float
    day_pnl: float
    peak: float
    drawdown: float | None
    drawdown_fraction: float | None
    gross: float
    net: float
    holdings: tuple[Holding, ...]


class Snapshot(_Word, frozen=True, kw_only=True, tag="snapshot"):
    """All but what is long: orders, fills and bars follow in pieces, then `Greeted`."""

    pid: int
    since_ns: int
    now_ns: int
    mode: Mode
    account_id: str
    account_name: str
    label: str
    rules: dict[str, str | list[str]]
    bar_seconds: int
    instruments: tuple[Instrument, ...]
    lines: tuple[Line, ...]
    approvals: tuple[ApprovalRequest, ...]
    alerts: tuple[Alert, ...]
    lamps: tuple[Connection, ...]
    entries: tuple[JournalEntry, ...]
    account: Account | None
    state: TradingState
    reason: str
    recovery: RecoveryChanged
    arming: ArmingChanged
    health: tuple[Finding, ...]
    health_changes: tuple[Finding, ...]
    figures: Figures
    curve_s: tuple[float, ...]
    curve_pnl: tuple[float, ...]
    lock: Lock = Lock()


class Orders(_Word, frozen=True, kw_only=True, tag="orders"):
    """Some of the orders, oldest first."""

    orders: tuple[Order, ...]


class Fills(_Word, frozen=True, kw_only=True, tag="fills"):
    """Some of the fills, oldest first."""

    fills: tuple[Fill, ...]


class Greeted(_Word, frozen=True, kw_only=True, tag="greeted"):
    """That was all there is; from here on it is what happens."""


class Bars(_Word, frozen=True, kw_only=True, tag="bars"):
    """The closed bars of one symbol so far."""

    symbol: str
    bars: tuple[Bar, ...]


class Beat(_Word, frozen=True, kw_only=True, tag="beat"):
    """The cockpit's time, and what has moved since the last one; a silent cockpit sends none."""

    now_ns: int
    lines: tuple[Line, ...] = ()
    live: tuple[Bar, ...] = ()
    figures: Figures | None = None
    health: tuple[Finding, ...] = ()
    lock: Lock = Lock()


class Fact(_Word, frozen=True, kw_only=True, tag="fact"):
    """An event of the cockpit's bus; `kind` is its class."""

    kind: str
    event: msgspec.Raw


class Entry(_Word, frozen=True, kw_only=True, tag="entry"):
    """An entry of the journal was written, about a day or a trade."""

    entry: JournalEntry


class Entries(_Word, frozen=True, kw_only=True, tag="entries"):
    """What was written about trades so far, a piece of it."""

    entries: tuple[JournalEntry, ...]


class Farewell(_Word, frozen=True, kw_only=True, tag="farewell"):
    """The cockpit ends the connection, and says why."""

    text: str


Word = Snapshot | Orders | Fills | Bars | Greeted | Beat | Fact | Entry | Entries | Farewell
