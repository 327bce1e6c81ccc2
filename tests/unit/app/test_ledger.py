from pathlib import Path

import pytest

from cockpit.app.errors import NothingThereError
from cockpit.app.launch import STORE_NAME
from cockpit.app.ledger import ledger_in


def test_the_ledger_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / STORE_NAME).touch()
    assert ledger_in(tmp_path) == tmp_path / STORE_NAME


def test_without_one_it_says_where_the_demo_keeps_its_own(tmp_path: Path) -> None:
    with pytest.raises(NothingThereError) as none:
        ledger_in(tmp_path)
    assert "cockpit demo" in none.value.user_text
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / STORE_NAME).touch()
    with pytest.raises(NothingThereError) as elsewhere:
        ledger_in(tmp_path)
    assert f"--data-dir {tmp_path / 'demo'}" in elsewhere.value.user_text
