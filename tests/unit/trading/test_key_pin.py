"""A key that opens another account than at first trades nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from cockpit.adapters.storage import open_store
from cockpit.domain.account import Account, Mode
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.broker import BrokerError
from cockpit.ports.store import Store
from cockpit.trading.key_pin import KeyPin
from tests.support.desk import trading_desk

CLOCK = VirtualClock(1)


def account(key: str, mode: Mode = Mode.LIVE) -> Account:
    money = Decimal(1)
    return Account(
        account_id="LIVE",
        mode=mode,
        cash=money,
        equity=money,
        buying_power=money,
        key_fingerprint=key,
    )


@pytest.fixture
async def store(tmp_path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "cockpit.sqlite3")
    yield opened
    await opened.close()


async def pinned(store: Store, account_id: str, mode: Mode, key: str) -> str | None:
    pin = KeyPin(store, CLOCK, account_id, mode)
    assert pin.expected is None
    await pin.take(account(key, mode))
    return pin.expected


async def test_the_first_key_is_the_one_to_come(store) -> None:
    assert await pinned(store, "LIVE", Mode.LIVE, "abc") == "abc"
    assert await pinned(store, "LIVE", Mode.LIVE, "other") == "abc"
    assert await pinned(store, "LIVE", Mode.LIVE, "abc") == "abc"


async def test_a_paper_key_is_no_first_live_key_and_back(store) -> None:
    paper = await store.open_run(Mode.PAPER, label="", source="", now_ns=1)
    assert await pinned(store, paper.account_id, Mode.PAPER, "paper-key") == "paper-key"
    live = await store.open_run(Mode.LIVE, label="", source="", now_ns=1)
    assert await pinned(store, live.account_id, Mode.LIVE, "paper-key") is None
    assert await pinned(store, live.account_id, Mode.LIVE, "live-key") == "live-key"
    other = await store.open_run(Mode.PAPER, label="", source="", now_ns=2)
    if other.account_id != paper.account_id:
        assert await pinned(store, other.account_id, Mode.PAPER, "live-key") is None


async def test_a_stored_account_opens_what_it_opened_when_it_was_stored(store) -> None:
    pin = KeyPin(store, CLOCK, "LIVE", Mode.LIVE, stored="abc")
    with pytest.raises(BrokerError) as caught:
        await pin.take(account("other"))
    assert caught.value.code == "ENVIRONMENT_KEY"
    assert pin.expected is None
    assert await store.newest_record("environment", "LIVE") is None
    await pin.take(account("abc"))
    assert pin.expected == "abc"


async def test_an_account_of_another_mode_pins_nothing(store) -> None:
    pin = KeyPin(store, CLOCK, "LIVE", Mode.LIVE)
    await pin.take(account("abc", Mode.PAPER))
    assert pin.expected is None
    assert await store.newest_record("environment", "LIVE") is None


async def test_the_gate_denies_another_key(tmp_path) -> None:
    async with trading_desk(tmp_path) as desk:
        assert desk.key_pin.expected == desk.events.account.key_fingerprint != ""
        desk.key_pin.expected = "what was there at first"
        assert (await desk.oms.submit(desk.intent())).reason_code == "ENVIRONMENT_KEY"
