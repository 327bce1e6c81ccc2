from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.app.doctor import examine
from cockpit.app.signing.accounts import AccountBook, AccountRecord
from cockpit.domain.account import Mode
from cockpit.ports.health import CheckState
from tests.support.vaults import file_vault


async def keys(folder: Path, config: Path) -> list[CheckState]:
    found = await examine(folder, config)
    return [finding.check.state for finding in found if finding.group == "vault"]


@pytest.mark.timeout(120)
async def test_the_doctor_looks_at_the_vault_once_there_is_an_account(tmp_path: Path) -> None:
    config = tmp_path / "cockpit.toml"
    config.write_text('[vault]\nkind = "file"\n', encoding="utf-8")
    assert await keys(tmp_path, config) == []
    record = AccountRecord(name="a", broker="alpaca", mode=Mode.PAPER, key_mark="m", opens="o")
    AccountBook(tmp_path).add(record)
    assert await keys(tmp_path, config) == [CheckState.FAILED]
    await file_vault(tmp_path).put("accounts/a/secret", "s")
    assert await keys(tmp_path, config) == [CheckState.OK]
    AccountBook(tmp_path).file.write_text("{", encoding="utf-8")
    assert await keys(tmp_path, config) == [CheckState.FAILED]
