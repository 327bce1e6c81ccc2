"""Canaries through a whole run at the toy venue: no secret in anything that is written or said."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from cockpit.cli.exits import Exit
from cockpit.kernel.private_files import write_private
from tests.support.headless import environ_of, started
from tests.support.program import command_line
from tests.support.waiting import wait_until
from tests.toyserver import Fault, ToyServer

KEY_ID = "PKCANARY7731KEYID0001"
SECRET = "canarySecret/8842+Zq=="
WRONG = "canaryWrong-5519-never-right"
PASSPHRASE = "canary passphrase 6627"
CANARIES = (KEY_ID, SECRET, WRONG, PASSPHRASE)


def forms(secret: str) -> Iterator[bytes]:
    """How a secret may stand somewhere: as it is, quoted, in base64, in hex, in two bytes."""
    raw = secret.encode()
    yield raw
    yield json.dumps(secret)[1:-1].encode()
    yield quote(secret, safe="").encode()
    yield base64.b64encode(raw).rstrip(b"=")
    yield base64.b64encode(f"{KEY_ID}:{secret}".encode()).rstrip(b"=")
    yield raw.hex().encode()
    yield secret.encode("utf-16-le")
    yield repr(zlib.compress(raw)).encode()


def found_in(content: bytes) -> list[str]:
    return [secret[:12] for secret in CANARIES if any(form in content for form in forms(secret))]


def test_the_search_finds_what_it_looks_for() -> None:
    for secret in CANARIES:
        for form in forms(secret):
            assert secret[:12] in found_in(b"before " + form + b" after")
    assert found_in(b"nothing of the kind") == []


@pytest.fixture
async def toy() -> AsyncIterator[ToyServer]:
    async with ToyServer() as server:
        server.keys = (KEY_ID, SECRET)
        server.exchange.list_symbols("SPY")
        server.quote("SPY", 9.99, 10.01)
        yield server


@pytest.fixture
def folder(toy: ToyServer, tmp_path: Path) -> Path:
    passphrase = tmp_path / "passphrase"
    write_private(passphrase, PASSPHRASE.encode())
    settings = (
        f'[brokers.alpaca]\ntrading_url = "{toy.url}"\ntrading_stream_url = "{toy.stream_url}"\n'
        f'data_url = "{toy.url}"\ndata_stream_url = "{toy.data_stream_url}"\n'
        "connect_timeout_s = 2.0\nanswer_timeout_s = 2.0\n"
        f'[feeds.alpaca]\nsymbols = ["SPY"]\n'
        f'[vault]\nkind = "file"\npassphrase_file = {str(passphrase)!r}\n'
    )
    write_private(tmp_path / "cockpit.toml", settings.encode())
    return tmp_path


def where(folder: Path) -> list[str]:
    return ["--config", str(folder / "cockpit.toml"), "--data-dir", str(folder / "data")]


class Said:
    """Everything that any command said."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.all = b""

    def run(self, *words: str, given: str = "") -> int:
        command = [*command_line(), *words]
        done = subprocess.run(
            command, env=environ_of(self._folder), cwd=self._folder, capture_output=True,
            input=given.encode(), timeout=60, check=False,
        )  # fmt: skip
        self.all += done.stdout + done.stderr
        return done.returncode


def whole_run(toy: ToyServer, folder: Path, said: Said) -> None:
    """Add with wrong keys and right ones, test, trade elsewhere, fail in many ways, remove."""
    at = where(folder)
    add = ["accounts", "add", "main", "--stdin", *at]
    assert said.run(*add, given=f"{KEY_ID}\n{WRONG}\n") == Exit.SIGN_IN
    assert said.run(*add, given=f"{KEY_ID}\n{SECRET}\n") == Exit.OK
    assert said.run("accounts", "test", "main", *at) == Exit.OK
    report = folder / "report.json"
    words = ("run", "--account", "main", "--headless", "--verbose", "--report", str(report), *at)
    with started(folder, *words) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "is up" in line, line
        said.all += line.encode()
        make_trouble(toy)
        said.run("status", "--json", "--data-dir", str(folder / "data"))
        said.run("doctor", "--json", *at)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=40)
        said.all += out.encode() + err.encode()
    for words in (
        ("accounts", "list", "--json", "--data-dir", str(folder / "data")),
        ("audit", "show", "--data-dir", str(folder / "data")),
        ("limits", "show", *at),
        ("doctor", "--json", *at),
    ):
        said.run(*words)
    toy.keys = ("another", "pair")
    assert said.run("run", "--account", "main", "--headless", "--verbose", *at) != Exit.OK
    assert said.run("accounts", "test", "main", *at) == Exit.SIGN_IN


def make_trouble(toy: ToyServer) -> None:
    for fault in (Fault.HTML_403, Fault.BUSY_500, Fault.LOST_REQUEST, Fault.REDIRECT):
        toy.faults.plan("GET /v2/orders", fault)
        toy.faults.plan("GET /v2/account", fault)
    asked = len(toy.requests)
    toy.stream.cut()
    toy.market.cut()
    wait_until(lambda: len(toy.requests) > asked + 6, 30, "questions after the trouble")


@pytest.mark.timeout(240)
async def test_no_canary_is_written_or_said(toy: ToyServer, folder: Path) -> None:
    said = Said(folder)
    await asyncio.to_thread(whole_run, toy, folder, said)
    files = {file: file.read_bytes() for file in all_files(folder) if file.name != "passphrase"}
    names = {file.name for file in files}
    assert {"cockpit.log", "cockpit.sqlite3", "secrets.vault", "accounts.json"} <= names
    assert all(content for file, content in files.items() if file.name == "cockpit.log")
    leaks = {str(file): found for file, content in files.items() if (found := found_in(content))}
    assert leaks == {}
    assert found_in(said.all) == []
    assert b"main" in said.all


def all_files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file()]


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of its own")
@pytest.mark.timeout(120)
async def test_what_is_typed_at_the_terminal_is_not_seen(toy: ToyServer, folder: Path) -> None:
    (folder / "cockpit.toml").write_text(
        (folder / "cockpit.toml").read_text(encoding="utf-8").partition("passphrase_file")[0],
        encoding="utf-8",
    )
    shown = await asyncio.to_thread(typed, folder)
    assert b"main (alpaca, PAPER ...0001) is stored." in shown
    assert b"API key id" in shown
    assert found_in(shown) == []


def typed(folder: Path) -> bytes:
    """Add an account as a person does; what the terminal showed meanwhile."""
    command = [*command_line(), "accounts", "add", "main", *where(folder)]
    answers = [
        (b"API key id: ", KEY_ID),
        (b"Secret key: ", SECRET),
        (b"New passphrase: ", PASSPHRASE),
        (b"Once more: ", PASSPHRASE),
    ]
    shown = b""
    with terminal(command, folder) as (process, handle):
        for question, answer in answers:
            while not shown.endswith(question):
                shown += os.read(handle, 1000)
            os.write(handle, f"{answer}\n".encode())
        shown += rest_of(handle)
        assert process.wait(30) == Exit.OK, shown
    return shown


@contextmanager
def terminal(command: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    import pty  # not there on Windows

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environ_of(folder),
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def rest_of(handle: int) -> bytes:
    shown = b""
    try:
        while part := os.read(handle, 1000):
            shown += part
    except OSError:  # the other side is closed
        pass
    return shown
