"""The demo as it runs: green by itself, armed with one word, and what makes it fall."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.app.arming import NotArmedError
from cockpit.app.core import Core
from cockpit.app.launch import STORE_NAME, Approve
from cockpit.domain.account import Mode
from cockpit.domain.approval import Autonomy
from cockpit.ports.health import CheckState
from tests.support.waiting import eventually
from tests.unit.app.conftest import OpenSession

DEMO = {
    "mode": Mode.DEMO,
    "feed": "synthetic",
    "options": {},
    "speed": 1.0,
    "approve": Approve.ASK,
    "interactive": True,
}


async def green(core: Core) -> None:
    await eventually(lambda: core.arming.why_not() == "", within=15, what="all checks are green")


async def test_a_demo_is_green_by_itself_and_armed_with_one_word(session: OpenSession) -> None:
    async with session(**DEMO) as core:
        assert not core.arming.armed
        await green(core)
        required = [f.check for f in core.health.all() if f.check.required]
        assert {check.state for check in required} == {CheckState.OK}
        groups = {f.group for f in core.health.all()}
        assert {"session", "market", "ledger", "machine", "program"} <= groups
        await core.commands.arm()
        assert core.arming.armed
        await core.commands.halt("Enough.")
        assert not core.arming.armed
        with pytest.raises(NotArmedError, match="Trading is halted: Enough"):
            await core.commands.arm()
        await core.commands.resume()
        assert not core.arming.armed
        required = {f"health.{f.key}" for f in core.health.all() if f.check.required}
        assert not required & {alert.key for alert in core.alerts.all()}


async def test_a_ledger_that_is_damaged_while_it_runs_disarms(session: OpenSession) -> None:
    async with session(**DEMO) as core:
        await green(core)
        await core.commands.arm()
        damage(core.data_dir / STORE_NAME)
        await core.commands.check_health()
        assert not core.arming.armed
        assert core.arming.reason.startswith("A required check is not green: ledger")
        titles = {alert.title for alert in core.alerts.active()}
        assert {"Ledger failed", "Disarmed"} <= titles
        with pytest.raises(NotArmedError, match="ledger"):
            await core.commands.arm()


def damage(ledger: Path) -> None:
    """As a bad disk leaves it: the first pages of the file and of its log are lost."""
    for file in (ledger, ledger.with_name(f"{ledger.name}-wal")):
        with file.open("r+b") as opened:
            opened.write(bytes(4096 * 3))


async def test_arming_looks_first_when_nobody_has_looked_yet(session: OpenSession) -> None:
    async with session(**(DEMO | {"interactive": False})) as core:
        assert core.health.all() == ()  # an unattended replay checks when it is asked
        await eventually(lambda: core.readiness.disconnected() == "")
        await core.commands.arm()
        assert core.arming.armed
        assert core.health.all()


async def test_nothing_of_it_hears_a_price(session: OpenSession) -> None:
    async with session(**DEMO) as core:
        await green(core)
        heard = {
            topic.__name__
            for topic, subscriptions in core.bus._handlers.items()
            for subscription in subscriptions
            if subscription.name in {"health", "arming"}
        }
        assert heard == {
            "AccountChanged",
            "ConnectionChanged",
            "HealthChanged",
            "RecoveryChanged",
            "TradingStateChanged",
        }


async def test_nothing_of_it_outlives_the_session(session: OpenSession) -> None:
    async with session(**DEMO) as core:
        await green(core)
        await core.commands.arm()
    async with session(**DEMO) as core:
        assert not core.arming.armed


async def test_bounded_automation_asks_until_it_is_armed(
    session: OpenSession, configure: object
) -> None:
    configure('[autonomy]\nopening-range-breakout = "bounded"\n')  # type: ignore[operator]
    name = "opening-range-breakout"
    async with session(**DEMO) as core:
        autonomy = core.commands._oms._autonomy
        assert autonomy(name) is Autonomy.APPROVE
        await green(core)
        await core.commands.arm()
        assert autonomy(name) is Autonomy.BOUNDED
