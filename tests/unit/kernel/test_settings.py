from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_settings import SettingsConfigDict

from cockpit.kernel.folders import config_file, default_data_dir
from cockpit.kernel.settings import (
    SettingsError,
    SettingsModel,
    load,
    read_toml,
)


class Line(BaseModel):
    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    host: str = "localhost"
    port: int = 1


class Broker(SettingsModel):
    latency_ms: float = 40.0
    cash: Decimal = Decimal(100)
    symbols: tuple[str, ...] = ()
    line: Line = Line()


SECTION = "brokers.my-paper"
ENV = "COCKPIT_BROKERS_MY_PAPER_"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("COCKPIT_"):
            monkeypatch.delenv(name)


def toml(**values: object) -> dict[str, object]:
    return {"brokers": {"my-paper": values}}


def test_defaults_stand_alone() -> None:
    assert load(Broker, section=SECTION) == Broker()


def test_each_layer_beats_the_one_below(monkeypatch: pytest.MonkeyPatch) -> None:
    file = toml(latency_ms=1.0)
    assert load(Broker, section=SECTION, toml=file).latency_ms == 1.0
    monkeypatch.setenv(f"{ENV}LATENCY_MS", "2")
    assert load(Broker, section=SECTION, toml=file).latency_ms == 2.0
    assert load(Broker, section=SECTION, toml=file, overrides={"latency_ms": 3}).latency_ms == 3.0


def test_override_that_was_not_given_hides_nothing() -> None:
    file = toml(latency_ms=1.0)
    assert load(Broker, section=SECTION, toml=file, overrides={"latency_ms": None}).latency_ms == 1


def test_nested_values_merge_over_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{ENV}LINE__PORT", "7")
    made = load(
        Broker, section=SECTION, toml=toml(line={"host": "there", "port": 5}),
        overrides={"line": {"host": "here"}},
    )  # fmt: skip
    assert made.line == Line(host="here", port=7)


def test_environment_of_another_section_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_LATENCY_MS", "2")
    monkeypatch.setenv("COCKPIT_BROKERS_LATENCY_MS", "3")
    monkeypatch.setenv("LATENCY_MS", "4")
    assert load(Broker, section=SECTION).latency_ms == 40.0


def test_money_of_the_file_and_the_environment_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(Broker, section=SECTION, toml=toml(cash="0.10")).cash == Decimal("0.10")
    monkeypatch.setenv(f"{ENV}CASH", "0.1")
    assert str(load(Broker, section=SECTION).cash) == "0.1"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"latency": 1}, "brokers.my-paper.latency"),
        ({"latency_ms": "soon"}, "brokers.my-paper.latency_ms"),
        ({"latency_ms": float("nan")}, "brokers.my-paper.latency_ms"),
        ({"cash": "NaN"}, "brokers.my-paper.cash"),
        ({"line": {"prot": 1}}, "brokers.my-paper.line.prot"),
    ],
)
def test_bad_value_is_named(values: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(Broker, section=SECTION, toml=toml(**values))
    assert f"{named}: " in caught.value.user_text
    assert "Nothing was changed" in caught.value.user_text


def test_environment_that_can_not_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{ENV}SYMBOLS", "AAPL,MSFT")
    with pytest.raises(SettingsError, match="symbols") as caught:
        load(Broker, section=SECTION)
    assert "Nothing was changed" in caught.value.user_text
    monkeypatch.setenv(f"{ENV}SYMBOLS", '["AAPL", "MSFT"]')
    assert load(Broker, section=SECTION).symbols == ("AAPL", "MSFT")


def test_section_that_is_no_table_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"brokers\.my-paper"):
        load(Broker, section=SECTION, toml={"brokers": {"my-paper": 3}})


def test_root_leaves_the_sections_alone_and_refuses_what_it_does_not_know() -> None:
    file = {"latency_ms": 5.0, "brokers": {"x": {"y": 1}}, "line": {"port": 9}}
    made = load(Broker, toml=file)
    assert (made.latency_ms, made.line.port) == (5.0, 9)
    with pytest.raises(SettingsError, match="latencyms"):
        load(Broker, toml=file | {"latencyms": 6})


def test_settings_are_frozen() -> None:
    made = load(Broker, section=SECTION)
    with pytest.raises(ValidationError, match="frozen"):
        made.latency_ms = 1.0


def test_constructor_reads_nothing_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENCY_MS", "2")
    assert Broker().latency_ms == 40.0


def test_toml_is_read_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "cockpit.toml"
    path.write_text('[brokers.my-paper]\nline = { host = "häuschen" }\n', encoding="utf-8")
    assert load(Broker, section=SECTION, toml=read_toml(path)).line.host == "häuschen"


def test_no_file_is_no_settings(tmp_path: Path) -> None:
    assert read_toml(tmp_path / "missing.toml") == {}
    assert read_toml(None) == {}


@pytest.mark.parametrize("content", [b"latency_ms = ", b"a = 1\na = 2\n", b"\xff\xfe"])
def test_bad_file_is_told_in_one_sentence_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cockpit.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read_toml(path)
    assert str(path) in caught.value.user_text
    assert path.read_bytes() == content


def test_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=str(tmp_path.name)):
        read_toml(tmp_path)


def test_places_of_the_user_carry_our_name() -> None:
    assert config_file().name == "cockpit.toml"
    assert "cockpit" in default_data_dir().as_posix()
