"""Real money at the toy venue: four things open it; a kill needs the stored account alone."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.cli.exits import Exit
from tests.support.headless import Outcome, environ_of, started
from tests.support.program import command_line
from tests.toyserver import SECRET_KEY, ToyServer

KEY_ID = "AKTOY000000000000001"
LIMITS = """
[limits]
max_order_value = 500
max_position_fraction = 0.05
day_loss_halted_fraction = 0.03
"""
RUN = ("run", "--account", "real", "--headless")


@pytest.fixture
async def toy() -> AsyncIterator[ToyServer]:
    async with ToyServer() as server:
        server.keys = (KEY_ID, SECRET_KEY)
        server.exchange.list_symbols("SPY")
        yield server


class Person:
    """Runs commands against the toy, as a script on a machine without a keyring does."""

    def __init__(self, toy: ToyServer, folder: Path) -> None:
        self._toy, self._folder = toy, folder
        self.settings(LIMITS)

    def settings(self, more: str) -> None:
        toy, passphrase = self._toy, self._folder / "passphrase"
        passphrase.write_text("a passphrase of ten", encoding="utf-8")
        passphrase.chmod(0o600)
        text = (
            f'[brokers.alpaca]\ntrading_url = "{toy.url}"\ndata_url = "{toy.url}"\n'
            f'trading_stream_url = "{toy.stream_url}"\ndata_stream_url = "{toy.data_stream_url}"\n'
            f'[vault]\nkind = "file"\npassphrase_file = {str(passphrase)!r}\n'
            f'[feeds.alpaca]\nsymbols = ["SPY"]\n{more}'
        )
        (self._folder / "cockpit.toml").write_text(text, encoding="utf-8")

    @property
    def where(self) -> tuple[str, ...]:
        folder = self._folder
        return "--config", str(folder / "cockpit.toml"), "--data-dir", str(folder / "data")

    async def does(self, *words: str, given: str = "") -> Outcome:
        return await asyncio.to_thread(self._done, words, given)

    def _done(self, words: tuple[str, ...], given: str) -> Outcome:
        done = subprocess.run(
            [*command_line(), *words, *self.where], env=environ_of(self._folder), text=True,
            cwd=self._folder, input=given, capture_output=True, timeout=50, check=False,
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout, done.stderr)

    async def opens(self, *words: str) -> str:
        """Start a session, stop it when it is up; what it said."""

        def session() -> str:
            with started(self._folder, *words, *self.where) as process:
                assert process.stdout is not None
                said = process.stdout.readline()
                process.send_signal(signal.SIGTERM)
                out, err = process.communicate(timeout=30)
                return said + out + err

        return await asyncio.to_thread(session)


@pytest.fixture
async def person(toy: ToyServer, tmp_path: Path) -> Person:
    made = Person(toy, tmp_path)
    given = f"{KEY_ID}\n{SECRET_KEY}\n"
    add = ("accounts", "add", "real", "--mode", "live", "--stdin", "--confirm-live")
    refused = await made.does(*add, "wrong", given=given)
    assert refused.code == Exit.REFUSED, refused
    stored = await made.does(*add, "real", given=given)
    assert stored.code == Exit.OK, stored
    assert "LIVE" in stored.out
    return made


@pytest.mark.timeout(240)
async def test_real_money_opens_with_all_four_and_not_with_three(
    toy: ToyServer, person: Person
) -> None:
    async def stays_shut(code: Exit, words: str, *command: str) -> None:
        asked = len(toy.requests)
        outcome = await person.does(*command)
        assert outcome.code == code, outcome
        assert re.search(words, outcome.err), outcome.err
        assert len(toy.requests) == asked, "nobody was asked"

    await stays_shut(Exit.REFUSED, "not confirmed", *RUN)
    await stays_shut(Exit.REFUSED, "not confirmed", *RUN, "--confirm-live", "REAL")
    await stays_shut(Exit.REFUSED, "paper was asked for", *RUN, "--mode", "paper")
    person.settings("")
    await stays_shut(Exit.REFUSED, "max_order_value", *RUN, "--confirm-live", "real")
    person.settings(LIMITS)
    said = await person.opens(*RUN, "--confirm-live", "real")
    assert "LIVE-1 (real) is up" in said, said
    account = toy.exchange.account
    toy.exchange.account = lambda: account() | {"id": "another"}  # type: ignore[method-assign]
    other = await person.does(*RUN, "--confirm-live", "real")
    assert other.code == Exit.SIGN_IN, other
    assert "another account" in other.err
    toy.exchange.account = account  # type: ignore[method-assign]
    person.settings("")
    cleared = await person.does("cancel-all")
    assert cleared.code == Exit.OK, cleared
    assert not [r for r in toy.requests if r[0] == "POST"], "no order was ever sent"
