"""The settings desk: what holds and why, changes that are written, refused, and taken back."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cockpit.adapters.storage import open_store
from cockpit.app import registry
from cockpit.app.configuring.catalogue import Known
from cockpit.app.configuring.desk import Setting, SettingRefusedError, SettingsDesk
from cockpit.app.configuring.layers import Layer, variable_of
from cockpit.app.launch import Launch
from cockpit.app.limits.desk import LimitChangeError, LimitDesk
from cockpit.app.limits.file import load_limits
from cockpit.domain.account import Mode
from cockpit.domain.limit_rules import Place, Scope
from cockpit.kernel.clock import VirtualClock
from cockpit.kernel.settings import SettingsError
from cockpit.risk.limit_book import LimitBook

TEXT = """# mine
bar_seconds = 30  # faster

[limits]
max_order_value = 5000 # small

[limits.symbols.AAPL]
max_order_value = 100
"""


class Room:
    """A settings desk on a file, with real limits behind it."""

    def __init__(self, file: Path, limits: LimitDesk, desk: SettingsDesk) -> None:
        self.file, self.limits, self.desk = file, limits, desk

    async def setting(self, dotted: str) -> Setting:
        return next(s for s in await self.desk.read() if s.known.dotted == dotted)

    async def known(self, dotted: str) -> Known:
        return (await self.setting(dotted)).known

    async def change(self, dotted: str, text: str | None, typed: str = "") -> None:
        await self.desk.change(await self.known(dotted), text, typed=typed)

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Any]:
    opened = await open_store(tmp_path / "cockpit.sqlite3")
    yield opened
    await opened.close()


def room_of(folder: Path, store: Any, mode: Mode = Mode.PAPER, **launch: Any) -> Room:
    file = folder / "cockpit.toml"
    file.write_text(TEXT, encoding="utf-8")
    toml = tomllib.loads(TEXT)
    rules = load_limits(toml, registry.names("strategies"))
    limits = LimitDesk(
        book=LimitBook(rules, "A"), written=rules, store=store, clock=VirtualClock(1), mode=mode
    )
    started = Launch(mode=mode, data_dir=folder, feed="synthetic", config=file, **launch)
    return Room(file, limits, SettingsDesk(started, "paper", toml, limits))


async def test_each_value_says_which_layer_it_is_from(tmp_path, store, monkeypatch) -> None:
    monkeypatch.setenv("COCKPIT_BROKERS_PAPER_LATENCY_MS", "120")
    room = room_of(tmp_path, store, options={"seed": 99}, strategies=())
    told = {s.known.dotted: (s.value, s.layer) for s in await room.desk.read()}
    assert told["bar_seconds"] == ("30", Layer.FILE)
    assert told["disarm_after_idle_s"] == ("900", Layer.DEFAULT)
    assert told["brokers.paper.latency_ms"] == ("120", Layer.ENVIRONMENT)
    assert told["feeds.synthetic.seed"] == ("99", Layer.COMMAND)
    assert told["active_strategies"] == ("", Layer.COMMAND)
    assert told["limits.max_order_value"] == ("5000", Layer.FILE)
    assert told["limits.symbols.AAPL.max_order_value"] == ("100", Layer.FILE)
    assert told["limits.max_position_fraction"] == ("0.1", Layer.DEFAULT)
    latency = await room.setting("brokers.paper.latency_ms")
    assert "COCKPIT_BROKERS_PAPER_LATENCY_MS is set" in latency.note


async def test_the_variable_is_the_one_that_is_read(tmp_path, store) -> None:
    room = room_of(tmp_path, store)
    names = {s.known.dotted: variable_of(s.known) for s in await room.desk.read()}
    assert names["bar_seconds"] == "COCKPIT_BAR_SECONDS"
    name = "COCKPIT_STRATEGIES_OPENING_RANGE_BREAKOUT_RANGE_MINUTES"
    assert names["strategies.opening-range-breakout.range_minutes"] == name
    assert names["limits.max_order_value"] == ""


async def test_a_change_keeps_the_comments_and_waits_for_the_next_start(tmp_path, store) -> None:
    room = room_of(tmp_path, store)
    await room.change("bar_seconds", "15")
    assert room.text == TEXT.replace("30", "15")
    changed = await room.setting("bar_seconds")
    assert (changed.value, changed.next, changed.waits) == ("30", "15", True)


@pytest.mark.parametrize(
    ("dotted", "text", "why"),
    [
        ("bar_seconds", "0", "greater than or equal to 1"),
        ("bar_seconds", "1,5", "point, not a comma"),
        ("bar_seconds", "often", "must be a number"),
        ("brokers.paper.jitter_fraction", "nan", "finite"),
        ("brokers.paper.short_sales", "maybe", "yes or no"),
        ("brokers.alpaca.trading_url", "http://elsewhere.example", "https"),
        ("limits.max_order_value", "-1", "positive"),
        ("limits.day_loss_reducing_fraction", "0.5", "must be below day_loss_halted_fraction"),
        ("feeds.alpaca.symbols", "", "at least 1"),
    ],
)
async def test_what_no_start_would_take_is_not_written(
    tmp_path, store, dotted: str, text: str, why: str
) -> None:
    room = room_of(tmp_path, store)
    known = await room.known(dotted)
    assert why in room.desk.judge(known, text).refused
    with pytest.raises(SettingRefusedError) as refused:
        await room.desk.change(known, text)
    assert why in refused.value.user_text
    assert room.text == TEXT
    assert room.desk.last_change is None


async def test_a_limit_holds_at_once_and_is_written(tmp_path, store) -> None:
    room = room_of(tmp_path, store)
    await room.change("limits.max_order_value", "4000")
    assert room.limits.book.account.max_order_value == 4000
    assert room.text == TEXT.replace("5000", "4000")
    await room.change("limits.max_order_value", None)
    assert room.limits.book.account.max_order_value == 10_000
    await room.change("limits.symbols.AAPL.max_order_value", None)
    assert Place("max_order_value", Scope.SYMBOLS, "AAPL") not in room.limits.book.rules.values
    assert "AAPL" not in room.text


async def test_a_looser_live_limit_needs_its_words(tmp_path, store) -> None:
    room = room_of(tmp_path, store, Mode.LIVE)
    known = await room.known("limits.max_order_value")
    judged = room.desk.judge(known, "6000")
    assert judged.looser
    assert judged.phrase == "LOOSEN max_order_value"
    with pytest.raises(LimitChangeError):
        await room.desk.change(known, "6000")
    assert room.text == TEXT
    assert room.limits.book.account.max_order_value == 5000
    await room.desk.change(known, "6000", typed="LOOSEN max_order_value")
    assert room.limits.book.account.max_order_value == 6000
    assert "max_order_value = 6000 # small" in room.text


async def test_undo_goes_the_same_way(tmp_path, store) -> None:
    room = room_of(tmp_path, store, Mode.LIVE)
    await room.change("bar_seconds", None)
    await room.change("limits.max_order_value", "4000")
    assert room.desk.undo_phrase() == "LOOSEN max_order_value"
    with pytest.raises(LimitChangeError):
        await room.desk.undo()
    assert room.limits.book.account.max_order_value == 4000
    await room.desk.undo(typed="LOOSEN max_order_value")
    assert room.limits.book.account.max_order_value == 5000
    assert room.desk.undo_phrase() == ""
    await room.desk.undo()
    assert tomllib.loads(room.text) == tomllib.loads(TEXT)
    assert await room.desk.undo() is None


async def test_a_line_of_somebody_else_survives(tmp_path, store) -> None:
    room = room_of(tmp_path, store)
    known = await room.known("disarm_after_idle_s")
    room.file.write_text(TEXT + "[tape]\nkeep_days = 5\n", encoding="utf-8")
    await room.desk.change(known, "60")
    read = tomllib.loads(room.text)
    assert (read["disarm_after_idle_s"], read["tape"]["keep_days"]) == (60, 5)


async def test_a_file_that_can_not_be_written_says_what_holds(tmp_path, store) -> None:
    room = room_of(tmp_path, store)
    known = await room.known("limits.max_order_value")
    folder = tmp_path / "no-folder"
    folder.write_text("in the way", encoding="utf-8")
    room.desk.file = folder / "cockpit.toml"
    with pytest.raises(SettingRefusedError) as refused:
        await room.desk.change(known, "4000")
    assert "holds in this session, but not from the next start on" in refused.value.user_text
    assert room.limits.book.account.max_order_value == 4000
    with pytest.raises(SettingsError, match="no-folder"):
        await room.desk.change(known_in(room), "60")


def known_in(room: Room) -> Known:
    return next(s.known for s in room.desk.settings() if s.known.dotted == "disarm_after_idle_s")


async def test_a_session_that_was_tightened_by_hand_says_so(tmp_path, store) -> None:
    room = room_of(tmp_path, store)
    await room.limits.change(Place("max_order_value"), Decimal(1000))
    limit = await room.setting("limits.max_order_value")
    assert (limit.value, limit.next, limit.layer) == ("1000", "5000", Layer.SESSION)
    assert limit.waits
