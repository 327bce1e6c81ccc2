"""The words between a second terminal and the cockpit: each request has its own answer."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.app.bookkeeping.acts import Act, Outcome
from cockpit.app.bookkeeping.doubles import Doubles
from cockpit.app.bookkeeping.report import ImportReport, MeasureReport
from cockpit.app.bookkeeping.subject import Subject
from cockpit.app.health.findings import Finding
from cockpit.app.recapping.acts import RecapAct
from cockpit.domain.account import Mode
from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderState, OrderType, Side
from cockpit.market.quality import Quarantined
from cockpit.ports.imports import ImportBatch
from cockpit.ports.store import StoredRecap


class _Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="request"):
    """What is asked for."""


class HaltRequest(_Request, frozen=True, kw_only=True, tag="halt"):
    """Let nothing new out."""

    reason: str = ""


class CancelAllRequest(_Request, frozen=True, kw_only=True, tag="cancel-all"):
    """Cancel every open order, kill every proposal, and ask the broker what is left."""


class FlattenRequest(_Request, frozen=True, kw_only=True, tag="flatten"):
    """Close the positions in `symbols`, or with `everything` halt, cancel and close all."""

    symbols: tuple[str, ...] = ()
    everything: bool = False


class StatusRequest(_Request, frozen=True, kw_only=True, tag="status"):
    """How it stands."""


class ResumeRequest(_Request, frozen=True, kw_only=True, tag="resume"):
    """Trade again; `confirm` must be "RESUME" and the account."""

    confirm: str


class HealthRequest(_Request, frozen=True, kw_only=True, tag="health"):
    """Make every check now, and tell what each found."""


class DoubtsRequest(_Request, frozen=True, kw_only=True, tag="doubts"):
    """Which prices were not believed."""


class ArmRequest(_Request, frozen=True, kw_only=True, tag="arm"):
    """Let automation act alone and keys place orders, if every required check is green."""


class DisarmRequest(_Request, frozen=True, kw_only=True, tag="disarm"):
    """Let automation ask and keys place nothing."""


class EntryRequest(_Request, frozen=True, kw_only=True, tag="entry"):
    """Read or change an entry of the journal; without an account one of the session's own."""

    about: Subject
    act: Act


class ImportRequest(_Request, frozen=True, kw_only=True, tag="import"):
    """Import the statement at a whole path; `every_row` tells all lines, not only the doubtful."""

    file: str
    account: str = ""
    mapping: dict[str, str] = {}
    preview: bool = False
    every_row: bool = False
    doubles: Doubles = Doubles.ASK


class UndoRequest(_Request, frozen=True, kw_only=True, tag="undo"):
    """Take an import back."""

    batch_id: str


class MeasureRequest(_Request, frozen=True, kw_only=True, tag="measure"):
    """Measure MAE and MFE of closed trades by the tapes; of every account without one."""

    account: str = ""


class RecapsRequest(_Request, frozen=True, kw_only=True, tag="recaps"):
    """List, show or approve recaps that were written before."""

    act: RecapAct


class WatchRequest(_Request, frozen=True, kw_only=True, tag="watch"):
    """Show everything to a viewer until it leaves; it can ask for nothing more."""


Command = (
    HaltRequest
    | CancelAllRequest
    | FlattenRequest
    | StatusRequest
    | ResumeRequest
    | HealthRequest
    | DoubtsRequest
    | ArmRequest
    | DisarmRequest
    | EntryRequest
    | ImportRequest
    | UndoRequest
    | MeasureRequest
    | RecapsRequest
)

"""What has one answer, and ends with it."""

Request = Command | WatchRequest


class OpenOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that may still trade."""

    client_order_id: str
    state: OrderState
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    filled: Decimal = Decimal(0)
    limit_price: Decimal | None = None


class HeldPosition(msgspec.Struct, frozen=True, kw_only=True):
    """What is held; `unrealised` is None where no price is known."""

    symbol: str
    quantity: Decimal
    average_cost: Decimal
    unrealised: float | None = None


class LampLine(msgspec.Struct, frozen=True, kw_only=True):
    """One connection and its health."""

    kind: str
    name: str
    health: str
    detail: str = ""


class _Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer"):
    """What came of it."""


class Progress(_Answer, frozen=True, kw_only=True, tag="progress"):
    """Not the end yet."""

    text: str


class Refused(_Answer, frozen=True, kw_only=True, tag="refused"):
    """It was not done, or not wholly: what happened and what to do next."""

    code: str
    text: str


class Halted(_Answer, frozen=True, kw_only=True, tag="halted"):
    """Trading is halted and holds; `in_ledger` and `in_file` say where it is kept."""

    account_id: str
    reason: str
    already: bool
    in_ledger: bool
    in_file: bool
    held_after_us: int = 0


class Cleared(_Answer, frozen=True, kw_only=True, tag="cleared"):
    """What the broker said at the end of a cancel-all or a flatten.

    `aside` is where the record stands when the ledger could not be written.
    """

    account_id: str
    state: TradingState
    still_open: tuple[OpenOrder, ...]
    still_held: tuple[HeldPosition, ...]
    flattened: bool
    problems: tuple[str, ...] = ()
    aside: str = ""

    @property
    def confirmed(self) -> bool:
        """True when the broker says that nothing is left of what was to go."""
        held = self.flattened and self.still_held
        return not (self.still_open or held or self.problems)


class Resumed(_Answer, frozen=True, kw_only=True, tag="resumed"):
    """Trading is active; `already` when it was before."""

    account_id: str
    already: bool
    not_ready: str = ""


class ArmingReport(_Answer, frozen=True, kw_only=True, tag="arming"):
    """How it stands with arming now, and why; `already` when it stood so before."""

    account_id: str
    armed: bool
    reason: str
    already: bool


class HealthReport(_Answer, frozen=True, kw_only=True, tag="health"):
    """What every check found just now; `why_not` says what hinders arming."""

    account_id: str
    armed: bool
    why_not: str
    findings: tuple[Finding, ...]


class Doubts(_Answer, frozen=True, kw_only=True, tag="doubts"):
    """Rows of the feed: `refused` and `flagged` by rule; the last that were set aside."""

    feed: str
    accepted: int
    refused: dict[str, int]
    flagged: dict[str, int]
    recent: tuple[Quarantined, ...]


class EntryTold(_Answer, frozen=True, kw_only=True, tag="entry"):
    """What was asked of an entry, done."""

    outcome: Outcome


class Imported(_Answer, frozen=True, kw_only=True, tag="imported"):
    """What a statement said and what was booked of it."""

    report: ImportReport


class Undone(_Answer, frozen=True, kw_only=True, tag="undone"):
    """The import that was taken back."""

    batch: ImportBatch


class RecapsTold(_Answer, frozen=True, kw_only=True, tag="recaps"):
    """The recaps that were asked for, without their facts; those of a list without their text."""

    recaps: tuple[StoredRecap, ...]


class Measured(_Answer, frozen=True, kw_only=True, tag="measured"):
    """How many trades the tapes have told of."""

    report: MeasureReport


class StatusReport(_Answer, frozen=True, kw_only=True, tag="status"):
    """How it stands; `running` is False where no cockpit runs, `as_of_ns` says as of when.

    Then it is what the ledger last knew, or with `asked` what the broker said. `locked` says
    why and until when nobody may resume, and is empty when one may.
    """

    running: bool
    asked: bool = False
    as_of_ns: int
    mode: Mode
    account_id: str
    label: str
    state: TradingState
    reason: str
    locked: str = ""
    not_ready: str
    positions: tuple[HeldPosition, ...]
    orders: tuple[OpenOrder, ...]
    unknown: tuple[str, ...]
    waiting: int = 0
    day_pnl: float | None = None
    lamps: tuple[LampLine, ...] = ()
    alerts: int = 0
    last_alert: str = ""
    armed: bool = False
    arming: str = ""
    pid: int = 0
    since_ns: int = 0


Final = (
    Refused
    | Halted
    | Cleared
    | Resumed
    | ArmingReport
    | HealthReport
    | Doubts
    | StatusReport
    | EntryTold
    | Imported
    | Undone
    | Measured
    | RecapsTold
)
Answer = Progress | Final
