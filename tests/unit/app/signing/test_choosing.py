from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cockpit.app import registry
from cockpit.app.launch import Launch
from cockpit.app.settings import AppSettings
from cockpit.app.signing.accounts import AccountBook, AccountError, AccountRecord
from cockpit.app.signing.choosing import LIVE_LIMITS, admit, choose, limits_for_live
from cockpit.domain.account import Mode
from cockpit.kernel.settings import SettingsError
from cockpit.ports.plugin import Plugin
from tests.support.wall_core import HandSettings


@pytest.fixture(autouse=True)
def live_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed of today's market that has the broker's name."""
    find, names = registry.find, registry.names
    feed = Plugin(name="alpaca", settings=HandSettings, build=lambda *_, **__: None)

    def stand_in(kind: str, name: str) -> Plugin:
        return feed if (kind, name) == ("feeds", "alpaca") else find(kind, name)

    monkeypatch.setattr(registry, "find", stand_in)
    monkeypatch.setattr(registry, "names", lambda kind: tuple({*names(kind), "alpaca"}))


@pytest.fixture
def book(tmp_path: Path) -> AccountBook:
    made = AccountBook(tmp_path)
    for name, mode in (("practice", Mode.PAPER), ("real", Mode.LIVE)):
        made.add(
            AccountRecord(name=name, broker="alpaca", mode=mode, key_mark=name, opens=f"a:{name}")
        )
    return made


def test_without_settings_it_is_the_demo_on_the_paper_broker(book: AccountBook) -> None:
    choice = choose(AppSettings(), book)
    assert (choice.broker, choice.feed, choice.mode) == ("paper", "synthetic", Mode.DEMO)
    assert choice.account is None


@pytest.mark.parametrize(
    ("settings", "asked", "name"),
    [
        ({}, {"account": "practice"}, "practice"),
        ({"broker": "paper"}, {"account": "real"}, "real"),
        ({"account": "real"}, {}, "real"),
        ({"broker": "alpaca", "account": "practice"}, {}, "practice"),
        ({"broker": "alpaca", "mode": "paper"}, {}, "practice"),
        ({}, {"broker": "alpaca", "mode": Mode.LIVE}, "real"),
        ({"mode": "paper"}, {"broker": "alpaca", "mode": Mode.LIVE}, "real"),
        ({"account": "real"}, {"broker": "alpaca", "account": "practice"}, "practice"),
    ],
)
def test_the_account_brings_broker_mode_and_feed(
    book: AccountBook, settings: dict[str, Any], asked: dict[str, Any], name: str
) -> None:
    choice = choose(AppSettings(**settings), book, **asked)
    assert choice.account is not None
    assert choice.account.name == name
    assert choice.mode is choice.account.mode
    assert (choice.broker, choice.feed) == ("alpaca", "alpaca")


@pytest.mark.parametrize(
    ("settings", "asked", "code"),
    [
        ({}, {"broker": "alpaca"}, "ACCOUNT_SEVERAL"),
        ({}, {"account": "nobody"}, "ACCOUNT_NOT_THERE"),
        ({}, {"broker": "paper", "account": "real"}, "ACCOUNT_MISMATCH"),
        ({}, {"account": "practice", "mode": Mode.LIVE}, "ACCOUNT_MISMATCH"),
        ({"mode": "paper"}, {"account": "real"}, "ACCOUNT_MISMATCH"),
        ({"broker": "alpaca", "mode": "demo"}, {}, "ACCOUNT_NOT_THERE"),
    ],
)
def test_what_does_not_go_together_is_refused(
    book: AccountBook, settings: dict[str, Any], asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(AccountError) as caught:
        choose(AppSettings(**settings), book, **asked)
    assert caught.value.code == code
    assert "Nothing was" in caught.value.user_text


def test_a_broker_without_a_stored_account_says_how_to_add_one(tmp_path: Path) -> None:
    with pytest.raises(AccountError) as caught:
        choose(AppSettings(), AccountBook(tmp_path), broker="alpaca")
    assert "cockpit accounts add NAME --broker alpaca --mode paper" in caught.value.user_text


def test_real_orders_never_follow_a_simulated_market(book: AccountBook) -> None:
    with pytest.raises(SettingsError) as caught:
        choose(AppSettings(feed="synthetic"), book, account="practice")
    assert "today's market" in caught.value.user_text


def test_the_paper_broker_is_never_live(book: AccountBook) -> None:
    with pytest.raises(SettingsError) as caught:
        choose(AppSettings(), book, mode=Mode.LIVE)
    assert "--broker" in caught.value.user_text


LIMITS = {"limits": dict.fromkeys(LIVE_LIMITS, 1)}


def launch(tmp_path: Path, **changes: Any) -> Launch:
    given = {"mode": Mode.LIVE, "data_dir": tmp_path, "feed": "alpaca"}
    whole = {"account": "real", "opens": "a:real", "confirmed": "real"}
    return Launch(**(given | whole | changes))


def test_real_money_opens_when_everything_is_there(tmp_path: Path) -> None:
    admit(launch(tmp_path), LIMITS)


@pytest.mark.parametrize(
    ("changes", "toml", "code"),
    [
        ({"account": ""}, LIMITS, "LIVE_ACCOUNT"),
        ({"opens": ""}, LIMITS, "LIVE_ACCOUNT"),
        ({"confirmed": ""}, LIMITS, "LIVE_NOT_CONFIRMED"),
        ({"confirmed": "practice"}, LIMITS, "LIVE_NOT_CONFIRMED"),
        ({"confirmed": "Real"}, LIMITS, "LIVE_NOT_CONFIRMED"),
        ({}, {}, "LIVE_LIMITS"),
        ({}, {"limits": {}}, "LIVE_LIMITS"),
        *[
            ({}, {"limits": {n: 1 for n in LIVE_LIMITS if n != missing}}, "LIVE_LIMITS")
            for missing in LIVE_LIMITS
        ],
    ],
)
def test_real_money_stays_shut_while_anything_is_missing(
    tmp_path: Path, changes: dict[str, Any], toml: dict[str, Any], code: str
) -> None:
    with pytest.raises(AccountError) as caught:
        admit(launch(tmp_path, **changes), toml)
    assert caught.value.code == code
    assert "Nothing was started" in caught.value.user_text


def test_what_only_closes_is_not_held_up_by_limits_or_a_word(tmp_path: Path) -> None:
    admit(launch(tmp_path, confirmed="", only_closes=True), {})
    with pytest.raises(AccountError):
        admit(launch(tmp_path, account="", only_closes=True), {})


def test_practice_needs_no_word(tmp_path: Path) -> None:
    admit(launch(tmp_path, mode=Mode.PAPER, confirmed=""), {})


def test_what_holds_real_money_back_is_told_in_words(tmp_path: Path) -> None:
    config = tmp_path / "cockpit.toml"
    config.write_text(
        "[limits]\nmax_order_value = 500\nmax_position_fraction = 0.05\n"
        "day_loss_halted_fraction = 0.025\n",
        encoding="utf-8",
    )
    assert [value for _, value in limits_for_live(config)] == ["500", "5 %", "2.5 %"]
    config.write_text("[limits]\nmax_order_value = 500\n", encoding="utf-8")
    with pytest.raises(AccountError):
        limits_for_live(config)
