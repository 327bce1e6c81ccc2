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
from cockpit.domain.values import NEW_YORK, utc
from cockpit.kernel.private_files import write_private
from tests.support.headless import environ_of, started
from tests.support.program import command_line
from tests.support.waiting import wait_until
from tests.toyserver import Fault, ToyServer
from tests.toyserver.model import ToyModel
from tests.toyserver.vendors import ToyAlphaVantage, ToyPolygon

KEY_ID = "PKCANARY7731KEYID0001"
SECRET = "canarySecret/8842+Zq=="
WRONG = "canaryWrong-5519-never-right"
PASSPHRASE = "canary passphrase 6627"
NEXT_ID = "PKCANARY4410KEYID0002"
NEXT_SECRET = "canaryNext/3391+Yy=="
NEXT_PASSPHRASE = "canary passphrase 7738"
POLYGON = "canaryPolygonKey0004415"
ALPHA = "CANARYALPHA0005526"
MODEL = "sk-canary-0006637-of-a-model"
CANARIES = (
    KEY_ID, SECRET, WRONG, PASSPHRASE, NEXT_ID, NEXT_SECRET, NEXT_PASSPHRASE, POLYGON, ALPHA, MODEL,
)  # fmt: skip


def forms(secret: str) -> Iterator[bytes]:
    """How a secret may stand somewhere: as it is, quoted, in base64, in hex, in two bytes."""
    raw = secret.encode()
    yield raw
    yield json.dumps(secret)[1:-1].encode()
    yield quote(secret, safe="").encode()
    yield base64.b64encode(raw).rstrip(b"=")
    yield base64.b64encode(f"{KEY_ID}:{secret}".encode()).rstrip(b"=")
    yield base64.b64encode(f"{NEXT_ID}:{secret}".encode()).rstrip(b"=")
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
async def vendors() -> AsyncIterator[tuple[ToyPolygon, ToyAlphaVantage, ToyModel]]:
    """Two vendors, and a model that repeats the key it was given when it refuses it."""
    async with ToyPolygon() as polygon, ToyAlphaVantage() as alpha, ToyModel() as model:
        polygon.key, alpha.key = POLYGON, ALPHA
        yield polygon, alpha, model


@pytest.fixture
def folder(
    toy: ToyServer, vendors: tuple[ToyPolygon, ToyAlphaVantage, ToyModel], tmp_path: Path
) -> Path:
    polygon, alpha, model = vendors
    passphrase = tmp_path / "passphrase"
    write_private(passphrase, PASSPHRASE.encode())
    settings = (
        f'writer = "openai"\n[writers.openai]\nbase_url = "{model.url}"\n'
        f'[sources.polygon]\nurl = "{polygon.url}"\n[sources.alpha_vantage]\nurl = "{alpha.url}"\n'
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

    def run(self, *words: str, given: str = "", **variables: str) -> int:
        command = [*command_line(), *words]
        done = subprocess.run(
            command, env=environ_of(self._folder) | variables, cwd=self._folder,
            capture_output=True, input=given.encode(), timeout=120, check=False,
        )  # fmt: skip
        self.all += done.stdout + done.stderr
        return done.returncode


def whole_run(toy: ToyServer, folder: Path, said: Said) -> None:
    """Add with wrong keys and right ones, test, run, fail in many ways, crash, give new keys."""
    at = where(folder)
    add = ["accounts", "add", "main", "--stdin", *at]
    assert said.run(*add, given=f"{KEY_ID}\n{WRONG}\n") == Exit.SIGN_IN
    assert said.run(*add, given=f"{KEY_ID}\n{SECRET}\n") == Exit.OK
    assert said.run("accounts", "test", "main", *at) == Exit.OK
    ask_vendors(folder, said)
    report = folder / "report.json"
    words = ("run", "--account", "main", "--headless", "--verbose", "--report", str(report), *at)
    with started(folder, *words) as process:
        said.all += until_up(process).encode()
        make_trouble(toy)
        said.run("status", "--json", "--data-dir", str(folder / "data"))
        said.run("doctor", "--json", *at)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=120)
        said.all += out.encode() + err.encode()
    toy.faults.planned.clear()  # how many of them were met is a matter of time
    for words in (
        ("accounts", "list", "--json", "--data-dir", str(folder / "data")),
        ("audit", "show", "--data-dir", str(folder / "data")),
        ("limits", "show", *at),
        ("doctor", "--json", *at),
    ):
        said.run(*words)
    today = f"{utc(toy.exchange.now_ns()).astimezone(NEW_YORK):%Y-%m-%d}"
    said.run("recap", "--date", today, "--out", str(folder / "recap.md"), *at)
    if sys.platform != "win32":  # no signal makes a dump there
        crash(folder, said)
    toy.keys = (NEXT_ID, NEXT_SECRET)
    rekey = ["accounts", "rekey", "main", "--stdin", *at]
    assert said.run(*rekey, given=f"{NEXT_ID}\n{WRONG}\n") == Exit.SIGN_IN
    assert said.run(*rekey, given=f"{NEXT_ID}\n{NEXT_SECRET}\n") == Exit.OK
    assert said.run("accounts", "test", "main", *at) == Exit.OK
    named = {"COCKPIT_VAULT_NEW_PASSPHRASE": NEXT_PASSPHRASE}
    assert said.run("accounts", "passphrase", *at, **named) == Exit.OK
    assert said.run("accounts", "test", "main", *at) != Exit.OK, "the file has the old one still"
    write_private(folder / "passphrase", NEXT_PASSPHRASE.encode())
    assert said.run("accounts", "test", "main", *at) == Exit.OK
    toy.keys = ("another", "pair")
    assert said.run("run", "--account", "main", "--headless", "--verbose", *at) != Exit.OK
    assert said.run("accounts", "test", "main", *at) == Exit.SIGN_IN


def until_up(process: subprocess.Popen[str]) -> str:
    """What it said until it was up."""
    assert process.stdout is not None
    assert process.stderr is not None
    said = ""
    for line in iter(process.stdout.readline, ""):
        said += line
        if "is up" in line:
            return said
    raise AssertionError(said + process.stderr.read())


def ask_vendors(folder: Path, said: Said) -> None:
    """Store their keys, be refused, ask for research that is kept: one's key is in the address."""
    at = where(folder)
    for vendor, key in (("polygon", POLYGON), ("alpha_vantage", ALPHA)):
        add = ["data", "keys", "add", vendor, "--stdin", *at]
        assert said.run(*add, given=f"{WRONG}\n") != Exit.OK
        assert said.run(*add, given=f"{key}\n") == Exit.OK
        assert said.run("data", "get", "ABC", "--source", vendor, *at) == Exit.OK, said.all
    assert said.run("writer", "key", "openai", "--stdin", *at, given=f"{MODEL}\n") == Exit.OK


def crash(folder: Path, said: Said) -> None:
    """Die of a signal while the keys are in memory: the dump names lines, and no core is left."""
    words = ["run", "--account", "main", "--headless", "--verbose", *where(folder)]
    cores = ["sh", "-c", 'ulimit -c $(ulimit -H -c); exec "$@"', "sh"]  # as where somebody programs
    with subprocess.Popen(
        [*cores, *command_line(), *words], env=environ_of(folder) | {"PYTHONFAULTHANDLER": "1"},
        cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        said.all += until_up(process).encode()
        process.send_signal(signal.SIGABRT)
        out, err = process.communicate(timeout=120)
    assert "Fatal Python error: Aborted" in err
    said.all += out.encode() + err.encode()


def make_trouble(toy: ToyServer) -> None:
    for fault in (Fault.HTML_403, Fault.BUSY_500, Fault.LOST_REQUEST, Fault.REDIRECT):
        toy.faults.plan("GET /v2/orders", fault)
        toy.faults.plan("GET /v2/account", fault)
    asked = len(toy.requests)
    toy.stream.cut()
    toy.market.cut()
    wait_until(lambda: len(toy.requests) > asked + 6, 30, "questions after the trouble")


@pytest.mark.timeout(1200)
async def test_no_canary_is_written_or_said(toy: ToyServer, folder: Path) -> None:
    said = Said(folder)
    await asyncio.to_thread(whole_run, toy, folder, said)
    files = {file: file.read_bytes() for file in all_files(folder) if file.name != "passphrase"}
    names = {file.name for file in files}
    assert {"cockpit.log", "cockpit.sqlite3", "secrets.vault", "accounts.json"} <= names
    assert {"research.sqlite", "report.json"} <= names, names
    assert any(file.parent.name == "tapes" for file in files), names
    assert not [name for name in names if name.startswith("core")], "an image of the memory"
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
