"""Encrypted lines to a toy venue: a wrong certificate is refused before a key is told to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.kernel.clock import WallClock
from cockpit.ports.broker import BrokerError, NotSentError
from tests.support.certificates import Authority
from tests.support.waiting import eventually
from tests.toyserver import ToyServer
from tests.toyserver.client import alpaca_at
from tests.toyserver.hood.client import robinhood_at
from tests.toyserver.hood.server import ToyHood
from tests.unit.adapters.brokers.alpaca.kit import SYMBOL, session_at, toy_order
from tests.unit.adapters.brokers.paper_kit import Recorder
from tests.unit.adapters.feeds.alpaca.kit import running

STRANGER, ELSEWHERE, OVER = "unable to get local issuer", "IP address mismatch", "has expired"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def encrypted(authority: Authority, *shown: object) -> AsyncIterator[ToyServer]:
    async with ToyServer(tls=authority.server(*shown)) as toy:
        toy.exchange.list_symbols(SYMBOL)
        toy.quote(SYMBOL, 9.99, 10.01)
        yield toy


@asynccontextmanager
async def plain() -> AsyncIterator[ToyServer]:
    async with ToyServer() as toy:
        yield toy


async def test_an_authority_of_the_settings_is_believed_by_requests_and_both_streams(
    authority: Authority,
) -> None:
    async with encrypted(authority) as toy:
        async with session_at(toy, ca_file=authority.file) as session:
            await session.submit(toy_order("tls"))
            await eventually(lambda: session.lamps[-1] == "up")
            assert toy.stream.listeners == 1
        async with running(toy, (SYMBOL,), ca_file=authority.file) as feed:
            await feed.up()


async def test_an_authority_of_the_environment_is_believed_by_all_three(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with encrypted(authority) as toy:
        async with session_at(toy) as session:
            assert session.lamps[-1] == "up"
        async with running(toy, (SYMBOL,)) as feed:
            await feed.up()


@pytest.mark.parametrize(
    ("shown", "believed", "why"),
    [
        ((), False, STRANGER),
        (("127.0.0.2",), True, ELSEWHERE),
        (("127.0.0.1", timedelta(hours=-1)), True, OVER),
    ],
    ids=["a stranger's", "another machine's", "one that is over"],
)
async def test_a_wrong_certificate_is_refused_before_a_key_is_told(
    authority: Authority, shown: tuple[object, ...], believed: bool, why: str
) -> None:
    settings = {"ca_file": authority.file} if believed else {}
    async with encrypted(authority, *shown) as toy:
        with pytest.raises(BrokerError) as caught:
            async with session_at(toy, **settings):
                pass
        assert caught.value.code == "BROKER_CERTIFICATE"
        assert "its certificate is not trusted: " in caught.value.user_text
        assert why in caught.value.user_text
        assert "No key was sent." in caught.value.user_text
        assert "ca_file under [brokers.alpaca]" in caught.value.user_text
        assert toy.requests == []
        assert toy.stream.sign_ins == 0


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
async def test_no_variable_turns_the_check_off(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(authority.file))
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    async with encrypted(Authority(authority.folder, "Another")) as toy:
        with pytest.raises(BrokerError) as caught:
            await alpaca_at(toy).connect(Recorder(WallClock()))
        assert caught.value.code == "BROKER_CERTIFICATE"


async def test_a_stream_of_updates_with_a_wrong_certificate_is_named_and_tried_again(
    authority: Authority,
) -> None:
    async with encrypted(authority) as wrong, plain() as toy:
        async with session_at(toy, trading_stream_url=wrong.stream_url) as session:
            await eventually(lambda: session.details.count("CERTIFICATE: ") > 1)
            assert "down" in session.lamps
            assert "up" not in session.lamps
            assert STRANGER in session.details
        assert wrong.stream.sign_ins == 0


async def test_a_stream_of_prices_with_a_wrong_certificate_is_named_and_tried_again(
    authority: Authority,
) -> None:
    async with encrypted(authority) as wrong, plain() as toy:
        async with running(toy, (SYMBOL,), data_stream_url=wrong.data_stream_url) as feed:
            await eventually(lambda: feed.details.count("CERTIFICATE: ") > 1)
            assert "up" not in feed.lamps
            assert STRANGER in feed.details
        assert wrong.market.connects == 0


async def test_an_order_on_a_line_that_is_someone_elses_by_now_is_not_sent(
    authority: Authority,
) -> None:
    async with encrypted(authority) as toy, session_at(toy, ca_file=authority.file) as session:
        assert toy.tls is not None
        Authority(authority.folder, "Another").certify(toy.tls, "127.0.0.1")
        with pytest.raises(NotSentError) as caught:
            await session.submit(toy_order("tls"))
        assert "its certificate is not trusted" in caught.value.user_text
        assert toy.exchange.orders == {}
        authority.certify(toy.tls, "127.0.0.1")
        await session.submit(toy_order("again"))


@pytest.mark.parametrize("content", [None, b"no certificate at all"])
async def test_a_file_of_authorities_that_is_of_no_use_is_told(
    authority: Authority, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "own.pem"
    if content is not None:
        file.write_bytes(content)
    async with encrypted(authority) as toy:
        with pytest.raises(BrokerError) as caught:
            await alpaca_at(toy, ca_file=file).connect(Recorder(WallClock()))
        assert f"the authorities of {file} can't be used" in caught.value.user_text


async def test_robinhood_is_held_to_the_same(authority: Authority) -> None:
    async with ToyHood(tls=authority.server()) as toy:
        with pytest.raises(BrokerError) as caught:
            await robinhood_at(toy).connect(Recorder(WallClock()))
        assert "its certificate is not trusted" in caught.value.user_text
        assert toy.requests == []
        broker = robinhood_at(toy, ca_file=authority.file)
        await broker.connect(Recorder(WallClock()))
        assert toy.requests
        await broker.close()
