"""What a person may ask for, on a real session: a refusal is an alert, never a lost exception."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.app.commands import Commands
from cockpit.app.errors import AppError
from cockpit.app.launch import Approve
from cockpit.app.recapping.room import Export
from cockpit.domain.alert import Severity
from cockpit.domain.errors import DomainError
from cockpit.domain.events import ApprovalRequested, PlaybackChanged
from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderIntent, OrderState, OrderType, Side
from cockpit.ports.feed import FeedError
from cockpit.trading.kill_switch import KillReport
from tests.support.waiting import eventually
from tests.unit.app.conftest import OpenSession


async def test_a_command_that_fails_is_an_alert_and_tells_its_caller(session: OpenSession) -> None:
    async with session(speed=0.1) as core:
        told: list[str] = []
        for _ in range(2):
            core.commands.run(core.commands.approve("nobody"), "approve-trade", told.append)
        [alert] = await eventually(lambda: len(told) == 2 and core.alerts.active())
        assert (alert.key, alert.count) == ("command.approve-trade", 2)
        assert alert.severity is Severity.WARNING
        assert alert.title == "Approve trade did not work"
        assert alert.text == told[0] == told[1]
        core.commands.acknowledge(alert.key)
        assert core.alerts.active() == []


async def test_a_fault_of_the_program_is_an_alert_of_the_kernel(session: OpenSession) -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    async with session(speed=0.1) as core:
        core.commands.run(broken(), "count-shares")
        [alert] = await eventually(core.alerts.active)
        assert alert.key == "crash.commands.count-shares"
        assert alert.severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("approve", "state"), [(Approve.ALL, OrderState.FILLED), (Approve.NONE, OrderState.DENIED)]
)
async def test_unattended_every_proposal_gets_the_same_answer(
    session: OpenSession, approve: Approve, state: OrderState
) -> None:
    async with session(approve=approve) as core:
        asked: list[str] = []
        core.bus.subscribe(ApprovalRequested, lambda e: asked.append(e.request.request_id))
        await core.finished.wait()
        await core.clock.settled()
        entries = [o for o in core.orders.all() if o.intent.intent_id.endswith("entry")]
        assert len(asked) == len(entries) == 2
        assert {order.state for order in entries} == {state}
        assert core.approvals.waiting() == []


async def test_a_person_is_asked_and_nobody_answers_for_them(session: OpenSession) -> None:
    async with session(approve=Approve.ASK, speed=1000) as core:
        asked: list[str] = []
        core.bus.subscribe(ApprovalRequested, lambda e: asked.append(e.request.request_id))
        await core.finished.wait()
        assert len(asked) == 2
        assert {o.state for o in core.orders.all()} == {OrderState.DENIED}
        assert await core.store.fills(core.account_id) == []


async def test_intents_are_named_in_the_order_they_are_made(session: OpenSession) -> None:
    async with session(speed=0.1) as core:
        made = [_buy(core.commands).intent_id for _ in range(2)]
        assert made == ["REPLAY-1/manual/1", "REPLAY-1/manual/2"]
        with pytest.raises(DomainError):
            core.commands.intent(
                symbol="ACME", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal("NaN")
            )


async def test_halted_nothing_goes_out_until_a_person_resumes(session: OpenSession) -> None:
    async with session(speed=0.1) as core:
        await core.commands.halt("Lunch")
        assert core.switch.state is TradingState.HALTED
        order = await core.commands.place(_buy(core.commands))
        assert order.state is OrderState.DENIED
        await core.commands.resume()
        assert core.switch.state is TradingState.ACTIVE


async def test_the_kill_switch_reports_what_the_broker_confirmed(session: OpenSession) -> None:
    async with session(speed=10) as core:
        report = await core.commands.kill_all("Enough")
        assert report.confirmed
        [alert] = core.alerts.active()
        assert (alert.key, alert.severity) == ("kill-switch", Severity.NOTICE)
        assert core.switch.state is TradingState.HALTED


async def test_the_kill_switch_answers_while_the_session_is_paused(session: OpenSession) -> None:
    async with session(speed=10) as core:
        core.commands.pause()
        assert core.playback is not None
        firing = asyncio.gather(core.commands.kill_all("Enough"), core.commands.kill_all("Twice"))
        reports = await asyncio.wait_for(firing, 60)
        assert all(report.confirmed for report in reports)
        assert core.switch.state is TradingState.HALTED
        assert core.playback.paused, "it stands still again, as the person left it"


async def test_a_kill_without_the_ledger_says_where_its_record_is(session: OpenSession) -> None:
    async with session(speed=10) as core:
        fired = core.commands._kill_switch

        async def fire(_reason: str, *, flatten: bool) -> KillReport:
            assert flatten
            return KillReport(
                still_open=(),
                positions_left=("ABC",),
                aside="D/emergency.jsonl",
                problems=("ABC: not closed while an order may still fill",),
            )

        fired.fire = fire
        await core.commands.kill_all("Enough", flatten=True)
        [alert] = core.alerts.active()
        assert alert.severity is Severity.WARNING
        for words in ("nothing protects", "recorded in D/emergency.jsonl", "not closed while"):
            assert words in alert.text


async def test_playback_obeys_and_everybody_hears(session: OpenSession) -> None:
    async with session(speed=0.1) as core:
        heard: list[PlaybackChanged] = []
        core.bus.subscribe(PlaybackChanged, heard.append)
        core.commands.pause()
        assert heard[-1].paused
        core.commands.unpause()
        core.commands.set_speed(60)
        assert (heard[-1].paused, heard[-1].speed) == (False, 60)
        with pytest.raises(FeedError):
            core.commands.set_speed(0)
        assert core.playback is not None
        assert core.playback.speed == 60


async def test_a_live_market_has_no_playback(session: OpenSession) -> None:
    async with session(speed=0.1) as core:
        core.commands._playback = None
        with pytest.raises(AppError, match="no playback"):
            core.commands.pause()


async def test_the_day_can_be_noted_and_told(session: OpenSession, tmp_path: Path) -> None:
    async with session() as core:
        await core.finished.wait()
        await core.clock.settled()
        entry = await core.commands.write_note("2018-01-02", "Patience paid.", ("calm",), 4)
        assert (entry.note, entry.rating) == ("Patience paid.", 4)
        out = tmp_path / "recap.md"
        await core.commands.export_recap("2018-01-02", "daily", Export(fmt="md", path=out))
        recap = await core.commands.draft_recap("2018-01-02")
        assert recap.title in out.read_text(encoding="utf-8")


def _buy(commands: Commands) -> OrderIntent:
    return commands.intent(symbol="ACME", side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(1))
