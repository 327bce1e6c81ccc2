"""Armed or disarmed: whether keys may place orders and automation may act alone.

Off at every start and never kept. Only a person arms, and only while every required check is
green. It falls by itself: when nobody is there, when a session goes, when trading is held
back, when the account is another one, when a required check goes red. See
docs/adr/0025-arming-beside-the-switch.md.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

import msgspec
import structlog

from cockpit.app.errors import AppError
from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Severity
from cockpit.domain.approval import Autonomy
from cockpit.domain.connection import Health
from cockpit.domain.events import (
    AccountChanged,
    ArmingChanged,
    ConnectionChanged,
    RecoveryChanged,
    TradingStateChanged,
)
from cockpit.domain.limits import TradingState
from cockpit.domain.recovery import RecoveryPhase
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, Timer
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store, StoreError

_log = structlog.get_logger(__name__)

RECORD = "arming"
ALERT = "arming"
OFF_AT_START = "Off at every start."
RECORD_S = 2.0
AGAIN_S = 5.0
_FINE = (Health.UP, Health.PAUSED)


class NotArmedError(AppError):
    """It can't be armed now; `user_text` says what is not green and what to do."""

    code = "NOT_ARMED"


class ArmingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the audit log."""

    armed: bool
    reason: str


class _Behind(NamedTuple):
    """A row that the audit log does not have yet, and when it came to be."""

    ts_ns: int
    row: ArmingRow


class Armed(Protocol):
    """What a screen reads: whether it is armed, why it is as it is, and since when."""

    @property
    def armed(self) -> bool:
        """True while keys may place orders and automation may act alone."""
        ...

    @property
    def reason(self) -> str:
        """Who armed it, or why it is off."""
        ...

    def why_not(self) -> str:
        """What hinders arming now, with the next step; empty when nothing does."""
        ...

    def touch(self) -> None:
        """Somebody is there."""
        ...


class Arming:
    """The latch. `wall` is the machine's clock: a person's absence is no simulated time.

    `withdrawn` tells who disarmed it last, armed or not, or that trading was held back.
    """

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        wall: Clock,
        supervisor: Supervisor,
        store: Store,
        alerts: Alerts,
        account_id: str,
        idle_s: float,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._wall = wall
        self._supervisor = supervisor
        self._store = store
        self._alerts = alerts
        self._account_id = account_id
        self._idle_s = idle_s
        self._check: Callable[[], Awaitable[None]] | None = None
        self._hindrance: Callable[[], str] = lambda: "Nothing has been checked yet."
        self._touched_ns = self._touched_at = 0
        self._behind: deque[_Behind] = deque()
        self._writing = asyncio.Lock()
        self._idle: Timer | None = None
        self._attempt = 0
        self.armed = False
        self.reason = OFF_AT_START
        self.withdrawn = ""
        bus.subscribe(ConnectionChanged, self._on_connection, name="arming")
        bus.subscribe(RecoveryChanged, self._on_recovery, name="arming")
        bus.subscribe(TradingStateChanged, self._on_state, name="arming")
        bus.subscribe(AccountChanged, self._on_account, name="arming")

    def guarded_by(
        self, check: Callable[[], Awaitable[None]], hindrance: Callable[[], str]
    ) -> None:
        """Learn what looks at everything anew, and what says why it must not be armed."""
        self._check, self._hindrance = check, hindrance

    def why_not(self) -> str:
        """What hinders arming now, with the next step; empty when nothing does."""
        return self._hindrance()

    def autonomy_of(self, autonomy: Autonomy) -> Autonomy:
        """How far automation may go now: alone only while armed, else it asks a person."""
        if autonomy is Autonomy.BOUNDED and not self.armed:
            return Autonomy.APPROVE
        return autonomy

    async def arm(self, who: str) -> None:
        """Look at every required check, then arm, once the audit log has it.

        Raises NotArmedError, naming what hinders and the next step, and StoreError; it is
        disarmed then. A fall meanwhile wins.
        """
        if self.armed:
            return
        self._attempt += 1
        mine = self._attempt
        if self._check is not None:
            await self._check()
        self._refuse_if_hindered()
        async with self._writing:
            await self._catch_up()
            await self._record(self._clock.now_ns(), ArmingRow(armed=True, reason=who))
        if self._attempt != mine:
            raise _refused(f"it was disarmed meanwhile: {self.reason}")
        self._refuse_if_hindered()  # what went red while it was being written
        self._set(armed=True, reason=who)
        self._alerts.clear(ALERT)
        self.touch()
        self._wait_for_idle()

    def disarm(self, reason: str, *, told: bool = True) -> bool:
        """Fall, now; the audit log follows. False when it was off already.

        With `told` an alert says why: nobody asked for it.
        """
        if not told:
            self.withdrawn = reason
        if not self._fall(reason):
            return False
        if told:
            self._alerts.raise_(
                ALERT,
                Severity.WARNING,
                "Disarmed",
                f"{reason} Automation asks you from here on, and keys place nothing. Working "
                "orders and their stops stay. Arm again when you have looked.",
                "arming",
            )
        self._keep(ArmingRow(armed=False, reason=reason))
        return True

    def _fall(self, reason: str) -> bool:
        self._attempt += 1
        if not self.armed:
            return False
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        self._set(armed=False, reason=reason)
        return True

    def touch(self) -> None:
        """Somebody is there."""
        self._touched_ns, self._touched_at = self._wall.now_ns(), self._wall.elapsed_ns()

    async def close(self) -> None:
        """Fall for good, and have it written: the session ends."""
        if self._fall("The session ended."):
            self._put(ArmingRow(armed=False, reason=self.reason))
        try:
            async with asyncio.timeout(RECORD_S), self._writing:
                await self._catch_up()
        except (StoreError, TimeoutError) as error:
            left = [behind.row.reason for behind in self._behind]
            _log.warning("arming_not_recorded", reasons=left, error=str(error))

    def _refuse_if_hindered(self) -> None:
        if why := self._hindrance():
            raise _refused(why)

    def _set(self, *, armed: bool, reason: str) -> None:
        self.armed, self.reason = armed, reason
        now = self._clock.now_ns()
        _log.info("arming", armed=armed, reason=reason)
        self._bus.publish(ArmingChanged(armed=armed, reason=reason, ts_event=now, ts_init=now))

    def _put(self, row: ArmingRow) -> None:
        self._behind.append(_Behind(self._clock.now_ns(), row))

    def _keep(self, row: ArmingRow) -> None:
        self._put(row)
        body = self._written()
        try:
            self._supervisor.work(body, name="record", owner="arming")
        except SupervisorStoppedError:
            body.close()

    async def _written(self) -> None:
        """Write what is behind, however long the ledger refuses."""
        while self._behind:
            try:
                async with self._writing:
                    await self._catch_up()
            except StoreError as error:
                _log.warning("arming_not_recorded_yet", error=str(error))
                await self._clock.sleep(AGAIN_S)

    async def _catch_up(self) -> None:
        while self._behind:
            await self._record(*self._behind[0])
            self._behind.popleft()

    async def _record(self, ts_ns: int, row: ArmingRow) -> None:
        await self._store.record(RECORD, self._account_id, ts_ns, row)

    def _wait_for_idle(self) -> None:
        left = round(self._idle_s * SECOND) - self._untouched_ns()
        self._idle = self._wall.call_at(self._wall.now_ns() + left, self._idle_due)

    def _idle_due(self) -> None:
        if not self.armed:
            return
        if self._untouched_ns() >= self._idle_s * SECOND:
            self.disarm(f"Nobody touched the cockpit for {_span(self._idle_s)}.")
        else:
            self._wait_for_idle()

    def _untouched_ns(self) -> int:
        """By the time that has passed; by the wall when that is more: a machine that slept."""
        passed = self._wall.elapsed_ns() - self._touched_at
        return max(passed, self._wall.now_ns() - self._touched_ns)

    # what makes it fall

    def _on_connection(self, event: ConnectionChanged) -> None:
        lamp = event.connection
        if lamp.health not in _FINE:
            word = lamp.health.value.replace("_", " ")
            self.disarm(f"The {lamp.kind} {lamp.name} is {word}.")

    def _on_recovery(self, event: RecoveryChanged) -> None:
        if event.phase is not RecoveryPhase.READY:
            self.disarm("Ledger and broker are compared anew.")

    def _on_state(self, event: TradingStateChanged) -> None:
        self.latched(event.state)

    def latched(self, state: TradingState) -> None:
        """Trading was held back: fall in the same instant."""
        if state is not TradingState.ACTIVE:
            self.disarm(f"Trading is {state.value}.", told=False)  # which says so itself

    def _on_account(self, event: AccountChanged) -> None:
        if event.account.account_id != self._account_id:
            self.disarm(f"The account is {event.account.account_id} now.")


def _refused(why: str) -> NotArmedError:
    return NotArmedError(
        why, user_text=f"It was not armed: {why} Nothing was sent, nothing else has changed."
    )


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} s"
