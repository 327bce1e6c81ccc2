"""The local socket: who gets in, what a bad message costs, and what is left behind."""

from __future__ import annotations

import asyncio
import os
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.kernel.clock import WallClock
from cockpit.kernel.ipc import (
    Channel,
    ChannelError,
    LocalServer,
    NobodyThereError,
    address,
    channel,
    connect,
)
from cockpit.kernel.ipc import server as servers
from cockpit.kernel.private_files import PrivateFileError, private_folder
from cockpit.kernel.supervisor import Supervisor
from tests.support.waiting import eventually

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Unix sockets")
both_loops = pytest.mark.asyncio(loop_factories=["asyncio", "qt"])


class Word(msgspec.Struct):
    text: str


async def _echo(channel: Channel) -> None:
    while (raw := await channel.receive(5.0)) is not None:
        if b"explode" in raw:
            raise ZeroDivisionError("a bug of ours")
        channel.put(raw)


@asynccontextmanager
async def listening(folder: Path) -> AsyncIterator[LocalServer]:
    supervisor = Supervisor(WallClock())
    server = LocalServer(folder, supervisor, _echo)
    await server.start()
    try:
        yield server
    finally:
        await supervisor.stop()
        await server.stop()


@pytest.fixture(params=["unix", "tcp"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The transport of this system, and that of Windows, which works everywhere."""
    if request.param == "unix" and sys.platform == "win32":
        pytest.skip("Windows has no Unix sockets")
    if request.param == "tcp":

        def loopback(data_dir: Path) -> tuple[object, str]:
            private_folder(address.control_folder(data_dir))
            return address._loopback(), ""

        monkeypatch.setattr(address, "bound_socket", loopback)
    return str(request.param)


async def _said(folder: Path, text: str) -> str:
    async with connect(folder, 2.0) as channel:
        await channel.send(Word(text))
        return (await channel.take(Word, 2.0)).text


@both_loops
@pytest.mark.usefixtures("qapp", "transport")
async def test_the_owner_is_answered_and_nothing_stays(tmp_path: Path) -> None:
    async with listening(tmp_path) as server:
        assert await asyncio.gather(*(_said(tmp_path, f"{n}") for n in range(8))) == list(
            "01234567"
        )
        big = "x" * 60_000
        assert await _said(tmp_path, big) == big
        assert not server.refused
    assert not list((tmp_path / "control").iterdir())
    with pytest.raises(NobodyThereError):
        await _said(tmp_path, "hello")


@both_loops
@pytest.mark.usefixtures("qapp")
async def test_two_at_once_do_not_wait_for_each_other(tmp_path: Path) -> None:
    async with listening(tmp_path), connect(tmp_path, 2.0) as first:
        assert await _said(tmp_path, "second") == "second"
        await first.send(Word("first"))
        assert (await first.take(Word, 2.0)).text == "first"


@unix_only
async def test_folder_and_socket_are_the_owners_alone(tmp_path: Path) -> None:
    async with listening(tmp_path):
        control = tmp_path / "control"
        assert stat.S_IMODE(control.stat().st_mode) == 0o700
        for file in control.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


@unix_only
async def test_a_long_folder_gets_a_short_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setattr(address, "LONGEST_PATH", len(str(runtime)) + 60)
    folder = tmp_path / ("deep" * 20) / "data"
    async with listening(folder):
        assert await _said(folder, "far away") == "far away"
        found = address.published(folder)
        assert found is not None
        assert found.path.startswith(str(runtime))
        assert stat.S_IMODE(Path(found.path).parent.stat().st_mode) == 0o700
    assert not list(runtime.glob("*/*"))


@unix_only
async def test_a_socket_left_by_a_crash_is_replaced(tmp_path: Path) -> None:
    left, path = address.bound_socket(tmp_path)
    address.publish(tmp_path, address.Address(pid=1, secret="old", path=path))
    left.close()
    with pytest.raises(NobodyThereError):
        await _said(tmp_path, "anybody?")
    async with listening(tmp_path):
        assert await _said(tmp_path, "yes") == "yes"


@unix_only
async def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "control").symlink_to(elsewhere)
    with pytest.raises(PrivateFileError, match="not a folder of yours"):
        async with listening(tmp_path):
            pass


@pytest.mark.usefixtures("transport")
async def test_a_wrong_secret_gets_no_answer(tmp_path: Path) -> None:
    async with listening(tmp_path) as server:
        true = address.published(tmp_path)
        assert true is not None
        address.publish(tmp_path, msgspec.structs.replace(true, secret="guessed"))
        with pytest.raises(ChannelError, match="does not know the secret"):
            await _said(tmp_path, "let me in")
        address.publish(tmp_path, true)
        assert await _said(tmp_path, "the owner") == "the owner"
        await eventually(lambda: server.refused == {"malformed": 1})


@pytest.mark.usefixtures("transport")
async def test_a_client_without_the_secret_is_sent_away(tmp_path: Path) -> None:
    async with listening(tmp_path) as server:
        async with _raw(tmp_path) as (reader, writer):
            writer.write(_framed(channel.Hello(protocol=1, nonce="n")))
            writer.write(_framed(channel.Proof(proof="0" * 64)))
            writer.write(_framed(Word("place an order")))
            answer = await reader.read()
        assert b"place" not in answer
        assert server.refused == {"malformed": 1}


async def test_another_version_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(tmp_path) as server:
        old = channel.welcome

        async def newer(there: Channel, secret: str, pid: int) -> None:
            monkeypatch.setattr(channel, "PROTOCOL", 2)
            await old(there, secret, pid)

        monkeypatch.setattr(servers, "welcome", newer)
        async with _raw(tmp_path) as (reader, writer):
            writer.write(_framed(channel.Hello(protocol=1, nonce="n")))
            assert b'"protocol":2' in await reader.read()
        assert server.refused == {"malformed": 1}


@unix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be two")
async def test_a_stranger_is_kept_out() -> None:
    """By the folder, and by the credentials where somebody has opened the folder."""
    script = (
        "import os, socket, sys; os.setuid(65534); s = socket.socket(socket.AF_UNIX);"
        "s.connect(sys.argv[1])"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _opened(folder)
        async with listening(folder) as server:
            path = folder / address.FOLDER / address.SOCKET
            command = [sys.executable, "-c", script, str(path)]
            kept = await asyncio.to_thread(
                subprocess.run, command, capture_output=True, check=False
            )
            assert b"PermissionError" in kept.stderr
            assert not server.refused
            _opened(path.parent, path)
            await asyncio.to_thread(_stderr, command)
            await eventually(lambda: server.refused == {"stranger": 1})


async def test_too_many_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalServer, "MOST", 1)
    async with listening(tmp_path) as server, connect(tmp_path, 2.0) as first:
        await first.send(Word("in"))
        assert (await first.take(Word, 2.0)).text == "in"
        with pytest.raises(ChannelError):
            await _said(tmp_path, "and me?")
        assert server.refused == {"too_many": 1}


async def test_a_bug_of_ours_ends_that_connection_only(tmp_path: Path) -> None:
    async with listening(tmp_path) as server:
        async with connect(tmp_path, 2.0) as other:
            with pytest.raises(ChannelError):
                await _said(tmp_path, "explode")
            await other.send(Word("still here"))
            assert (await other.take(Word, 2.0)).text == "still here"
        assert server.refused == {"failed": 1}


async def test_who_is_silent_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "HANDSHAKE_S", 0.05)
    async with listening(tmp_path) as server, _raw(tmp_path) as (reader, _writer):
        assert await reader.read() == b""
        assert server.refused == {"malformed": 1}


_HEADERS = st.integers(0, 2**32 - 1).map(lambda n: struct.pack(">I", n))
_CHUNKS = st.lists(st.binary(max_size=80) | _HEADERS, max_size=4).map(b"".join)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(noise=_CHUNKS, proven=st.booleans(), framed=st.booleans())
def test_noise_costs_its_own_connection_only(
    tmp_path: Path, noise: bytes, *, proven: bool, framed: bool
) -> None:
    payload = struct.pack(">I", len(noise)) + noise if framed else noise

    async def body() -> None:
        async with listening(tmp_path) as server, connect(tmp_path, 2.0) as good:
            if proven:
                async with connect(tmp_path, 2.0) as bad:
                    bad._writer.write(payload)
            else:
                async with _raw(tmp_path) as (_reader, writer):
                    writer.write(payload)
            await good.send(Word("still here"))
            assert (await good.take(Word, 2.0)).text == "still here"
            assert "failed" not in server.refused

    asyncio.run(body())


@asynccontextmanager
async def _raw(
    folder: Path,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection without any manners."""
    found = address.published(folder)
    assert found is not None
    if found.path:
        reader, writer = await asyncio.open_unix_connection(found.path)
    else:
        reader, writer = await asyncio.open_connection("127.0.0.1", found.port)
    try:
        yield reader, writer
    finally:
        writer.close()


def _opened(*paths: Path) -> None:
    for path in paths:
        path.chmod(0o777)


def _stderr(command: list[str]) -> bytes:
    return subprocess.run(command, capture_output=True, check=False, timeout=20).stderr


def _framed(message: msgspec.Struct) -> bytes:
    payload = msgspec.json.encode(message)
    return struct.pack(">I", len(payload)) + payload
