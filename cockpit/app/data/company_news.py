"""Says when a stock that is held splits or pays: its price, and soon the position, will jump."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import structlog

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Severity
from cockpit.domain.errors import CockpitError
from cockpit.domain.values import session_date
from cockpit.market.router.budget import Purpose
from cockpit.market.router.router import Router
from cockpit.ports.clock import Clock
from cockpit.ports.source import ActionKind, ActionsAsk, CorporateAction

_log = structlog.get_logger(__name__)
EVERY_S = 900.0
BEFORE, AFTER = timedelta(days=7), timedelta(days=3)
"""From so long before the ex-day it is told, until so long after it."""


class CompanyNews:
    """Looks at the splits and dividends of `held` symbols, and tells each once a session.

    Books nothing: a position follows a split when a person accepts what the broker holds.
    """

    def __init__(
        self, held: Callable[[], Sequence[str]], router: Router, clock: Clock, alerts: Alerts
    ) -> None:
        self._held = held
        self._router = router
        self._clock = clock
        self._alerts = alerts
        self._told: set[str] = set()

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            for symbol in self._held():
                await self._look(symbol)
            await self._clock.sleep(EVERY_S)

    async def _look(self, symbol: str) -> None:
        today = session_date(self._clock.now_ns())
        ask = ActionsAsk(
            symbol=symbol,
            first_day=(today - AFTER).isoformat(),
            last_day=(today + BEFORE).isoformat(),
        )
        try:
            found = await self._router.get(ask, purpose=Purpose.BACKGROUND)
        except CockpitError as error:
            _log.info("no_company_news", symbol=symbol, why=str(error))
            return
        for action in found.answer.of(CorporateAction):
            self._tell(action, today, found.answer.source)

    def _tell(self, action: CorporateAction, today: date, source: str) -> None:
        key = f"action.{action.symbol}.{action.kind}.{action.ex_day}"
        if key in self._told:
            return
        self._told.add(key)
        title, text = _words(action, today)
        self._alerts.raise_(key, Severity.NOTICE, title, f"{text} ({source}.)", "market")


def _words(action: CorporateAction, today: date) -> tuple[str, str]:
    due = date.fromisoformat(action.ex_day) > today
    if action.kind is ActionKind.DIVIDEND:
        when = "From" if due else "Since"
        return (
            f"{action.symbol} pays a dividend",
            (
                f"{when} {action.ex_day} {action.symbol} trades without its dividend of "
                f"{action.amount:f} {action.currency} a share; the price opens lower by as much."
            ),
        )
    ratio = f"{action.shares_after.normalize():f} for {action.shares_before.normalize():f}"
    if due:
        return (
            f"{action.symbol} will be split",
            (
                f"{action.symbol} is split {ratio} on {action.ex_day}. Prices, and what the broker "
                "holds for you, change that morning; look at your orders and stops before it."
            ),
        )
    return (
        f"{action.symbol} was split",
        (
            f"{action.symbol} was split {ratio} on {action.ex_day}. Where the broker holds another "
            "quantity than the cockpit, accept it: profit, stops and targets then follow the split."
        ),
    )
