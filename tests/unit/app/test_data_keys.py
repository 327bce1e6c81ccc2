"""Keys of data vendors: tried, kept, found by the source, forgotten, and seen by nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.app.data.keys import KeyDesk, KeyProblemError
from cockpit.app.data.research import Needs
from cockpit.kernel.clock import WallClock
from cockpit.ports.vault import VaultError, vendor_secret
from tests.support.vaults import file_vault
from tests.toyserver.vendors import Mood, ToyPolygon

NAME = vendor_secret("polygon")


@pytest.fixture
async def toy() -> AsyncIterator[ToyPolygon]:
    async with ToyPolygon() as toy:
        toy.facts.prices["SPY"] = 500.0
        yield toy


def desk_of(toy: ToyPolygon, folder: Path, passphrase: str = "", **settings: Any) -> KeyDesk:
    own = {"url": toy.url, "plan": "advanced", "answer_timeout_s": 1.0, "connect_timeout_s": 1.0}
    toml = {"sources": {"polygon": own | settings}}
    clock = WallClock()
    vault = file_vault(folder, passphrase) if passphrase else file_vault(folder)
    needs = Needs(toml=toml, data_dir=folder, vault=vault, clock=clock, account=None)
    return KeyDesk(needs, vault, clock)


async def test_a_good_key_is_tried_and_kept(toy: ToyPolygon, tmp_path: Path) -> None:
    told: list[str] = []
    said = await desk_of(toy, tmp_path).add("polygon", f" {toy.key}\n", told.append)
    assert said == "polygon takes the key (prices in real time). It is kept in the encrypted file."
    assert told == ["Asking polygon for one price."]
    assert await file_vault(tmp_path).get(NAME) == toy.key
    assert len(toy.requests) == 1
    again = desk_of(toy, tmp_path)
    assert await again.stored() == ["polygon"]
    assert "takes the key" in await again.test("polygon", told.append)
    await again.remove("polygon")
    assert await file_vault(tmp_path).get(NAME) is None
    with pytest.raises(KeyProblemError, match="no key of polygon"):
        await again.test("polygon", told.append)


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        (Mood.DOWN, "SOURCE_DOWN"),
        (Mood.HANG, "SOURCE_DOWN"),
        (Mood.HTML, "SOURCE_MALFORMED"),
        (Mood.THROTTLED, "SOURCE_THROTTLED"),
    ],
)
async def test_a_key_that_can_not_be_tried_is_not_kept(
    toy: ToyPolygon, tmp_path: Path, mood: Mood, code: str
) -> None:
    toy.moods[""] = mood
    with pytest.raises(KeyProblemError) as raised:
        await desk_of(toy, tmp_path).add("polygon", toy.key, lambda _: None)
    assert raised.value.code == code
    assert "Nothing was stored." in raised.value.user_text
    assert await file_vault(tmp_path).get(NAME) is None


async def test_a_wrong_key_is_not_kept_and_not_repeated(toy: ToyPolygon, tmp_path: Path) -> None:
    with pytest.raises(KeyProblemError) as raised:
        await desk_of(toy, tmp_path).add("polygon", "canary-0123456789", lambda _: None)
    assert raised.value.code == "SOURCE_KEY_REFUSED"
    assert "canary" not in f"{raised.value} {raised.value.user_text}"
    assert await file_vault(tmp_path).get(NAME) is None


async def test_an_old_key_stays_when_the_new_one_is_refused(
    toy: ToyPolygon, tmp_path: Path
) -> None:
    desk = desk_of(toy, tmp_path)
    await desk.add("polygon", toy.key, lambda _: None)
    with pytest.raises(KeyProblemError):
        await desk.add("polygon", "canary-0123456789", lambda _: None)
    assert await file_vault(tmp_path).get(NAME) == toy.key


async def test_a_plan_that_has_no_prices_still_has_a_good_key(
    toy: ToyPolygon, tmp_path: Path
) -> None:
    toy.moods[""] = Mood.NOT_ENTITLED
    said = await desk_of(toy, tmp_path).add("polygon", toy.key, lambda _: None)
    assert "takes the key, but not for prices" in said
    assert await file_vault(tmp_path).get(NAME) == toy.key


async def test_a_locked_vault_is_told_before_the_vendor_is_asked(
    toy: ToyPolygon, tmp_path: Path
) -> None:
    await file_vault(tmp_path).put("other", "x")
    desk = desk_of(toy, tmp_path, "not this passphrase")
    with pytest.raises(VaultError):
        await desk.add("polygon", toy.key, lambda _: None)
    assert not toy.requests


async def test_the_trial_is_counted_and_the_plan_is_not_exceeded(
    toy: ToyPolygon, tmp_path: Path
) -> None:
    desk = desk_of(toy, tmp_path, requests_per_minute=2)
    for _ in range(2):
        await desk.add("polygon", toy.key, lambda _: None)
    with pytest.raises(KeyProblemError) as raised:
        await desk_of(toy, tmp_path, requests_per_minute=2).test("polygon", lambda _: None)
    assert raised.value.code == "SOURCE_HELD_BACK"
    assert len(toy.requests) == 2


@pytest.mark.parametrize("key", ["", "  ", "two words", "k" * 600, "a\x00b"])
async def test_what_can_not_be_a_key_is_not_tried(
    toy: ToyPolygon, tmp_path: Path, key: str
) -> None:
    with pytest.raises(KeyProblemError, match="key"):
        await desk_of(toy, tmp_path).add("polygon", key, lambda _: None)
    assert not toy.requests


@pytest.mark.parametrize("vendor", ["alpaca", "nobody"])
async def test_a_vendor_without_a_key_of_its_own(
    toy: ToyPolygon, tmp_path: Path, vendor: str
) -> None:
    with pytest.raises(KeyProblemError) as raised:
        await desk_of(toy, tmp_path).add(vendor, "k", lambda _: None)
    assert "alpha_vantage, finnhub, polygon" in raised.value.user_text
