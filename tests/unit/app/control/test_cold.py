"""With no cockpit running: the latch, the ledger, and the usual start without a window."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.app.control import cold
from cockpit.app.control.latch import LatchFile
from cockpit.app.control.messages import CancelAllRequest, Cleared, FlattenRequest, Refused, Resumed
from cockpit.app.core import Core
from cockpit.app.errors import NothingThereError
from cockpit.app.launch import STORE_NAME
from cockpit.domain.account import Mode
from cockpit.domain.limits import TradingState
from cockpit.kernel.instance import InstanceError, InstanceLock
from tests.unit.app.conftest import OpenSession
from tests.unit.app.control.test_room import controls
from tests.unit.app.test_paper_account import PAPER, placed
from tests.unit.app.test_standing import LIVE


@pytest.fixture
async def account(session: OpenSession, lasting: None) -> str:
    """A lasting account whose session is over."""
    async with session(**LIVE) as core:
        return core.account_id


def _below(folder: Path) -> Iterator[Path]:
    return folder.rglob("*")


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Another program holds the ledger."""
    with closing(sqlite3.connect(data / STORE_NAME, isolation_level=None)) as other:
        other.execute("pragma locking_mode = exclusive")
        other.execute("begin exclusive")
        yield
        other.execute("rollback")


async def test_a_halt_is_found_by_the_next_start(
    session: OpenSession, tmp_path: Path, account: str
) -> None:
    left = await cold.halt(tmp_path / "data", "Not today.", "me")
    assert left == cold.ColdHalt(in_file=True, accounts=(account,))
    LatchFile(tmp_path / "data", Mode.LIVE).remove()  # the ledger alone is enough
    async with session(**LIVE) as core:
        assert core.switch.state is TradingState.HALTED
        assert core.switch.reason == "Not today."
    [asked] = controls(tmp_path)
    assert asked["who"] == "me"


async def test_a_locked_ledger_does_not_keep_a_halt_out(
    session: OpenSession, tmp_path: Path, account: str
) -> None:
    with locked(tmp_path / "data"):
        left = await cold.halt(tmp_path / "data", "Not today.", "me")
    assert left.in_file
    assert left.accounts == ()
    assert left.problem
    async with session(**LIVE) as core:
        assert core.account_id == account
        assert core.switch.state is TradingState.HALTED


async def test_a_damaged_ledger_neither(tmp_path: Path) -> None:
    (tmp_path / STORE_NAME).write_bytes(b"this is no ledger" * 400)
    left = await cold.halt(tmp_path, "Not today.", "me")
    assert left.in_file
    assert "ledger" in left.problem


async def test_a_folder_that_is_not_there_is_told_not_made(tmp_path: Path) -> None:
    with pytest.raises(NothingThereError):
        await cold.halt(tmp_path / "typo", "Stop", "me")
    assert not list(_below(tmp_path))


async def test_a_silent_cockpit_finds_the_latch_of_its_mode(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path)
    lock.acquire()
    try:
        with pytest.raises(InstanceError):
            await cold.halt(tmp_path, "Stop", "me")
    finally:
        lock.release()
    assert all(LatchFile(tmp_path, mode).read() for mode in Mode)


async def test_resume_takes_ledger_and_latch_back(
    session: OpenSession, tmp_path: Path, account: str
) -> None:
    data = tmp_path / "data"
    await cold.halt(data, "Not today.", "me")
    refused = await cold.resume(data, "RESUME", "me")
    assert isinstance(refused, Refused)
    assert f'"RESUME {account}"' in refused.text
    for already in (False, True):
        resumed = await cold.resume(data, f"RESUME {account}", "me")
        assert resumed == Resumed(account_id=account, already=already)
    async with session(**LIVE) as core:
        assert core.switch.state is TradingState.ACTIVE


async def test_status_tells_what_the_ledger_last_knew(tmp_path: Path, account: str) -> None:
    data = tmp_path / "data"
    [report] = await cold.status(data)
    assert (report.running, report.account_id, report.state) == (
        False,
        account,
        TradingState.ACTIVE,
    )
    assert report.as_of_ns > 0
    await cold.halt(data, "Not today.", "me")
    [report] = await cold.status(data)
    assert (report.state, report.reason) == (TradingState.HALTED, "Not today.")


async def test_status_of_what_a_simulated_session_left(
    session: OpenSession, tmp_path: Path
) -> None:
    async with session() as core:
        await core.finished.wait()
        fills = await core.store.fills(core.account_id)
        assert fills
    [report] = await cold.status(tmp_path / "data")
    assert report.account_id == "REPLAY-1"
    assert "ended with its session" in report.reason
    assert report.as_of_ns >= max(fill.ts_init for fill in fills)


async def test_nothing_stored_nothing_told(tmp_path: Path) -> None:
    with pytest.raises(NothingThereError):
        await cold.status(tmp_path)
    store = await open_store(tmp_path / STORE_NAME)
    await store.close()
    with pytest.raises(NothingThereError):
        await cold.status(tmp_path)


async def held(core: Core) -> str:
    """Buy something and let an order rest."""
    symbol = core.feed.instruments[0].symbol
    await placed(core, symbol, 10)
    mark = core.portfolio.mark_of(symbol) or 0.0
    await placed(core, symbol, 5, str(round(mark * 0.97, 2)))
    return symbol


async def test_flatten_all_closes_what_a_session_left(
    session: OpenSession, tmp_path: Path, config: Path
) -> None:
    data = tmp_path / "data"
    async with session(**PAPER) as core:
        symbol = await held(core)
    [left] = await cold.status(data)
    assert [p.symbol for p in left.positions] == [symbol]
    assert len(left.orders) == 1
    told: list[str] = []
    [cleared] = await cold.clear(data, config, FlattenRequest(everything=True), told.append, "me")
    assert isinstance(cleared, Cleared)
    assert cleared.confirmed, cleared
    assert cleared.state is TradingState.HALTED
    assert "starting PAPER-1 unseen" in told[0]
    assert LatchFile(data, Mode.PAPER).read() is not None
    assert controls(tmp_path)[-1]["who"] == "me"
    [after] = await cold.status(data)
    assert (after.positions, after.orders, after.state) == ((), (), TradingState.HALTED)
    async with session(**PAPER) as core:
        assert core.portfolio.open_positions() == []
        assert core.switch.state is TradingState.HALTED


async def test_cancel_all_leaves_the_position_and_trading_as_they_are(
    session: OpenSession, tmp_path: Path, config: Path
) -> None:
    data = tmp_path / "data"
    async with session(**PAPER) as core:
        symbol = await held(core)
    [cleared] = await cold.clear(data, config, CancelAllRequest(), print, "me")
    assert isinstance(cleared, Cleared)
    assert cleared.confirmed, cleared
    assert cleared.state is TradingState.ACTIVE
    [report] = await cold.asked_status(data, config, print)
    assert (report.running, report.asked, report.orders) == (False, True, ())
    assert [p.symbol for p in report.positions] == [symbol]
    assert {lamp.name for lamp in report.lamps} >= {"paper"}


async def test_an_account_that_can_not_be_started_is_an_answer(
    session: OpenSession, tmp_path: Path, config: Path
) -> None:
    data = tmp_path / "data"
    async with session(**PAPER) as core:
        await held(core)
    (data / "paper" / "PAPER-1.sqlite3").rename(tmp_path / "elsewhere")
    [refused] = await cold.clear(data, config, FlattenRequest(everything=True), print, "me")
    assert isinstance(refused, Refused)
    assert refused.text.startswith("PAPER-1: ")
    assert LatchFile(data, Mode.PAPER).read() is not None  # it is halted all the same


async def test_a_simulated_account_has_nothing_to_clear(
    session: OpenSession, tmp_path: Path, config: Path
) -> None:
    async with session():
        pass
    with pytest.raises(NothingThereError, match="ends with its session"):
        await cold.clear(tmp_path / "data", config, CancelAllRequest(), print, "me")
    with pytest.raises(NothingThereError, match="outlives"):
        await cold.asked_status(tmp_path / "data", config, print)
