"""The cockpit's own settings, and limits that can't be talked away."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cockpit.app.settings import AppSettings, load_limits, settings_file
from cockpit.domain.approval import Autonomy
from cockpit.domain.limits import Limits
from cockpit.kernel.settings import SettingsError, load


def test_without_a_section_the_limits_are_those_of_the_house() -> None:
    assert load_limits({}) == Limits()


def test_limits_are_exact_and_whole_ones_whole() -> None:
    limits = load_limits({"limits": {"max_order_value": 2500.1, "max_active_orders": 3}})
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
