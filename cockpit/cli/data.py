"""`cockpit data`: what recorded market data holds, and how good it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli.asking import asked, expect
from cockpit.cli.exits import Exit, fail, plain_errors
from cockpit.cli.options import DataDir
from cockpit.cli.progress import working
from cockpit.domain.values import NEW_YORK, utc
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.data.playing import Played
    from cockpit.app.data.quality import QualityReport
    from cockpit.app.data.tapes import TapeLine
    from cockpit.domain.market import Bar
    from cockpit.market.indicators import VolumeProfile

app = typer.Typer(
    help="Get market data from its sources; look at recorded data, its quality, bars and tapes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE",
        help="Recorded quotes and trades (.csv or .csv.gz), or tapes.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Exchange = Annotated[
    str,
    typer.Option(
        help="Exchange whose quotes make the book. [default: the busiest]",
        metavar="X",
        show_default=False,
    ),
]


@app.command("quality", short_help="Count the rows that break a quality rule.")
def quality(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="Recorded quotes and trades (.csv or .csv.gz), or tapes. [default: the session "
            "that runs]",
            show_default=False,
        ),
    ] = None,
    show: Annotated[
        str,
        typer.Option(
            help="List the rows that break this rule instead.", metavar="RULE", show_default=False
        ),
    ] = "",
    data_dir: DataDir = None,
    *,
    as_json: Json = False,
) -> None:
    """Take every row of the files through the quality rules and count what they break.

    All exchanges count, each as a book of its own. A row is counted under every rule it
    breaks, so the counts may add up to more than the rows that are set aside. Nothing is
    changed. Without a file, ask the cockpit that runs on the data folder what it has set aside
    so far; it keeps the last 200 rows.
    """
    from cockpit.app.data.quality import quality_of
    from cockpit.market.rules import NAMES

    if show and show not in NAMES:
        fail(f"There is no rule {show!r}. Rules: {', '.join(NAMES)}.", Exit.USAGE)
    if not files:
        _doubts(data_dir or default_data_dir(), show, as_json=as_json)
        return
    with plain_errors():
        if show:
            shown = list[dict[str, object]]()
            with working("Looking at every row") as step:
                quality_of(files, _shower(show, shown if as_json else None), step)
            if as_json:
                typer.echo(_json({"rule": show, "rows": shown}))
            return
        with working("Looking at every row") as step:
            report = quality_of(files, None, step)
    if as_json:
        typer.echo(_json(report))
        return
    for line in _quality_lines(report):
        typer.echo(line)


@app.command("bars", short_help="Print the bars that the prints make.")
def bars(
    files: Files,
    every: Annotated[
        str, typer.Option(help="30s, 5m or 1h; 10000sh of volume; 500t of prints.", metavar="STEP")
    ] = "1m",
    indicators: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            help="Indicator to add as a column: ema:20, atr:14, vwap, rvol:20; more than once.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    *,
    whole_day: Annotated[
        bool, typer.Option("--whole-day", help="Also before and after the session.")
    ] = False,
) -> None:
    """Print bars as CSV: ts (START, UTC), symbol, open, high, low, close, volume, trades, vwap.

    They lie on the sessions of the New York exchanges, half days and daylight saving
    included, and hold every correction that the files hold.
    """
    from cockpit.app.data.playing import bars_of
    from cockpit.market.grid import BarRule
    from cockpit.market.indicators import columns_of, indicator

    names = indicators or []
    with plain_errors():
        for name in names:
            indicator(name)
        found = asyncio.run(bars_of(files, BarRule.parse(every), whole_day=whole_day))
    typer.echo(",".join(("ts,symbol,open,high,low,close,volume,trades,vwap", *names)))
    for bar, values in zip(found, columns_of(found, names), strict=True):
        typer.echo(",".join((_bar(bar), *map(_value, values))))


@app.command("profile", short_help="Print the volume by price.")
def profile(
    files: Files,
    step: Annotated[float, typer.Option(help="Step of the price.", metavar="PRICE")] = 0.1,
) -> None:
    """Print the shares printed at each step of the price as CSV: symbol, price, volume, area.

    `price` is the lower edge of the step. `area` is `poc` at the step with most shares,
    `value` at the others that hold 70 % of all shares around it, else empty.
    """
    from cockpit.app.data.playing import profiles_of

    with plain_errors():
        profiles = asyncio.run(profiles_of(files, step))
    typer.echo("symbol,price,volume,area")
    for symbol, each in sorted(profiles.items()):
        for line in _profile(symbol, each):
            typer.echo(line)


@app.command("replay", short_help="Play recorded files without trading, as fast as possible.")
def replay(files: Files, exchange: Exchange = "", *, as_json: Json = False) -> None:
    """Play files through quality, book and bars, and say what came of it and how fast.

    No broker, no orders, no window: `cockpit replay` plays them through the whole cockpit.
    """
    from cockpit.app.data.playing import play

    with plain_errors(), working("Playing") as step:
        played = asyncio.run(play(files, exchange, step))
    if as_json:
        typer.echo(_json(played))
        return
    for line in _played_lines(played):
        typer.echo(line)


@app.command("record", short_help="Put recorded files on a tape.")
def record(
    files: Files,
    out: Annotated[
        Path,
        typer.Option(help="The tape to make; must not be there yet.", metavar="OUT.tape"),
    ],
    exchange: Exchange = "",
) -> None:
    """Make one tape of CSV files, or of a tape itself, which gives the same bytes again.

    Live and paper sessions are recorded by themselves, see the section [tape] of the settings.
    """
    from cockpit.app.data.playing import record as record_tape
    from cockpit.app.data.tapes import tapes_of

    with plain_errors():
        with working("Recording") as step:
            asyncio.run(record_tape(files, out, exchange, step))
        (line,) = tapes_of(default_data_dir(), [out])
    typer.echo(_tape_line(line))


@app.command("tapes", short_help="List recorded sessions, or say what is on a tape.")
def tapes(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="TAPE",
            help="Tapes to look at. [default: those of the data folder]",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    *,
    as_json: Json = False,
) -> None:
    """List tapes, oldest first, with their day, rows and size. Every checksum is looked at.

    Exit code 1 when one of them is torn, cut off or still being recorded.
    """
    from cockpit.app.data.tapes import tapes_of

    with plain_errors():
        lines = tapes_of(data_dir or default_data_dir(), files or [])
    if as_json:
        typer.echo(_json(lines))
    else:
        for line in lines:
            typer.echo(_tape_line(line))
    if any(line.defect for line in lines):
        raise typer.Exit(Exit.FAILED)


def _json(value: object) -> str:
    import msgspec

    return msgspec.json.encode(value).decode()


def _shower(
    wanted: str, kept: list[dict[str, object]] | None
) -> Callable[[str, str, int, str], None]:
    """Prints rows that break `wanted`, or keeps them."""

    def show(rule: str, exchange: str, ts_ns: int, row: str) -> None:
        if rule != wanted:
            return
        if kept is not None:
            kept.append({"ts_ns": ts_ns, "exchange": exchange, "row": row})
            return
        where = f" {exchange}" if exchange else ""
        typer.echo(f"{utc(ts_ns).isoformat()}{where} {row}")

    return show


def _doubts(folder: Path, show: str, *, as_json: bool) -> None:
    """What a running session has set aside."""
    from cockpit.app.control.messages import Doubts, DoubtsRequest

    answer = asked(folder, DoubtsRequest())
    if answer is None:
        fail(
            f"No cockpit runs on {folder}. Name the files or tapes to look at; cockpit data tapes "
            "lists those that were recorded.",
            Exit.NOTHING_THERE,
        )
    told = expect(answer, Doubts)
    recent = [row for row in told.recent if show in ("", row.reason)]
    if as_json:
        import msgspec

        typer.echo(_json(msgspec.structs.replace(told, recent=tuple(recent))))
        return
    if not show:
        rows = told.accepted + sum(told.refused.values())
        typer.echo(f"{told.feed}: {rows:,} rows, {told.accepted:,} accepted")
        for words, counts in (("set aside", told.refused), ("passed", told.flagged)):
            for name, count in sorted(counts.items()):
                typer.echo(f"{count:>9,}  {name:<13} {words}")
    for row in recent:
        when = utc(row.ts).isoformat() if row.ts else "-"
        typer.echo(f"{when} {row.reason} {row.detail}")


def _quality_lines(report: QualityReport) -> list[str]:
    from cockpit.market.rules import RULES

    refused = sum(report.refused.values())
    lines = [f"{report.rows:,} rows, {report.accepted:,} accepted, {refused:,} set aside"]
    if len(report.exchanges) > 1:
        counted = ", ".join(f"{name} {rows:,}" for name, rows in report.exchanges.items())
        lines.append(f"exchanges, each a book of its own: {counted}")
    for name, count in report.rules.items():
        lines.append(f"{count:>9,}  {name:<13} {RULES.get(name, '')}")
    return lines


def _bar(bar: Bar) -> str:
    ts = utc(bar.ts_event).isoformat(timespec="microseconds").replace("+00:00", "Z")
    numbers = ",".join(map(repr, (bar.open, bar.high, bar.low, bar.close)))
    volume = repr(bar.volume).removesuffix(".0")
    return f"{ts},{bar.symbol},{numbers},{volume},{bar.trades},{round(bar.vwap, 6)!r}"


def _value(value: float | None) -> str:
    return "" if value is None else repr(round(value, 6))


def _profile(symbol: str, profile: VolumeProfile) -> Iterator[str]:
    control, area = profile.point_of_control(), profile.value_area()
    for price, volume in profile.rows():
        inside = area is not None and area[0] <= price <= area[1]
        word = "poc" if price == control else "value" if inside else ""
        shares = repr(volume).removesuffix(".0")
        yield f"{symbol},{price!r},{shares},{word}"


def _played_lines(played: Played) -> list[str]:
    rate = played.rows / played.seconds if played.seconds else 0.0
    refused = ", ".join(f"{count:,} {rule}" for rule, count in played.refused.items())
    made = f"{played.quotes:,} quotes, {played.trades:,} prints, {played.bars:,} bars"
    return [
        f"{played.label}: {_span(played.start_ns, played.end_ns)}",
        f"{played.rows:,} rows: {made}; set aside: {refused or 'none'}",
        f"{played.seconds:.2f} s, {rate:,.0f} rows/s",
    ]


def _tape_line(line: TapeLine) -> str:
    each = line.bytes / line.rows if line.rows else 0.0
    text = f"{line.path}  {_span(line.start_ns, line.end_ns)}  {line.rows:,} rows"
    text += f"  {line.bytes:,} bytes ({each:.1f} a row)  {line.feed} {line.label}".rstrip()
    return f"{text}  DEFECT: {line.defect}" if line.defect else text


def _span(start_ns: int, end_ns: int) -> str:
    start, end = utc(start_ns).astimezone(NEW_YORK), utc(end_ns).astimezone(NEW_YORK)
    last = f"{end:%H:%M:%S}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M:%S}"
    return f"{start:%Y-%m-%d %H:%M:%S} to {last} New York"
