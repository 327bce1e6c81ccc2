"""A toy Alpaca beside the test, in a thread and loop of its own, on a trading day, with a market.

For tests of the real program: `venue.program(...)` gives the command line that signs in there.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import pytest

from tests.support import plugins
from tests.support.headless import environ_of
from tests.support.needs import ROOT
from tests.support.wall_core import TEN_O_CLOCK
from tests.toyserver import ToyServer

T = TypeVar("T")
SYMBOLS = ("ABC", "DEF")
PASSPHRASE = "a passphrase for tests"
_FILES = ("accounts.json", "secrets.vault")
_STORED: dict[str, bytes] = {}
STRATEGY = '''
    """Buys once of each symbol, after its second bar; asks again when the gate denies it."""

    from decimal import Decimal

    from cockpit.domain.order import OrderState, OrderType, Side
    from cockpit.kernel.settings import SettingsModel
    from cockpit.ports.plugin import Plugin
    from cockpit.strategies.base import Proposal


    class Settings(SettingsModel):
        """Nothing can be chosen."""


    class BuyOnce:
        name = "buy-once"

        def __init__(self, settings):
            self._bars = {}
            self._asked = set()

        def start(self, instruments):
            pass

        def on_quote(self, quote):
            return ()

        def on_bar(self, bar):
            self._bars[bar.symbol] = seen = self._bars.get(bar.symbol, 0) + 1
            if seen < 2 or bar.symbol in self._asked:
                return ()
            self._asked.add(bar.symbol)
            return (
                Proposal(
                    key=f"{bar.symbol}-{seen}", symbol=bar.symbol, side=Side.BUY,
                    type=OrderType.MARKET, quantity=Decimal(10), note="Two bars have closed",
                ),
            )

        def on_order(self, key, order):
            if order.state is OrderState.DENIED and order.reason_code != "APPROVAL_KILLED":
                self._asked.discard(order.symbol)
            return ()


    plugin = Plugin(name="buy-once", settings=Settings, build=BuyOnce)
'''


@dataclass
class Venue:
    """The toy, and a folder in which the program lives."""

    toy: ToyServer
    loop: asyncio.AbstractEventLoop
    folder: Path
    shift_ns: int
    quoting: bool = True
    prices: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SYMBOLS, 20.0))

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def config(self) -> Path:
        return self.folder / "cockpit.toml"

    def do(self, action: Callable[[], T]) -> T:
        """The result of `action`, called in the venue's loop."""

        async def call() -> T:
            return action()

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(10)

    def program(self, *arguments: object) -> list[str]:
        """The command line of the program on this folder, on the venue's day."""
        script = str(ROOT / "tests" / "support" / "shifted.py")
        settings = ["--config", str(self.config)] if arguments[0] in ("run", "accounts") else []
        where = ["--data-dir", str(self.data), *settings]
        return [
            sys.executable, "-P", script, str(self.shift_ns), *map(str, arguments), *where,
        ]  # fmt: skip

    def variables(self) -> list[str]:
        """What `env` must set for the program to find this checkout and the strategy."""
        return [f"PYTHONPATH={os.pathsep.join([str(self.folder / 'plugins'), str(ROOT)])}"]

    def environ(self) -> dict[str, str]:
        return environ_of(self.folder) | dict(v.split("=", 1) for v in self.variables())

    def run(self, *arguments: object, given: str = "") -> tuple[int, str]:
        """Run the program to its end: its exit code and what it said."""
        done = subprocess.run(
            self.program(*arguments), env=self.environ(), cwd=self.folder, input=given, text=True,
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    @contextmanager
    def started(self, *arguments: object) -> Generator[subprocess.Popen[str]]:
        """The program in the background; whatever happens, it has ended afterwards."""
        from tests.support.screen import stop

        with subprocess.Popen(
            self.program(*arguments), env=self.environ(), cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                stop(process)  # type: ignore[arg-type]  # text or bytes are the same to it

    def settle_in(self) -> None:
        """Store the account's keys, as a person would; later venues get what came of it."""
        if not _STORED:
            keys = "\n".join([*self.toy.keys, ""])
            code, said = self.run("accounts", "add", "main", "--stdin", given=keys)
            assert code == 0, said
            _STORED.update((name, (self.data / name).read_bytes()) for name in _FILES)
        self.data.mkdir(exist_ok=True)
        for name, content in _STORED.items():
            file = self.data / name
            file.touch(0o600)
            file.write_bytes(content)

    async def market(self) -> None:
        """Quotes ten times a second, and prints between them."""
        for number in itertools.count():
            for symbol, price in self.prices.items():
                if self.quoting:
                    step = (number % 5 - 2) / 100
                    self.toy.quote(
                        symbol, round(price + step - 0.01, 2), round(price + step + 0.01, 2)
                    )
                    self.toy.market.trade(symbol, round(price + step, 2), 100)
            await asyncio.sleep(0.1)


@contextmanager
def venue_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Venue]:
    """A venue whose market has been open for half an hour."""
    real = time.time_ns
    shift_ns = TEN_O_CLOCK - real()
    monkeypatch.setattr(time, "time_ns", lambda: real() + shift_ns)
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="toy-venue")
    thread.start()
    toy = ToyServer()

    def call(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(10)

    try:
        call(toy.__aenter__())
        venue = Venue(toy, loop, folder, shift_ns)
        _furnish(venue, monkeypatch)
        loop.call_soon_threadsafe(toy.spawn, venue.market())
        yield venue
    finally:
        call(_closed(toy))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _closed(toy: ToyServer) -> None:
    for task in list(toy._tasks):
        task.cancel()
    await toy.__aexit__(None, None, None)


def _furnish(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, passphrase and strategy."""
    toy, folder = venue.toy, venue.folder
    venue.do(lambda: toy.exchange.list_symbols(*SYMBOLS))
    points = {"cockpit.strategies": {"buy-once": "buy_once:plugin"}}
    plugins.install(monkeypatch, folder / "plugins", "buy_once", STRATEGY, points)
    secret = folder / "passphrase"
    secret.touch(0o600)
    secret.write_text(PASSPHRASE, encoding="utf-8")
    venue.config.write_text(
        f"""
broker = "alpaca"
active_strategies = ["buy-once"]
bar_seconds = 1

[limits]
max_strategy_entries = 100

[vault]
kind = "file"
passphrase_file = '{secret}'

[brokers.alpaca]
trading_url = "{toy.url}"
trading_stream_url = "{toy.stream_url}"
data_url = "{toy.url}"
data_stream_url = "{toy.data_stream_url}"
connect_timeout_s = 2.0
answer_timeout_s = 8.0

[feeds.alpaca]
symbols = ["ABC", "DEF"]
""",
        encoding="utf-8",
    )


@pytest.fixture
def venue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Venue]:
    """A venue with a market, and the account's keys stored."""
    with venue_at(tmp_path, monkeypatch) as venue:
        venue.settle_in()
        yield venue
