"""One request is one request, every wait ends, and no address is repeated."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cockpit.adapters.sources.polygon import PolygonSettings, build
from cockpit.adapters.sources.reading import words
from cockpit.adapters.sources.rest import Rest
from cockpit.adapters.sources.settings import RestSettings
from cockpit.kernel.clock import WallClock
from cockpit.ports.source import DownError, MalformedError, QuoteAsk
from cockpit.testing import CountingMeter
from tests.support.certificates import Authority
from tests.support.waiting import eventually
from tests.toyserver.client import DictVault
from tests.toyserver.vendors import ToyPolygon


class Dropper:
    """Answers the first request on a line, and drops the line at the second."""

    def __init__(self) -> None:
        self.requests = 0
        self.lines = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


async def test_a_dropped_line_does_not_ask_twice() -> None:
    """The library would send a GET again when a line that it kept turns out to be dead."""
    dropper = Dropper()
    server = await asyncio.start_server(dropper.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    rest = Rest("toy", f"http://127.0.0.1:{port}", RestSettings())
    assert (await rest.get("/a", {})).body == b"{}"
    with pytest.raises(DownError, match=r"the line to 127\.0\.0\.1 broke"):
        await rest.get("/b", {"apikey": "canary-in-the-address"})
    assert (dropper.requests, dropper.lines) == (2, 1)
    await rest.close()
    server.close()
    await server.wait_closed()


async def test_nobody_there() -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    rest = Rest("toy", f"http://127.0.0.1:{port}", RestSettings(connect_timeout_s=0.5))
    with pytest.raises(DownError) as raised:
        await rest.get("/query", {"apikey": "canary-in-the-address"})
    seen: BaseException | None = raised.value
    while seen is not None:
        assert "canary" not in f"{seen!r} {seen}"
        seen = seen.__cause__
    assert raised.value.__suppress_context__
    await rest.close()


async def test_a_body_without_end_is_cut_off() -> None:
    sent = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b" " * 65_536)
                sent += 65_536
                await writer.drain()
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    rest = Rest("toy", f"http://127.0.0.1:{port}", RestSettings(max_answer_mb=1))
    with pytest.raises(MalformedError, match="more than 1 MB"):
        await rest.get("/", {})
    await rest.close()
    server.close()
    await eventually(lambda: sent < 64 << 20)


async def test_a_wrong_certificate_gets_no_key(tmp_path: Path, meter: CountingMeter) -> None:
    authority = Authority(tmp_path)
    async with ToyPolygon(tls=authority.server()) as toy:
        vault = DictVault(**{"feeds/polygon/key": toy.key})
        for ca_file in (None, authority.file):
            settings = PolygonSettings(url=toy.url, plan="advanced", ca_file=ca_file)
            source = build(settings, clock=WallClock(), vault=vault)
            if ca_file is None:
                with pytest.raises(DownError, match="certificate is not trusted"):
                    await source.fetch(QuoteAsk("ABC"), meter)
                assert not toy.requests
            else:
                assert (await source.fetch(QuoteAsk("ABC"), meter)).rows
            await source.close()


async def test_a_file_of_authorities_that_is_none_is_said(tmp_path: Path) -> None:
    settings = RestSettings(ca_file=tmp_path / "none.pem")
    with pytest.raises(DownError, match="authorities"):
        await Rest("toy", "https://127.0.0.1:1", settings).get("/", {})


def test_words_of_a_vendor_fit_in_a_sentence() -> None:
    assert words("Your  key\n k-123 is over", "k-123") == "Your key [hidden] is over"
    assert len(words("x" * 1000)) == 160
