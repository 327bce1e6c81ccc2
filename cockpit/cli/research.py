"""`cockpit data get`, `cache` and `budget`: research data, what is kept of it, what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli.data import app
from cockpit.cli.exits import Exit, fail, plain_errors
from cockpit.cli.options import Config, DataDir, parse_day
from cockpit.domain.values import NEW_YORK, utc
from cockpit.kernel.folders import default_data_dir
from cockpit.ports.source import Adjusted, Fundamentals, Kind, LatestQuote, NewsItem

if TYPE_CHECKING:
    from cockpit.app.data.asking import Told
    from cockpit.app.data.budgets import BudgetLine
    from cockpit.ports.feed import RawBar
    from cockpit.ports.research import KeptLine
    from cockpit.ports.source import CorporateAction

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Account = Annotated[
    str,
    typer.Option(
        help="Stored account whose keys open its broker's data. [default: the only one]",
        metavar="NAME",
        show_default=False,
    ),
]


@app.command("get", short_help="Get bars, a quote, fundamentals, news or splits of a symbol.")
def get(
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="E.g. AAPL.", show_default=False)],
    kind: Annotated[Kind, typer.Option(help="What to get.")] = Kind.QUOTE,
    interval: Annotated[
        str, typer.Option(help="Length of bars: 1m, 5m, 1h, 1d.", metavar="STEP")
    ] = "1d",
    first: Annotated[
        str,
        typer.Option(
            "--from",
            help="First day. [default: --days before the last]",
            metavar="DATE",
            show_default=False,
        ),
    ] = "",
    last: Annotated[
        str,
        typer.Option("--to", help="Last day. [default: today]", metavar="DATE", show_default=False),
    ] = "",
    days: Annotated[int, typer.Option(help="Days back, without --from.", min=1, max=20_000)] = 30,
    adjusted: Annotated[
        Adjusted, typer.Option(help="Bars as they were, or put right for splits, or for all.")
    ] = Adjusted.RAW,
    most: Annotated[int, typer.Option(help="News, at most.", min=1, max=1_000)] = 20,
    max_age: Annotated[
        float | None,
        typer.Option(
            help="Seconds that a kept answer may be old; 0 asks anew. [default: by kind]",
            min=0,
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        str,
        typer.Option(help="Ask this source only.", metavar="NAME", show_default=False),
    ] = "",
    account: Account = "",
    data_dir: DataDir = None,
    config: Config = None,
    *,
    as_json: Json = False,
) -> None:
    """Get data of a symbol from the first source that answers, unless it is kept and young enough.

    Sources are asked in the order of [data.sources] in the settings. Bars come as CSV: ts (START,
    UTC), open, high, low, close, volume, trades, vwap. Where the answer comes from, its age and
    who was passed over is said on stderr. Exit code 6 when no source knows the symbol, 1 when
    none answered.
    """
    from cockpit.app.data.asking import Wanted
    from cockpit.app.data.asking import get as ask

    wanted = Wanted(
        symbol=symbol.strip().upper(),
        kind=kind,
        interval=interval,
        first=parse_day(first, "--from") if first else None,
        last=parse_day(last, "--to") if last else None,
        days=days,
        adjusted=adjusted,
        most=most,
        max_age_s=max_age,
        source=source,
        account=account,
    )
    with _quietly():
        told = asyncio.run(ask(wanted, data_dir or default_data_dir(), config))
    if as_json:
        typer.echo(_json(told))
        return
    for line in _answer_lines(told):
        typer.echo(line)
    typer.echo(_origin(told), err=True)


@app.command("cache", short_help="Show or forget the answers that are kept.")
def cache(
    source: Annotated[
        str, typer.Option(help="Of this source.", metavar="NAME", show_default=False)
    ] = "",
    kind: Annotated[Kind | None, typer.Option(help="Of this kind.", show_default=False)] = None,
    symbol: Annotated[
        str, typer.Option(help="Of this symbol.", metavar="SYMBOL", show_default=False)
    ] = "",
    data_dir: DataDir = None,
    config: Config = None,
    *,
    clear: Annotated[
        bool, typer.Option("--clear", help="Forget them; all, when nothing else is given.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what is kept of each source and kind, and since when; or forget it.

    What is forgotten is fetched again when it is asked for. The count of requests is never
    forgotten. A running cockpit shares what is kept.
    """
    from cockpit.app.data.asking import forget, kept

    folder, word = data_dir or default_data_dir(), kind.value if kind else ""
    if not clear:
        with _quietly():
            lines = asyncio.run(kept(folder, config))
        shown = [line for line in lines if source in ("", line.source) and word in ("", line.kind)]
        if symbol:
            fail("--symbol goes with --clear: what is kept is counted by kind.", Exit.USAGE)
        if as_json:
            typer.echo(_json({"bytes": sum(line.bytes for line in shown), "kept": shown}))
            return
        for text in _kept_lines(shown):
            typer.echo(text)
        return
    with _quietly():
        gone = asyncio.run(
            forget(folder, config, source=source, kind=word, symbol=symbol.strip().upper())
        )
    typer.echo(_json({"forgotten": gone}) if as_json else f"{gone:,} answers are forgotten.")


@app.command("budget", short_help="Show how many requests each source has used.")
def budget(
    account: Account = "",
    data_dir: DataDir = None,
    config: Config = None,
    *,
    as_json: Json = False,
) -> None:
    """Show the requests that each installed source has spent, and what its plan allows.

    Those of all windows and commands of this data folder count. Asks nobody.
    """
    from cockpit.app.data.asking import budgets

    with _quietly():
        lines = asyncio.run(budgets(data_dir or default_data_dir(), config, account))
    if as_json:
        typer.echo(_json({"sources": lines}))
        return
    for line in lines:
        typer.echo(_budget_line(line))


@contextmanager
def _quietly() -> Generator[None]:
    """Sentences on the terminal and no log."""
    from cockpit.kernel import log

    end_log = log.configure(None)
    try:
        with plain_errors():
            yield
    finally:
        end_log()


def _json(value: object) -> str:
    import msgspec

    return msgspec.json.encode(value).decode()


def _answer_lines(told: Told) -> Iterator[str]:
    match told.kind:
        case Kind.QUOTE:
            yield from (_quote(quote) for quote in told.rows)
        case Kind.BARS:
            yield "ts,open,high,low,close,volume,trades,vwap"
            yield from (_bar(bar) for bar in told.rows)
        case Kind.FUNDAMENTALS:
            yield from (line for company in told.rows for line in _company(company))
        case Kind.NEWS:
            yield from (_news(item) for item in told.rows)
        case Kind.ACTIONS:
            yield from (_action(action) for action in told.rows)


def _origin(told: Told) -> str:
    when = "real time" if not told.delay_s else f"delayed {told.delay_s // 60} min"
    kept = f"kept, fetched {_span(told.age_s)} ago" if told.kept else "fetched now"
    adjusted = f", adjusted: {told.adjusted.value}" if told.kind is Kind.BARS else ""
    adjusted += f" by {told.adjusted_by}" if told.adjusted_by else ""
    text = f"{told.source}, {when}, {kept}{adjusted}."
    if told.stale:
        text += " STALE: no source had anything newer."
    if not told.complete:
        text += " There is more than this source gives."
    if not told.rows:
        text += f" It has no {told.kind.value} of {told.symbol} in that time."
    for line in told.passed_over:
        text += f" Passed over {line.source}: {line.why}."
    return text


def _quote(quote: LatestQuote) -> str:
    at = _time(quote.ts_event) if quote.ts_event else f"{quote.day} (no time said)"
    book = f"bid {_price(quote.bid)} x {_price(quote.bid_size)}"
    book += f"  ask {_price(quote.ask)} x {_price(quote.ask_size)}"
    last = f"  last {_price(quote.last)}" if quote.last is not None else ""
    return f"{quote.symbol}  {book}{last}  at {at}"


def _bar(bar: RawBar) -> str:
    ts = utc(bar.ts_event).isoformat(timespec="seconds").replace("+00:00", "Z")
    vwap = repr(round(bar.vwap, 6)) if bar.vwap else ""
    prices = ",".join(map(repr, (bar.open, bar.high, bar.low, bar.close)))
    return f"{ts},{prices},{bar.volume:.15g},{bar.trades or ''},{vwap}"


def _company(company: Fundamentals) -> Iterator[str]:
    places = (company.exchange, company.sector, company.industry, company.country)
    yield f"{company.symbol}  {company.name}  {', '.join(filter(None, places))}".rstrip()
    for figure, value in company.figures.items():
        yield f"  {figure.value:<20} {value:,}"


def _news(item: NewsItem) -> str:
    by = f" ({item.publisher})" if item.publisher else ""
    return f"{_time(item.ts_event)}  {item.headline}{by}  {item.url}".rstrip()


def _action(action: CorporateAction) -> str:
    if action.kind.value == "split":
        what = f"split {action.shares_after.normalize():f} for {action.shares_before.normalize():f}"
    else:
        what = f"dividend {action.amount:f} {action.currency}"
        what += f", paid {action.pay_day}" if action.pay_day else ""
    return f"{action.ex_day}  {action.symbol}  {what}"


def _kept_lines(lines: list[KeptLine]) -> Iterator[str]:
    total = sum(line.bytes for line in lines)
    yield f"{sum(line.answers for line in lines):,} answers, {total / 1e6:,.1f} MB"
    for line in lines:
        what = f"{line.answers:,} answers of {line.symbols:,} symbols, {line.bytes / 1e6:,.1f} MB"
        span = f"{_time(line.oldest_ns)} to {_time(line.newest_ns)}"
        yield f"{line.source:<14} {line.kind:<13} {what}, fetched {span}"


def _budget_line(line: BudgetLine) -> str:
    spans = ", ".join(
        f"{each.used:,} of {each.most:,} this {span.value}" for span, each in line.spans.items()
    )
    plan = f" ({line.plan})" if line.plan else ""
    text = f"{line.source}{plan}: {f'used {spans}' if spans else 'no limit known'}"
    if line.held_s:
        text += f". Held back for {_span(line.held_s)}: {line.held_why}"
    return text


def _price(value: float | None) -> str:
    return "?" if value is None else f"{value:.10g}"


def _time(ts_ns: int) -> str:
    return f"{utc(ts_ns).astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S} New York"


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.0f} h"
