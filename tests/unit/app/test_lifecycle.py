"""Start and stop: all of it or nothing, and nothing left open."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.app.errors import DataFolderError, PluginError
from cockpit.app.launch import STORE_NAME, Approve
from cockpit.app.lifecycle import Session
from cockpit.domain.account import Mode
from cockpit.domain.alert import Severity
from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderState
from cockpit.kernel.clock import SECOND
from cockpit.kernel.instance import InstanceError, InstanceLock
from cockpit.ports.feed import FeedError
from cockpit.ports.store import StoreError
from tests.support.plugins import install
from tests.unit.app.conftest import Configure, MakeLaunch, OpenSession

FEED = """
    from cockpit.adapters.feeds.synthetic import plugin as synthetic
    from cockpit.ports.feed import FeedError
    from cockpit.ports.plugin import Plugin

    def build(settings, **needs):
        feed = synthetic.build(settings, **needs)

        async def run(sink):
            raise FeedError("cable cut", user_text="Somebody cut the cable. Nothing was lost.")

        feed.run = run
        return feed

    plugin = Plugin("cut", synthetic.settings, build)
"""
BROKER = """
    from cockpit.adapters.brokers.paper import plugin as paper
    from cockpit.domain.errors import CockpitError
    from cockpit.ports.plugin import Plugin

    def build(settings, **needs):
        broker = paper.build(settings, **needs)

        async def connect(listener):
            raise CockpitError("401", user_text="The broker refused the key. Nothing was sent.")

        broker.connect = connect
        return broker

    plugin = Plugin("refusing", paper.settings, build)
"""


def is_free(folder: Path) -> bool:
    lock = InstanceLock(folder)
    lock.acquire()
    lock.release()
    return True


async def test_a_whole_day_from_start_to_stop(session: OpenSession, launch_of: MakeLaunch) -> None:
    async with session() as core:
        with pytest.raises(InstanceError):
            is_free(core.data_dir)
        await core.finished.wait()
        await core.clock.settled()
        assert core.mode is Mode.REPLAY
        assert core.account_id == "REPLAY-1"
        assert core.feed_label == "REPLAY 2018-01-02"
        assert {o.state for o in core.orders.all()} == {OrderState.FILLED, OrderState.CANCELED}
        assert core.portfolio.open_positions() == []
        assert core.alerts.active() == []
        assert core.bus.failures == {}
        assert core.journal.trades()
    assert core.supervisor.names == ()
    assert is_free(launch_of().data_dir)
    assert "store" not in " ".join(thread.name for thread in threading.enumerate())


async def test_stopped_in_the_middle_everything_ends(
    session: OpenSession, launch_of: MakeLaunch
) -> None:
    async with session(speed=0.1) as core:
        assert "market/feed" in core.supervisor.names
        assert not core.finished.is_set()
    assert core.supervisor.names == ()
    assert is_free(launch_of().data_dir)


async def test_in_a_window_the_loop_is_watched_and_the_watch_ends(session: OpenSession) -> None:
    async with session(interactive=True, speed=0.1, approve=Approve.ASK):
        assert "loop-watchdog" in {thread.name for thread in threading.enumerate()}
    assert "loop-watchdog" not in {thread.name for thread in threading.enumerate()}


async def test_settings_reach_the_rooms(session: OpenSession, configure: Configure) -> None:
    configure(
        "bar_seconds = 30\n[limits]\nmax_order_value = 1234\n"
        '[autonomy]\n"opening-range-breakout" = "manual"\n'
    )
    async with session(speed=0.1) as core:
        assert core.limits.account.max_order_value == Decimal(1234)
        assert core.settings.bar_seconds == 30


# failures


async def test_a_bad_file_leaves_no_trace(launch_of: MakeLaunch, tmp_path: Path) -> None:
    launch = launch_of(options={"files": (tmp_path / "none.csv",)})
    with pytest.raises(FeedError):
        await Session(launch).start()
    assert not launch.data_dir.exists()


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"strategies": ("nobody",)}, ""), ({}, 'broker = "nobody"'), ({}, 'writer = "nobody"')],
)
async def test_an_unknown_plug_in_leaves_no_trace(
    launch_of: MakeLaunch, configure: Configure, changes: dict[str, object], text: str
) -> None:
    configure(text)
    launch = launch_of(**changes)
    with pytest.raises(PluginError, match="nobody"):
        await Session(launch).start()
    assert not launch.data_dir.exists()


async def test_a_folder_in_use_is_left_to_its_user(
    session: OpenSession, launch_of: MakeLaunch
) -> None:
    async with session(speed=0.1) as core:
        with pytest.raises(InstanceError):
            await Session(launch_of()).start()
        assert len(await core.store.runs()) == 1


@pytest.fixture
async def newer_ledger(launch_of: MakeLaunch) -> Path:
    folder = launch_of().data_dir
    folder.mkdir()
    store = await open_store(folder / STORE_NAME)
    await store.close()
    with closing(sqlite3.connect(folder / STORE_NAME)) as db, db:
        db.execute("update alembic_version set version_num = '9999'")
    return folder


async def test_a_store_that_will_not_open_frees_the_folder(
    launch_of: MakeLaunch, newer_ledger: Path
) -> None:
    with pytest.raises(StoreError, match="9999"):
        await Session(launch_of()).start()
    assert is_free(newer_ledger)


async def test_a_log_that_cannot_be_written_frees_the_folder(launch_of: MakeLaunch) -> None:
    folder = launch_of().data_dir
    await asyncio.to_thread(folder.mkdir)
    await asyncio.to_thread((folder / "logs").touch)
    with pytest.raises(DataFolderError, match="logs"):
        await Session(launch_of()).start()
    assert is_free(folder)


async def test_a_broker_that_refuses_undoes_the_start(
    launch_of: MakeLaunch, configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = {"cockpit.brokers": {"refusing": "refusing_broker:plugin"}}
    install(monkeypatch, tmp_path / "site", "refusing_broker", BROKER, points)
    configure('broker = "refusing"')
    launch = launch_of()
    with pytest.raises(Exception, match="401"):
        await Session(launch).start()
    assert is_free(launch.data_dir)
    assert {thread.name for thread in threading.enumerate() if "store" in thread.name} == set()


async def test_a_feed_that_fails_halts_trading_and_says_so(
    session: OpenSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = {"cockpit.feeds": {"cut": "cut_feed:plugin"}}
    install(monkeypatch, tmp_path / "site", "cut_feed", FEED, points)
    async with session(mode=Mode.DEMO, feed="cut", options={}) as core:
        await core.finished.wait()
        [alert] = core.alerts.active()
        assert (alert.key, alert.severity) == ("feed", Severity.CRITICAL)
        assert alert.text == "Somebody cut the cable. Nothing was lost."
        assert core.switch.state is TradingState.HALTED


async def test_the_market_of_a_demo_is_open_on_a_holiday(session: OpenSession) -> None:
    holiday = {"day": date(2026, 12, 25), "start": time(9, 34, 45)}
    demo = {"mode": Mode.DEMO, "feed": "synthetic", "options": holiday, "strategies": ()}
    async with session(**demo, speed=0.1) as core:
        assert core.situation.session_open(core.clock.now_ns())
        assert not core.situation.session_open(core.clock.now_ns() + 12 * 3600 * SECOND)
