"""Answers a second terminal: the commands of the screen, asked for over the local socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import msgspec
import structlog

from cockpit.app.control import clearing
from cockpit.app.control.bookkeeper import kept
from cockpit.app.control.latch import LatchKeeper
from cockpit.app.control.messages import (
    ArmingReport,
    ArmRequest,
    CancelAllRequest,
    Command,
    DisarmRequest,
    DoubtsRequest,
    EntryRequest,
    Final,
    FlattenRequest,
    Halted,
    HaltRequest,
    HealthReport,
    HealthRequest,
    ImportRequest,
    MeasureRequest,
    Progress,
    RecapsRequest,
    Refused,
    Request,
    Resumed,
    ResumeRequest,
    StatusRequest,
    UndoRequest,
    WatchRequest,
)
from cockpit.app.control.standing import doubts_of, status_of
from cockpit.app.core import Core
from cockpit.app.viewer.watchers import Watchers
from cockpit.domain.alert import Severity
from cockpit.domain.errors import CockpitError
from cockpit.domain.limits import TradingState
from cockpit.kernel.clock import WallClock
from cockpit.kernel.errors import KernelError
from cockpit.kernel.ipc import Channel, ChannelError, LocalServer, Peer
from cockpit.kernel.private_files import PrivateFileError
from cockpit.ports.store import StoreError

_log = structlog.get_logger(__name__)
T = TypeVar("T")

RECORD = "control"
IDLE_S = 30.0
RECORD_S = 1.0
LEDGER_S = 1.0
LONGEST_S = 30.0
BEAT_S = 1.0


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the audit log: who asked for what, before it is carried out."""

    request: Request
    who: str
    asked_ns: int


class ControlRoom:
    """The server's side: one core, any number of callers, one request at a time for each."""

    def __init__(self, core: Core, latch: LatchKeeper) -> None:
        self._core = core
        self._latch = latch
        self._since_ns = WallClock().now_ns()
        self._watchers = Watchers(core, self._since_ns)
        self._server = LocalServer(core.data_dir, core.supervisor, self.talk)

    @property
    def server(self) -> LocalServer:
        """For the counts of what was refused."""
        return self._server

    async def open(self) -> None:
        """Listen. Where that can't be, trading goes on and an alert says what is missing."""
        try:
            await self._server.start()
        except (OSError, PrivateFileError) as error:
            _log.warning("control_closed", error=str(error))
            self._core.alerts.raise_(
                "control",
                Severity.WARNING,
                "No control from a second terminal",
                f"The local socket could not be opened: {error}. Trading is not touched; "
                "`cockpit halt` still reaches this cockpit through the data folder.",
                "control",
            )

    @property
    def watchers(self) -> Watchers:
        """Who watches."""
        return self._watchers

    def farewell(self) -> None:
        """Tell those who watch that the cockpit ends."""
        self._watchers.farewell()

    async def close(self) -> None:
        """Listen no more."""
        await self._server.stop()

    async def talk(self, channel: Channel) -> None:
        """Answer one caller until it leaves. Raises ChannelError for what makes no sense."""
        while (raw := await channel.receive(IDLE_S)) is not None:
            arrived = time.perf_counter_ns()
            try:
                request = msgspec.json.decode(raw, type=Request)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                raise ChannelError(f"a request that makes no sense: {error}") from error
            if isinstance(request, WatchRequest):
                await self._record(request, channel.peer)
                await self._watchers.attend(channel)
                return
            await channel.send(await self.answer(request, channel, arrived))

    async def answer(self, request: Command, channel: Channel, arrived: int) -> Final:
        """Carry a request out; what a person can act on becomes a `Refused`."""
        try:
            return await self._carried_out(request, channel, arrived)
        except (CockpitError, KernelError) as error:
            code = error.code if isinstance(error, CockpitError) else "KERNEL_ERROR"
            return Refused(code=code, text=error.user_text)

    async def _carried_out(self, request: Command, channel: Channel, arrived: int) -> Final:
        match request:
            case StatusRequest() | DoubtsRequest():
                return self._look(request)
            case HaltRequest():
                return await self._halt(request, channel.peer, arrived)
            case ResumeRequest():
                return await self._resume(request, channel.peer)
            case HealthRequest() | ArmRequest():
                body = self._checked(request, channel.peer)
                return await self._as_work(body, "health", Teller(channel), "Checking everything.")
            case DisarmRequest():
                return await self._disarm(request, channel.peer)
            case CancelAllRequest() | FlattenRequest():
                return await self._clear(request, channel)
            case (
                EntryRequest() | ImportRequest() | UndoRequest() | MeasureRequest()
                | RecapsRequest()
            ):  # fmt: skip
                told = Teller(channel)
                return await self._as_work(kept(self._core, request, told), "journal", told)

    def _look(self, request: StatusRequest | DoubtsRequest) -> Final:
        """What is there to be read, and changes nothing."""
        if isinstance(request, DoubtsRequest):
            return doubts_of(self._core)
        return status_of(self._core, self._since_ns)

    async def _as_work(
        self, body: Coroutine[Any, Any, T], name: str, told: Teller, why_slow: str = ""
    ) -> T | Refused:
        """Done to its end, also when the caller leaves; the session goes on meanwhile."""
        outcome = clearing.as_work(self._core, body, name, still=False)
        return await told.until(outcome, lambda: why_slow)

    async def _halt(self, request: HaltRequest, peer: Peer, arrived: int) -> Halted:
        core = self._core
        already = core.switch.state is TradingState.HALTED
        reason = request.reason or "Halted from a terminal."
        await core.commands.halt(reason)  # holds from here on; all else is keeping it
        held_after = (time.perf_counter_ns() - arrived) // 1000
        if not already:
            self._latch.tell(reason, who(peer))
        in_file, _ = await asyncio.gather(
            self._latch.keep(reason, who(peer)), self._record(request, peer)
        )
        await _until(lambda: core.switch.in_ledger, LEDGER_S)
        return Halted(
            account_id=core.account_id,
            reason=core.switch.reason,
            already=already,
            in_ledger=core.switch.in_ledger,
            in_file=in_file,
            held_after_us=held_after,
        )

    async def _resume(self, request: ResumeRequest, peer: Peer) -> Resumed | Refused:
        core = self._core
        if request.confirm != confirmation(core.account_id):
            return Refused(
                code="NOT_CONFIRMED",
                text=f'The confirmation must read "{confirmation(core.account_id)}". '
                "Trading stays as it is.",
            )
        already = core.switch.state is TradingState.ACTIVE
        if not already:
            now = core.clock.now_ns()
            await core.store.record(RECORD, core.account_id, now, self._asked(request, peer))
            await asyncio.shield(clearing.as_work(core, core.commands.resume(), "resume"))
        if core.switch.state is not TradingState.ACTIVE:
            return Refused(
                code="HALTED_MEANWHILE",
                text=f"Trading was halted again meanwhile: {core.switch.reason}",
            )
        return Resumed(
            account_id=core.account_id, already=already, not_ready=core.readiness.disconnected()
        )

    async def _checked(
        self, request: HealthRequest | ArmRequest, peer: Peer
    ) -> HealthReport | ArmingReport:
        """What is only said, or done, once everything was looked at."""
        core = self._core
        if isinstance(request, ArmRequest):
            await self._record(request, peer)
            already = core.arming.armed
            await core.commands.arm(f"Armed from a terminal by {who(peer)}")
            return self._armed(already=already)
        await core.commands.check_health()
        return HealthReport(
            account_id=core.account_id,
            armed=core.arming.armed,
            why_not=core.arming.why_not(),
            findings=tuple(core.health.all()),
        )

    async def _disarm(self, request: DisarmRequest, peer: Peer) -> ArmingReport:
        already = not self._core.arming.armed
        await self._core.commands.disarm(f"Disarmed from a terminal by {who(peer)}")
        await self._record(request, peer)
        return self._armed(already=already)

    def _armed(self, *, already: bool) -> ArmingReport:
        arming = self._core.arming
        return ArmingReport(
            account_id=self._core.account_id,
            armed=arming.armed,
            reason=arming.reason,
            already=already,
        )

    async def _clear(self, request: CancelAllRequest | FlattenRequest, channel: Channel) -> Final:
        core, told = self._core, Teller(channel)
        if isinstance(request, FlattenRequest) and request.everything:
            # As with the kill switch: latched before anything else is tried.
            await core.commands.halt("Flatten all, from a terminal.")
            await self._latch.keep("Flatten all, from a terminal.", who(channel.peer))
        await self._record(request, channel.peer)
        if isinstance(request, CancelAllRequest):
            body = clearing.cancel_all(core, told)
        elif request.everything:
            body = clearing.flatten_all(core, told)
        else:
            body = clearing.flatten(core, request.symbols, told)
        return await told.until(clearing.as_work(core, body, "clear"), self._why_slow)

    def _why_slow(self) -> str:
        playback = self._core.playback
        paused = playback is not None and playback.paused
        return "The session is paused: the broker answers when it goes on." if paused else ""

    async def _record(self, request: Request, peer: Peer) -> bool:
        """Write who asked for what to the audit log; a ledger that can't must not hold it up."""
        core = self._core
        try:
            async with asyncio.timeout(RECORD_S):
                now = core.clock.now_ns()
                await core.store.record(RECORD, core.account_id, now, self._asked(request, peer))
        except (StoreError, TimeoutError) as error:
            _log.warning("request_not_recorded", request=str(request), error=str(error))
            return False
        return True

    def _asked(self, request: Request, peer: Peer) -> Asked:
        _log.info("request", request=str(request), who=who(peer))
        return Asked(request=request, who=who(peer), asked_ns=WallClock().now_ns())


class Teller:
    """Tells the caller how far it has come; a caller who has left is no reason to stop."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.last = ""

    def __call__(self, text: str) -> None:
        """Send a line."""
        self.last = text
        self._channel.put(msgspec.json.encode(Progress(text=text)))

    async def until(self, outcome: asyncio.Future[T], why_slow: Callable[[], str]) -> T | Refused:
        """Wait for the outcome with a line a second; not for ever."""
        for _ in range(round(LONGEST_S / BEAT_S)):
            done, _ = await asyncio.wait({outcome}, timeout=BEAT_S)
            if done:
                return outcome.result()
            self(why_slow() or self.last)
        return Refused(
            code="NO_ANSWER_YET",
            text=f"It is still under way after {LONGEST_S:g} s. {why_slow() or self.last} "
            "It goes on; ask `cockpit status` how it stands.",
        )


def confirmation(account_id: str) -> str:
    """What a person types to resume."""
    return f"RESUME {account_id}"


def who(peer: Peer) -> str:
    """Whoever called, for the audit log."""
    return f"user {peer.uid}, process {peer.pid}" if peer.pid else "a terminal of this user"


async def _until(true: Callable[[], bool], seconds: float) -> None:
    for _ in range(round(seconds / 0.01)):
        if true():
            return
        await asyncio.sleep(0.01)
