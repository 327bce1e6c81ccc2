import re
import tomllib
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from cockpit.adapters.secrets import VaultSettings
from cockpit.app import registry
from cockpit.app.data.research import DataSettings
from cockpit.app.limits.file import load_limits
from cockpit.app.settings import AppSettings, JournalSettings, QualitySettings, TapeSettings
from cockpit.domain.approval import Autonomy
from cockpit.domain.limit_rules import PERMITTED, SPECS
from cockpit.domain.limits import Limits
from cockpit.kernel import settings
from cockpit.kernel.settings import SettingsModel
from tests.unit.docs.pages import blocks, page, rows, section

PAGE = page("docs/configuration.md")
(EXAMPLE,) = blocks(PAGE, "toml")
FILE = tomllib.loads(EXAMPLE)
PLUGINS = [(kind, name) for kind in registry.KINDS for name in registry.names(kind)]


def uncommented() -> dict[str, Any]:
    """The example with the keys that have no default set."""
    return tomllib.loads(re.sub(r"(?m)^# (?=\S+ = )", "", EXAMPLE))


def test_app_settings_are_the_defaults() -> None:
    assert settings.load(AppSettings, toml=FILE) == AppSettings()
    assert {key for key, value in FILE.items() if not isinstance(value, dict)} | {
        "autonomy",
        "mode",  # it has no default, so its line is a comment
    } == set(AppSettings.model_fields)


def test_limits_are_the_defaults() -> None:
    assert load_limits(FILE).limits("A") == Limits()
    assert set(FILE["limits"]) == set(SPECS) - {PERMITTED}


def test_vault_settings_are_the_defaults() -> None:
    assert settings.load(VaultSettings, section="vault", toml=FILE) == VaultSettings()
    whole = settings.load(VaultSettings, section="vault", toml=uncommented())
    assert set(uncommented()["vault"]) == set(VaultSettings.model_fields)
    assert whole.passphrase_file is not None


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_plugin_settings_are_the_defaults(kind: str, name: str) -> None:
    model = registry.find(kind, name).settings
    dotted = f"{kind}.{name}"
    assert settings.load(model, section=dotted, toml=FILE) == model()
    without_default = {key for key, value in model() if value is None}
    assert set(FILE[kind][name]) == set(model.model_fields) - without_default


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_keys_without_default_can_be_used_as_written(kind: str, name: str) -> None:
    model = registry.find(kind, name).settings
    dotted = f"{kind}.{name}"
    whole = uncommented()
    assert set(whole[kind][name]) == set(model.model_fields)
    given = settings.load(model, section=dotted, toml=whole)
    assert all(value is not None for _, value in given)


@pytest.mark.parametrize(
    ("section", "model"),
    [
        ("quality", QualitySettings),
        ("tape", TapeSettings),
        ("journal", JournalSettings),
        ("data", DataSettings),
    ],
)
def test_sections_of_the_market_are_the_defaults(section: str, model: type[SettingsModel]) -> None:
    assert settings.load(model, section=section, toml=FILE) == model()
    assert set(FILE[section]) == set(model.model_fields)


def test_sources_can_be_named_as_written() -> None:
    chosen = settings.load(DataSettings, section="data", toml=uncommented())
    named = {name for names in chosen.sources.values() for name in names}
    assert named <= set(registry.names("sources"))
    assert len(chosen.sources) == 4


def test_no_section_is_unknown() -> None:
    known = {"autonomy", "data", "journal", "limits", "quality", "tape", "vault"}
    known |= {kind for kind, _ in PLUGINS}
    assert {key for key, value in FILE.items() if isinstance(value, dict)} == known
    for kind, names in FILE.items():
        if kind in registry.KINDS and isinstance(names, dict):
            assert set(names) == set(registry.names(kind))


def test_autonomy_words() -> None:
    assert {row[0] for row in rows(section(PAGE, "### Autonomy"))} == set(Autonomy)
    assert settings.load(AppSettings, toml=uncommented()).autonomy == {
        "opening-range-breakout": AppSettings().autonomy_of("opening-range-breakout")
    }


def test_variables_work_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    table = rows(section(PAGE, "### Environment variables"))
    assert len(table) == 4
    for setting, cell in table:
        name, value = re.findall(r"(COCKPIT_\w+)='?([^'` ]+)", cell)[0]
        monkeypatch.setenv(name, value)
        owner, _, key = setting.rpartition(".")
        assert getattr(_loaded(owner), key) == _meant(value), setting
        monkeypatch.delenv(name)


def _loaded(section_name: str) -> SettingsModel:
    if not section_name:
        return settings.load(AppSettings)
    kind, _, name = section_name.partition(".")
    return settings.load(registry.find(kind, name).settings, section=section_name)


def _meant(value: str) -> object:
    return tuple(msgspec.json.decode(value)) if value.startswith("[") else Decimal(value)
