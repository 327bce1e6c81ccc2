"""No secret of a Robinhood session is written anywhere but into the vault."""

from __future__ import annotations

import logging
import os
import traceback
from pathlib import Path

import pytest

from cockpit.kernel import log
from cockpit.ports.broker import BrokerError
from cockpit.ports.vault import VaultError
from tests.support.waiting import eventually
from tests.toyserver.client import DictVault
from tests.toyserver.hood import ToyHood, books
from tests.toyserver.hood.client import vault
from tests.unit.adapters.brokers.robinhood.kit import Session, session_of, signed_in


async def day(toy: ToyHood) -> tuple[list[str], Session]:
    """Everything that goes wrong in a day, as it is told; and the session."""
    told: list[str] = []

    async def failing(session: Session, path: str, mood: int | str) -> None:
        toy.moods[path] = mood
        for ask in (session.broker.positions, session.broker.account):
            try:
                await ask()
            except BrokerError as error:
                told.extend([repr(error), error.user_text, *traceback.format_exception(error)])
        toy.moods.clear()

    toy.door.mfa, toy.door.approval = True, "validated"
    toy.books.hold("AAPL", "1.0", "10.0")
    async with signed_in(toy, poll_s=0.05, connect_timeout_s=0.2, answer_timeout_s=0.2) as session:
        for mood in (403, 500, "html", "truncated", "hang"):
            await failing(session, "/positions/", mood)
            await failing(session, "/accounts/", mood)
        toy.door.end_all()
        await session.broker.positions()
        toy.door.end_refresh()
        toy.door.end_all()
        await session.broker.positions()
        session.vault.secrets["accounts/toy/password"] = "not-the-toy-password-2"
        toy.door.end_refresh()
        toy.door.end_all()
        await failing(session, "/nowhere/", 500)
        await eventually(lambda: session.lamps[-1].health.value == "auth_failed")
    told += [repr(session.lamps), repr(session.broker), repr(vars(session.broker))]
    return told, session


async def test_no_secret_reaches_log_terminal_or_message(
    toy: ToyHood, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cockpit.log"
    end = log.configure(file, verbose=True)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    try:
        told, session = await day(toy)
    finally:
        end()
        logging.getLogger("urllib3").setLevel(logging.NOTSET)
    out, err = capfd.readouterr()
    written = "\n".join([out, err, file.read_text(encoding="utf-8"), *told])
    assert "orders_not_read" in written  # the log did see this session
    secrets = {*toy.door.secrets, *session.vault.secrets.values(), "not-the-toy-password-2"}
    codes = {form["mfa_code"] for form in toy.door.forms if "mfa_code" in form}
    assert len(secrets) > 8
    assert [s for s in secrets | codes if s in written] == []
    log_lines = file.read_text(encoding="utf-8").splitlines()
    after = [line for line in log_lines if "/positions/" in line]  # known once the account is
    assert after
    assert not any(books.NUMBER in line for line in after)


async def test_tokens_are_kept_nowhere_but_in_the_vault(
    toy: ToyHood, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "USERPROFILE", "APPDATA", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    async with signed_in(toy):
        pass
    assert os.listdir(tmp_path) == []  # noqa: PTH208 -- the loop may look into a small folder


async def test_a_vault_that_fails_is_told_as_such(toy: ToyHood) -> None:
    class Locked(DictVault):
        async def get(self, name: str) -> str | None:
            raise VaultError("locked", user_text="The vault is locked. Open it and try again.")

    session = session_of(toy, Locked(**vault().secrets))
    with pytest.raises(BrokerError) as locked:
        await session.broker.connect(session.sink)
    assert locked.value.code == "VAULT_ERROR"
    assert toy.requests == []
