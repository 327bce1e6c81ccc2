"""The cockpit's own settings, and limits that can't be talked away."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cockpit.app.limits.file import load_limits
from cockpit.app.settings import AppSettings, settings_file
from cockpit.domain.approval import Autonomy
from cockpit.domain.limits import Limits
from cockpit.kernel.settings import SettingsError, load


def test_without_a_section_the_limits_are_those_of_the_house() -> None:
    assert load_limits({}).limits("A") == Limits()


def test_limits_are_exact_and_whole_ones_whole() -> None:
    limits = load_limits({"limits": {"max_order_value": 2500.1, "max_active_orders": 3}}).limits(
        "A"
    )
    assert limits.max_order_value == Decimal("2500.1")
    assert limits.max_active_orders == 3
    assert isinstance(limits.max_active_orders, int)
    assert limits.max_order_quantity == Limits().max_order_quantity


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_order_value", float("nan")),
        ("max_order_value", float("inf")),
        ("max_order_value", 0),
        ("max_order_value", -5),
        ("max_order_value", "plenty"),
        ("max_order_value", True),
        ("max_order_value", [1]),
        ("max_active_orders", 2.5),
        ("max_lunch", 1),
    ],
)
def test_a_limit_that_limits_nothing_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(SettingsError) as refused:
        load_limits({"limits": {name: value}})
    assert name in refused.value.user_text
    assert "Trading was not started." in refused.value.user_text


def test_limits_must_be_a_section() -> None:
    with pytest.raises(SettingsError, match="section"):
        load_limits({"limits": 5})


def test_a_person_is_asked_unless_set_otherwise() -> None:
    own = load(AppSettings, toml={"autonomy": {"robot": "bounded"}})
    assert own.autonomy_of("robot") is Autonomy.BOUNDED
    assert own.autonomy_of("anybody else") is Autonomy.APPROVE


@pytest.mark.parametrize(
    "toml",
    [{"autonomy": {"robot": "free"}}, {"bar_seconds": 0}, {"bar_seconds": 3601}, {"colour": "red"}],
)
def test_what_makes_no_sense_is_refused(toml: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        load(AppSettings, toml=toml)


def test_a_file_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_file(tmp_path / "mine.toml")
    assert "mine.toml" in refused.value.user_text
    named = tmp_path / "mine.toml"
    named.write_text('feed = "replay"\n', encoding="utf-8")
    assert settings_file(named) == {"feed": "replay"}


def test_the_usual_file_may_be_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("cockpit.app.settings.config_file", lambda: tmp_path / "cockpit.toml")
    assert settings_file(None) == {}
    (tmp_path / "cockpit.toml").write_text("bar_seconds = 5\n", encoding="utf-8")
    assert settings_file(None) == {"bar_seconds": 5}


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"symbols": {"ACME": {"max_order_value": float("nan")}}}, "symbols.ACME.max_order_value"),
        ({"symbols": {"ACME": {"max_order_value": -1}}}, "symbols.ACME.max_order_value"),
        ({"symbols": {"ACME": {"max_lunch": 1}}}, "limits.symbols.ACME.max_lunch"),
        ({"symbols": {"ACME": {"max_gross_fraction": 1}}}, "symbols.ACME.max_gross_fraction"),
        ({"symbols": {"ACME": {}}}, "[limits.symbols.ACME] sets nothing"),
        ({"symbols": {"acme": {"max_order_value": 1}}}, "acme is not written as a symbol"),
        ({"symbols": {"ACME": 5}}, "[limits.symbols.ACME] must be a section"),
        ({"symbols": 5}, "[limits.symbols] must be a section"),
        ({"strategies": {"robto": {"max_order_value": 1}}}, "there is no strategy robto"),
        (
            {"strategies": {"flatten": {"max_order_value": 1}}},
            "closing a position is never",
        ),
        ({"restricted_symbols": "GME"}, "limits.restricted_symbols must be a list"),
        ({"restricted_symbols": [5]}, "limits.restricted_symbols must be a list"),
        ({"permitted_symbols": []}, "permitted_symbols permits nothing"),
        ({"day_loss_reducing_fraction": 0.04}, "must be below day_loss_halted_fraction"),
        ({"collar_warn_fraction": 0.5}, "must be below collar_block_fraction"),
        ({"teams": {"a": {"max_order_value": 1}}}, "limits.teams is not a limit"),
    ],
)
def test_each_section_is_refused_by_its_place(section: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_limits({"limits": section}, ("robot",))
    assert told in refused.value.user_text


def test_sections_narrow() -> None:
    toml = {
        "limits": {
            "max_order_value": 5000,
            "symbols": {"BRK.B": {"max_order_value": 100}},
            "strategies": {"robot": {"max_order_value": 200}, "manual": {"max_order_value": 300}},
            "accounts": {"LIVE": {"max_order_value": 400, "max_active_orders": 2}},
        }
    }
    rules = load_limits(toml, ("robot",))
    assert rules.limits("LIVE", "robot", "BRK.B").max_order_value == 100
    assert rules.limits("LIVE", "robot", "ACME").max_order_value == 200
    assert rules.limits("LIVE", "manual", "ACME").max_order_value == 300
    assert rules.limits("LIVE").max_active_orders == 2
    assert rules.limits("PAPER-1").max_order_value == 5000
