"""Controls 17 and 18: what one must not do to oneself, what the rules forbid, and a person's yes.

See `risk/admission` for how they are written.
"""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.account import Mode
from cockpit.domain.limits import ControlResult
from cockpit.domain.order import OrderType, Side
from cockpit.domain.values import ZERO
from cockpit.risk.results import beyond, denied, passed
from cockpit.risk.view import RiskView

_SELF_MATCH_PASSED = passed("self match")
_APPROVAL_PASSED = passed("approval")
_PATTERN_DAY_TRADER_PASSED = passed("day trades")
_SHORT_LOCATE_PASSED = passed("short sale")

_LIVE, _BUY, _LIMIT = Mode.LIVE, Side.BUY, OrderType.LIMIT
_ENOUGH_EQUITY = Decimal(25_000)
_MOST_DAY_TRADES = Decimal(3)
"""The rule for pattern day traders is not ours to set: four in five days below this equity."""


def self_match(view: RiskView) -> ControlResult:
    """17a: never trade with oneself; what waits, for its stop or its entry, trades with nobody."""
    intent, bound = view.order.intent, view.worth.bound
    if intent.protects and view.waits:
        return _SELF_MATCH_PASSED
    if bound is None:
        return denied("self match", "SELFMATCH_UNKNOWN", "There is no price to compare with.")
    side = intent.side
    for other in view.open_orders:
        theirs = other.intent
        if theirs.side is side or theirs.type is not _LIMIT:
            continue
        price = theirs.limit_price
        meets = price is not None and (bound >= price if side is _BUY else bound <= price)
        if meets and not view.waits_for(other):
            return denied("self match", "SELFMATCH_OWN", "It would trade with your own order.")
    return _SELF_MATCH_PASSED


def pattern_day_trader(view: RiskView) -> ControlResult:
    """17b: on margin with little equity, no opening that could become the fourth day trade."""
    if view.margin is False or (view.margin is None and view.mode is not _LIVE):
        return _PATTERN_DAY_TRADER_PASSED
    equity, start = view.equity, view.start_equity
    if equity is None or start is None or view.margin is None or view.day_trades is None:
        text = "Whether it could become one day trade too many can't be reckoned."
        return denied("day trades", "DAYTRADE_UNKNOWN", text)
    if equity >= _ENOUGH_EQUITY and start >= _ENOUGH_EQUITY:
        return _PATTERN_DAY_TRADER_PASSED
    count = Decimal(view.day_trades)
    if not (ZERO <= count <= _MOST_DAY_TRADES):
        return beyond(
            "day trades",
            "DAYTRADE_PATTERN",
            "Day trades in five business days",
            count - 1,
            count,
            _MOST_DAY_TRADES,
            "trades",
        )
    return ControlResult("day trades", True, "", "", count - 1, count, _MOST_DAY_TRADES, "trades")


def short_locate(view: RiskView) -> ControlResult:
    """17c: only shares that can be borrowed are sold short; unknown is no on a live account."""
    if view.order.intent.side is _BUY:
        return _SHORT_LOCATE_PASSED
    instrument = view.instrument
    known = (instrument.shortable, instrument.easy_to_borrow) if instrument else (None, None)
    symbol = view.order.symbol
    if False in known:
        return denied("short sale", "SHORT_LOCATE", f"{symbol} can't be borrowed to sell it short.")
    if None in known and view.mode is _LIVE:
        text = f"Nobody says that {symbol} can be borrowed to sell it short."
        return denied("short sale", "SHORT_UNKNOWN", text)
    return _SHORT_LOCATE_PASSED


def approval(view: RiskView) -> ControlResult:
    """18: a person's yes, for exactly this order, not older than allowed."""
    asked = view.approval
    if not asked.needed or not asked.releasing:
        return _APPROVAL_PASSED
    if asked.given_for is None:
        if view.reduces:
            return _APPROVAL_PASSED  # what only closes never waits for a person
        return denied("approval", "APPROVAL_MISSING", "Nobody has approved this order.")
    if asked.given_for != view.order.fingerprint:
        return denied("approval", "APPROVAL_CHANGED", "The order changed after it was approved.")
    if asked.expires_ns is None or not (view.now_ns <= asked.expires_ns):
        return denied("approval", "APPROVAL_LAPSED", "The approval came too late.")
    return _APPROVAL_PASSED
