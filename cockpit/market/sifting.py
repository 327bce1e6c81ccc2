"""The plainly good of many quotes, found all at once in their columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from cockpit.market.rules import FUTURE_NS, STALE_NS, WIDE, Slot
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawQuote, RawRow

Flags = npt.NDArray[np.bool_]


def sift_columns(
    rows: Columns, slots: Mapping[str, Slot], ts_init: int, apart: Callable[[str], bool]
) -> tuple[list[RawQuote], int, list[RawRow]]:
    """The newest quote of each symbol whose quotes are all plainly good, their number, the rest.

    The rest are all other rows in their order, to be looked at one by one. All quotes of a symbol
    are among them when one of them is doubtful, when it has any other row, or when `apart` is
    true of it. Asks what `Quality.sift` asks of each; the slots learn the newest.
    """
    if not len(rows.bid):
        return [], 0, list(rows)
    groups = rows.groups
    own = [slots.get(symbol) for symbol in groups.symbols]
    busy = {row.symbol for row in rows.others}
    fit = np.array(
        [
            slot is not None and slot.mid.ts and symbol not in busy and not apart(symbol)
            for symbol, slot in zip(groups.symbols, own, strict=True)
        ],
        dtype=bool,
    )
    fit &= np.logical_and.reduceat(_plain(rows, own, ts_init), groups.first)
    _learn(rows, own, fit)
    newest = [row for row, good in zip(rows.newest, fit.tolist(), strict=True) if good]
    for row in newest:
        slots[row.symbol].quote = row
    count = int(groups.length[fit].sum())
    return newest, count, _rest(rows, fit)


def _plain(rows: Columns, own: list[Slot | None], ts_init: int) -> Flags:
    """What is asked of each quote, in the order of the groups."""
    order, first, _, length, _ = rows.groups
    before = np.array([slot.quote.ts_event if slot else 0 for slot in own], dtype=np.int64)
    low = np.array([slot.mid.low if slot else 0.0 for slot in own])
    high = np.array([slot.mid.high if slot else 0.0 for slot in own])
    bid, ask, bid_size, ask_size = (column[order] for column in rows.numbers)
    ts = rows.ts[rows.places[order]]
    earlier = np.empty_like(ts)
    earlier[1:] = ts[:-1]
    earlier[first] = before
    middle = bid + ask
    return (
        (earlier < ts)
        & (ts >= ts_init - STALE_NS)
        & (ts <= ts_init + FUTURE_NS)
        & (bid > 0.0)
        & (bid < ask)
        & (ask <= bid * WIDE)
        & (np.repeat(low, length) <= middle)
        & (middle <= np.repeat(high, length))
        & (bid_size > 0.0)
        & (bid_size < np.inf)
        & (ask_size > 0.0)
        & (ask_size < np.inf)
    )


def _learn(rows: Columns, own: list[Slot | None], fit: Flags) -> None:
    """Let each level that is due learn its sample; unfit is what the new level would doubt."""
    order, first, last, length, _ = rows.groups
    due = np.array([slot.mid.due if slot else 0 for slot in own], dtype=np.int64)
    ts = rows.ts[rows.places[order]]
    late = fit & (ts[last] >= due)
    if not late.any():
        return
    after = ts >= np.repeat(due, length)
    middle = rows.bid[order] + rows.ask[order]
    lowest = np.minimum.reduceat(np.where(after, middle, np.inf), first)
    highest = np.maximum.reduceat(np.where(after, middle, -np.inf), first)
    sample = last + 1 - np.add.reduceat(after.astype(np.intp), first)
    for n in np.flatnonzero(late).tolist():
        if (slot := own[n]) is None:
            continue
        level, price, ns = slot.mid, float(middle[sample[n]]), int(ts[sample[n]])
        low, high = level.around(price)
        fit[n] = low <= lowest[n] and highest[n] <= high and ts[last[n]] < ns + level.EVERY_NS
        if fit[n]:
            level.take(price, ns)


def _rest(rows: Columns, fit: Flags) -> list[RawRow]:
    """Rows of the groups that are not fit, and what is no quote, in their order."""
    if fit.all() and not rows.others:
        return []
    order, _, _, length, _ = rows.groups
    quotes = np.sort(order[np.repeat(~fit, length)]).tolist()
    left = [(int(rows.places[n]), rows.quote(n)) for n in quotes]
    other = zip(rows.at, rows.others, strict=True)
    return [row for _, row in sorted((*left, *other), key=lambda each: each[0])]
