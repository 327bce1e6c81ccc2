"""Which feed a session gets, with those that stand by, and what follows when another one serves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cockpit.adapters.feeds.relay import Relay
from cockpit.adapters.research.file import NAME
from cockpit.app.data.asking import budgets
from cockpit.app.data.feeds import follow_serving, open_feed
from cockpit.app.data.meters import meters_of
from cockpit.app.errors import PluginError
from cockpit.app.launch import Launch
from cockpit.app.settings import AppSettings
from cockpit.app.telling.alerts import Alerts
from cockpit.domain.account import Mode
from cockpit.domain.market import TradePrint
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock, WallClock
from cockpit.market.bars import BarBook
from cockpit.market.quality import Quality
from cockpit.ports.health import Checked, CheckState
from cockpit.ports.source import Budget, HeldBackError, Span
from tests.toyserver import ToyServer
from tests.toyserver.client import STORED, DictVault, vault_of
from tests.toyserver.vendors import ToyFinnhub, ToyPolygon


def launch(folder: Path, feed: str, mode: Mode) -> Launch:
    return Launch(mode=mode, data_dir=folder, feed=feed, strategies=(), interactive=False)


async def opened(folder: Path, toml: dict[str, Any], *standby: str, vault: DictVault) -> Any:
    own = AppSettings(standby_feeds=standby)
    offered = {"vault": vault, "account": "", "mode": Mode.PAPER}
    live = launch(folder, "polygon", Mode.PAPER)
    return await open_feed(live, own, toml, {}, offered=offered, clock=WallClock())


async def test_one_that_can_not_stand_by_is_left_out_and_said(tmp_path: Path) -> None:
    async with ToyPolygon() as polygon, ToyFinnhub() as finnhub:
        toml = {
            "sources": {
                "polygon": {"url": polygon.url, "plan": "advanced"},
                "finnhub": {"url": finnhub.url},
            },
        }
        keys = {"feeds/polygon/key": polygon.key, "feeds/finnhub/key": finnhub.key}
        vault = DictVault(**keys)
        alone = await opened(tmp_path, toml, "polygon", vault=vault)
        assert not isinstance(alone, Relay)
        both = await opened(tmp_path, toml, "finnhub", vault=vault)
        assert (both.name, both.label) == ("polygon", "")
        assert isinstance(both, Checked)
        check, *_ = await both.checks()
        assert check.state is CheckState.WARNING
        assert "finnhub can't stand by: it has trades and no quotes." in check.found
        with pytest.raises(PluginError) as refused:
            await opened(tmp_path, toml, "synthetic", vault=vault)
        assert "simulated" in refused.value.user_text


async def test_nobody_stands_by_at_a_simulated_market(tmp_path: Path) -> None:
    own = AppSettings(standby_feeds=("polygon",))
    demo = launch(tmp_path, "synthetic", Mode.DEMO)
    feed = await open_feed(demo, own, {}, {}, offered={}, clock=VirtualClock(0))
    assert not isinstance(feed, Relay)


def test_a_change_is_named_in_prices_told_and_its_minute_asked_for() -> None:
    clock, bus = VirtualClock(1_712_854_830 * SECOND), Bus()
    feeds: Any = [SimpleNamespace(name=name) for name in ("polygon", "alpaca")]
    core: Any = SimpleNamespace(
        feed=Relay(feeds, clock=clock),
        clock=clock,
        bars=BarBook(bus, 60),
        alerts=Alerts(bus, clock),
        ingest=SimpleNamespace(quality=Quality(source="polygon")),
    )
    core.bars.flows(0)
    for minute in (0, 60):  # the very first one lacks prints anyway
        ts = clock.now_ns() + minute * SECOND
        core.bars.on_print(TradePrint(symbol="A", price=1.0, size=1.0, ts_event=ts, ts_init=ts))
    follow_serving(core)
    core.feed.on_serving("alpaca", "alpaca serves prices: polygon is down.")
    assert core.ingest.quality.source == "alpaca"
    (alert,) = core.alerts.active()
    assert alert.title == "alpaca serves prices"
    assert "polygon is down" in alert.text
    core.bars.close_all(clock.now_ns())
    assert len(core.bars.torn("A")) == 2
    core.feed.on_serving("polygon", "")
    assert core.ingest.quality.source == "polygon"
    assert core.alerts.active() == []


async def test_a_feed_counts_with_its_vendors_source_and_over_a_restart(tmp_path: Path) -> None:
    async with ToyFinnhub() as toy:
        toml = {
            "sources": {"finnhub": {"url": toy.url, "requests_per_minute": 3}},
            "feeds": {"finnhub": {"symbols": ["A", "B", "C", "D", "E"]}},
        }
        toy.facts.prices = dict.fromkeys("ABCDE", 10.0)
        vault = DictVault(**{"feeds/finnhub/key": toy.key})
        live = launch(tmp_path, "finnhub", Mode.PAPER)
        for _ in range(2):  # the second one is a start anew in the same minute
            meters = meters_of(tmp_path, toml)
            offered = {"vault": vault, "meters": meters.of}
            feed = await open_feed(
                live, AppSettings(), toml, {}, offered=offered, clock=WallClock()
            )
            await meters.close()
            assert toy.count("/") == 3, "what the plan allows in a minute"
            assert len(feed.reference_prices) <= 3
        config = tmp_path / "cockpit.toml"
        config.write_text("[sources.finnhub]\nrequests_per_minute = 3\n", encoding="utf-8")
        (line,) = [line for line in await budgets(tmp_path, config) if line.source == "finnhub"]
        assert line.spans["minute"].used == 3


async def test_alpacas_feed_keeps_to_its_part_over_a_restart(tmp_path: Path) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTU"
    many = tuple(a + b for a in letters for b in letters)  # three requests for their closes
    async with ToyServer() as toy:
        toy.exchange.list_symbols(*many)
        toml = {
            "brokers": {"alpaca": {"data_url": toy.url, "rate_reserve": 0}},
            "feeds": {"alpaca": {"symbols": many, "requests_per_minute": 4}},
        }
        for learnt in (3, 1):  # the second one is a start anew in the same minute
            meters = meters_of(tmp_path, toml)
            offered = {"vault": vault_of(toy), "account": STORED, "meters": meters.of}
            live = launch(tmp_path, "alpaca", Mode.PAPER)
            before = toy.count("GET", "/v2/stocks/snapshots")
            await open_feed(live, AppSettings(), toml, {}, offered=offered, clock=WallClock())
            await meters.close()
            assert toy.count("GET", "/v2/stocks/snapshots") - before == learnt


async def test_what_can_not_be_counted_is_not_asked_and_ends_no_feed(tmp_path: Path) -> None:
    """A disk that fails while the session runs: prices go on, nothing is asked beside them."""
    meters = meters_of(tmp_path, {})
    meter = meters.of("polygon", Budget(per_minute=5))
    async with meter.request():
        pass
    with closing(sqlite3.connect(tmp_path / NAME)) as broken:
        broken.execute("DROP TABLE spent")
    with pytest.raises(HeldBackError, match="can't be counted"):
        async with meter.request():
            pytest.fail("it was asked")
    with pytest.raises(HeldBackError, match="can't be counted"):
        await meter.heard(Span.MINUTE, 0)
    await meters.close()
