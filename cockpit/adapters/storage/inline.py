"""The store without file and thread, for a simulation: real SQL, one step at a time.

The database is kept in memory by whoever simulates the disk, so it outlives the process
that writes to it. A batch is written in one step of the loop and committed in a later
one; what a crash finds between the two is taken back.
"""

from __future__ import annotations

import io
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import msgspec

from cockpit.adapters.faults import FaultKind, Plan
from cockpit.adapters.storage import audit_rows, ledger_rows
from cockpit.adapters.storage.aside import AsideFile
from cockpit.adapters.storage.audit_chain import AuditRow, ChainReport, check_chain
from cockpit.adapters.storage.audit_file import ROWS
from cockpit.adapters.storage.database import AUDIT_END, Database, open_database
from cockpit.adapters.storage.folding import Folding
from cockpit.adapters.storage.store import SqliteStore
from cockpit.adapters.storage.writer import Job, answered, fail_batch, fill_batch
from cockpit.domain.fill import Fill
from cockpit.domain.order import OrderState
from cockpit.kernel.chance import Chance
from cockpit.ports.store import Aside, StoreError

T = TypeVar("T")
NOWHERE = Path("simulated.sqlite3")
NEWS = """SELECT kind, payload FROM audit
    WHERE seq > ? AND seq <= ? AND kind IN ('gate', 'order')"""
LEDGER = ("orders", "order_history", "fill", "fill_bust", "adjustment")
BUSY_S = 5.0


def template() -> bytes:
    """An empty ledger with today's tables, to be copied for each simulation."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.sqlite3"
        open_database(path, 1000).close()
        with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(":memory:")) as copy:
            db.execute("PRAGMA journal_mode=DELETE")  # a log beside it can't be copied along
            db.backup(copy)
            return copy.serialize()


class _Told(msgspec.Struct, gc=False):
    """What rows of gate and orders say of a release."""

    client_order_id: str
    state: str = ""
    passed: bool = False
    releasing: bool = False


_told = msgspec.json.Decoder(_Told).decode


class MemoryDatabase(Database):
    """The ledger's connection to a database in memory."""

    def __init__(self, image: bytes) -> None:
        self._raw = sqlite3.connect(":memory:", isolation_level=None)
        with closing(sqlite3.connect(":memory:")) as master:
            master.deserialize(image)
            master.backup(self._raw)  # a plain database in memory: less to do for each commit
        self._raw.execute("PRAGMA foreign_keys=ON")
        self._path = NOWHERE
        self._checkpoints_itself = False
        self.file_aside = AsideFile.in_memory(io.BytesIO())
        self.beside = Folding(self.file_aside)
        self._audit_end = None
        self._released: set[str] = set()
        self._sending: set[str] = set()
        self._read_to = 0

    def begin(self) -> None:
        """Start the batch; nobody else writes here, so the audit log ends where it did."""
        end = self._audit_end
        super().begin()
        self._audit_end = self._audit_end or end

    def close(self) -> None:
        """A process that ends leaves the disk as it is."""

    def discard(self) -> None:
        """Throw the disk away."""
        self._raw.close()

    def head(self) -> tuple[int, str]:
        """Number and hash of the audit log's last row, as the disk has it."""
        return cast("tuple[int, str]", self._raw.execute(AUDIT_END).fetchone())

    def gate_passed(self, client_order_id: str, until: int) -> bool:
        """Whether the gate let the order out, in a durable row up to number `until` or aside."""
        if any(
            row.kind == "gate" and client_order_id in row.payload for row in self.file_aside.rows
        ):
            return True
        self._read(until)
        return client_order_id in self._released

    def is_aside(self, client_order_id: str) -> bool:
        """Whether it is kept beside the ledger that the order goes out."""
        needles = (f'"client_order_id":"{client_order_id}"', '"state":"sending"')
        return any(all(n in row.payload for n in needles) for row in self.file_aside.rows)

    def was_sending(self, client_order_id: str, until: int) -> bool:
        """Whether a durable row up to number `until`, or one aside, says that it goes out."""
        if self.is_aside(client_order_id):
            return True
        self._read(until)
        return client_order_id in self._sending

    def _read(self, until: int) -> None:
        """Take note of what durable rows tell; they never change, so each is read once."""
        if until <= self._read_to:
            return
        for kind, payload in self._raw.execute(NEWS, (self._read_to, until)):
            row = _told(payload)
            if kind == "order" and row.state == OrderState.SENDING:
                self._sending.add(row.client_order_id)
            elif row.passed and row.releasing:
                self._released.add(row.client_order_id)
        self._read_to = until

    def audit(self) -> list[AuditRow]:
        """Every row of the audit log."""
        return [AuditRow(*row) for row in self._raw.execute(ROWS)]

    def newest(self, kind: str, account_id: str) -> str | None:
        """The newest row of a kind in the audit log."""
        return audit_rows.newest(self, kind, account_id)

    def standing_fills(self, account_id: str) -> list[Fill]:
        """The account's fills, less those taken back."""
        return ledger_rows.fills(self, account_id)

    def checked(self) -> ChainReport:
        """Whether the audit log is whole."""
        return check_chain(self.audit(), self.head())

    def dump(self) -> list[tuple[Any, ...]]:
        """Orders, fills and what corrects them, row by row, to compare two moments."""
        return [(name, *row) for name in LEDGER for row in self.table(name)]

    def table(self, name: str) -> list[tuple[Any, ...]]:
        """All rows of a table of the ledger."""
        return self._raw.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 -- our own names


class StepLoop(Protocol):
    """What the writer needs of a loop."""

    def call_soon(self, callback: Callable[[], object]) -> Any:
        """Take a step."""
        ...

    def call_later(self, delay: float, callback: Callable[[], object]) -> Any:
        """Take a step later."""
        ...


class InlineWriter:
    """Has the writer thread's face; jobs run in the loop, with the store's faults."""

    def __init__(
        self,
        database: MemoryDatabase,
        *,
        loop: StepLoop,
        plan: Plan,
        chance: Chance,
        now_ns: Callable[[], int],
        on_durable: Callable[[], None],
    ) -> None:
        self._database = database
        self._loop = loop
        self._plan = plan
        self._chance = chance
        self._now_ns = now_ns
        self._on_durable = on_durable
        self._jobs: list[Job[Database]] = []
        self._under_way = False
        self._alive = True

    async def call(self, run: Callable[[Database], T]) -> T:
        """Run `run` in the next batch; return its result once that is kept."""
        if not self._alive:
            raise StoreError("dead", user_text="The process is gone; nothing was stored.")
        job: Job[Database] = Job(run)
        self._jobs.append(job)
        if not self._under_way:
            self._under_way = True
            self._begin()
        return cast("T", await job.future)

    @property
    def where(self) -> str:
        """Where facts are kept aside."""
        return self._database.file_aside.where

    async def keep(self, facts: Sequence[Aside]) -> None:
        """Keep facts beside the ledger, whatever the store's faults."""
        self._database.file_aside.append(facts)

    async def close(self) -> None:
        """Nothing to close."""

    def cut(self) -> None:
        """The process is dead: what was not committed never happened."""
        self._alive = False
        self._jobs.clear()
        self._database.rollback()

    def _begin(self) -> None:
        now = self._now_ns()
        if self._plan.lasts(FaultKind.STORE_SLOW, now):
            self._loop.call_later(self._chance.uniform(0.02, 3.0), self._write)
        elif self._plan.lasts(FaultKind.STORE_LOCKED, now):
            self._loop.call_later(BUSY_S, lambda: self._refuse("SQLITE_BUSY"))
        elif self._plan.lasts(FaultKind.STORE_FULL, now):
            self._loop.call_soon(lambda: self._refuse("SQLITE_FULL"))
        else:
            self._loop.call_soon(self._write)

    def _refuse(self, name: str) -> None:
        error = sqlite3.OperationalError(name)
        error.sqlite_errorname = name
        batch, self._jobs = self._jobs, []
        fail_batch(self._database, batch, error)
        self._ended(batch)

    def _write(self) -> None:
        batch, self._jobs = self._jobs, []
        try:
            fill_batch(self._database, batch)
        except Exception as error:  # noqa: BLE001 -- every job of the batch must be answered
            fail_batch(self._database, batch, error)
            self._ended(batch)
            return
        self._loop.call_soon(lambda: self._commit(batch))

    def _commit(self, batch: list[Job[Database]]) -> None:
        self._database.commit()
        self._on_durable()
        self._ended(batch)

    def _ended(self, batch: list[Job[Database]]) -> None:
        answered(batch)
        if self._jobs:
            self._begin()
        else:
            self._under_way = False


def simulated_store(writer: InlineWriter) -> SqliteStore:
    """The real store on the simulated disk."""
    return SqliteStore(writer, NOWHERE, writer)
