"""Signing in and out: keys, permissions, and an end within seconds in every state."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from cockpit.adapters.brokers.alpaca import AlpacaSettings, build
from cockpit.adapters.brokers.alpaca.keys import Keys, names_of
from cockpit.domain.account import Mode
from cockpit.domain.connection import Connection
from cockpit.kernel.clock import VirtualClock, WallClock
from cockpit.kernel.settings import SettingsError, load
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import BrokerError
from cockpit.ports.vault import VaultError
from tests.support.waiting import eventually
from tests.toyserver import KEY_ID, SECRET_KEY, Fault, ToyServer
from tests.toyserver.client import STORED, DictVault, alpaca_at
from tests.unit.adapters.brokers.alpaca.kit import TOKEN, session_at, toy_order
from tests.unit.adapters.brokers.paper_kit import Recorder


async def refusal(toy: ToyServer, **more: Any) -> BrokerError:
    broker = alpaca_at(toy, **more)
    sink = Recorder(WallClock())
    with pytest.raises(BrokerError) as refused:
        await broker.connect(sink)
    with pytest.raises(BrokerError):
        await broker.positions()  # and there is no half of a session left
    return refused.value


@pytest.mark.parametrize(
    ("mode", "clock"),
    [(Mode.DEMO, WallClock()), (Mode.PAPER, VirtualClock(0))],
    ids=["demo", "paper-on-played-time"],
)
def test_a_simulated_market_is_refused(mode: Mode, clock: WallClock | VirtualClock) -> None:
    """Also under a paper account: real orders must not follow prices that nobody quotes."""
    with pytest.raises(BrokerError, match="asked for"):
        build(
            AlpacaSettings(),
            clock=clock,
            redeem=lambda _token, _order: None,
            account_id="DEMO-1",
            mode=mode,
            supervisor=Supervisor(clock),
        )


async def test_without_keys_nothing_is_asked(toy: ToyServer) -> None:
    assert (await refusal(toy, vault=DictVault())).code == "AUTH_MISSING"
    assert toy.requests == []


async def test_a_locked_vault_says_so(toy: ToyServer) -> None:
    class Locked(DictVault):
        async def get(self, name: str) -> str | None:
            raise VaultError("locked", user_text="The vault is locked. Open it.")

    assert (await refusal(toy, vault=Locked())).user_text == "The vault is locked. Open it."


async def test_a_live_key_is_never_used_for_paper(toy: ToyServer) -> None:
    key_id, secret = names_of(STORED)
    vault = DictVault(**{key_id: "AKLIVE", secret: "s"})
    assert (await refusal(toy, vault=vault)).code == "BROKER_ENVIRONMENT"
    assert toy.requests == []


def test_accounts_have_names_of_their_own() -> None:
    assert names_of("main") == ("accounts/main/key_id", "accounts/main/secret")
    assert not set(names_of("main")) & set(names_of("other"))


async def test_a_blocked_account_is_refused(
    toy: ToyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = toy.exchange.account() | {"trading_blocked": True}
    monkeypatch.setattr(toy.exchange, "account", lambda: figures)
    assert (await refusal(toy)).code == "BROKER_ACCOUNT"


async def test_a_venue_that_is_down_is_told_at_once(toy: ToyServer) -> None:
    toy.faults.plan("GET /v2/account", Fault.LOST_REQUEST)
    error = await refusal(toy)
    assert error.code == "BROKER_NO_ANSWER"
    assert "Cockpit is not signed in" in error.user_text


@pytest.mark.parametrize(
    "address", ["http://api.example.com", "ftp://x", "api.alpaca.markets", "ws://10.0.0.1/stream"]
)
def test_keys_leave_the_machine_encrypted_or_not_at_all(address: str) -> None:
    with pytest.raises(SettingsError, match="https or wss"):
        load(AlpacaSettings, section="brokers.alpaca", overrides={"trading_url": address})


def test_each_mode_has_its_own_address() -> None:
    settings = AlpacaSettings()
    assert "paper" in settings.rest_url(Mode.PAPER)
    assert "paper" in settings.stream_url(Mode.PAPER)
    assert "paper" not in settings.rest_url(Mode.LIVE)
    assert "paper" not in settings.stream_url(Mode.LIVE)


async def test_the_account_is_named_by_a_fingerprint_and_not_by_its_number(
    toy: ToyServer,
) -> None:
    async with session_at(toy) as session:
        account = await session.broker.account()
    assert account.key_fingerprint.startswith("alpaca:paper:")
    assert toy.exchange.account_id not in account.key_fingerprint
    assert (account.margin, account.day_trades) == (True, 0)


async def test_no_secret_is_shown_in_a_repr_a_log_or_an_error(toy: ToyServer) -> None:
    assert KEY_ID not in repr(Keys(KEY_ID, SECRET_KEY))
    with capture_logs() as logs:
        async with session_at(toy) as session:
            told = repr(vars(session.broker)) + repr(session.sink.of(Connection))
            toy.faults.plan("GET /v2/positions", Fault.ACCEPTED_HTML)
            with pytest.raises(BrokerError) as failed:
                await session.broker.positions()
            toy.stream.cut()
            await eventually(lambda: session.lamps[-2:] == ["down", "up"])
            toy.keys = ("PKX", "x")
            toy.stream.cut()
            await eventually(lambda: session.lamps[-1] == "auth_failed")
    told += repr(failed.value) + failed.value.user_text + repr(logs) + session.details
    assert KEY_ID not in told
    assert SECRET_KEY not in told


@pytest.mark.parametrize("state", ["up", "frozen", "mute", "stalled", "retrying", "refused"])
async def test_close_takes_seconds_in_every_state(toy: ToyServer, state: str) -> None:
    async with session_at(toy, connect_timeout_s=0.3, answer_timeout_s=0.5) as session:
        pending = await _bring_into(state, toy, session)
        began = time.perf_counter()
        await session.broker.close()
        assert time.perf_counter() - began < 3
        for task in pending:
            with pytest.raises(BrokerError):
                await task


async def _bring_into(state: str, toy: ToyServer, session: Any) -> list[asyncio.Task[Any]]:
    if state == "frozen":
        toy.stream_faults.frozen = True
    elif state == "mute":
        toy.stream_faults.mute_at = "hello"
        toy.stream.cut()
    elif state == "retrying":
        toy.stream_faults.refuse_status = 429
        toy.stream.cut()
        await eventually(lambda: "CONNECTION_LIMIT" in session.details)
    elif state == "refused":
        toy.keys = ("PKX", "x")
        toy.stream.cut()
        await eventually(lambda: session.lamps[-1] == "auth_failed")
    elif state == "stalled":
        toy.faults.plan("POST /v2/orders", Fault.STALLED)
        toy.faults.plan("GET /v2/positions", Fault.STALLED)
        made = toy_order("one", limit="9.00")
        tasks = [
            asyncio.create_task(session.broker.submit(made, TOKEN)),
            asyncio.create_task(session.broker.positions()),
        ]
        await eventually(lambda: toy.count("POST", "/v2/orders") == 1)
        return tasks
    return []


def test_the_sdk_is_not_loaded_by_the_plug_in() -> None:
    script = (
        "import sys, cockpit.adapters.brokers.alpaca\n"
        "print({'alpaca', 'requests', 'websockets', 'pandas'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "set()"


@pytest.mark.parametrize("mode", [Mode.PAPER, Mode.LIVE])
@pytest.mark.parametrize("key", ["trading_url", "trading_stream_url"])
def test_an_account_never_goes_to_the_other_venue(mode: Mode, key: str) -> None:
    scheme = "https" if key == "trading_url" else "wss"
    for host, its in (("api.alpaca.markets", Mode.LIVE), ("paper-api.alpaca.markets", Mode.PAPER)):
        chosen = AlpacaSettings(**{key: f"{scheme}://{host}"})
        assert bool(chosen.why_not(mode)) is (mode is not its)
    with pytest.raises(BrokerError) as caught:
        build(
            AlpacaSettings(trading_url="https://api.alpaca.markets"),
            clock=WallClock(),
            redeem=lambda _token, _order: None,
            account_id="PAPER-1",
            mode=Mode.PAPER,
            supervisor=Supervisor(WallClock()),
        )
    assert caught.value.code == "BROKER_ENVIRONMENT"
    assert "live venue" in caught.value.user_text
