"""Daily returns of closed trades, and what is reckoned from them: volatility, Sharpe, Sortino."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from cockpit.domain.trade import Trade
from cockpit.domain.values import ZERO
from cockpit.journal.days import Sessions, day_of
from cockpit.journal.definitions import NO_EQUITY, ONE_SESSION, USED_UP

SESSIONS_A_YEAR = Decimal(252)


class DailyReturns:
    """Net by the day on which trades closed, and the return of each session.

    `days` are the sessions from the first of those days to the last, `by_day` has the days
    with a trade only. Without `equity` (before the first trade), or once it was used up, there
    are no `returns`, and `why` says so.
    """

    def __init__(
        self,
        trades: Sequence[Trade],
        nets: Sequence[Decimal],
        equity: Decimal | None,
        sessions: Sessions,
    ) -> None:
        self.by_day = net_by_day(trades, nets)
        self.days = _sessions_of(self.by_day, sessions)
        self.returns: list[Decimal] = []
        self.why = ""
        if equity is None:
            self.why = NO_EQUITY
        else:
            self._reckon(equity)
        if not self.why and len(self.returns) < 2:
            self.why = ONE_SESSION

    def _reckon(self, equity: Decimal) -> None:
        for day in self.days:
            if equity <= 0:
                self.returns, self.why = [], USED_UP
                return
            net = self.by_day.get(day, ZERO)
            self.returns.append(net / equity)
            equity += net

    @property
    def volatility(self) -> Decimal | None:
        """Standard deviation (n - 1) a year."""
        return None if self.why else self._deviation() * SESSIONS_A_YEAR.sqrt()

    @property
    def sharpe(self) -> Decimal | None:
        """Mean / standard deviation (n - 1) a year; None when there is no deviation."""
        if self.why or not (deviation := self._deviation()):
            return None
        return self._mean() / deviation * SESSIONS_A_YEAR.sqrt()

    @property
    def sortino(self) -> Decimal | None:
        """Mean / root mean square of what is below zero a year; None when nothing is."""
        if self.why:
            return None
        below = sum((r * r for r in self.returns if r < 0), ZERO) / len(self.returns)
        return self._mean() / below.sqrt() * SESSIONS_A_YEAR.sqrt() if below else None

    def _mean(self) -> Decimal:
        return sum(self.returns, ZERO) / len(self.returns)

    def _deviation(self) -> Decimal:
        if len(set(self.returns)) == 1:
            return ZERO  # not what rounding leaves of a mean
        mean = self._mean()
        squares = sum(((r - mean) ** 2 for r in self.returns), ZERO)
        return (squares / (len(self.returns) - 1)).sqrt()


def net_by_day(trades: Sequence[Trade], nets: Iterable[Decimal]) -> dict[str, Decimal]:
    """Net of the trades closed on each New York day, the days in the order they came."""
    found: dict[str, Decimal] = {}
    for trade, net in zip(trades, nets, strict=True):
        day = day_of(trade.closed_ns)
        found[day] = found.get(day, ZERO) + net
    return found


def _sessions_of(by_day: dict[str, Decimal], sessions: Sessions) -> list[str]:
    """The sessions between them; a day that did trade is one, whatever the calendar says."""
    if not by_day:
        return []
    first, last = (date.fromisoformat(day) for day in (min(by_day), max(by_day)))
    return sorted({day.isoformat() for day in sessions(first, last)} | by_day.keys())
