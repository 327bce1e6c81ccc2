from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cockpit.cli.main import app
from cockpit.recap.errors import VoiceError
from cockpit.recap.voice import load_voice

VOICE = load_voice()


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("a \u2014 b", "em dash"),
        ("a \u2013 b", "en dash"),
        ("wait\u2026", "ellipsis"),
        ("a &mdash; b", "em dash"),
        ("a &#8211; b", "en dash"),
        ("I Crushed It today", "crushed it"),
        ("let's delve", "delve"),
    ],
)
def test_what_the_voice_forbids_is_flagged(text: str, flaw: str) -> None:
    assert any(flaw in found for found in VOICE.flaws(text))


@pytest.mark.parametrize("text", ["three dots... are kept", "a-b, c: d", "delved?", "- a list"])
def test_what_it_allows_passes(text: str) -> None:
    assert VOICE.flaws(text) == ()


@pytest.mark.parametrize(
    "page",
    [
        "<p>a&mdash;b</p>",
        '<img alt="a \u2014 b">',
        "<title>to the moon</title>",
        '<p title="guaranteed">x</p>',
        "<!-- \u2013 -->",
        "<style>/* \u2014 */</style>",
    ],
)
def test_every_text_and_attribute_of_a_page_is_read(page: str) -> None:
    assert VOICE.flaws_of_html(page)
    assert not VOICE.flaws_of_html("<p class='lead'>all good...</p>")


def test_a_flaw_has_its_place() -> None:
    text = "all good...\nI crushed it \u2014 and I Crushed It again\n\nwait &mdash; no"
    found = [(flaw.line, flaw.column, flaw.words) for flaw in VOICE.found_in(text)]
    assert found == [
        (2, 3, 'the voice never says "crushed it"'),
        (2, 14, "the voice uses no em dash"),
        (2, 22, 'the voice never says "crushed it"'),
        (4, 6, "the voice uses no em dash"),
    ]


def test_the_command_says_where_and_ends_with_one(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.md", tmp_path / "bad.html"
    good.write_text("three dots... are kept\n", encoding="utf-8")
    bad.write_text('<p>fine</p>\n<img alt="a&mdash;b">\n', encoding="utf-8")
    run = CliRunner().invoke
    assert run(app, ["voice", "check", str(good)]).exit_code == 0
    done = run(app, ["voice", "check", str(good), str(bad)])
    assert (done.exit_code, done.output) == (1, f"{bad}:2:12: the voice uses no em dash\n")


def test_the_words_for_a_writer_hold_nothing_that_is_forbidden() -> None:
    assert VOICE.flaws(VOICE.as_words()) == ()


@pytest.mark.parametrize("content", ["nonsense", "version = 9", "version = 1\nname = 'x'"])
def test_a_file_that_can_not_be_used_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "voice.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(VoiceError) as caught:
        load_voice(path)
    assert str(path) in caught.value.user_text
