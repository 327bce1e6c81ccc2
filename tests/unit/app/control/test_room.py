"""A second terminal at a running cockpit: the same commands, on record, with proof."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cockpit.app.audit import stored_rows
from cockpit.app.control import room
from cockpit.app.control.calling import call
from cockpit.app.control.latch import ALERT
from cockpit.app.control.messages import (
    CancelAllRequest,
    Cleared,
    FlattenRequest,
    Halted,
    HaltRequest,
    Refused,
    Request,
    Resumed,
    ResumeRequest,
    StatusReport,
    StatusRequest,
)
from cockpit.app.core import Core
from cockpit.domain.limits import TradingState
from cockpit.kernel.clock import SECOND
from cockpit.kernel.ipc import ChannelError, connect
from tests.support.waiting import eventually
from tests.unit.app.conftest import OpenSession
from tests.unit.app.test_standing import LIVE


async def ask(folder: Path, request: Request, told: list[str] | None = None) -> Any:
    return await call(folder / "data", request, (told if told is not None else []).append)


def controls(folder: Path) -> list[dict[str, Any]]:
    rows = [row for row in stored_rows(folder / "data", "") if row.kind == "control"]
    return [msgspec.json.decode(row.payload) for row in rows]


@pytest.mark.usefixtures("lasting")
async def test_halt_holds_is_kept_and_on_record(session: OpenSession, tmp_path: Path) -> None:
    async with session(**LIVE) as core:
        halted = await ask(tmp_path, HaltRequest(reason="Lunch."))
        assert isinstance(halted, Halted)
        assert (halted.in_ledger, halted.in_file, halted.already) == (True, True, False)
        assert halted.held_after_us < 50_000
        assert core.switch.state is TradingState.HALTED
        (told,) = [alert for alert in core.alerts.active() if alert.key == ALERT]
        assert told.text.startswith("Lunch. Asked for by ")
        again = await ask(tmp_path, HaltRequest(reason="Dinner."))
        assert (again.already, again.reason) == (True, "Lunch.")
        await core.commands.resume()
        assert ALERT not in {alert.key for alert in core.alerts.active()}, "it is lifted"
    first, _second = controls(tmp_path)
    assert first["request"] == {"request": "halt", "reason": "Lunch."}
    assert "process" in first["who"] or "terminal" in first["who"]
    assert first["asked_ns"] > 0


@pytest.mark.usefixtures("lasting")
async def test_resume_needs_the_account_typed(session: OpenSession, tmp_path: Path) -> None:
    async with session(**LIVE) as core:
        await core.commands.halt("Stop.")
        for wrong in ("", "RESUME", "RESUME PAPER-1", "resume LIVE"):
            refused = await ask(tmp_path, ResumeRequest(confirm=wrong))
            assert isinstance(refused, Refused)
            assert core.switch.state is TradingState.HALTED
        resumed = await ask(tmp_path, ResumeRequest(confirm=f"RESUME {core.account_id}"))
        assert resumed == Resumed(
            account_id=core.account_id, already=False, not_ready=resumed.not_ready
        )
        assert core.switch.state is TradingState.ACTIVE
        again = await ask(tmp_path, ResumeRequest(confirm=f"RESUME {core.account_id}"))
        assert again.already


async def test_status_tells_what_is_there(session: OpenSession, tmp_path: Path) -> None:
    async with session(speed=1.0) as core:
        report = await ask(tmp_path, StatusRequest())
        assert isinstance(report, StatusReport)
        assert (report.running, report.account_id) == (True, core.account_id)
        assert report.state is TradingState.ACTIVE
        assert {lamp.name for lamp in report.lamps} >= {"paper"}
        assert msgspec.json.decode(msgspec.json.encode(report), type=StatusReport) == report
        assert controls(tmp_path) == []  # a question changes nothing


async def test_cancel_all_lists_nothing_once_the_broker_agrees(
    session: OpenSession, tmp_path: Path
) -> None:
    async with session(speed=60.0) as core:
        await _holding(core)
        assert core.orders.open()  # its stop rests
        told: list[str] = []
        cleared = await ask(tmp_path, CancelAllRequest(), told)
        assert isinstance(cleared, Cleared)
        assert cleared.confirmed, cleared
        assert (cleared.state, cleared.flattened) == (TradingState.ACTIVE, False)
        assert told[0].startswith("Cancelling ")
    assert [row["request"] for row in controls(tmp_path)] == [{"request": "cancel-all"}]


async def test_flatten_one_symbol_leaves_the_others(session: OpenSession, tmp_path: Path) -> None:
    async with session(speed=60.0) as core:
        symbol = await _holding(core)
        cleared = await ask(tmp_path, FlattenRequest(symbols=(symbol, symbol)))
        assert cleared.confirmed, cleared
        assert core.switch.state is TradingState.ACTIVE
        await eventually(lambda: core.portfolio.position(symbol).flat)
        assert (await ask(tmp_path, FlattenRequest(symbols=("NOBODY",)))).confirmed


async def test_flatten_all_halts_first_and_proves_it(session: OpenSession, tmp_path: Path) -> None:
    async with session(speed=60.0) as core:
        await _holding(core)
        cleared = await ask(tmp_path, FlattenRequest(everything=True))
        assert cleared.confirmed, cleared
        assert core.switch.state is TradingState.HALTED
        await eventually(lambda: not core.portfolio.open_positions())
        assert not core.orders.open()


async def test_a_paused_session_says_why_it_takes_long(
    session: OpenSession, tmp_path: Path
) -> None:
    async with session(speed=60.0) as core:
        symbol = await _holding(core)
        assert core.playback is not None
        core.playback.pause()  # nothing can fill: a broker that does not answer
        told: list[str] = []
        answers: list[Any] = []
        flattening = ask(tmp_path, FlattenRequest(everything=True), told)
        core.supervisor.serve(lambda: _into(answers, flattening), name="ask", owner="test")
        await eventually(lambda: any("paused" in line for line in told))
        assert core.switch.state is TradingState.HALTED
        assert not core.portfolio.position(symbol).flat
        core.playback.resume()
        [cleared] = await eventually(lambda: answers, 20)
        assert cleared.confirmed, cleared


async def test_what_takes_for_ever_is_told_as_unproven(
    session: OpenSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BEAT_S", 0.01)
    monkeypatch.setattr(room, "LONGEST_S", 0.03)
    async with session(speed=60.0) as core:
        await _holding(core)
        assert core.playback is not None
        core.playback.pause()
        refused = await ask(tmp_path, FlattenRequest(everything=True))
        assert isinstance(refused, Refused)
        assert refused.code == "NO_ANSWER_YET"
        assert "paused" in refused.text
        core.playback.resume()
        await eventually(lambda: not core.portfolio.open_positions(), 20)


async def test_a_caller_who_leaves_does_not_take_the_command_along(
    session: OpenSession, tmp_path: Path
) -> None:
    async with session(speed=60.0) as core:
        await _holding(core)
        async with connect(tmp_path / "data", 3.0) as channel:
            await channel.send(FlattenRequest(everything=True))
            await eventually(lambda: core.switch.state is TradingState.HALTED)
        await eventually(lambda: not core.portfolio.open_positions(), 20)


async def test_a_request_nobody_knows_costs_its_connection(
    session: OpenSession, tmp_path: Path
) -> None:
    async with session(speed=1.0) as core, connect(tmp_path / "data", 3.0) as channel:
        channel.put(b'{"request": "withdraw", "amount": 1000000}')
        with pytest.raises(ChannelError):
            await channel.take(Refused, 3.0)
        assert isinstance(await ask(tmp_path, StatusRequest()), StatusReport)
        assert core.switch.state is TradingState.ACTIVE


async def _holding(core: Core) -> str:
    """Go to where the strategy holds something that its stop protects."""
    playback = core.playback
    assert playback is not None
    there = playback.start_ns + 345 * SECOND
    playback.seek(there)
    await eventually(lambda: playback.position_ns >= there, 20)
    await eventually(
        lambda: core.portfolio.open_positions() and core.orders.open(), 30, "a position"
    )
    return core.portfolio.open_positions()[0].symbol


async def _into(answers: list[Any], answer: Awaitable[Any]) -> None:
    answers.append(await answer)
