"""Start = reconnect = waking: nothing is sent before two looks in a row found nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
import structlog

from cockpit.domain.events import RecoveryChanged
from cockpit.domain.recovery import Compared, Difference, RecoveryPhase
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, Timer
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import BrokerError
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store, StoreError
from cockpit.trading.books import FillBooks
from cockpit.trading.durable import Durable, Incident
from cockpit.trading.recovery.reconciler import DAY_NS, Findings, Reconciler
from cockpit.trading.recovery.settlement import Settlement

_log = structlog.get_logger(__name__)
KIND = "recovery"
CLEAN_LOOKS = 2


class Recovered(msgspec.Struct, frozen=True):
    """What the audit log says of a recovery: why, and from when executions are settled."""

    reason: str
    looks: int
    repairs: int
    watermark_ns: int
    fills: int = 0


class _Looking:
    """The looks of one recovery so far; `why` tells what kept the last dirty one from clean."""

    def __init__(self) -> None:
        self.looks = self.clean = self.repairs = self.fills = 0
        self.why = ""
        self.differences: tuple[Difference, ...] = ()

    def count(self, found: Findings, failed: str) -> None:
        self.looks += 1
        self.repairs += 0 if failed else found.repairs
        self.fills += found.fills
        self.differences = found.differences
        self.clean = self.clean + 1 if found.clean else 0
        if not found.clean:
            self.why = failed or found.text or "The broker's books keep changing"


class Recovery:
    """Owns the phase that the gate asks for. `run` is the one road to READY."""

    LOOK_AGAIN_S = 0.5
    PATIENCE = 6
    TRY_AGAIN_S = 5

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        supervisor: Supervisor,
        store: Store,
        books: FillBooks,
        reconciler: Reconciler,
        settlement: Settlement,
        durable: Durable,
        incident: Incident,
        account_id: str,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._supervisor = supervisor
        self._store = store
        self._books = books
        self._reconciler = reconciler
        self._settlement = settlement
        self._durable = durable
        self._incident = incident
        self._account_id = account_id
        self._running = False
        self._again = ""
        self._retry: Timer | None = None
        self.phase = RecoveryPhase.STARTING
        self.text = "The cockpit is starting."
        self.differences: tuple[Difference, ...] = ()
        self.compared: Compared | None = None
        self.on_ready: list[Callable[[], None]] = []

    def why_not(self) -> str:
        """Why nothing may be sent, in words; empty once READY."""
        return "" if self.phase is RecoveryPhase.READY else self.text

    def request(self, reason: str) -> None:
        """Let nothing out from this instant, and recover in the background.

        Not before the first `run`: that one compares everything, and takes over what was held.
        """
        if self.phase is RecoveryPhase.STARTING:
            return
        self._enter(RecoveryPhase.RECOVERING, f"Comparing with the broker: {reason}.")
        if self._running:
            self._again = reason
            return
        try:
            self._supervisor.work(self.run(reason), name="recover", owner="trading")
        except SupervisorStoppedError:
            _log.info("recovery_dropped", reason=reason)

    async def run(self, reason: str, *, first: bool = False) -> None:
        """Look until two looks in a row are clean, then READY; BLOCKED when that won't come.

        `first` takes over what the account held before the cockpit knew it, as does each run
        until one was READY: nothing was sent before. When BLOCKED it is tried again by itself,
        for ever.
        """
        if self._running:
            self._again = reason
            return
        self._running = True
        try:
            await self._until_settled(reason, first)
        finally:
            self._running = False

    async def _until_settled(self, reason: str, first: bool) -> None:
        written = await self._last_written()
        mark_ns, first = self._watermark_ns(written), first or written is None
        while True:
            self._again = ""
            if self.phase is not RecoveryPhase.BLOCKED:  # what is tried by itself stays blocked
                self._enter(RecoveryPhase.RECOVERING, f"Comparing with the broker: {reason}.")
            done = await self._looked(first, mark_ns - DAY_NS)
            if self._again:
                reason = self._again
                continue
            if done.clean < CLEAN_LOOKS:
                self._block(done, reason, first)
                return
            await self._durable.write(partial(self._ready, reason, done, mark_ns))
            if not self._again:
                return

    async def _looked(self, first: bool, since_ns: int) -> _Looking:
        """Look until it is clean twice, or patience or the reason has ended."""
        so_far = _Looking()
        while so_far.clean < CLEAN_LOOKS and so_far.looks < self.PATIENCE and not self._again:
            if so_far.why and not so_far.clean:
                await self._clock.sleep(self.LOOK_AGAIN_S)
            try:
                found = await self._reconciler.look(since_ns)
                if first and found.differences:
                    await self._settlement.take_over(d.symbol for d in found.differences)
            except (BrokerError, StoreError) as error:
                _log.warning("recovery_look_failed", error=str(error))
                so_far.count(Findings(1), error.user_text)
            except Exception as error:  # noqa: BLE001 -- whatever it was: blocked, and tried again
                _log.error("recovery_look_broke", exc_info=error)
                so_far.count(Findings(1), f"The broker's books could not be compared: {error}")
            else:
                so_far.count(found, "")
        return so_far

    async def _ready(self, reason: str, done: _Looking, mark_ns: int) -> None:
        await self._settlement.settle_unknown()
        # Never back: what was traded before the mark is in a position that was taken over.
        settled_ns = max(mark_ns, self._books.newest_ns)
        told = Recovered(reason, done.looks, done.repairs, settled_ns, done.fills)
        await self._store.record(KIND, self._account_id, self._clock.now_ns(), told)
        if self._again:
            return
        self.differences = ()
        self.compared = Compared(self._clock.now_ns(), done.repairs, done.fills)
        self._enter(RecoveryPhase.READY, "")
        for act in self.on_ready:
            act()

    def _block(self, done: _Looking, reason: str, first: bool) -> None:
        why = done.why.rstrip(".")
        self.differences = done.differences
        if self._enter(RecoveryPhase.BLOCKED, f"Not ready to trade: {why}."):
            self._incident(
                "recovery",
                "Not ready to trade",
                f"{why}. Nothing is sent until both sides agree; the comparing goes on. Look at "
                "the account at the broker; if its positions are right, accept them.",
            )
        if self._retry is not None:
            self._retry.cancel()
        due = self._clock.now_ns() + self.TRY_AGAIN_S * SECOND
        self._retry = self._clock.call_at(due, lambda: self._try_again(reason, first))

    def _try_again(self, reason: str, first: bool) -> None:
        if self.phase is not RecoveryPhase.BLOCKED or self._running:
            return
        try:
            body = self.run(reason, first=first)
            self._supervisor.work(body, name="recover", owner="trading")
        except SupervisorStoppedError:
            _log.info("recovery_dropped", reason=reason)

    async def _last_written(self) -> str | None:
        """The last recovery that became READY; waits until the ledger can tell."""
        written: str | None = None

        async def read() -> None:
            nonlocal written
            written = await self._store.newest_record(KIND, self._account_id)

        await self._durable.write(read)
        return written

    def _watermark_ns(self, written: str | None) -> int:
        """From when on executions may be unheard of."""
        if written is None:
            return self._books.newest_ns or self._clock.now_ns()
        try:
            return msgspec.json.decode(written, type=Recovered).watermark_ns
        except msgspec.DecodeError as error:
            _log.error("recovery_record_unreadable", error=str(error))
            return 0

    def _enter(self, phase: RecoveryPhase, text: str) -> bool:
        if (phase, text) == (self.phase, self.text):
            return False
        self.phase, self.text = phase, text
        now = self._clock.now_ns()
        self._bus.publish(
            RecoveryChanged(
                phase=phase,
                text=text,
                ts_event=now,
                ts_init=now,
                differences=self.differences,
                compared=self.compared,
            )
        )
        return True
