from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from cockpit.app.signing.accounts import AccountBook, AccountError, AccountRecord
from cockpit.domain.account import Mode, masked

KEY = "PKCANARY00000001"


def record(book: AccountBook, name: str, mode: Mode = Mode.PAPER, key: str = KEY) -> AccountRecord:
    return AccountRecord(
        name=name, broker="alpaca", mode=mode, key_mark=book.mark("alpaca", key), opens="a:b:c"
    )


def test_accounts_are_kept_without_their_keys(tmp_path: Path) -> None:
    book = AccountBook(tmp_path)
    assert book.records() == ()
    book.add(record(book, "main"))
    book.add(record(book, "alpaca-2", key="PK2"))
    assert [r.name for r in AccountBook(tmp_path).records()] == ["alpaca-2", "main"]
    assert AccountBook(tmp_path).find("main").mode is Mode.PAPER
    assert KEY not in book.file.read_text(encoding="utf-8")
    if sys.platform != "win32":
        assert stat.S_IMODE(book.file.stat().st_mode) == 0o600


def test_a_mark_is_the_same_for_the_same_key_and_another_elsewhere(tmp_path: Path) -> None:
    book = AccountBook(tmp_path / "a")
    assert book.mark("alpaca", KEY) == AccountBook(tmp_path / "a").mark("alpaca", KEY)
    assert book.mark("alpaca", KEY) != book.mark("alpaca", KEY + "x")
    assert book.mark("alpaca", KEY) != AccountBook(tmp_path / "b").mark("alpaca", KEY)


def test_a_paper_key_is_nobodys_live_key_even_after_a_removal(tmp_path: Path) -> None:
    book = AccountBook(tmp_path)
    mark = book.mark("alpaca", KEY)
    book.check_key(mark, Mode.LIVE)
    book.add(record(book, "main"))
    book.remove("main")
    with pytest.raises(AccountError) as caught:
        book.check_key(mark, Mode.LIVE)
    assert caught.value.code == "ACCOUNT_KEY_MODE"
    book.check_key(mark, Mode.PAPER)


@pytest.mark.parametrize("name", ["", "Main", "a b", "-a", "a/b", "../x", "a" * 33, "ä", "a\n"])
def test_names_that_can_not_be_given(tmp_path: Path, name: str) -> None:
    with pytest.raises(AccountError) as caught:
        AccountBook(tmp_path).check_name(name)
    assert caught.value.code == "ACCOUNT_NAME"


def test_a_name_is_given_once(tmp_path: Path) -> None:
    book = AccountBook(tmp_path)
    book.add(record(book, "main"))
    with pytest.raises(AccountError) as caught:
        book.add(record(book, "main", key="PK2"))
    assert caught.value.code == "ACCOUNT_EXISTS"
    assert len(book.records()) == 1


@pytest.mark.parametrize("do", [AccountBook.find, AccountBook.remove])
def test_an_account_nobody_knows(tmp_path: Path, do: object) -> None:
    assert callable(do)
    with pytest.raises(AccountError) as caught:
        do(AccountBook(tmp_path), "nobody")
    assert "accounts add" in caught.value.user_text


def test_an_account_is_found_by_what_it_opens_and_stored_once(tmp_path: Path) -> None:
    book = AccountBook(tmp_path)
    book.check_new("a:b:c")
    book.add(record(book, "main"))
    assert book.opening("a:b:c").name == "main"
    with pytest.raises(AccountError) as caught:
        book.check_new("a:b:c")
    assert "'main'" in caught.value.user_text
    with pytest.raises(AccountError):
        book.opening("x")


def test_a_list_that_can_not_be_read_is_left_as_it_is(tmp_path: Path) -> None:
    book = AccountBook(tmp_path)
    book.file.write_text("{", encoding="utf-8")
    with pytest.raises(AccountError):
        book.records()
    with pytest.raises(AccountError):
        book.add(AccountRecord(name="a", broker="b", mode=Mode.PAPER, key_mark="m", opens="o"))
    assert book.file.read_text(encoding="utf-8") == "{"


def test_each_folder_has_secrets_of_its_own(tmp_path: Path) -> None:
    names = {AccountBook(tmp_path / one).service() for one in ("a", "b", "a")}
    assert len(names) == 2


def test_numbers_are_masked() -> None:
    assert masked("PA000TOY0001") == "...0001"
    assert masked("0001") == "..."
    assert masked("") == ""
