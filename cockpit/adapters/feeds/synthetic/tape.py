"""The plan made visible: quotes, trades and halts in time order, a minute at a time.

Prices are whole ticks until the last step, so they lie on the grid; the ask is the bid
plus at least one tick, so a quote is never locked or crossed. A trade follows a quote of
its company within the same second and prints at that quote's bid or ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cockpit.adapters.feeds.chunks import Rows
from cockpit.adapters.feeds.synthetic.events import Rng
from cockpit.adapters.feeds.synthetic.plan import Plan
from cockpit.adapters.feeds.synthetic.shape import SESSION_S, Floats
from cockpit.ports.feed import RawQuote, RawRow, RawStatus, RawTrade

Ints = npt.NDArray[np.int64]

BLOCK_S = 60
TICKS = 100  # a dollar
LOT = 100
TRADE_FRACTION = 0.35  # quotes that a trade follows
FOLLOWS_WITHIN_US = 250_000
HALT_REASON = "LULD"
OPENING_CROSS, CLOSING_CROSS = "O", "6"  # the tape's own condition letters
_US = 1_000_000
_QUOTE, _TRADE = 1, 2


@dataclass(slots=True)
class _Quotes:
    """One block's quotes, sorted by company, then time. Times in us since the open."""

    company: Ints
    us: Ints
    bid: Ints
    ask: Ints
    bid_size: Ints
    ask_size: Ints
    rising: npt.NDArray[np.bool_]


def tape(plan: Plan, rng: Rng, open_ns: int, begin_ns: int = 0) -> Rows:
    """The rows of the session that opens at `open_ns`, lazily and in time order.

    Those before `begin_ns` are drawn, so that the rest is the same, and left out; a halt that
    had begun by then is told at `begin_ns`.
    """
    yield from _standing_halts(plan, open_ns, begin_ns)
    for first in range(0, SESSION_S, BLOCK_S):
        block = _block(plan, rng, first, open_ns, begin_ns)
        yield from (row for row in block if row.ts_event >= begin_ns)
    yield from _closing_crosses(plan, rng, open_ns)


def _standing_halts(plan: Plan, open_ns: int, begin_ns: int) -> list[RawRow]:
    at = (begin_ns - open_ns) / 1_000_000_000
    return [
        RawStatus(plan.companies[company].symbol, True, HALT_REASON, begin_ns)
        for company, begins, ends in plan.halts
        if begins < at < ends
    ]


def _block(plan: Plan, rng: Rng, first: int, open_ns: int, begin_ns: int) -> Sequence[RawRow]:
    quotes = _draw_quotes(plan, rng, first)
    trades = _draw_trades(quotes, rng)
    if open_ns + (first + BLOCK_S) * 1_000_000_000 <= begin_ns:
        if first == 0:
            _opening_crosses(plan, quotes, rng, open_ns)
        return ()
    rows = _quote_rows(plan, quotes, open_ns)
    rows += _trade_rows(plan, quotes, trades, open_ns)
    if first == 0:
        rows += _opening_crosses(plan, quotes, rng, open_ns)
    rows += _status_rows(plan, first, open_ns)
    rows.sort(key=_order)
    return rows


def _order(row: RawRow) -> tuple[int, int]:
    """Halts before quotes before trades of the same instant."""
    kind = 0 if isinstance(row, RawStatus) else _QUOTE if isinstance(row, RawQuote) else _TRADE
    return row.ts_event, kind


def _draw_quotes(plan: Plan, rng: Rng, first: int) -> _Quotes:
    counts = rng.poisson(plan.quote_rate[:, first : first + BLOCK_S])
    if first == 0:
        counts[:, 0] += 1  # nobody opens without a quote
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    company, second = cell // BLOCK_S, cell % BLOCK_S + first
    offset = rng.integers(0, _US, len(cell))
    order = np.lexsort((offset, second, company))
    company, second, offset = company[order], second[order], offset[order]
    here, there = plan.log_price[company, second], plan.log_price[company, second + 1]
    price = np.exp(here + (there - here) * (offset / _US))
    spread = _spread_ticks(plan, rng, company, second, price)
    noise = rng.normal(0.0, 0.25, len(cell))
    bid = np.maximum(np.rint(price * TICKS + noise - spread / 2), 1).astype(np.int64)
    depth = 1.0 / np.clip(400.0 / price, 2.0, 25.0)
    return _Quotes(
        company=company,
        us=second * _US + offset,
        bid=bid,
        ask=bid + spread,
        bid_size=rng.geometric(depth) * LOT,
        ask_size=rng.geometric(depth) * LOT,
        rising=there > here,
    )


def _spread_ticks(plan: Plan, rng: Rng, company: Ints, second: Ints, price: Floats) -> Ints:
    usual = np.array([c.spread_bps for c in plan.companies])[company] * price * (TICKS / 10_000)
    wide = plan.spread_factor[company, second] * (0.7 + rng.exponential(0.3, len(company)))
    return np.maximum(np.rint(usual * wide), 1).astype(np.int64)


@dataclass(slots=True)
class _Trades:
    """Trades of a block: the index of the quote they follow, time, price in ticks, shares."""

    quote: Ints
    us: Ints
    ticks: Ints
    size: Ints


def _draw_trades(quotes: _Quotes, rng: Rng) -> _Trades:
    count = len(quotes.us)
    room = _room_us(quotes)
    chosen = np.flatnonzero((rng.random(count) < TRADE_FRACTION) & (room > 1))
    delay = 1 + (rng.random(len(chosen)) * (room[chosen] - 1)).astype(np.int64)
    buys = rng.random(len(chosen)) < np.where(quotes.rising[chosen], 0.6, 0.4)
    size = rng.lognormal(4.2, 1.0, len(chosen))
    whole = np.where(size > LOT, np.rint(size / LOT) * LOT, np.maximum(np.floor(size), 1.0))
    return _Trades(
        quote=chosen,
        us=quotes.us[chosen] + delay,
        ticks=np.where(buys, quotes.ask[chosen], quotes.bid[chosen]),
        size=whole.astype(np.int64),
    )


def _room_us(quotes: _Quotes) -> Ints:
    """How long each quote stands, at most to the end of its second: a halt begins on one."""
    room = np.minimum(_US - quotes.us % _US, FOLLOWS_WITHIN_US)
    same = quotes.company[1:] == quotes.company[:-1]
    until_next = np.where(same, quotes.us[1:] - quotes.us[:-1], FOLLOWS_WITHIN_US)
    room[:-1] = np.minimum(room[:-1], until_next)
    return room


def _quote_rows(plan: Plan, quotes: _Quotes, open_ns: int) -> list[RawRow]:
    symbols = _symbols(plan, quotes.company)
    return list(
        map(
            RawQuote,
            symbols,
            (quotes.bid / TICKS).tolist(),
            (quotes.ask / TICKS).tolist(),
            quotes.bid_size.astype(np.float64).tolist(),
            quotes.ask_size.astype(np.float64).tolist(),
            (quotes.us * 1000 + open_ns).tolist(),
        )
    )


def _trade_rows(plan: Plan, quotes: _Quotes, trades: _Trades, open_ns: int) -> list[RawRow]:
    symbols = _symbols(plan, quotes.company[trades.quote])
    return list(
        map(
            RawTrade,
            symbols,
            (trades.ticks / TICKS).tolist(),
            trades.size.astype(np.float64).tolist(),
            (trades.us * 1000 + open_ns).tolist(),
        )
    )


def _symbols(plan: Plan, companies: Ints) -> list[str]:
    at: list[int] = companies.tolist()
    names = [company.symbol for company in plan.companies]
    return [names[company] for company in at]


def _opening_crosses(plan: Plan, quotes: _Quotes, rng: Rng, open_ns: int) -> list[RawRow]:
    """One large print a company, at the moment of its first quote and inside it."""
    firsts = np.searchsorted(quotes.company, np.arange(len(plan.companies)))
    ticks = (quotes.bid[firsts] + quotes.ask[firsts]) // 2
    return _crosses(plan, rng, ticks, quotes.us[firsts] * 1000 + open_ns, OPENING_CROSS)


def _closing_crosses(plan: Plan, rng: Rng, open_ns: int) -> list[RawRow]:
    ticks = np.rint(np.exp(plan.log_price[:, SESSION_S]) * TICKS).astype(np.int64)
    at = np.full(len(plan.companies), open_ns + SESSION_S * 1_000_000_000, dtype=np.int64)
    return _crosses(plan, rng, ticks, at, CLOSING_CROSS)


def _crosses(plan: Plan, rng: Rng, ticks: Ints, ts: Ints, condition: str) -> list[RawRow]:
    sizes = [c.activity * rng.uniform(15_000, 40_000) // LOT * LOT for c in plan.companies]
    return [
        RawTrade(company.symbol, price / TICKS, size, when, condition)
        for company, price, size, when in zip(
            plan.companies, ticks.tolist(), sizes, ts.tolist(), strict=True
        )
    ]


def _status_rows(plan: Plan, first: int, open_ns: int) -> list[RawRow]:
    rows: list[RawRow] = []
    for company, begins, ends in plan.halts:
        symbol = plan.companies[company].symbol
        for halted, second in ((True, begins), (False, ends)):
            if first <= second < first + BLOCK_S:
                at = open_ns + second * 1_000_000_000
                rows.append(RawStatus(symbol, halted, HALT_REASON, at))
    return rows
