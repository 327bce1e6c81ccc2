"""`cockpit journal note|tag|search|...`: a trader's words beside the facts."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cockpit.cli.exits import plain_errors
from cockpit.cli.journal import app
from cockpit.cli.journal_words import Account, Json, as_day, plain, print_json
from cockpit.cli.options import DataDir
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.writing import Subject, WritingDesk
    from cockpit.journal.entries import EntryWords
    from cockpit.ports.entries import JournalEntry

T = TypeVar("T")

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
    typer.Option(help="The account. [default: the only one]", metavar="NAME", show_default=False),
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
    told = sys.stdin.read().rstrip() if text == "-" else text
    changing = any(x is not None for x in (told, rating, mistake, kept, broken))

    async def body(desk: WritingDesk) -> tuple[JournalEntry | None, Sequence[Any]]:
        entry = await desk.now()
        if changing:
            words = _words(entry, told, rating, mistake, (kept, broken), append=append)
            entry = await desk.write(words)
        return entry, await desk.attachments()

    entry, files = _at_desk(data_dir, _subject(account, day, trade), body)
    if as_json:
        told_entry = None if entry is None else plain(entry)
        print_json({"entry": told_entry, "attachments": [plain(file) for file in files]})
        return
    if entry is None:
        typer.echo("Nothing is written about it yet.")
        return
    _print_entry(entry)
    for file in files:
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

    async def body(desk: WritingDesk) -> JournalEntry:
        from cockpit.journal.entries import EntryWords, tidy_tags

        entry = await desk.now()
        before = entry.tags if entry is not None else ()
        gone = {t.casefold() for t in tidy_tags(tags)} if remove else set[str]()
        kept = tuple(t for t in before if t.casefold() not in gone)
        return await desk.write(EntryWords(tags=kept if remove else (*before, *tags)))

    entry = _at_desk(data_dir, _subject(account, day, trade), body)
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
    from cockpit.domain.values import utc
    from cockpit.journal.versions import changes

    async def body(desk: WritingDesk) -> Sequence[JournalEntry]:
        return await desk.entries.versions(desk.day, desk.trade_id)

    every = _at_desk(data_dir, _subject(account, day, trade), body)
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

    async def body(desk: WritingDesk) -> JournalEntry:
        return await desk.entries.restore(desk.day, version, desk.trade_id)

    entry = _at_desk(data_dir, _subject(account, day, trade), body)
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

    async def body(desk: WritingDesk) -> list[str]:
        return [(await desk.attach(file)).name for file in files]

    for name in _at_desk(data_dir, _subject(account, day, trade), body):
        typer.echo(f"Attached: {name}")


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
    from cockpit.app.bookkeeping.measuring import measure as measured

    with plain_errors():
        report = asyncio.run(measured(data_dir or default_data_dir(), account))
    if as_json:
        print_json(plain(report))
        return
    typer.echo(f"{report.measured:,} trades measured, {report.unseen:,} that no tape has seen.")
    for name in report.unreadable:
        typer.echo(f"note: {name} can't be read")


def _at_desk(
    data_dir: Path | None,
    about: Subject,
    body: Callable[[WritingDesk], Coroutine[Any, Any, T]],
) -> T:
    from cockpit.app.bookkeeping.writing import writing

    async def whole() -> T:
        async with writing(data_dir or default_data_dir(), about) as desk:
            return await body(desk)

    with plain_errors():
        return asyncio.run(whole())


def _subject(account: str, day: str, trade: str) -> Subject:
    from cockpit.app.bookkeeping.writing import Subject

    if day and trade:
        raise typer.BadParameter("an entry is about a day or about a trade.", param_hint="'--day'")
    told = as_day(day, "--day")
    return Subject(account=account, day=told.isoformat() if told else "", trade_id=trade)


def _words(
    entry: JournalEntry | None,
    text: str | None,
    rating: int | None,
    mistakes: list[str] | None,
    rules: tuple[list[str] | None, list[str] | None],
    *,
    append: bool,
) -> EntryWords:
    from msgspec import UNSET

    from cockpit.journal.entries import EntryWords
    from cockpit.ports.entries import Tick

    before = entry.note if entry is not None and append else ""
    added = f"{before}\n\n{text}" if before and text else text
    kept, broken = rules
    ticks = {tick.text: tick for tick in (entry.rules if entry is not None else ())}
    ticks |= {told: Tick(told, done=True) for told in kept or ()}
    ticks |= {told: Tick(told, done=False) for told in broken or ()}
    made = (*(entry.mistakes if entry is not None else ()), *(mistakes or ()))
    return EntryWords(
        note=UNSET if added is None else added,
        rating=UNSET if rating is None else rating or None,
        mistakes=UNSET if mistakes is None else made,
        rules=UNSET if kept is None and broken is None else tuple(ticks.values()),
    )


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
