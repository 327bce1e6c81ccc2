"""Keys of writers in a real vault file, and what a writer used."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.adapters.writers.openai.budget import FILE, FOLDER
from cockpit.app.errors import PluginError
from cockpit.app.recapping import writers
from cockpit.app.recapping.writers import WriterKeys
from cockpit.domain.values import session_date
from cockpit.kernel.clock import WallClock
from cockpit.ports.writer import WriterError
from tests.support.vaults import file_vault


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriterKeys:
    vault = file_vault(tmp_path)
    monkeypatch.setattr(writers, "vault_of", lambda *_: vault)
    return WriterKeys(tmp_path, None)


async def test_a_key_is_stored_shown_as_there_and_forgotten(keys: WriterKeys) -> None:
    assert (await keys.standing("openai")).has_key is False
    await keys.put("openai", "sk-first")
    await keys.put("openai", "sk-second")
    assert (await keys.standing("openai")).has_key is True
    await keys.forget("openai")
    await keys.forget("openai")
    assert (await keys.standing("openai")).has_key is False


async def test_a_writer_without_a_key_takes_none(keys: WriterKeys) -> None:
    for act in (keys.put("template", "k"), keys.forget("template")):
        with pytest.raises(PluginError) as caught:
            await act
        assert "needs no key" in caught.value.user_text
    assert await keys.standing("template") == ("template", None, None)
    assert keys.chosen == "template"


async def test_an_unknown_writer_is_named(keys: WriterKeys) -> None:
    with pytest.raises(PluginError, match="nobody"):
        await keys.put("nobody", "k")


async def test_what_was_used_today_is_told(keys: WriterKeys, tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    file = tmp_path / FOLDER / FILE
    today = session_date(WallClock().now_ns()).isoformat()
    file.write_text(f'{{"day":"{today}","tokens_in":700,"tokens_out":34,"cost":"0.5"}}')
    used = (await keys.standing("openai")).used
    assert used is not None
    assert (used.day, used.tokens, used.most_tokens) == (today, 734, 200_000)
    assert (used.cost, used.most_cost) == (Decimal("0.5"), 0)
    file.write_text("{")
    with pytest.raises(WriterError):
        await keys.standing("openai")
