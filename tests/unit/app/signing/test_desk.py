from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cockpit.adapters.secrets import FileVault, Passphrases
from cockpit.adapters.secrets.passphrase import NEW_VARIABLE, VARIABLE
from cockpit.app.signing.accounts import AccountError
from cockpit.app.signing.choosing import LIVE_LIMITS
from cockpit.app.signing.desk import AccountDesk, SignInError
from cockpit.domain.account import Mode
from cockpit.kernel.clock import WallClock
from cockpit.ports.vault import VaultError
from tests.support.vaults import CHEAP, PASSPHRASE, file_vault
from tests.support.waiting import eventually
from tests.toyserver import KEY_ID, SECRET_KEY, Fault, ToyServer

PAPER = {"key_id": KEY_ID, "secret": SECRET_KEY}
LIVE = {"key_id": "AKTOY000000000000001", "secret": SECRET_KEY}


@pytest.fixture
async def toy() -> AsyncIterator[ToyServer]:
    async with ToyServer() as server:
        yield server


def settings(toy: ToyServer, **more: Any) -> dict[str, Any]:
    where = {"trading_url": toy.url, "trading_stream_url": toy.stream_url, "data_url": toy.url}
    patience = {"connect_timeout_s": 2.0, "answer_timeout_s": 2.0}
    return {"brokers": {"alpaca": where | patience}, **more}


def desk_at(toy: ToyServer, folder: Path, **more: Any) -> AccountDesk:
    return AccountDesk(settings(toy, **more), folder, file_vault(folder), WallClock())


async def added(
    desk: AccountDesk, given: Mapping[str, str] = PAPER, mode: Mode = Mode.PAPER, **more: Any
) -> list[str]:
    told: list[str] = []
    await desk.add("main", "alpaca", mode, given, tell=told.append, **more)
    return told


async def test_keys_are_tried_then_stored(toy: ToyServer, tmp_path: Path) -> None:
    desk = desk_at(toy, tmp_path)
    told = await added(desk)
    record = desk.book.find("main")
    assert (record.broker, record.mode, record.number) == ("alpaca", Mode.PAPER, "...0001")
    assert record.opens.startswith("alpaca:paper:")
    assert await file_vault(tmp_path).get("accounts/main/secret") == SECRET_KEY
    assert told[0] == "Signing in."
    assert toy.count("GET", "/v2/account") >= 1
    assert not [r for r in toy.requests if r[0] != "GET"], "nothing but questions was sent"
    assert toy.stream.listeners == 0


async def test_what_is_stored_can_be_tested_and_removed(toy: ToyServer, tmp_path: Path) -> None:
    await added(desk_at(toy, tmp_path))
    desk = desk_at(toy, tmp_path)
    _, found = await desk.test("main", lambda _text: None)
    assert found.account.mode is Mode.PAPER
    await desk.remove("main")
    assert desk.book.records() == ()
    assert await file_vault(tmp_path).get("accounts/main/secret") is None
    assert await file_vault(tmp_path).get("accounts/main/key_id") is None
    await added(desk)


async def refused(
    desk: AccountDesk, given: Mapping[str, str] = PAPER, mode: Mode = Mode.PAPER, **more: Any
) -> AccountError:
    """Nothing may be stored, in the list or in the vault."""
    with pytest.raises(AccountError) as caught:
        await added(desk, given, mode, **more)
    assert "othing was stored" in caught.value.user_text
    assert SECRET_KEY not in f"{caught.value!r} {caught.value.user_text}"
    assert [r.name for r in desk.book.records() if r.name == "main"] == []
    assert await desk._vault.get("accounts/main/secret") is None
    return caught.value


async def test_keys_the_broker_refuses_are_not_stored(toy: ToyServer, tmp_path: Path) -> None:
    error = await refused(desk_at(toy, tmp_path), {"key_id": KEY_ID, "secret": "wrong"})
    assert isinstance(error, SignInError)
    assert error.code == "AUTH_FAILED"


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.HTML_403, Fault.STALLED])
async def test_a_broker_that_can_not_be_asked_stores_nothing(
    toy: ToyServer, tmp_path: Path, fault: Fault
) -> None:
    toy.faults.plan("GET /v2/account", *[fault] * 10)
    error = await refused(desk_at(toy, tmp_path))
    assert isinstance(error, SignInError)
    assert "then try again" in error.user_text
    assert "it is asked again" not in error.user_text, "nobody does, after a trial"


@pytest.mark.parametrize(
    "given",
    [{}, {"key_id": KEY_ID}, {"key_id": KEY_ID, "secret": "  "},
     {"key_id": KEY_ID, "secret": "a\nb"}, {"key_id": KEY_ID, "secret": "x" * 5000}],
)  # fmt: skip
async def test_what_can_be_no_key_is_refused_before_anybody_is_asked(
    toy: ToyServer, tmp_path: Path, given: dict[str, str]
) -> None:
    assert (await refused(desk_at(toy, tmp_path), given)).code == "ACCOUNT_KEYS"
    assert toy.requests == []


async def test_the_space_around_a_pasted_key_does_no_harm(toy: ToyServer, tmp_path: Path) -> None:
    await added(desk_at(toy, tmp_path), {"key_id": f" {KEY_ID}\n", "secret": f"\t{SECRET_KEY} "})


async def test_a_locked_vault_is_told_before_the_broker_is_asked(
    toy: ToyServer, tmp_path: Path
) -> None:
    await file_vault(tmp_path).put("other", "x")
    vault = file_vault(tmp_path, "not this passphrase")
    desk = AccountDesk(settings(toy), tmp_path, vault, WallClock())
    with pytest.raises(VaultError):
        await added(desk)
    assert toy.requests == []
    assert desk.book.records() == ()


async def test_real_money_needs_limits_and_the_typed_name(toy: ToyServer, tmp_path: Path) -> None:
    toy.keys = (LIVE["key_id"], LIVE["secret"])
    assert (await refused(desk_at(toy, tmp_path), LIVE, Mode.LIVE)).code == "LIVE_LIMITS"
    desk = desk_at(toy, tmp_path, limits=dict.fromkeys(LIVE_LIMITS, 1))
    for typed in ("", "Main", "main ", "yes"):
        error = await refused(desk, LIVE, Mode.LIVE, confirmed=typed)
        assert error.code == "LIVE_NOT_CONFIRMED"
    assert toy.requests == []
    await added(desk, LIVE, Mode.LIVE, confirmed="main")
    assert desk.book.find("main").opens.startswith("alpaca:live:")


@pytest.mark.parametrize(
    ("broker", "mode", "moves"),
    [("alpaca", Mode.LIVE, True), ("alpaca", Mode.PAPER, False), ("robinhood", Mode.LIVE, False)],
)
def test_a_broker_that_is_read_only_moves_no_money(broker: str, mode: Mode, moves: bool) -> None:
    assert AccountDesk.moves_money(broker, mode) is moves


async def test_paper_and_live_keys_are_never_swapped(toy: ToyServer, tmp_path: Path) -> None:
    desk = desk_at(toy, tmp_path, limits=dict.fromkeys(LIVE_LIMITS, 1))
    error = await refused(desk, PAPER, Mode.LIVE, confirmed="main")
    assert error.code == "BROKER_ENVIRONMENT", "by its letters"
    assert (await refused(desk, LIVE, Mode.PAPER)).code == "BROKER_ENVIRONMENT"
    plain = {"key_id": "TOYTOYTOYTOY", "secret": SECRET_KEY}
    toy.keys = (plain["key_id"], plain["secret"])
    await added(desk, plain)
    await desk.remove("main")
    error = await refused(desk, plain, Mode.LIVE, confirmed="main")
    assert error.code == "ACCOUNT_KEY_MODE", "by its hash, although it says nothing of itself"


async def test_one_account_is_stored_once(toy: ToyServer, tmp_path: Path) -> None:
    desk = desk_at(toy, tmp_path)
    await desk.add("first", "alpaca", Mode.PAPER, PAPER, tell=lambda _text: None)
    assert "'first'" in (await refused(desk)).user_text


async def test_a_vault_that_breaks_halfway_leaves_nothing(toy: ToyServer, tmp_path: Path) -> None:
    vault = file_vault(tmp_path)
    put, puts = vault.put, [0]

    async def breaking(name: str, secret: str) -> None:
        puts[0] += 1
        if puts[0] == 2:
            raise VaultError("full", user_text="The disk is full.")
        await put(name, secret)

    vault.put = breaking  # type: ignore[method-assign]
    desk = AccountDesk(settings(toy), tmp_path, vault, WallClock())
    with pytest.raises(VaultError):
        await added(desk)
    assert desk.book.records() == ()
    for name in ("key_id", "secret"):
        assert await file_vault(tmp_path).get(f"accounts/main/{name}") is None


async def test_once_it_is_being_stored_it_is_too_late_to_stop(
    toy: ToyServer, tmp_path: Path
) -> None:
    desk = desk_at(toy, tmp_path)

    def stop(text: str) -> None:
        if text == "Storing the keys.":
            task.cancel()

    adding = desk.add("main", "alpaca", Mode.PAPER, PAPER, tell=stop)
    task = asyncio.create_task(adding)
    await asyncio.wait({task})
    stored = await file_vault(tmp_path).get("accounts/main/secret")
    assert (stored is not None) == bool(desk.book.records()), "both or none"


async def test_before_that_it_can_be_stopped(toy: ToyServer, tmp_path: Path) -> None:
    toy.faults.plan("GET /v2/account", Fault.STALLED)
    desk = desk_at(toy, tmp_path)
    task = asyncio.create_task(added(desk))
    await eventually(lambda: toy.count("GET", "/v2/account") == 1)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert desk.book.records() == ()
    assert await file_vault(tmp_path).get("accounts/main/secret") is None


async def test_a_vault_that_refuses_to_delete_keeps_both(toy: ToyServer, tmp_path: Path) -> None:
    await added(desk_at(toy, tmp_path))
    locked = AccountDesk(settings(toy), tmp_path, file_vault(tmp_path, "wrong one"), WallClock())
    with pytest.raises(VaultError):
        await locked.remove("main")
    assert desk_at(toy, tmp_path).book.find("main").name == "main"


async def test_keys_that_open_another_account_now_are_told(toy: ToyServer, tmp_path: Path) -> None:
    desk = desk_at(toy, tmp_path)
    await added(desk)
    account = toy.exchange.account
    toy.exchange.account = lambda: account() | {"id": "another"}  # type: ignore[method-assign]
    with pytest.raises(SignInError) as caught:
        await desk.test("main", lambda _text: None)
    assert caught.value.code == "ENVIRONMENT_KEY"


@pytest.mark.parametrize(("broker", "mode"), [("paper", Mode.PAPER), ("robinhood", Mode.PAPER)])
async def test_brokers_without_such_accounts_say_so(
    toy: ToyServer, tmp_path: Path, broker: str, mode: Mode
) -> None:
    with pytest.raises(AccountError) as caught:
        desk_at(toy, tmp_path).check("main", broker, mode)
    assert caught.value.code == "ACCOUNT_MISMATCH"


def test_brokers_with_accounts_are_listed(tmp_path: Path) -> None:
    desk = AccountDesk({}, tmp_path, file_vault(tmp_path), WallClock())
    assert "alpaca" in [plugin.name for plugin in desk.brokers()]
    assert "paper" not in [plugin.name for plugin in desk.brokers()]


NEW = {"key_id": "PKTOY000000000000002", "secret": "another-secret-of-the-toy-00000000000002"}


def renewed_at(toy: ToyServer) -> None:
    """The broker's side: other keys open the same account."""
    toy.keys = (NEW["key_id"], NEW["secret"])


async def test_keys_are_replaced_once_the_new_ones_work(toy: ToyServer, tmp_path: Path) -> None:
    desk = desk_at(toy, tmp_path)
    await added(desk)
    before = desk.book.find("main")
    renewed_at(toy)
    record, found = await desk.replace_keys("main", NEW, tell=lambda _text: None)
    assert found.account.mode is Mode.PAPER
    assert record.opens == before.opens, "its ledger goes on"
    assert record.key_mark != before.key_mark
    assert await file_vault(tmp_path).get("accounts/main/secret") == NEW["secret"]
    await desk_at(toy, tmp_path).test("main", lambda _text: None)


async def test_keys_that_do_not_work_leave_the_old_ones(toy: ToyServer, tmp_path: Path) -> None:
    desk = desk_at(toy, tmp_path)
    await added(desk)
    with pytest.raises(SignInError) as caught:
        await desk.replace_keys("main", NEW, tell=lambda _text: None)
    assert "The old keys were kept." in caught.value.user_text
    await desk.test("main", lambda _text: None)


async def test_keys_of_another_account_are_not_taken_for_this_one(
    toy: ToyServer, tmp_path: Path
) -> None:
    desk = desk_at(toy, tmp_path)
    await added(desk)
    renewed_at(toy)
    toy.exchange.account_id = "another"
    with pytest.raises(SignInError) as caught:
        await desk.replace_keys("main", NEW, tell=lambda _text: None)
    assert caught.value.code == "ENVIRONMENT_KEY"
    assert await file_vault(tmp_path).get("accounts/main/secret") == SECRET_KEY


async def test_a_key_that_was_live_can_not_become_papers(toy: ToyServer, tmp_path: Path) -> None:
    desk = desk_at(toy, tmp_path)
    await added(desk)
    desk.book.note_key(desk.book.mark("alpaca", NEW["key_id"]), Mode.LIVE)
    renewed_at(toy)
    with pytest.raises(AccountError) as caught:
        await desk.replace_keys("main", NEW, tell=lambda _text: None)
    assert caught.value.code == "ACCOUNT_KEY_MODE"


@pytest.mark.parametrize("step", ["note_key", "put_all", "renew"])
async def test_who_dies_over_it_leaves_an_account_with_whole_keys(
    toy: ToyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    desk = desk_at(toy, tmp_path)
    await added(desk)
    renewed_at(toy)

    def dies(*_given: object) -> None:
        raise SystemError("the program was killed")

    with monkeypatch.context() as killed:
        killed.setattr(desk._vault if step == "put_all" else desk.book, step, dies)
        with pytest.raises(SystemError):
            await desk.replace_keys("main", NEW, tell=lambda _text: None)
    if step != "renew":
        toy.keys = (KEY_ID, SECRET_KEY)
    await desk_at(toy, tmp_path).test("main", lambda _text: None)
    renewed_at(toy)
    await desk_at(toy, tmp_path).replace_keys("main", NEW, tell=lambda _text: None)


async def test_the_passphrase_of_the_vault_can_be_changed(toy: ToyServer, tmp_path: Path) -> None:
    environment = {VARIABLE: PASSPHRASE, NEW_VARIABLE: "another passphrase for tests"}
    vault = FileVault(
        tmp_path / "secrets.vault", Passphrases(environment=environment), WallClock(), cost=CHEAP
    )
    desk = AccountDesk(settings(toy), tmp_path, vault, WallClock())
    await added(desk)
    await desk.change_passphrase()
    again = file_vault(tmp_path, "another passphrase for tests")
    await AccountDesk(settings(toy), tmp_path, again, WallClock()).test("main", lambda _text: None)
