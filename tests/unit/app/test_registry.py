"""Plug-ins: ours, unknown ones, broken ones, and those of a third party."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.app import registry
from cockpit.app.errors import PluginError
from cockpit.kernel.settings import SettingsError
from tests.support.plugins import install

WRITER = """
    from cockpit.kernel.settings import SettingsModel
    from cockpit.ports.plugin import Plugin

    class Mine(SettingsModel):
        tone: str = "dry"

    class Poet:
        def __init__(self, settings, **needs):
            self.tone, self.needs = settings.tone, needs

    plugin = Plugin("poet", Mine, Poet)
    not_a_plugin = Poet
"""


@pytest.fixture
def poet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    targets = {
        "poet": "poetry_for_cockpit:plugin",
        "impostor": "poetry_for_cockpit:not_a_plugin",
        "ghost": "no_such_module_anywhere:plugin",
    }
    install(
        monkeypatch, tmp_path / "site", "poetry_for_cockpit", WRITER, {"cockpit.writers": targets}
    )


def test_what_ships_is_found() -> None:
    assert registry.names("brokers") == ("alpaca", "paper", "robinhood")
    assert registry.names("feeds") == (
        "alpaca",
        "finnhub",
        "polygon",
        "replay",
        "robinhood",
        "synthetic",
    )
    assert registry.names("sources") == ("alpaca", "alpha_vantage", "finnhub", "polygon")
    assert registry.names("writers") == ("openai", "template")
    assert registry.names("strategies") == ("opening-range-breakout",)
    for kind in registry.KINDS:
        for name in registry.names(kind):
            assert registry.find(kind, name).name == name


@pytest.mark.parametrize(
    ("kind", "word"),
    [("brokers", "broker"), ("feeds", "feed"), ("writers", "writer"), ("strategies", "strategy")],
)
def test_an_unknown_one_is_refused_with_those_that_are_there(kind: str, word: str) -> None:
    with pytest.raises(PluginError) as refused:
        registry.build(kind, "nobody", {})
    known = ", ".join(registry.names(kind))
    assert refused.value.user_text == f"There is no {word} called 'nobody'. Installed: {known}."


@pytest.mark.usefixtures("poet")
def test_a_third_party_is_built_from_its_section_and_its_needs() -> None:
    assert registry.names("writers") == ("ghost", "impostor", "openai", "poet", "template")
    toml = {"writers": {"poet": {"tone": "grand"}}}
    assert registry.build("writers", "poet", toml).tone == "grand"
    built = registry.build("writers", "poet", toml, {"tone": "low"}, ink="blue")
    assert (built.tone, built.needs) == ("low", {"ink": "blue"})


@pytest.mark.usefixtures("poet")
def test_the_environment_reaches_a_third_party(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_WRITERS_POET_TONE", "loud")
    assert registry.build("writers", "poet", {}).tone == "loud"


@pytest.mark.usefixtures("poet")
def test_a_bad_key_in_its_section_is_named() -> None:
    with pytest.raises(SettingsError) as refused:
        registry.chosen("writers", "poet", {"writers": {"poet": {"rhyme": True}}})
    assert "writers.poet.rhyme" in refused.value.user_text


@pytest.mark.usefixtures("poet")
@pytest.mark.parametrize(
    ("name", "why"), [("ghost", "no_such_module_anywhere"), ("impostor", "does not give a Plugin")]
)
def test_one_that_is_broken_says_why(name: str, why: str) -> None:
    with pytest.raises(PluginError) as refused:
        registry.find("writers", name)
    assert refused.value.user_text.startswith(f"The writer {name!r} is installed but can't")
    assert why in refused.value.user_text
