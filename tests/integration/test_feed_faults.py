"""What a trader sees when the vendor of his prices fails: never a wrong price, at worst a grey one.

The program's own core, a real socket to a toy vendor, and a witness of every price (see
`market_room`). docs/market-data.md has the same faults as a table.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from cockpit.adapters.tape.reader import open_tape
from cockpit.app.data import second
from cockpit.app.recording import FOLDER
from cockpit.cli.main import app
from cockpit.domain.connection import Health
from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderState
from tests.support.market_room import SYMBOL, Room, room_of
from tests.support.waiting import eventually
from tests.toyserver.vendors import Mood, ToyFinnhub, ToyPolygon


@pytest.fixture
async def toy() -> AsyncIterator[ToyPolygon]:
    async with ToyPolygon() as toy:
        toy.facts.prices["SPY"] = 500.0  # a new key is tried with it
        yield toy


def data_quality(folder: Path) -> dict[str, Any]:
    """What a second terminal is told of the session."""
    command = ["data", "quality", "--json", "--data-dir", str(folder / "data")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


async def is_back(room: Room) -> None:
    """Prices are shown as live again, and traded on."""
    await eventually(lambda: room.is_lamp(Health.UP), what="the lamp of a stream that is back")
    await room.quoted(10.02)
    assert (await room.buy()).state is OrderState.FILLED


async def test_vendor_down(toy: ToyPolygon, tmp_path: Path) -> None:
    async with room_of(toy, tmp_path) as room:
        await room.quoted(10.00)
        toy.moods[""] = Mood.DOWN
        toy.stream.faults.refuse_status = 503
        toy.stream.cut()
        await eventually(lambda: room.is_lamp(Health.DOWN), what="the lamp of a lost stream")
        room.market.move(11.00)  # nobody tells it
        await room.turns_grey(10.00)
        toy.moods.clear()
        toy.stream.faults.refuse_status = 0
        await is_back(room)


async def test_a_price_that_was_told_while_we_were_away_is_the_first_one_back(
    toy: ToyPolygon, tmp_path: Path
) -> None:
    async with room_of(toy, tmp_path) as room:
        toy.stream.faults.refuse_status = 503
        toy.stream.cut()
        await eventually(lambda: room.is_lamp(Health.DOWN))
        await room.turns_grey(9.98)
        room.market.move(10.40)
        toy.stream.faults.refuse_status = 0
        await eventually(lambda: room.witness.shown[0] == 10.40, what="what REST knows")


@pytest.mark.parametrize("status", [429, 406])
async def test_throttled(toy: ToyPolygon, tmp_path: Path, status: int) -> None:
    async with room_of(toy, tmp_path) as room:
        toy.moods[""] = Mood.THROTTLED
        toy.stream.faults.refuse_status = status
        toy.stream.cut()
        await eventually(lambda: "CONNECTION_LIMIT" in room.lamp_says, what="the lamp")
        await room.turns_grey(9.98)
        asked = toy.count("/v2/snapshot")
        connects = toy.stream.connects
        await eventually(lambda: toy.stream.connects > connects + 2, what="it tries again")
        assert toy.count("/v2/snapshot") == asked, (
            "REST is not asked on behalf of a stream that is down"
        )
        toy.moods.clear()
        toy.stream.faults.refuse_status = 0
        await is_back(room)


async def test_a_price_of_another_symbol(toy: ToyPolygon, tmp_path: Path) -> None:
    async with room_of(toy, tmp_path) as room:
        counts = room.core.ingest.quality
        toy.stream.send_raw(json.dumps([room.market.lie(55.0) | {"sym": "XYZ"}]))
        await eventually(lambda: counts.counts.get("unreadable"), what="a row that is set aside")
        assert "XYZ" in counts.recent[-1].detail
        assert room.core.book.quote("XYZ") is None
        assert "XYZ" not in room.core.book.symbols
        assert room.witness.shown[0] == 9.98


async def test_anothers_price_under_our_symbol_is_set_aside(
    toy: ToyPolygon, tmp_path: Path
) -> None:
    async with room_of(toy, tmp_path) as room:
        counts = room.core.ingest.quality
        await room.quoted(10.00)
        toy.stream.publish([room.market.lie(55.0)])
        await eventually(lambda: counts.counts.get("outlier"), what="a price that is set aside")
        assert room.witness.shown[0] == 10.00
        told = await asyncio.to_thread(data_quality, tmp_path)
        assert told["refused"] == counts.counts
        (row,) = [each for each in told["recent"] if each["reason"] == "outlier"]
        assert row["detail"].startswith(f"quote {SYMBOL} bid 55.0 x 500.0")


async def test_an_old_price_with_a_fresh_stamp(
    toy: ToyPolygon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second, "EVERY_S", 0.2)
    monkeypatch.setattr(second, "AGAIN_S", 0.2)
    async with ToyFinnhub() as other:
        other.key, other.facts.prices["SPY"] = "key-of-another-vendor-0002", 500.0
        other.facts.prices[SYMBOL] = 10.0
        asked = '[data.sources]\nquote = ["finnhub"]\n[data]\nreserve = 0.0\n'
        more = f'[sources.finnhub]\nurl = "{other.url}"\nrequests_per_minute = 100_000\n'
        async with room_of(toy, tmp_path, more=more + asked, keys={"finnhub": other.key}) as room:
            await room.quoted(10.00)
            assert (await room.buy()).state is OrderState.FILLED  # what is held is compared
            level = room.core.ingest.quality._slot(SYMBOL).mid

            def repeats() -> bool:
                other.last_at = room.clock.now_ns() // 10**9
                room.market.tell(10.00)
                return level.second == 20.0 or level.doubts >= level.DOUBTS

            await eventually(repeats, what="a second opinion")
            other.facts.prices[SYMBOL] = 11.0  # the market moves on; the feed repeats itself
            await eventually(lambda: repeats() and level.doubts >= level.DOUBTS, what="a doubt")
            counts = room.core.ingest.quality
            before = counts.counts.get("outlier", 0)
            await eventually(lambda: repeats() and counts.counts.get("outlier", 0) > before + 3)
            await room.turns_grey(10.00)


async def test_slow(toy: ToyPolygon, tmp_path: Path) -> None:
    async with room_of(toy, tmp_path) as room:
        words = room.market.move(10.00)
        room.clock.let_pass(15)  # it was on its way for so long
        room.market.move(12.00)
        toy.stream.publish([words])
        book = room.core.book
        await eventually(lambda: (q := book.quote(SYMBOL)) is not None and q.bid == 10.00)
        assert room.witness.shown == (10.00, True)
        order = await room.buy()
        assert (order.state, order.reason_code) == (OrderState.DENIED, "MARKETDATA_STALE")
        assert room.core.ingest.quality.flagged["stale"] >= 1
        await is_back(room)


async def test_a_sign_in_that_hangs(toy: ToyPolygon, tmp_path: Path) -> None:
    async with room_of(toy, tmp_path) as room:
        toy.stream.faults.stalled = True
        toy.stream.cut()
        await eventually(lambda: room.is_lamp(Health.STALE), what="a line that does not open")
        await room.turns_grey(9.98)


async def test_half_open(toy: ToyPolygon, tmp_path: Path) -> None:
    async with room_of(toy, tmp_path) as room:
        toy.stream.faults.frozen = True
        toy.stream.faults.mute_at = "data"
        connects = toy.stream.connects
        await eventually(lambda: toy.stream.connects > connects, what="a line that is given up")
        await room.turns_grey(9.98)
        toy.stream.faults.frozen = False
        toy.stream.faults.mute_at = ""
        await is_back(room)


async def test_a_stream_that_answers_and_says_nothing(toy: ToyPolygon, tmp_path: Path) -> None:
    async with room_of(toy, tmp_path, stream={"mute_s": 0.5}) as room:
        connects = toy.stream.connects
        toy.stream.faults.mute_at = "data"

        def given_up() -> bool:
            room.market.move(10.40)  # the market goes on, and only REST says so
            return toy.stream.connects > connects

        await eventually(given_up, what="a line that is given up")
        await eventually(lambda: room.witness.shown[0] == 10.40, what="the price that REST knows")


async def test_a_halt_is_shown_and_denies(toy: ToyPolygon, tmp_path: Path) -> None:
    async with room_of(toy, tmp_path) as room:
        await eventually(lambda: f"LULD.{SYMBOL}" in toy.stream.subscribed)
        toy.stream.publish([room.market.band(17)])
        await eventually(lambda: room.core.book.halted(SYMBOL), what="the halt")
        assert (await room.buy()).state is OrderState.DENIED
        toy.stream.publish([room.market.band(18)])
        await eventually(lambda: not room.core.book.halted(SYMBOL), what="the resumption")
        await is_back(room)


async def test_key_revoked(toy: ToyPolygon, tmp_path: Path) -> None:
    async with room_of(toy, tmp_path) as room:
        await room.quoted(10.00)
        toy.key = "another"
        toy.stream.cut()
        await eventually(lambda: room.is_lamp(Health.AUTH_FAILED), what="the lamp")
        await eventually(lambda: room.core.switch.state is TradingState.HALTED)
        (alert,) = [one for one in room.core.alerts.active() if one.key == "feed"]
        assert "cockpit data keys add polygon" in alert.text
        room.market.move(11.00)
        room.clock.let_pass(6)
        assert room.witness.shown == (10.00, True)
        assert (await room.buy()).state is OrderState.DENIED
        toy.key = "canary-key-of-a-data-vendor-0001"


async def test_disk_full_while_recording(
    toy: ToyPolygon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = SimpleNamespace(free=10**12)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left)
    async with room_of(toy, tmp_path) as room:
        await room.quoted(10.00)
        left.free = 0
        await eventually(lambda: room.core.not_recorded, what="the end of the recording")
        (alert,) = [one for one in room.core.alerts.active() if one.key == "tape"]
        assert "nearly full" in alert.text
        await is_back(room)  # prices and orders go on
    (tape,) = (tmp_path / "data" / FOLDER).glob("*.tape")
    found = open_tape(tape)
    assert found.rows > 0
    assert found.totals is not None
    assert not found.totals.whole


async def test_a_source_that_flaps(toy: ToyPolygon, tmp_path: Path) -> None:
    async with room_of(toy, tmp_path) as room:
        for n in range(8):
            bid = round(10 + n / 100, 2)
            await room.quoted(bid)
            toy.stream.faults.refuse_status = 503
            toy.stream.cut()
            room.clock.let_pass(1)
            await eventually(lambda: room.is_lamp(Health.DOWN), what="the lamp of a lost stream")
            assert (await room.buy()).state is OrderState.DENIED
            toy.stream.faults.refuse_status = 0
            await eventually(lambda: room.is_lamp(Health.UP), what="the lamp of one that is back")
        await room.quoted(10.20)
        assert (await room.buy()).state is OrderState.FILLED
