"""Adjusted bars also where no source has any: raw ones, put right by splits and dividends."""

from __future__ import annotations

import msgspec

from cockpit.domain.values import session_date
from cockpit.kernel.clock import SECOND
from cockpit.market.actions import adjust, closes_before, factors
from cockpit.market.router.budget import Purpose
from cockpit.market.router.errors import NoAnswerError
from cockpit.market.router.pieces import DAY_S
from cockpit.market.router.router import Found, Router
from cockpit.ports.feed import RawBar
from cockpit.ports.source import (
    ActionKind,
    ActionsAsk,
    Adjusted,
    BarsAsk,
    CorporateAction,
)

_MONTH_NS = 31 * DAY_S * SECOND


async def adjusted_bars(
    router: Router,
    ask: BarsAsk,
    now_ns: int,
    *,
    purpose: Purpose = Purpose.SCREEN,
    max_age_s: float | None = None,
) -> Found:
    """Bars as a source adjusts them; else raw ones of one, by the splits and dividends of another.

    Raises NoAnswerError when neither can be had, and StoreError.
    """
    try:
        return await router.get(ask, purpose=purpose, max_age_s=max_age_s)
    except NoAnswerError:
        if ask.adjusted is Adjusted.RAW:
            raise
    raw_ask = msgspec.structs.replace(ask, adjusted=Adjusted.RAW)
    raw = await router.get(raw_ask, purpose=purpose, max_age_s=max_age_s)
    today = session_date(now_ns).isoformat()
    told = await router.get(
        ActionsAsk(
            symbol=ask.symbol,
            first_day=session_date(ask.start_ns).isoformat(),
            last_day=today,
        ),
        purpose=purpose,
    )
    actions = [action for action in told.answer.of(CorporateAction) if action.ex_day <= today]
    closes = await _closes(router, ask, actions, now_ns, purpose)
    table = factors(actions, ask.adjusted, closes, today)
    answer = msgspec.structs.replace(
        raw.answer,
        rows=tuple(adjust(raw.answer.of(RawBar), table)),
        adjusted=ask.adjusted,
        complete=raw.answer.complete and told.answer.complete and _all_known(ask, actions, closes),
    )
    return msgspec.structs.replace(
        raw, answer=answer, stale=raw.stale or told.stale, adjusted_by=told.answer.source
    )


def _all_known(ask: BarsAsk, actions: list[CorporateAction], closes: dict[str, float]) -> bool:
    """False where a dividend has no close before it: prices before it are a little too high."""
    if ask.adjusted is not Adjusted.ALL:
        return True
    return all(a.ex_day in closes for a in actions if a.kind is ActionKind.DIVIDEND)


async def _closes(
    router: Router,
    ask: BarsAsk,
    actions: list[CorporateAction],
    now_ns: int,
    purpose: Purpose,
) -> dict[str, float]:
    """Raw closes before the ex-days of dividends.

    Raises NoAnswerError: without them something would be called adjusted that is not.
    """
    days = [action.ex_day for action in actions if action.kind is ActionKind.DIVIDEND]
    if not days or ask.adjusted is not Adjusted.ALL:
        return {}
    daily = BarsAsk(
        symbol=ask.symbol, interval_s=DAY_S, start_ns=ask.start_ns - _MONTH_NS, end_ns=now_ns
    )
    found = await router.get(daily, purpose=purpose)
    return closes_before(days, found.answer.of(RawBar))
