"""The first start in a real window: a paper account by keyboard, then the session with it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.program import Program, running
from tests.support.screen import Screen
from tests.support.waiting import wait_until
from tests.toyserver import KEY_ID, SECRET_KEY, ToyServer

PASSPHRASE = "long enough to keep"


@pytest.fixture
def toy() -> Generator[ToyServer]:
    """The toy venue in a thread of its own: these tests wait for a program, not in a loop."""
    with served() as server:
        yield server


@contextmanager
def served() -> Generator[ToyServer]:
    loop, ready = asyncio.new_event_loop(), threading.Event()
    toy, stop = ToyServer(), asyncio.Event()

    async def serve() -> None:
        async with toy:
            ready.set()
            await stop.wait()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run, name="toy-venue")
    thread.start()
    assert ready.wait(20)
    try:
        yield toy
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)


@pytest.fixture
def program(screen: Screen, tmp_path: Path, toy: ToyServer) -> Generator[Program]:
    """`cockpit run` as on the very first day, the broker being the toy."""
    folder = tmp_path / "first"
    folder.mkdir()
    settings = folder / "cockpit.toml"
    settings.write_text(
        f'[brokers.alpaca]\ntrading_url = "{toy.url}"\ntrading_stream_url = "{toy.stream_url}"\n'
        f'data_url = "{toy.url}"\ndata_stream_url = "{toy.data_stream_url}"\n'
        '[vault]\nkind = "file"\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "cockpit", "run", "--config", str(settings)]
    with running(screen, folder, [*command, "--data-dir", str(folder / "data")]) as started:
        started.find("Open the demo", within=40)
        yield started


@pytest.mark.timeout(120)
@pytest.mark.screen_size(1366, 768)
def test_a_paper_account_is_added_by_keyboard_and_opens(program: Program) -> None:
    focused(program, "Open the demo")
    program.key("Tab", "Return")
    focused(program, "API key id")
    program.screen.type(KEY_ID)
    program.key("Tab")
    program.screen.type(SECRET_KEY)
    program.key("Return")
    focused(program, "Passphrase")
    program.screen.type(PASSPHRASE)
    program.key("Tab")
    program.screen.type(PASSPHRASE)
    program.key("Return")
    program.find("Watchlist.*", within=40)
    program.key("alt+f")
    program.key("a")
    wait_until(lambda: program.rows("Accounts"), what="the list of accounts")
    assert program.rows("Accounts")[0][:3] == ["alpaca-paper", "Alpaca", "PAPER"]
    program.click("Test")
    program.find("alpaca-paper works.*", within=30)
    told = program.landmarks()
    assert not [mark for mark in told if SECRET_KEY in str(mark) or PASSPHRASE in str(mark)]


@pytest.mark.timeout(90)
def test_the_demo_opens_in_one_click(program: Program) -> None:
    program.click_away("Open the demo")
    program.find("Watchlist.*", within=40)
    assert any("DEMO" in str(mark["name"]) for mark in program.landmarks())


def focused(program: Program, name: str) -> None:
    wait_until(
        lambda: any(m["focused"] and m["name"] == name for m in program.landmarks()),
        20,
        f"the focus on {name}",
    )
