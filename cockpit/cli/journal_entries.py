"""`cockpit journal note|tag|search|...`: a trader's words beside the facts."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli.asking import asked, told_by
from cockpit.cli.exits import plain_errors
from cockpit.cli.journal import app
from cockpit.cli.journal_words import Account, Json, as_day, plain, print_json
from cockpit.cli.options import DataDir
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.acts import Act, Outcome
    from cockpit.app.bookkeeping.subject import Subject
    from cockpit.ports.entries import JournalEntry

OfDay = Annotated[
    str,
    typer.Option(
        "--day",
        help="The New York day it is about. [default: today]",
        metavar="DATE",
        show_default=False,
    ),
]
OfTrade = Annotated[
    str,
    typer.Option(
        "--trade", help="The trade it is about, as `journal trades --json` names it.", metavar="ID"
    ),
]
OneAccount = Annotated[
    str,
    typer.Option(
        help="The account. [default: that of the cockpit that runs, else the only one]",
        metavar="NAME",
        show_default=False,
    ),
]


@app.command("note", short_help="Write or read the entry of a day or a trade.")
def note(
    text: Annotated[
        str | None,
        typer.Argument(help="The note; - reads it from the standard input.", show_default=False),
    ] = None,
    day: OfDay = "",
    trade: OfTrade = "",
    account: OneAccount = "",
    rating: Annotated[
        int | None, typer.Option(min=0, max=5, help="1 to 5; 0 takes it away.", show_default=False)
    ] = None,
    mistake: Annotated[
        list[str] | None,
        typer.Option(help="A mistake made; may be given several times.", show_default=False),
    ] = None,
    kept: Annotated[
        list[str] | None,
        typer.Option(help="A rule that was followed; as --mistake.", show_default=False),
    ] = None,
    broken: Annotated[
        list[str] | None,
        typer.Option(help="A rule that was not; as --mistake.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    *,
    append: Annotated[bool, typer.Option("--append", help="Add to the note there is.")] = False,
    as_json: Json = False,
) -> None:
    """Write what you saw, did and learned; without anything to write, print the entry.

    Each change is a version of its own: cockpit journal history. Quote the note, or give - and
    type it.
    """
    from cockpit.app.bookkeeping.acts import Look, Say

    told = sys.stdin.read().rstrip() if text == "-" else text
    changing = any(x is not None for x in (told, rating, mistake, kept, broken))
    say = Say(
        note=told,
        append=append,
        rating=rating,
        mistakes=_several(mistake),
        kept=_several(kept),
        broken=_several(broken),
    )
    outcome = _done(data_dir, _subject(account, day, trade), say if changing else Look())
    if as_json:
        print_json(plain(outcome, "entry", "attachments"))
        return
    if outcome.entry is None:
        typer.echo("Nothing is written about it yet.")
        return
    _print_entry(outcome.entry)
    for file in outcome.attachments:
        typer.echo(f"File: {file.name} ({file.size:,} bytes)")


@app.command("tag", short_help="Tag a day or a trade, or list all tags.")
def tag(
    tags: Annotated[
        list[str] | None,
        typer.Argument(help="Tags, one below another with a slash: setup/orb.", show_default=False),
    ] = None,
    day: OfDay = "",
    trade: OfTrade = "",
    account: OneAccount = "",
    data_dir: DataDir = None,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take these tags away.")] = False,
    as_json: Json = False,
) -> None:
    """Add tags to the entry of a day or a trade; without any, list all tags with their entries.

    A tag below setup/ is the setup that `journal stats --by setup` counts by.
    """
    if not tags:
        _list_tags(data_dir, account, as_json=as_json)
        return

    from cockpit.app.bookkeeping.acts import TagIt

    act = TagIt(tags=tuple(tags), remove=remove)
    entry = _entry(_done(data_dir, _subject(account, day, trade), act))
    if as_json:
        print_json({"entry": plain(entry)})
    else:
        typer.echo(f"{_about(entry)}: {', '.join(entry.tags) or 'no tags'}")


@app.command("search", short_help="Find entries by words and tags.")
def search(
    words: Annotated[
        list[str],
        typer.Argument(help='Words, "phrases", #tags, and -words that must not be there.'),
    ],
    account: Account = "",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    data_dir: DataDir = None,
    *,
    as_json: Json = False,
) -> None:
    """Find entries that hold every word, the last written first. Put -- before a first -word.

    A word finds what begins with it; a tag finds itself and all below it.
    """
    from cockpit.app.bookkeeping.writing import found_entries

    text = " ".join(f'"{word}"' if " " in word else word for word in words)
    with plain_errors():
        found = asyncio.run(found_entries(data_dir or default_data_dir(), text, account, limit))
    if as_json:
        print_json({"found": [plain(each) for each in found]})
        return
    if not found:
        typer.echo("Nothing was found.")
    for each in found:
        typer.echo(f"{_about(each.entry)}  {', '.join(each.entry.tags)}")
        if each.excerpt.strip():
            typer.echo(f"    {' '.join(each.excerpt.split())}")


@app.command("history", short_help="Print what changed in an entry.")
def history(
    day: OfDay = "",
    trade: OfTrade = "",
    account: OneAccount = "",
    data_dir: DataDir = None,
    *,
    as_json: Json = False,
) -> None:
    """Print every version of an entry, newest first, with what changed from the one before."""
    from cockpit.app.bookkeeping.acts import History as AllVersions
    from cockpit.domain.values import utc
    from cockpit.journal.versions import changes

    every = _done(data_dir, _subject(account, day, trade), AllVersions()).versions
    told = [(entry, changes(b, entry)) for entry, b in zip(every, [*every[1:], None], strict=False)]
    if as_json:
        print_json({"versions": [{**plain(entry), "changes": lines} for entry, lines in told]})
        return
    if not told:
        typer.echo("Nothing is written about it yet.")
    for entry, lines in told:
        typer.echo(f"version {entry.version}  {utc(entry.updated_ns):%Y-%m-%d %H:%M} UTC")
        for line in lines or ["  only the drafted text"]:
            typer.echo(f"    {line}")


@app.command("restore", short_help="Bring an entry's earlier words back.")
def restore(
    day: OfDay = "",
    trade: OfTrade = "",
    account: OneAccount = "",
    version: Annotated[
        int | None,
        typer.Option(help="Which. [default: before the last change]", show_default=False),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Bring your words of an earlier version back, as a new version: nothing is ever lost."""
    from cockpit.app.bookkeeping.acts import Restore

    entry = _entry(_done(data_dir, _subject(account, day, trade), Restore(version=version)))
    typer.echo(f"{_about(entry)}: your earlier words are back, as version {entry.version}.")


@app.command("attach", short_help="Keep a file beside an entry.")
def attach(
    files: Annotated[list[Path], typer.Argument(help="Pictures or other files, 25 MB at most.")],
    day: OfDay = "",
    trade: OfTrade = "",
    account: OneAccount = "",
    data_dir: DataDir = None,
) -> None:
    """Keep a copy of files beside the entry of a day or a trade. Links are not followed."""
    from cockpit.app.bookkeeping.acts import Attach

    # a link stays a link: whoever keeps the copy refuses to follow it
    act = Attach(files=tuple(str(file.absolute()) for file in files))
    for file in _done(data_dir, _subject(account, day, trade), act).attachments:
        typer.echo(f"Attached: {file.name}")


@app.command("measure", short_help="Measure MAE and MFE from recorded tapes.")
def measure(
    account: Account = "",
    data_dir: DataDir = None,
    *,
    as_json: Json = False,
) -> None:
    """Measure how far the price went against each closed trade and for it, from the tapes.

    A session measures its trades as they close, from the prints and bars it still has; a tape
    has seen every print.
    """
    from cockpit.app.control.messages import Measured, MeasureRequest

    folder = data_dir or default_data_dir()
    with plain_errors():
        answer = asked(folder, MeasureRequest(account=account))
        if answer is None:
            from cockpit.app.bookkeeping.measuring import measure as measured

            report = asyncio.run(measured(folder, account))
        else:
            report = told_by(answer, Measured).report
    if as_json:
        print_json(plain(report))
        return
    typer.echo(f"{report.measured:,} trades measured, {report.unseen:,} that no tape has seen.")
    for name in report.unreadable:
        typer.echo(f"note: {name} can't be read")


def _done(data_dir: Path | None, about: Subject, act: Act) -> Outcome:
    """What came of it: done by the cockpit that runs there, else here."""
    from cockpit.app.control.messages import EntryRequest, EntryTold

    folder = data_dir or default_data_dir()
    with plain_errors():
        answer = asked(folder, EntryRequest(about=about, act=act))
        if answer is not None:
            return told_by(answer, EntryTold).outcome
        return asyncio.run(_done_here(folder, about, act))


async def _done_here(folder: Path, about: Subject, act: Act) -> Outcome:
    from cockpit.app.bookkeeping.acts import carried_out
    from cockpit.app.bookkeeping.writing import writing

    async with writing(folder, about) as desk:
        return await carried_out(desk, act)


def _entry(outcome: Outcome) -> JournalEntry:
    if outcome.entry is None:
        raise RuntimeError("an entry that was written is not there")
    return outcome.entry


def _several(told: list[str] | None) -> tuple[str, ...] | None:
    return None if told is None else tuple(told)


def _subject(account: str, day: str, trade: str) -> Subject:
    from cockpit.app.bookkeeping.subject import Subject

    if day and trade:
        raise typer.BadParameter("an entry is about a day or about a trade.", param_hint="'--day'")
    told = as_day(day, "--day")
    return Subject(account=account, day=told.isoformat() if told else "", trade_id=trade)


def _print_entry(entry: JournalEntry) -> None:
    from cockpit.journal.versions import as_lines

    typer.echo(_about(entry))
    for line in as_lines(entry):
        typer.echo(f"  {line}")
    if entry.drafted:
        typer.echo(f"\n{entry.drafted.rstrip()}")


def _about(entry: JournalEntry) -> str:
    return f"{entry.day}  {entry.account_id}{f'  {entry.trade_id}' if entry.trade_id else ''}"


def _list_tags(data_dir: Path | None, account: str, *, as_json: bool) -> None:
    from cockpit.app.bookkeeping.writing import all_tags

    with plain_errors():
        counts = asyncio.run(all_tags(data_dir or default_data_dir(), account))
    if as_json:
        print_json({"tags": dict(sorted(counts.items()))})
        return
    if not counts:
        typer.echo("No entry has a tag yet.")
    for name, count in sorted(counts.items()):
        depth = name.count("/")
        typer.echo(f"{'  ' * depth}{name.rpartition('/')[2]}  {count}")
