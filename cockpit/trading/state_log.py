"""Keeps the trading state: each change goes to the ledger in order, and is then told.

The one exception to "stored, then published" is in here: a stricter state is told at once
when the store refuses it, or has not answered within `PATIENCE_NS`; see docs/adr.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import structlog

from cockpit.domain.events import TradingStateChanged
from cockpit.domain.limits import TradingState
from cockpit.kernel.clock import Timer
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store, StoreError

KIND = "trading_state"
PATIENCE_NS = 50_000_000
RETRY_S = 1.0

Tell = Callable[[TradingStateChanged], None]
_log = structlog.get_logger(__name__)


class KeptState(msgspec.Struct, frozen=True):
    """What a row of the audit log says of the trading state."""

    state: TradingState
    previous: TradingState
    reason: str


@dataclass(eq=False)
class _Entry:
    """A change on its way to the ledger; `tell` is None once everybody has heard."""

    change: TradingStateChanged
    tell: Tell | None
    timer: Timer | None = None

    def told(self) -> None:
        tell, self.tell = self.tell, None
        if self.timer is not None:
            self.timer.cancel()
        if tell is not None:
            tell(self.change)


class StateLog:
    """Stores the changes of one account's trading state, one after the other."""

    def __init__(self, store: Store, clock: Clock, supervisor: Supervisor, account_id: str) -> None:
        self._store = store
        self._clock = clock
        self._supervisor = supervisor
        self._account_id = account_id
        self._waiting: deque[_Entry] = deque()
        self._one_at_a_time = asyncio.Lock()
        self._at_work = False
        self._storing = False

    @property
    def all_kept(self) -> bool:
        """True when the ledger has every change so far."""
        return not self._waiting and not self._storing

    def keep(self, change: TradingStateChanged, tell: Tell) -> None:
        """Store a change that already holds, in the background until it is done; then tell it.

        It is told without having been stored when the store refuses or is slow.
        """
        entry = _Entry(change, tell)
        self._waiting.append(entry)
        if not self._started():
            self._tell_all()
            return
        due = self._clock.now_ns() + PATIENCE_NS
        entry.timer = self._clock.call_at(due, entry.told)

    async def kept(self, change: TradingStateChanged) -> None:
        """Store a change before it holds, after all that came before it.

        Raises StoreError when it could not be stored; it is then forgotten.
        """
        entry = _Entry(change, None)
        self._waiting.append(entry)
        try:
            await self._store_all()
        except StoreError:
            if entry in self._waiting:
                self._waiting.remove(entry)
            raise

    async def last(self) -> KeptState | None:
        """The newest state that the ledger knows; HALTED when it can't be understood.

        Raises StoreError.
        """
        written = await self._store.newest_record(KIND, self._account_id)
        if written is None:
            return None
        try:
            return msgspec.json.decode(written, type=KeptState)
        except msgspec.DecodeError as error:
            _log.error("trading_state_unreadable", error=str(error))
            reason = "The trading state of the last session can't be read."
            return KeptState(TradingState.HALTED, TradingState.HALTED, reason)

    async def close(self) -> None:
        """Store what still waits, once more; a refusal is logged, the change held anyway."""
        try:
            await self._store_all()
        except StoreError as error:
            _log.error("trading_state_not_stored", error=str(error))
            self._tell_all()

    def _started(self) -> bool:
        """Whether the background work is under way; not once the program is stopping."""
        if self._at_work:
            return True
        try:
            self._supervisor.work(self._work(), name="store-trading-state", owner="trading")
        except SupervisorStoppedError:
            return False
        self._at_work = True
        return True

    async def _work(self) -> None:
        try:
            while self._waiting:
                try:
                    await self._store_all()
                except StoreError as error:
                    _log.warning("trading_state_not_stored_yet", error=str(error))
                    self._tell_all()
                    await self._clock.sleep(RETRY_S)
        finally:
            self._at_work = False

    async def _store_all(self) -> None:
        """Store what waits, oldest first. Raises StoreError; what was refused waits on."""
        async with self._one_at_a_time:
            while self._waiting:
                # Taken first: a job that was handed over is done even when we are cancelled.
                entry = self._waiting.popleft()
                try:
                    await self._store_one(entry.change)
                except StoreError:
                    self._waiting.appendleft(entry)
                    raise
                except asyncio.CancelledError:
                    entry.told()
                    raise
                entry.told()

    async def _store_one(self, change: TradingStateChanged) -> None:
        kept = KeptState(change.state, change.previous, change.reason)
        self._storing = True
        try:
            await self._store.record(KIND, self._account_id, change.ts_event, kept)
        finally:
            self._storing = False

    def _tell_all(self) -> None:
        for entry in tuple(self._waiting):
            entry.told()
