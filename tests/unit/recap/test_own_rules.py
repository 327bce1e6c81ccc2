# files of a test may be read where they are checked
"""The owner's own rules: over those that ship, named by line, never in the way of a recap."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cockpit.adapters.storage import open_store
from cockpit.adapters.writers.template import TemplateWriter
from cockpit.app.recapping.voice_rules import VoiceChecks, rules_beside
from cockpit.cli.main import app
from cockpit.journal.journal import Journal
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.health import CheckState
from cockpit.ports.store import StoredRecap
from cockpit.recap.desk import RecapDesk
from cockpit.recap.errors import ExportError, VoiceError
from cockpit.recap.material import Material
from cockpit.recap.own_rules import MOODS, Forbidden, OwnRules
from cockpit.recap.rulebook import RuleBook, as_toml
from cockpit.recap.voice import Ends, load_voice
from tests.support.fills import NINE_THIRTY, fills

SHIPPED = load_voice()
DAY = "2018-01-02"
OPENING = "The desk is tidy, so the page can be, too."
MINE = f"""\
version = 1
revision = 4
tone = "Dry."

[forbidden]
phrases = ["mega move"]

[forbidden.characters]
2022 = "bullet"

[allowed]
phrases = ["Delve"]

[intro]
win = ["{OPENING}"]
"""


def book(folder: Path, text: str = MINE) -> RuleBook:
    path = folder / "voice.toml"
    path.write_text(text, encoding="utf-8")
    return RuleBook(path)


async def written(folder: Path, rules: RuleBook) -> tuple[RecapDesk, StoredRecap]:
    store = await open_store(folder / "cockpit.db")
    template = TemplateWriter()
    desk = RecapDesk(store, template, template, VirtualClock(NINE_THIRTY), rules)
    story = fills("+10 @ 10", "-10 @ 12", fee="0.5")
    material = Material(book=Journal.from_fills(story, account_id="DEMO-1"))
    try:
        return desk, await desk.draft("daily", DAY, material)
    finally:
        await store.close()


def test_own_rules_add_to_those_that_ship_and_stand_for_parts(tmp_path: Path) -> None:
    held = book(tmp_path).read()
    assert held.trouble == ""
    voice = held.voice
    assert voice.flaws("A MEGA MOVE, crushed it \u2022 \u2014") == (
        "the voice uses no em dash",
        "the voice uses no bullet",
        'the voice never says "crushed it"',
        'the voice never says "mega move"',
    )
    assert voice.flaws("let us delve") == ()
    assert (voice.tone, voice.revision) == ("Dry.", "4")
    assert voice.ends_of("daily").intro["win"] == (OPENING,)
    assert voice.ends_of("daily").intro["loss"] == SHIPPED.ends_of("daily").intro["loss"]


def test_without_a_file_those_that_ship_hold(tmp_path: Path) -> None:
    held = RuleBook(tmp_path / "voice.toml").read()
    assert (held.voice, held.trouble, held.note) == (SHIPPED, "", "")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('version = 1\nphrases = "x"\n', "line 2, phrases: there is no such rule"),
        ("version = 1\n[forbidden\n", "line 2: it is no TOML"),
        ("version = 1\n\n[forbidden]\nphrases = [1]\n", "line 4, forbidden.phrases: "),
        ("version = 9\n", "line 1, version: the format is 1, not 9"),
        ("revision = 0\n", "line 1, revision"),
        ('[forbidden.characters]\nzz = "x"\n', "line 2, forbidden.characters.zz"),
        ('[forbidden.characters]\n0061 = "a"\n', "line 2, forbidden.characters.0061"),
        ('[forbidden]\nphrases = [""]\n', "line 2, forbidden.phrases: an empty text"),
        ('[intro]\nwin = [\n  "fine",\n  "I made 8 today.",\n]\n', "line 4, intro.win"),
        ('[intro]\nwin = ["Net {{fact:net}}."]\n', "line 2, intro.win"),
        ('[closing]\nhappy = ["x"]\n', "line 2, closing.happy: the moods of a daily recap are"),
        ('[kinds.yearly.intro]\nwin = ["x"]\n', "line 1, kinds.yearly: the kinds are weekly"),
        ('tone = "We crushed it."\n', "line 1, tone: the voice never says"),
        ('[intro]\nwin = ["To the moon."]\n', 'the voice never says "to the moon"'),
    ],
)
def test_a_fault_is_named_by_line_and_field_and_nothing_of_it_is_used(
    tmp_path: Path, text: str, place: str
) -> None:
    held = book(tmp_path, text).read()
    assert place in held.trouble
    assert str(tmp_path / "voice.toml") in held.trouble
    assert held.voice == SHIPPED


def test_a_file_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "voice.toml").write_bytes(b"\xff\xfe\x00")
    held = RuleBook(tmp_path / "voice.toml").read()
    assert held.trouble
    assert held.voice == SHIPPED


async def test_a_recap_is_written_in_the_owners_voice_and_names_its_revision(
    tmp_path: Path,
) -> None:
    _, recap = await written(tmp_path, book(tmp_path))
    assert OPENING in recap.markdown
    assert "Voice rules: revision 4." in recap.markdown


async def test_a_faulty_file_stops_no_recap_and_the_recap_says_so(tmp_path: Path) -> None:
    _, recap = await written(tmp_path, book(tmp_path, "nonsense"))
    assert "Your voice rules could not be used, so those that ship were." in recap.markdown


async def test_an_opening_that_claims_what_is_not_so_is_left_out(tmp_path: Path) -> None:
    rules = book(tmp_path, '[intro]\nwin = ["I made no trades."]\n')
    assert rules.read().trouble == ""
    _, recap = await written(tmp_path, rules)
    assert "no trades" not in recap.markdown


async def test_an_edit_holds_for_the_next_export(tmp_path: Path) -> None:
    desk, recap = await written(tmp_path, book(tmp_path))
    book(tmp_path, '[forbidden]\nphrases = ["tidy"]\n')
    with pytest.raises(ExportError) as caught:
        await desk.export(recap, "md", tmp_path / "out.md")
    assert 'never says "tidy"' in caught.value.user_text


async def test_health_says_whose_rules_hold(tmp_path: Path) -> None:
    [good] = await VoiceChecks(book(tmp_path)).checks()
    assert (good.state, good.found) == (CheckState.OK, "Yours hold: revision 4.")
    [bad] = await VoiceChecks(book(tmp_path, "[forbidden]\nphrases = 7\n")).checks()
    assert bad.state is CheckState.WARNING
    assert not bad.hinders
    assert "line 2, forbidden.phrases" in bad.found
    assert bad.next_step


def test_saving_counts_on_and_every_revision_can_be_had_again(tmp_path: Path) -> None:
    rules = RuleBook(tmp_path / "voice.toml")
    first = OwnRules(forbidden=Forbidden(phrases=("one thing",)))
    assert rules.save(first).revision == 1
    assert rules.save(OwnRules(tone="Dry.")).revision == 2
    assert rules.revisions() == (2, 1)
    assert rules.save(rules.kept(1)).revision == 3
    held = rules.read()
    assert held.own.forbidden == first.forbidden
    assert held.voice.revision == "3"


def test_what_was_written_by_hand_is_kept_before_it_is_replaced(tmp_path: Path) -> None:
    rules = book(tmp_path)
    assert rules.save(OwnRules(tone="Dry.")).revision == 5
    assert rules.kept(4).allowed.phrases == ("Delve",)
    path = tmp_path / "voice.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n[intro]\nwin = []\n", encoding="utf-8")
    assert rules.read().voice.revision == "5, changed by hand"
    assert rules.save(OwnRules(tone="Plain.")).revision == 7
    assert rules.kept(6).intro == {"win": ()}
    path.write_text("nonsense", encoding="utf-8")
    assert rules.save(OwnRules(tone="Plain.")).revision == 8
    kept = [p.read_text(encoding="utf-8") for p in (tmp_path / "voice-revisions").iterdir()]
    assert "nonsense" in kept


def test_faulty_rules_are_not_saved(tmp_path: Path) -> None:
    rules = book(tmp_path)
    with pytest.raises(VoiceError) as caught:
        rules.save(OwnRules(intro={"win": ("I made 8.",)}))
    assert "Nothing was saved" in caught.value.user_text
    assert (tmp_path / "voice.toml").read_text(encoding="utf-8") == MINE


def test_rules_survive_their_file(tmp_path: Path) -> None:
    rules = OwnRules(
        revision=9,
        tone='Dry, "plain".\nTwo lines.\n',
        forbidden=Forbidden(phrases=("a [b] = c", "d"), characters={"2022": "bullet"}),
        intro={
            "win": ("A \\ b... and on.",),
            "loss": (),
        },
        kinds={"weekly": Ends(closing={"none": ("Quiet.",)})},
    )
    path = tmp_path / "voice.toml"
    path.write_text(as_toml(rules), encoding="utf-8")
    held = RuleBook(path).read()
    assert held.trouble == ""
    assert held.own == rules


def test_every_shipped_opening_is_of_a_mood_that_there_is() -> None:
    for kind, ends in SHIPPED.ends.items():
        assert {*ends.intro, *ends.closing} <= set(MOODS[kind])


def test_the_command_takes_the_rules_beside_the_settings(tmp_path: Path) -> None:
    config, text = tmp_path / "cockpit.toml", tmp_path / "text.md"
    config.write_text("", encoding="utf-8")
    text.write_text("A mega move.\n", encoding="utf-8")
    check = ["voice", "check", str(text), "--config", str(config)]
    assert CliRunner().invoke(app, check).exit_code == 0
    rules = book(tmp_path)
    assert rules_beside(config).path == rules.path
    done = CliRunner().invoke(app, check)
    assert (done.exit_code, done.stdout) == (1, f'{text}:1:3: the voice never says "mega move"\n')
    book(tmp_path, "nonsense")
    done = CliRunner().invoke(app, check)
    assert done.exit_code == 0
    assert "can't be used" in done.stderr
    named = CliRunner().invoke(app, [*check, "--rules", str(rules.path)])
    assert named.exit_code == 1
