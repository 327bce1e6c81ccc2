"""`cockpit voice`: texts held to the owner's voice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli.exits import Exit, fail, plain_errors
from cockpit.cli.options import Config

if TYPE_CHECKING:
    from cockpit.recap.rulebook import RuleBook
    from cockpit.recap.voice import Voice

app = typer.Typer(
    help="Hold texts to the rules of your voice.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def _voice() -> None:
    """Keep `check` a command of its own, however few there are."""


@app.command("check", short_help="Say where texts break the rules of the voice.")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Texts or HTML pages.")],
    rules: Annotated[
        Path | None,
        typer.Option(
            help="File of your rules. [default: voice.toml beside the settings, if there]",
            show_default=False,
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Say where texts break the rules, by line and column; change nothing.

    Your rules stand over those that ship. Of an HTML page every text and attribute is read.
    Exit code 0 when nothing was found, 1 otherwise.
    """
    from cockpit.app.recapping.voice_rules import rules_beside
    from cockpit.recap.rulebook import RuleBook

    broken = 0
    with plain_errors():
        voice = RuleBook(rules).strict() if rules is not None else _usual(rules_beside(config))
        for file in files:
            text = _text_of(file)
            is_page = file.suffix.lower() in (".html", ".htm")
            found = list(voice.found_in(text))
            hidden = set(voice.flaws_of_html(text)) if is_page else set[str]()
            hidden -= {flaw.words for flaw in found}
            for flaw in found:
                typer.echo(f"{file}:{flaw.line}:{flaw.column}: {flaw.words}")
            for words in sorted(hidden):  # written as an entity: it has no place of its own
                typer.echo(f"{file}: {words}")
            broken += len(found) + len(hidden)
    if broken:
        raise typer.Exit(Exit.FAILED)


def _text_of(file: Path) -> str:
    """What a file says; what is no text ends the command with a way out."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        fail(
            f"{file} is no text in UTF-8, so it was not checked. Check Markdown, HTML, CSV or "
            "plain text. A PDF of a recap was held to the rules at its export; to check it again, "
            "export it as Markdown.",
            Exit.FAILED,
        )
    except OSError as error:
        why = error.strerror or str(error)
        fail(f"{file} can't be read: {why}. Nothing was changed.", Exit.FAILED)


def _usual(rules: RuleBook) -> Voice:
    """The rules of a session; where they can't be used, it says so and takes those that ship."""
    held = rules.read()
    if held.trouble:
        typer.echo(held.trouble, err=True)
    return held.voice
