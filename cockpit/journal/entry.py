"""The text of a day's entry: who, what, when, best and worst. Code writes it, from facts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cockpit.domain.currency import each_once
from cockpit.domain.trade import Trade
from cockpit.domain.values import ZERO
from cockpit.journal import words
from cockpit.journal.days import Day, day_of, iso_day
from cockpit.journal.tradebook import TradeBook


def draft_entry_text(book: TradeBook, day: Day) -> str:
    """Plain Markdown about one New York day; the same book gives the same bytes."""
    iso = iso_day(day)
    trades = book.trades(iso)
    parts = [_heading(book, iso, trades), _money(book, iso)]
    if trades:
        parts += [_table(trades), _extremes(trades)]
    if opened := _open(book, iso):
        parts.append(opened)
    return "\n\n".join(parts) + "\n"


def draft_trade_text(trade: Trade) -> str:
    """Plain Markdown about one closed trade, from its facts alone."""
    held = _held(trade)
    held = f", held {held}" if held else ""
    opened = _when(trade.opened_ns, timed=trade.opened_timed)
    closed = _when(trade.closed_ns, timed=trade.closed_timed)
    side, currency = trade.direction.value.capitalize(), trade.currency
    return f"""**{side} {words.size(trade.quantity)} {trade.symbol}**, {trade.strategy}.

In {opened} at {words.price(trade.entry_price)}, out {closed} at {words.price(trade.exit_price)}{held}.

Net **{words.signed_money(trade.net, currency)}**, gross {words.signed_money(trade.gross, currency)}, fees {words.money(trade.fees, currency)}{_in_r(trade)}.
"""  # noqa: E501 -- the text as it is read


def _when(ts_ns: int, *, timed: bool) -> str:
    """A day with its time, where that is known."""
    day = words.long_date(day_of(ts_ns))
    return f"{day} {words.clock_time(ts_ns)}" if timed else day


def _held(trade: Trade) -> str:
    """How long, in words; empty where that is not known."""
    held = trade.held_ns
    return "" if held is None else words.duration(Decimal(held) / 1_000_000_000)


def _in_r(trade: Trade) -> str:
    r = trade.r_multiple
    return "" if r is None else f", {words.r_multiple(r)}"


def day_net(book: TradeBook, day: Day) -> Decimal:
    """What the day realised after all fees paid on it, partial exits included."""
    gross = sum((match.gross for match in book.exits(day)), ZERO)
    return gross - sum((fill.fee for fill in book.fills(day)), ZERO)


def _heading(book: TradeBook, day: str, trades: Sequence[Trade]) -> str:
    label = words.session_words(book.label, day)
    lead = f"**{label}.** " if label else ""
    if not trades:
        return f"{lead}No trade was closed on {words.long_date(day)}."
    won = sum(trade.net > 0 for trade in trades)
    lost = sum(trade.net < 0 for trade in trades)
    rest = len(trades) - won - lost
    scratched = f", {rest} scratched" if rest else ""
    count = "1 trade" if len(trades) == 1 else f"{len(trades)} trades"
    return f"{lead}{count} closed on {words.long_date(day)}: {won} won, {lost} lost{scratched}."


def _money(book: TradeBook, day: str) -> str:
    fees = sum((fill.fee for fill in book.fills(day)), ZERO)
    net = day_net(book, day)
    currencies = each_once(fill.currency for fill in book.fills(day))
    if why := words.not_added_up(currencies):
        return f"Net undefined: {why}."
    gross, currency = words.signed_money(net + fees, currencies[0]), currencies[0]
    told = words.signed_money(net, currency)
    return f"Net **{told}**, gross {gross}, fees {words.money(fees, currency)}."


def _table(trades: Sequence[Trade]) -> str:
    head = "| In | Out | Trade | In at | Out at | Net | R | By |"
    return "\n".join([head, "|---|---|---|---:|---:|---:|---:|---|", *(_row(t) for t in trades)])


def _row(trade: Trade) -> str:
    r = trade.r_multiple
    cells = (
        words.time_told(trade.opened_ns, timed=trade.opened_timed),
        words.time_told(trade.closed_ns, timed=trade.closed_timed),
        f"{trade.direction.value} {words.size(trade.quantity)} {trade.symbol}",
        words.price(trade.entry_price),
        words.price(trade.exit_price),
        words.signed_money(trade.net, trade.currency),
        "" if r is None else words.r_multiple(r),
        trade.strategy,
    )
    return f"| {' | '.join(cells)} |"


def _extremes(trades: Sequence[Trade]) -> str:
    currencies = each_once(trade.currency for trade in trades)
    if len(currencies) > 1:
        return f"No best or worst: {words.not_added_up(currencies)}."
    best = max(trades, key=lambda trade: trade.net)
    worst = min(trades, key=lambda trade: trade.net)
    lines: list[str] = []
    if best.net > 0:
        lines.append(f"- Best: {_brief(best)}")
    if worst.net < 0:
        lines.append(f"- Worst: {_brief(worst)}")
    return "\n".join(lines) or "- Nothing won, nothing lost."


def _brief(trade: Trade) -> str:
    out = f", out at {words.clock_time(trade.closed_ns)}" if trade.closed_timed else ""
    held = _held(trade)
    after = f" after {held}" if held else ""
    money = words.signed_money(trade.net, trade.currency)
    return f"{trade.symbol} {trade.direction.value}{out}{after}, {money}."


def _open(book: TradeBook, day: str) -> str:
    lines = [
        f"- {trade.direction.value} {words.size(trade.quantity)} {trade.symbol}"
        for trade in book.open_at(day)
    ]
    return "Still open at the end:\n\n" + "\n".join(lines) if lines else ""
