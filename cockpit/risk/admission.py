"""Controls 1 to 8: whether this order may be sent at all, now, at that price.

Pure functions of a RiskView. Missing input denies. Limits are written as
`if not (0 < n <= limit)`: the other way round lets NaN pass.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import ControlResult, TradingState
from cockpit.domain.market import spread_fraction
from cockpit.domain.order import FLATTEN, Side, TimeInForce
from cockpit.domain.values import ZERO, not_below_zero, to_decimal
from cockpit.risk.limit_book import Permission
from cockpit.risk.results import HUNDRED, beyond, denied, passed
from cockpit.risk.view import RiskView

_BUY = Side.BUY  # a look at the class costs more than a comparison of decimals
_LIVE, _PERMITTED = Mode.LIVE, Permission.PERMITTED
_HALTED, _REDUCING, _IOC = TradingState.HALTED, TradingState.REDUCING, TimeInForce.IOC
_ENVIRONMENT_PASSED = passed("environment")
_TRADING_STATE_PASSED = passed("trading state")
_READINESS_PASSED = passed("readiness")
_VALIDITY_PASSED = passed("validity")
_INSTRUMENT_OPEN_PASSED = passed("instrument")
_DUPLICATE_PASSED = passed("duplicate")
_MARKET_DATA_PASSED = passed("market data")
_PRICE_COLLAR_PASSED = passed("price collar")


def environment(view: RiskView) -> ControlResult:
    """1: the account must be of the mode the cockpit runs in, and of the key it began with."""
    if view.account_mode is None or view.account_mode is not view.mode:
        return denied(
            "environment",
            "ENVIRONMENT_MODE",
            f"The cockpit runs in {view.mode.value} mode, the account does not.",
        )
    if view.expected_key is None or view.key_fingerprint != view.expected_key:
        text = "The broker's key is not the one this account was first opened with."
        return denied("environment", "ENVIRONMENT_KEY", text)
    if not view.key_fingerprint and view.mode is _LIVE:
        text = "The broker session does not tell which account its key opens."
        return denied("environment", "ENVIRONMENT_KEY", text)
    return _ENVIRONMENT_PASSED


def trading_state(view: RiskView) -> ControlResult:
    """2: HALTED sends only a person's flatten, REDUCING only what closes.

    A flatten and an exit that protects only ever close, whatever the state.
    """
    intent, state = view.order.intent, view.trading_state
    flattens = intent.strategy == FLATTEN
    if flattens and not view.reduces:
        text = "It would do more than close the position now."
        return denied("trading state", "STATE_FLATTEN", text)
    if intent.protects and not view.reduces:
        text = "A protecting exit would do more than close what is held now."
        return denied("trading state", "STATE_PROTECTION", text)
    if state is _HALTED and not flattens:
        return denied("trading state", "STATE_HALTED", "Trading is halted.")
    if state is _REDUCING and not view.reduces:
        return denied("trading state", "STATE_REDUCING", "Only orders that close are allowed now.")
    return _TRADING_STATE_PASSED


def readiness(view: RiskView) -> ControlResult:
    """3: sessions up; for openings also nothing unknown on the symbol, the loop on time."""
    if view.not_connected:
        return denied("readiness", "READINESS_NOT_READY", view.not_connected)
    if view.not_ready and not view.reduces:
        return denied("readiness", "READINESS_NOT_READY", view.not_ready)
    return _READINESS_PASSED


def validity(view: RiskView) -> ControlResult:
    """4: on the instrument's grid of prices and sizes, with a legal time in force."""
    intent, instrument = view.order.intent, view.instrument
    if instrument is None:
        return denied("validity", "VALIDITY_SYMBOL", f"{intent.symbol} is not known here.")
    if intent.quantity % instrument.lot and (why := _no_fraction(view, instrument)):
        return denied("validity", "VALIDITY_LOT", why)
    limit, stop, tick = intent.limit_price, intent.stop_price, instrument.tick
    terms = intent.venue
    if (
        (limit is not None and limit % tick)
        or (stop is not None and stop % tick)
        or (terms is not None and any(price % tick for price in terms.prices))
    ):
        return denied("validity", "VALIDITY_TICK", f"Prices must be in steps of {tick}.")
    if terms is not None and terms.exits_follow and view.position * intent.side.sign < ZERO:
        text = f"Its exits would open a position in {intent.symbol} again. Close it without exits."
        return denied("validity", "VALIDITY_EXITS", text)
    if intent.tif is _IOC and intent.type.needs_stop:
        return denied("validity", "VALIDITY_TIF", "A stop can't be immediate-or-cancel.")
    if view.not_offered:
        return denied("validity", "VALIDITY_NOT_OFFERED", view.not_offered)
    return _VALIDITY_PASSED


def _no_fraction(view: RiskView, instrument: Instrument) -> str:
    """Why a quantity that is no whole number of lots can't be ordered; empty when it can."""
    if _closes_all(view):
        return ""
    step = instrument.lot if instrument.fraction is None else instrument.fraction
    if view.order.intent.quantity % step:
        return f"The quantity must be in steps of {step:f}."
    if view.order.intent.side is Side.SELL and not view.reduces:
        return f"Only whole lots can be sold short: steps of {instrument.lot}."
    return ""


def _closes_all(view: RiskView) -> bool:
    """A part of a share that came by other means must not stay because nothing fits it."""
    return view.reduces and view.order.intent.quantity == abs(view.position)


def instrument_open(view: RiskView) -> ControlResult:
    """5: the instrument may be traded now, and opened by whoever wants to."""
    if view.permission is not _PERMITTED and not view.reduces:
        symbol = view.order.symbol
        if view.permission is Permission.RESTRICTED:
            text = f"{symbol} is on the list of restricted symbols."
            return denied("instrument", "INSTRUMENT_RESTRICTED", text)
        text = f"{symbol} is not on the list of permitted symbols."
        return denied("instrument", "INSTRUMENT_NOT_PERMITTED", text)
    if view.halted:
        return denied("instrument", "INSTRUMENT_HALTED", f"{view.order.symbol} is halted.")
    if not view.session_open:
        return denied("instrument", "INSTRUMENT_SESSION", "The market is not open for this order.")
    return _INSTRUMENT_OPEN_PASSED


def duplicate(view: RiskView) -> ControlResult:
    """6: the same symbol, side, quantity and price twice within the window is an accident.

    Not of an exit that protects: it is put back as it was, and control 2 lets no two of them
    close more than is held.
    """
    if view.recent_same and not view.order.intent.protects:
        seconds = view.limits.duplicate_window_s
        return denied(
            "duplicate", "DUPLICATE_ORDER", f"The same order was made less than {seconds} s ago."
        )
    return _DUPLICATE_PASSED


def market_data(view: RiskView) -> ControlResult:
    """7: a fresh, uncrossed quote with a sane spread; a protecting stop has its own price."""
    quote, age, limits, intent = view.quote, view.quote_age_s, view.limits, view.order.intent
    if intent.protects and intent.stop_price is not None:
        return _MARKET_DATA_PASSED
    if quote is None or age is None:
        return denied(
            "market data", "MARKETDATA_MISSING", f"There is no quote for {intent.symbol}."
        )
    if not (ZERO <= age <= limits.max_quote_age_s):
        return ControlResult(
            "market data",
            passed=False,
            code="MARKETDATA_STALE",
            text=f"The quote is {age:.1f} s old.",
            after=age,
            limit=limits.max_quote_age_s,
            unit="s",
        )
    if not (quote.bid < quote.ask):
        return denied("market data", "MARKETDATA_LOCKED", "Bid and ask are locked.")
    spread, limit = _spread_percent(quote.bid, quote.ask), limits.max_spread_percent
    if not (ZERO < spread <= limit):
        return beyond("market data", "MARKETDATA_SPREAD", "The spread", spread, spread, limit, "%")
    return ControlResult("market data", True, "", "", spread, spread, limit, "%")


@lru_cache(maxsize=4096)
def _spread_percent(bid: float, ask: float) -> Decimal:
    """The spread in percent of the mid, told exactly; the same pairs come again and again."""
    return to_decimal(spread_fraction(bid, ask)) * HUNDRED


def price_collar(view: RiskView) -> ControlResult:
    """8: not further from the far touch, on the paying side, than the collar allows."""
    worth, intent = view.worth, view.order.intent
    touch, price, stop = worth.touch, worth.bound, intent.stop_price
    if stop is not None and intent.limit_price is None and intent.protects:
        return _PRICE_COLLAR_PASSED
    if touch is None or price is None:
        return denied("price collar", "COLLAR_NO_PRICE", "There is no price to compare with.")
    if stop is not None:
        if intent.limit_price is None:
            return _PRICE_COLLAR_PASSED  # a stop waits away from the market by design
        # once triggered, the market stands at the stop or beyond it
        further = max if intent.side is _BUY else min
        touch = further(stop, touch)
    block = view.limits.collar_block_percent
    through = price - touch if intent.side is _BUY else touch - price
    worse = not_below_zero(through)
    if worse:
        worse = worse / touch * HUNDRED
    if not (ZERO <= worse <= block):
        text = f"The price is {worse:.1f} % through the market."
        return ControlResult(
            "price collar",
            passed=False,
            code="COLLAR_BLOCK",
            text=text,
            after=worse,
            limit=block,
            unit="%",
        )
    warning = worse > view.limits.collar_warn_percent if worse else False
    return ControlResult("price collar", True, "", "", ZERO, worse, block, "%", warning)
