"""What outlives a session: a lasting account's trading state, and which limits were in force."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cockpit.adapters.storage import open_store
from cockpit.app.audit import stored_rows, verify
from cockpit.app.multipliers import record_multipliers, stored_multipliers
from cockpit.app.signing.accounts import AccountBook, AccountRecord
from cockpit.domain.account import Mode
from cockpit.domain.alert import Severity
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import TradingState
from tests.support.plugins import install
from tests.unit.app.conftest import Configure, MakeLaunch, OpenSession

FEED = """
    import asyncio
    from cockpit.adapters.feeds.synthetic import plugin as synthetic
    from cockpit.kernel.clock import VirtualClock
    from cockpit.ports.plugin import Plugin

    def build(settings, clock, **needs):
        feed = synthetic.build(settings, clock=VirtualClock(0), **needs)

        async def run(sink):
            await asyncio.Event().wait()

        feed.run = run
        return feed

    plugin = Plugin("quiet", synthetic.settings, build)
"""
BROKER = """
    from cockpit.adapters.brokers.paper import plugin as paper
    from cockpit.domain.account import Mode
    from cockpit.ports.plugin import Credential, Plugin

    def build(settings, **needs):
        return paper.build(settings, **needs | {"mode": Mode.PAPER})

    keys = (Credential("key", "Key"),)
    plugin = Plugin("lasting", paper.settings, build, credentials=keys)
"""
SETTINGS = 'broker = "lasting"\n'
OPENS = "paper:paper:LIVE-1"
STORED = {"account": "real", "opens": OPENS, "only_closes": True}
"""As a start from a second terminal has it: neither a word nor limits are asked for."""

LIVE: dict[str, Any] = {
    "mode": Mode.LIVE,
    "feed": "quiet",
    "options": {},
    "interactive": True,
    **STORED,
}


def store_account(folder: Path) -> None:
    """The account whose ledger is LIVE-1, among the stored ones."""
    record = AccountRecord(name="real", broker="lasting", mode=Mode.LIVE, key_mark="k", opens=OPENS)
    AccountBook(folder).add(record)


@pytest.fixture(autouse=True)
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configure: Configure) -> None:
    """A real market in which nothing happens, and a broker that takes a lasting account."""
    points = {"cockpit.feeds": {"quiet": "quiet_feed:plugin"}}
    install(monkeypatch, tmp_path / "feeds", "quiet_feed", FEED, points)
    points = {"cockpit.brokers": {"lasting": "lasting_broker:plugin"}}
    install(monkeypatch, tmp_path / "brokers", "lasting_broker", BROKER, points)
    configure(SETTINGS)


def rows(folder: Path, kind: str) -> list[tuple[str, dict[str, Any]]]:
    found = [row for row in stored_rows(folder, "") if row.kind == kind]
    return [(row.account_id, msgspec.json.decode(row.payload)) for row in found]


async def test_a_lasting_account_stays_halted_until_a_person_resumes(session: OpenSession) -> None:
    async with session(**LIVE) as core:
        assert core.switch.state is TradingState.ACTIVE
        await core.commands.halt("Enough for today")
    for _ in range(2):  # also over a session in which nobody does anything
        async with session(**LIVE) as core:
            assert core.switch.state is TradingState.HALTED
            assert core.switch.reason == "Enough for today"
            alert = next(a for a in core.alerts.active() if a.key == "trading-state")
            assert (alert.severity, alert.title) == (Severity.WARNING, "Trading is still halted")
            assert alert.text.startswith("The last session left it so: Enough for today. ")
    async with session(**LIVE) as core:
        await core.commands.resume()
    async with session(**LIVE) as core:
        assert core.switch.state is TradingState.ACTIVE
        assert not [a for a in core.alerts.active() if a.key == "trading-state"]
        folder = core.data_dir
    assert [told["state"] for _, told in rows(folder, "trading_state")] == ["halted", "active"]
    assert verify(folder).fault == ""


async def test_a_simulated_account_starts_active(session: OpenSession) -> None:
    async with session(speed=0.1) as core:
        await core.commands.halt("Lunch")
    async with session(speed=0.1) as core:
        assert core.switch.state is TradingState.ACTIVE
        folder = core.data_dir
    assert [account for account, _ in rows(folder, "trading_state")] == ["REPLAY-1"]


async def test_limits_are_told_when_they_change(
    session: OpenSession, configure: Configure, launch_of: MakeLaunch
) -> None:
    for text in ("", "", "[limits]\nmax_order_value = 1234\n"):
        configure(SETTINGS + text)
        async with session(**LIVE):
            pass
    first, second = rows(launch_of().data_dir, "limits")
    assert first[1]["before"] is None
    assert first[1]["by"] == "settings file"
    assert second[1]["before"] == first[1]["after"]
    assert first[1]["after"]["max_order_value"] == "10000"
    assert second[1]["after"] == first[1]["after"] | {"max_order_value": "1234"}


async def test_a_looser_file_waits_and_says_so(session: OpenSession, configure: Configure) -> None:
    async with session(**LIVE):
        pass
    configure(SETTINGS + "[limits]\nmax_order_value = 50000\nmax_active_orders = 5\n")
    async with session(**LIVE) as core:
        limits = core.limits.account
        assert (limits.max_order_value, limits.max_active_orders) == (10_000, 5)
        [alert] = [a for a in core.alerts.active() if a.key == "limits-waiting"]
        assert "max_order_value is 10000, not 50000" in alert.text
        await core.commands.change_limits(
            "", "max_order_value", Decimal(50_000), typed="LOOSEN max_order_value"
        )
        assert core.limits.account.max_order_value == 50_000
    async with session(**LIVE) as core:
        assert core.limits.account.max_order_value == 50_000
        assert not [a for a in core.alerts.active() if a.key == "limits-waiting"]


async def test_the_same_day_again_gives_the_same_log(
    session: OpenSession, configure: Configure, tmp_path: Path
) -> None:
    configure("")
    reports = []
    for name in ("a", "b"):
        async with session(data_dir=tmp_path / name) as core:
            await core.finished.wait()
            await core.clock.settled()
        reports.append(verify(tmp_path / name))
    assert reports[0] == reports[1]
    assert reports[0].rows > 20
    assert reports[0].fault == ""


async def test_multipliers_are_there_without_a_feed(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "cockpit.sqlite3")
    try:
        run = await store.open_run(Mode.PAPER, label="x", source="s", now_ns=1)
        future = Instrument(symbol="FUT", multiplier=Decimal(50))
        await record_multipliers(store, run, [Instrument(symbol="ABC")], 1)
        assert await store.newest_record("multipliers", "PAPER-1") is None
        await record_multipliers(store, run, [future], 2)
        await record_multipliers(store, run, [Instrument(symbol="ABC")], 3)  # listed no more
        assert await stored_multipliers(store, "PAPER-1") == {"FUT": Decimal(50)}
    finally:
        await store.close()
