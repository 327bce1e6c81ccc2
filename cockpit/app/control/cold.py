"""The same requests with no cockpit running: on the ledger, and through the usual start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import structlog

from cockpit.adapters.storage import open_store
from cockpit.app import registry
from cockpit.app.control import clearing
from cockpit.app.control.latch import LASTING, LatchFile
from cockpit.app.control.messages import (
    CancelAllRequest,
    Command,
    Final,
    FlattenRequest,
    HaltRequest,
    Refused,
    Resumed,
    ResumeRequest,
    StatusReport,
)
from cockpit.app.control.room import RECORD, Asked, confirmation
from cockpit.app.control.standing import held_position, open_order, status_of
from cockpit.app.core import Core
from cockpit.app.errors import NothingThereError
from cockpit.app.launch import CACHE_FOLDER, STORE_NAME
from cockpit.app.ledger import ledger_in
from cockpit.app.lifecycle import Session
from cockpit.app.limits.lockout import LockedOutError, kept_lock
from cockpit.app.paper_time import paper_time
from cockpit.app.signing.accounts import AccountBook
from cockpit.app.signing.choosing import without_accounts
from cockpit.app.starting import launch_of_settings, settings_of
from cockpit.domain.account import Mode
from cockpit.domain.errors import CockpitError
from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderState
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import WallClock
from cockpit.kernel.errors import KernelError
from cockpit.kernel.instance import InstanceError, InstanceLock
from cockpit.kernel.private_files import PrivateFileError
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.session import SessionCalendar
from cockpit.ports.store import Run, Store, StoreError
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.state import TradingSwitch
from cockpit.trading.state_log import StateLog

PRICES_S = 15.0
_log = structlog.get_logger(__name__)
Tell = Callable[[str], None]


def _nobody(_text: str) -> None:
    """Listen to nothing."""


class ColdHalt(msgspec.Struct, frozen=True, kw_only=True):
    """Where a halt without a running cockpit is kept; `problem` is why the ledger has it not."""

    in_file: bool
    accounts: tuple[str, ...] = ()
    problem: str = ""

    @property
    def holds(self) -> bool:
        """True when the next start will find it."""
        return self.in_file or bool(self.accounts)


def latch(data_dir: Path, reason: str, who: str, modes: Iterable[Mode] = LASTING) -> bool:
    """Leave a halt for every account that lasts; False if the disk refuses.

    A simulated account ends with its session: only a cockpit that hangs may find one for it.

    Raises NothingThereError where there is no data folder at all.
    """
    if not data_dir.is_dir():
        why = f"There is no data folder {data_dir}, so there is nothing to halt."
        raise NothingThereError(why, user_text=f"{why} Name another with --data-dir.")
    kept = True
    for mode in modes:
        try:
            LatchFile(data_dir, mode).write(reason, who)
        except (OSError, PrivateFileError):
            kept = False
    return kept


async def halt(data_dir: Path, reason: str, who: str, tell: Tell = _nobody) -> ColdHalt:
    """Leave the latch, then write the halt into the ledger of every lasting account.

    Raises InstanceError when a cockpit holds the folder; the latch is there by then.
    """
    in_file = latch(data_dir, reason, who)
    lock = InstanceLock(data_dir)
    try:
        lock.acquire()
    except InstanceError:
        latch(data_dir, reason, who, Mode)  # for the cockpit that holds it, whatever its mode
        raise
    if in_file:
        tell("The halt is left in the data folder; writing it into the ledger, too.")
    try:
        accounts, problem = await _halt_in_ledger(data_dir, reason, who)
    finally:
        lock.release()
    return ColdHalt(in_file=in_file, accounts=accounts, problem=problem)


async def _halt_in_ledger(data_dir: Path, reason: str, who: str) -> tuple[tuple[str, ...], str]:
    if not (data_dir / STORE_NAME).exists():
        return (), ""
    halted: list[str] = []
    try:
        store = await open_store(data_dir / STORE_NAME)
        try:
            for run in await _lasting_runs(store):
                await _record(store, run, HaltRequest(reason=reason), who)
                async with _switch(store, run) as switch:
                    switch.tighten(TradingState.HALTED, reason)
                halted += [run.account_id] if switch.in_ledger else []
        finally:
            await store.close()
    except StoreError as error:
        return tuple(halted), error.user_text
    return tuple(halted), ""


async def resume(data_dir: Path, confirm: str, who: str) -> Resumed | Refused:
    """Let the account named in `confirm` start active again; ledger first, then the latch.

    Raises NothingThereError, StoreError, InstanceError.
    """
    async with _ledger(data_dir) as store:
        runs = await _lasting_runs(store)
        run = next((run for run in runs if confirmation(run.account_id) == confirm), None)
        if run is None:
            wanted = " or ".join(f'"{confirmation(run.account_id)}"' for run in runs)
            text = (
                f"The confirmation must read {wanted}. Nothing was changed."
                if runs
                else "No account of this data folder outlives its session, so none is halted."
            )
            return Refused(code="NOT_CONFIRMED", text=text)
        if locked := await _locked(data_dir, run):
            return Refused(code=LockedOutError.code, text=locked)
        await _record(store, run, ResumeRequest(confirm=confirm), who)
        async with _switch(store, run) as switch:
            resumed = await switch.resume("Resumed by you, from a terminal.")
        file = LatchFile(data_dir, run.mode)
        latched = file.read() is not None
        file.remove()
    return Resumed(account_id=run.account_id, already=not (resumed or latched))


async def asked_status(data_dir: Path, config: Path | None, tell: Tell) -> tuple[StatusReport, ...]:
    """What the broker says of each lasting account now, by the usual start's recovery.

    Raises NothingThereError where none lasts, and what a start raises.
    """
    async with _ledger(data_dir) as store:
        runs = await _lasting_runs(store)
    if not runs:
        why = f"No account in {data_dir} outlives its session, so no broker can be asked."
        raise NothingThereError(why, user_text=why)
    reports: list[StatusReport] = []
    for run in runs:
        tell(f"No cockpit runs: starting {run.account_id} unseen, without strategies.")
        async with _session(data_dir, config, run) as core:
            report = status_of(core, 0)
        reports.append(msgspec.structs.replace(report, running=False, pid=0, asked=True))
    return tuple(reports)


async def status(data_dir: Path) -> tuple[StatusReport, ...]:
    """What the ledger last knew of each lasting account, else of the last session.

    Raises NothingThereError, StoreError, InstanceError.
    """
    async with _ledger(data_dir) as store:
        runs = await _lasting_runs(store) or list(await store.runs())[-1:]
        if not runs:
            why = f"The ledger in {data_dir} holds no session yet."
            raise NothingThereError(why, user_text=why)
        return tuple([await _last_known(store, run, data_dir) for run in runs])


async def clear(
    data_dir: Path,
    config: Path | None,
    request: CancelAllRequest | FlattenRequest,
    tell: Tell,
    who: str,
) -> tuple[Final, ...]:
    """Start without strategies or window, carry the request out, verify, stop: each account.

    Raises NothingThereError where no account outlives its session. What else keeps an
    account from being cleared is its answer.
    """
    if isinstance(request, FlattenRequest) and request.everything:
        latch(data_dir, "Flatten all, from a terminal.", who)
    async with _ledger(data_dir) as store:
        runs = await _lasting_runs(store)
    if not runs:
        why = "No cockpit runs here, and a simulated account ends with its session"
        raise NothingThereError(
            why, user_text=f"{why}: nothing of it can be open. Nothing was changed."
        )
    return tuple([await _cleared(data_dir, config, run, request, tell, who) for run in runs])


async def _cleared(  # noqa: PLR0917 -- one account's turn with all that the request came with
    data_dir: Path,
    config: Path | None,
    run: Run,
    request: CancelAllRequest | FlattenRequest,
    tell: Tell,
    who: str,
) -> Final:
    tell(f"No cockpit runs: starting {run.account_id} unseen, without strategies.")
    try:
        async with _session(data_dir, config, run) as core:
            await _record(core.store, run, request, who)
            return await clearing.as_work(core, _carried_out(core, request, tell), "clear")
    except (CockpitError, KernelError) as error:
        code = error.code if isinstance(error, CockpitError) else "KERNEL_ERROR"
        return Refused(code=code, text=f"{run.account_id}: {error.user_text}")


@asynccontextmanager
async def _session(data_dir: Path, config: Path | None, run: Run) -> AsyncGenerator[Core]:
    """The account brought up by the usual start, with nobody who would trade.

    Real money is not confirmed again: what is asked for here only cancels and closes.
    """
    stored = AccountBook(data_dir).opening(run.opens).name if run.opens else ""
    launch = launch_of_settings(
        data_dir,
        config,
        mode=run.mode,
        broker="" if stored else without_accounts(settings_of(config)),
        account=stored,
        interactive=False,
    )
    session = Session(replace(launch, strategies=(), only_closes=True))
    core = await session.start()
    try:
        yield core
    finally:
        await session.stop()


async def _carried_out(core: Core, request: CancelAllRequest | FlattenRequest, tell: Tell) -> Final:
    if isinstance(request, CancelAllRequest):
        return await clearing.cancel_all(core, tell)
    if core.portfolio.open_positions():
        tell("Waiting for prices.")
        await _priced(core)
    if request.everything:
        return await clearing.flatten_all(core, tell)
    return await clearing.flatten(core, request.symbols, tell)


async def _priced(core: Core) -> None:
    """Wait until what is held has a quote, for a while; the gate has the last word."""
    for _ in range(round(PRICES_S / 0.1)):
        if all(core.book.quote(p.symbol) is not None for p in core.portfolio.open_positions()):
            return
        await core.clock.sleep(0.1)  # the market moves on meanwhile


@asynccontextmanager
async def _ledger(data_dir: Path) -> AsyncGenerator[Store]:
    path = ledger_in(data_dir)
    lock = InstanceLock(data_dir)
    lock.acquire()
    try:
        store = await open_store(path)
        try:
            yield store
        finally:
            await store.close()
    finally:
        lock.release()


async def _lasting_runs(store: Store) -> list[Run]:
    """Each account that outlives its session; of the paper broker's own the newest."""
    runs = {(run.mode, run.opens): run for run in await store.runs() if run.mode in LASTING}
    return list(runs.values())


@asynccontextmanager
async def _switch(store: Store, run: Run) -> AsyncGenerator[TradingSwitch]:
    """The account's trading switch as the ledger knows it; stored when this ends."""
    clock = WallClock()
    supervisor = Supervisor(clock)
    switch = TradingSwitch(Bus(), clock, StateLog(store, clock, supervisor, run.account_id))
    await switch.take_over()
    try:
        yield switch
    finally:
        await switch.close()
        await supervisor.stop()


async def _record(store: Store, run: Run, request: Command, who: str) -> None:
    """Write who asked to the audit log; only a resume must not go on without it."""
    now = WallClock().now_ns()
    asked = Asked(request=request, who=who, asked_ns=now)
    try:
        await store.record(RECORD, run.account_id, now, asked)
    except StoreError:
        if isinstance(request, ResumeRequest):
            raise


async def _locked(data_dir: Path, run: Run) -> str:
    """Why and until when nobody may resume, empty when one may."""
    lock = kept_lock(data_dir, run.account_id)
    if run.mode not in LASTING or lock.until_ns == 0:
        return ""
    now = await asyncio.to_thread(_goes_on_ns, data_dir, run)
    return lock.words if now < lock.until_ns else ""


def _goes_on_ns(data_dir: Path, run: Run) -> int:
    """Now, as the account's next session has it: a simulated market waits while it is closed."""
    try:
        if not run.opens and registry.find("feeds", run.source).mode.simulated:
            calendar = SessionCalendar(data_dir / CACHE_FOLDER)
            return paper_time(data_dir / STORE_NAME, run.source, calendar, fresh=False)
    except CockpitError as error:  # a feed or a calendar that is no longer there
        _log.warning("time_of_account", error=str(error))
    return WallClock().now_ns()


async def _last_known(store: Store, run: Run, data_dir: Path) -> StatusReport:
    orders = await store.orders(run.account_id)
    booked = await store.ledger(run.account_id)
    still_open = [order for order in orders if order.state.at_venue]
    async with _switch(store, run) as switch:
        state, reason = switch.state, switch.reason
    if run.mode in LASTING and (left := LatchFile(data_dir, run.mode).read()) is not None:
        state, reason = TradingState.HALTED, left.reason
    if run.mode not in LASTING:
        reason = "This account ended with its session."
    times = [order.updated_ns for order in orders] + [entry.ts_init for entry in booked]
    as_of_ns = max([run.started_ns, *times])
    portfolio = Portfolio(Bus(), run.account_id)
    portfolio.restore(booked, as_of_ns)
    return StatusReport(
        running=False,
        as_of_ns=as_of_ns,
        mode=run.mode,
        account_id=run.account_id,
        label=run.label,
        state=state,
        reason=reason,
        locked=await _locked(data_dir, run),
        not_ready="No cockpit is running.",
        positions=tuple(held_position(p) for p in portfolio.open_positions()),
        orders=tuple(open_order(order) for order in still_open),
        unknown=tuple(o.client_order_id for o in still_open if o.state is OrderState.UNKNOWN),
    )
