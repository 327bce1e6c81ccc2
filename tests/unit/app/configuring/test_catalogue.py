"""Everything that can be set is listed, and says what it means."""

from __future__ import annotations

import tomllib

from cockpit.app.configuring.catalogue import known_settings, models
from cockpit.app.configuring.kinds import Kind, as_text
from cockpit.app.configuring.layers import written_at
from cockpit.domain.limit_rules import SPECS
from cockpit.kernel.resources import resource
from tests.unit.docs.pages import blocks, page

DOCUMENTED = tomllib.loads(blocks(page("docs/configuration.md"), "toml")[0])
KNOWN = {known.dotted: known for known in known_settings()}


def test_every_documented_default_is_the_one_shown() -> None:
    for known in KNOWN.values():
        written = written_at(DOCUMENTED, known.path)
        if written is not None and known.key != "restricted_symbols":
            shown, said = known.default.removesuffix(":00"), as_text(written).removesuffix(":00")
            assert shown == said, known.dotted


def test_every_key_of_the_documentation_is_listed() -> None:
    def paths(table: dict[str, object], above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for key, value in table.items():
            here = (*above, key)
            found |= paths(value, here) if isinstance(value, dict) else {here}
        return found

    assert paths(DOCUMENTED) <= {known.path for known in KNOWN.values()}
    assert {f"limits.{name}" for name in SPECS} <= KNOWN.keys()


def test_every_setting_says_what_it_means() -> None:
    for known in KNOWN.values():
        in_words = known.key.rpartition(".")[2].replace("_", " ").capitalize() + "."
        assert known.meaning != in_words, f"{known.dotted} has no sentence in meanings.toml"
        assert known.meaning.rstrip().endswith("."), known.dotted


def test_no_sentence_is_left_of_a_setting_that_went() -> None:
    told = tomllib.loads(resource("settings/meanings.toml").read_text(encoding="utf-8"))
    known = {(k.section or "top", k.key) for k in KNOWN.values()}
    known |= {(".".join(k.path[:-1]), "*") for k in KNOWN.values()}
    keys = {k.key for k in KNOWN.values()}
    for section, sentences in told.items():
        for key in sentences:
            there = key in keys if section == "*" else (section, key) in known
            assert there, f"[{section}] {key}"


def test_ranges_and_choices_come_from_the_settings_classes() -> None:
    assert KNOWN["bar_seconds"].shape.range == "1 to 3600"
    assert KNOWN["tape.record"].shape.choices == ("auto", "always", "never")
    assert KNOWN["feeds.synthetic.speed"].shape.range == "0.1 to 1000.0 or max"
    assert KNOWN["feeds.alpaca.symbols"].shape.kind is Kind.LINES
    assert KNOWN["sources.polygon.requests_per_minute"].shape.range == "more than 0"
    assert KNOWN["brokers.paper.short_sales"].shape.kind is Kind.YES_NO
    assert KNOWN["broker"].shape.choices == ("alpaca", "paper", "robinhood")
    assert "paper" in {section.partition(".")[2] for section in models()}
