"""Why a day's recap and the Journal have another net of the same day, in a sentence.

The recap tells what was realised and paid on a day, for positions that are still open, too; the
Journal tells trades, whole, on the day on which they closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cockpit.domain.currency import each_once
from cockpit.domain.fact import Fact, Unit
from cockpit.domain.values import ZERO
from cockpit.journal.tradebook import TradeBook
from cockpit.ui.theme.format import money, signed_money

DAILY = "daily"
_NET, _FEES = "net", "fees"
EXPLAINED = (
    "The Journal counts a trade whole on the day it closes; a day's recap counts what was "
    "realised and paid that day, for positions that are open, too."
)


def beside_journal(kind: str, day: str, facts: Sequence[Fact], book: TradeBook) -> str:
    """Both nets of a day and what lies between them; empty where they are the same."""
    here = _amount(facts, _NET) if kind == DAILY else None
    if here is None:
        return ""
    closed = book.day_sum(day).net
    if closed is None or here == closed:  # None: in several currencies
        return ""
    return (
        f"Net {signed_money(here)}, in the Journal {signed_money(closed)}: "
        f"{signed_money(here - closed)} is of positions that did not open and close that day."
    )


def behind_figure(kind: str, day: str, fact: Fact, book: TradeBook) -> str:
    """What the Journal says of the same figure, and why; empty for all but net and fees."""
    here = _amount((fact,), fact.id) if kind == DAILY and fact.id in {_NET, _FEES} else None
    if here is None:
        return ""
    trades = book.trades(day)
    closed = sum((trade.fees if fact.id == _FEES else trade.net for trade in trades), ZERO)
    told = (money if fact.id == _FEES else signed_money)(closed)
    count = f"{len(trades)} trade{'s' * (len(trades) != 1)} closed that day"
    why = f" {EXPLAINED}" if here != closed else ""
    return f"In the Journal: {told}, {count}.{why}"


def open_fees(day: str, book: TradeBook) -> str:
    """What the Journal's fees of a day leave out, as they are counted later; empty for nothing.

    A fill of the day is of a trade that closed that day, or of one that was open at its end.
    """
    closed = {id_ for trade in book.trades(day) for id_ in trade.execution_ids}
    left = [fill for fill in book.fills(day) if fill.execution_id not in closed and fill.fee]
    currencies = each_once(fill.currency for fill in left)
    paid = (
        money(sum((f.fee for f in left if f.currency == name), ZERO), currency=name)
        for name in currencies
    )
    return f"Fees of open positions, {' and '.join(paid)}, count when they close." if left else ""


def _amount(facts: Sequence[Fact], name: str) -> Decimal | None:
    return next((f.value for f in facts if f.id == name and f.unit is Unit.MONEY), None)
