"""`cockpit doctor --account`: a stored account at a toy venue that goes wrong in every way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.app.doctor import examine_account
from cockpit.app.health.account import AccountChecks
from cockpit.app.signing.accounts import AccountBook, AccountRecord
from cockpit.app.signing.desk import AccountDesk
from cockpit.domain.account import Mode
from cockpit.kernel.clock import WallClock
from cockpit.ports.health import Check, Checked, CheckState
from cockpit.ports.vault import account_secret
from tests.support.vaults import file_vault
from tests.toyserver import KEY_ID, SECRET_KEY, Fault, ToyServer

OK, WARNING, FAILED, UNKNOWN = CheckState
SETTINGS = """
[brokers.alpaca]
trading_url = "{toy.url}"
trading_stream_url = "{toy.stream_url}"
data_url = "{toy.url}"
connect_timeout_s = 1.0
answer_timeout_s = 1.0
"""


@pytest.fixture
async def toy(tmp_path: Path) -> AsyncIterator[ToyServer]:
    """A toy venue, and an account of it stored as "main"."""
    async with ToyServer() as server:
        config = tmp_path / "cockpit.toml"
        config.write_text(SETTINGS.format(toy=server), encoding="utf-8")
        where = {"trading_url": server.url, "trading_stream_url": server.stream_url}
        desk = AccountDesk(
            {"brokers": {"alpaca": where | {"data_url": server.url}}},
            tmp_path,
            file_vault(tmp_path),
            WallClock(),
        )
        given = {"key_id": KEY_ID, "secret": SECRET_KEY}
        await desk.add("main", "alpaca", Mode.PAPER, given, tell=lambda _text: None)
        server.requests.clear()
        yield server


async def examined(folder: Path, within_s: float = 20.0) -> dict[str, Check]:
    findings = await examine_account(
        folder, folder / "cockpit.toml", "main", within_s, lambda _text: None, file_vault(folder)
    )
    assert {finding.group for finding in findings} == {"account main"}
    words = " ".join(f"{f.check.found} {f.check.next_step}" for f in findings)
    assert SECRET_KEY not in words
    return {finding.check.name: finding.check for finding in findings}


async def test_all_is_well_and_nothing_was_sent(toy: ToyServer, tmp_path: Path) -> None:
    found = await examined(tmp_path)
    assert list(found) == [
        "record",
        "credentials",
        "sign-in",
        "account",
        "permissions",
        "clock",
        "requests",
        "delay",
        "stream",
        "fills",
        "equity",
    ]
    assert {check.state for check in found.values()} == {OK}
    assert "Works: 0 positions, 0 open orders." in found["sign-in"].found
    assert not [method for method, _ in toy.requests if method != "GET"]
    assert toy.stream.listeners == 0


async def test_an_account_that_was_blocked(toy: ToyServer, tmp_path: Path) -> None:
    toy.standing = {"trading_blocked": True}
    found = await examined(tmp_path)
    assert found["sign-in"].hinders
    assert "it is blocked" in found["sign-in"].found


async def test_a_clock_that_is_off(toy: ToyServer, tmp_path: Path) -> None:
    toy.clock_off_s = -30.0
    found = await examined(tmp_path)
    assert found["sign-in"].state is OK
    assert found["clock"].hinders


async def test_keys_that_were_taken_back(toy: ToyServer, tmp_path: Path) -> None:
    toy.keys = ("PKOTHER", "other")
    found = await examined(tmp_path)
    assert (found["credentials"].state, found["sign-in"].state) == (OK, FAILED)
    assert "does not accept the keys" in found["sign-in"].found


async def test_a_venue_that_does_not_answer(toy: ToyServer, tmp_path: Path) -> None:
    toy.faults.rate("GET /v2/account", stalled=1.0)
    found = await examined(tmp_path, within_s=0.3)
    assert found["sign-in"].state is UNKNOWN
    assert found["sign-in"].hinders
    assert "no answer within 0.3 s" in found["sign-in"].found


async def test_a_venue_that_is_busy(toy: ToyServer, tmp_path: Path) -> None:
    toy.faults.rate("GET /v2/account", too_many=1.0)
    found = await examined(tmp_path)
    assert found["sign-in"].state is FAILED
    assert toy.faults.made[Fault.TOO_MANY] == 1


async def test_a_secret_that_is_gone_and_a_vault_that_stays_shut(
    toy: ToyServer, tmp_path: Path
) -> None:
    await file_vault(tmp_path).delete(account_secret("main", "secret"))
    found = await examined(tmp_path)
    assert "does not hold: Secret key" in found["credentials"].found
    assert toy.requests == []
    shut = file_vault(tmp_path, passphrase="wrong")
    looks = AccountChecks(AccountBook(tmp_path), shut, "main", WallClock())
    assert isinstance(looks, Checked)
    [_, credentials] = await looks.checks()
    assert credentials.state is FAILED
    assert credentials.next_step.startswith("Unlock the vault")


async def test_an_account_that_nobody_stored(tmp_path: Path) -> None:
    (tmp_path / "cockpit.toml").touch()
    findings = await examine_account(
        tmp_path, None, "nobody", 5.0, lambda _text: None, file_vault(tmp_path)
    )
    assert {f.check.state for f in findings} == {FAILED}
    assert "no account called 'nobody'" in findings[0].check.found


@pytest.mark.parametrize(
    ("totp", "state", "words"),
    [
        ("JBSW Y3DP EHPK 3PXP", OK, "Can be made: 6 digits"),
        ("", OK, "None are used"),
        ("not a key", FAILED, "key"),
    ],
)
async def test_one_time_codes(tmp_path: Path, totp: str, state: CheckState, words: str) -> None:
    vault, book = file_vault(tmp_path), AccountBook(tmp_path)
    book.add(
        AccountRecord(
            name="rh",
            broker="robinhood",
            mode=Mode.LIVE,
            key_mark="m",
            opens="robinhood:live:1",
        )
    )
    for name, text in {"username": "me", "password": "secret word", "totp": totp}.items():
        if text:
            await vault.put(account_secret("rh", name), text)
    checks = {c.name: c for c in await AccountChecks(book, vault, "rh", WallClock()).checks()}
    assert checks["one-time codes"].state is state
    assert words in checks["one-time codes"].found
    if totp:
        assert totp not in checks["one-time codes"].found
