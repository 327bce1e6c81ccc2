"""Statistics of trades, each with its definition; what is undefined says why.

A win is a trade with net > 0, a loss one with net < 0, a scratch one with net = 0.
Scratches are counted apart: they are in neither part of the win rate. What each figure
means stands in `definitions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from cockpit.domain.currency import USD
from cockpit.domain.trade import Trade
from cockpit.domain.values import ZERO
from cockpit.journal import definitions as why
from cockpit.journal.curve import Curve
from cockpit.journal.daily import DailyReturns
from cockpit.journal.days import Sessions, weekdays
from cockpit.journal.definitions import DEFINITIONS, Definition
from cockpit.journal.words import not_added_up

SECOND = 1_000_000_000
_MILLISECOND = Decimal("0.001")
R_EDGES = tuple(map(Decimal, (-3, -2, -1, 0, 1, 2, 3, 5)))


_ANY_MONEY = ("count", "seconds", "R")
"""Units that are the same whatever money the trades are in."""


class Statistic(msgspec.Struct, frozen=True, kw_only=True):
    """One figure about trades.

    `value` is None when undefined, and then `undefined` says why. `label`, `unit`,
    `definition` (the formula), `basis` and `source` are those of its `Definition`. `sample`
    is how many trades it rests on, `period` an ISO day or "all", in `time_zone`.
    """

    id: str
    label: str
    value: Decimal | None
    unit: str
    definition: str
    basis: str
    sample: int
    period: str
    source: str = ""
    undefined: str = ""
    time_zone: str = "America/New_York"
    currency: str = USD


class RBucket(msgspec.Struct, frozen=True, kw_only=True):
    """How many trades ended with `low` <= R < `high`; None is without bound."""

    low: Decimal | None
    high: Decimal | None
    count: int


class _Figure(NamedTuple):
    """A value, or why there is none; `sample` when it isn't all trades."""

    value: Decimal | int | None
    why: str = ""
    sample: int | None = None


class Sample:
    """The trades of a period, sorted into wins, losses and scratches."""

    def __init__(self, trades: Sequence[Trade]) -> None:
        self.trades = trades
        self.nets = [trade.gross - trade.fees for trade in trades]
        self.wins = [net for net in self.nets if net > ZERO]
        self.losses = [net for net in self.nets if net < ZERO]
        self.scratches = len(self.nets) - len(self.wins) - len(self.losses)
        self.rs = rs_of(trades)


def rs_of(trades: Sequence[Trade]) -> list[Decimal]:
    """R of each trade that began with a stop, in their order."""
    with_stop = (trade for trade in trades if trade.initial_risk is not None)
    return [r for trade in with_stop if (r := trade.r_multiple) is not None]


def statistics_of(
    trades: Sequence[Trade],
    *,
    period: str,
    starting_equity: Decimal | None = None,
    sessions: Sessions = weekdays,
    currencies: Sequence[str] = (USD,),
) -> tuple[Statistic, ...]:
    """All statistics of `trades` (in the order of their ends), in the order of `DEFINITIONS`.

    `starting_equity` is the account's before the first of them; without it, what is a part
    of equity stays undefined. `sessions` tells the trading days, for daily returns. Money in
    several `currencies` can't be added up: what rests on it is undefined.
    """
    sample = Sample(trades)
    equity = starting_equity if starting_equity is not None and starting_equity > 0 else None
    figures: dict[str, _Figure] = {
        **_counts(sample),
        **_money(sample),
        **_ratios(sample),
        **_in_r(sample),
        **_holds(sample),
        **_curve(sample, equity),
        **_daily(sample, equity, sessions),
    }
    told = (_told(each, figures[each.id], period, len(trades)) for each in DEFINITIONS)
    return tuple(told if tuple(currencies) == (USD,) else (_in(each, currencies) for each in told))


def r_distribution(trades: Sequence[Trade]) -> tuple[RBucket, ...]:
    """How many trades ended with which R, from the lowest to the highest; none is left out."""
    counts = [0] * (len(R_EDGES) + 1)
    for r in rs_of(trades):
        counts[sum(r >= edge for edge in R_EDGES)] += 1
    bounds = [None, *R_EDGES, None]
    return tuple(
        RBucket(low=low, high=high, count=count)
        for low, high, count in zip(bounds, bounds[1:], counts, strict=False)
    )


def _told(meant: Definition, figure: _Figure, period: str, trades: int) -> Statistic:
    value = figure.value
    return Statistic(
        id=meant.id,
        label=meant.label,
        value=None if value is None else Decimal(value),
        unit=meant.unit,
        definition=meant.formula,
        basis=meant.basis,
        sample=trades if figure.sample is None else figure.sample,
        period=period,
        source=meant.source,
        undefined=figure.why if value is None else "",
    )


def _in(told: Statistic, currencies: Sequence[str]) -> Statistic:
    """The same in another currency, or undefined in several."""
    if len(currencies) > 1 and told.unit not in _ANY_MONEY and told.id != "win_rate":
        why = not_added_up(currencies)
        return msgspec.structs.replace(told, value=None, undefined=why, currency="")
    currency = currencies[0] if len(currencies) == 1 else ""
    unit = currency if told.unit == USD else told.unit
    return msgspec.structs.replace(told, unit=unit, currency=currency)


def _counts(sample: Sample) -> Mapping[str, _Figure]:
    won, lost, now = _streaks(sample.nets)
    return {
        "trades": _Figure(len(sample.nets)),
        "wins": _Figure(len(sample.wins)),
        "losses": _Figure(len(sample.losses)),
        "scratches": _Figure(sample.scratches),
        "win_streak": _Figure(won),
        "loss_streak": _Figure(lost),
        "streak": _Figure(now),
    }


def _money(sample: Sample) -> Mapping[str, _Figure]:
    gross = sum((trade.gross for trade in sample.trades), ZERO)
    fees = sum((trade.fees for trade in sample.trades), ZERO)
    wins, losses = sample.wins, sample.losses
    return {
        "gross": _Figure(gross),
        "fees": _Figure(fees),
        "net": _Figure(gross - fees),
        "average_win": _Figure(_mean(wins), why.NO_WINS, len(wins)),
        "average_loss": _Figure(_mean(losses), why.NO_LOSSES, len(losses)),
        "largest_win": _Figure(max(wins, default=None), why.NO_WINS, len(wins)),
        "largest_loss": _Figure(min(losses, default=None), why.NO_LOSSES, len(losses)),
        "expectancy": _Figure(_mean(sample.nets), why.NO_TRADES),
    }


def _ratios(sample: Sample) -> Mapping[str, _Figure]:
    won, lost = sum(sample.wins, ZERO), -sum(sample.losses, ZERO)
    decided = len(sample.wins) + len(sample.losses)
    average_win, average_loss = _mean(sample.wins), _mean(sample.losses)
    payoff = None
    if average_win is not None and average_loss is not None:
        payoff = average_win / -average_loss
    rate = Decimal(len(sample.wins)) / decided if decided else None
    return {
        "win_rate": _Figure(rate, why.NOT_DECIDED, decided),
        "profit_factor": _Figure(won / lost if lost else None, why.NO_LOSSES),
        "payoff": _Figure(payoff, why.NO_WINS if sample.losses else why.NO_LOSSES),
    }


def _in_r(sample: Sample) -> Mapping[str, _Figure]:
    rs, count = sorted(sample.rs), len(sample.rs)
    middle = _mean(rs[(count - 1) // 2 : count // 2 + 1])
    return {
        "mean_r": _Figure(_mean(rs), why.NO_STOPS, count),
        "median_r": _Figure(middle, why.NO_STOPS, count),
        "std_r": _Figure(_deviation(rs), why.ONE_STOP, count),
        "best_r": _Figure(rs[-1] if rs else None, why.NO_STOPS, count),
        "worst_r": _Figure(rs[0] if rs else None, why.NO_STOPS, count),
    }


def _holds(sample: Sample) -> Mapping[str, _Figure]:
    held = [trade.held_ns for trade in sample.trades]
    of_wins = [ns for ns, net in zip(held, sample.nets, strict=True) if net > ZERO]
    of_losses = [ns for ns, net in zip(held, sample.nets, strict=True) if net < ZERO]
    return {
        "average_hold": _hold(held, why.NO_TRADES),
        "average_hold_win": _hold(of_wins, why.NO_WINS),
        "average_hold_loss": _hold(of_losses, why.NO_LOSSES),
    }


def _hold(held: Sequence[int | None], none: str) -> _Figure:
    """The mean of the times known; `none` is why there is none where there is no trade."""
    known = [ns for ns in held if ns is not None]
    return _Figure(_seconds(known), why.NO_TIME if held else none, len(known))


def _curve(sample: Sample, equity: Decimal | None) -> Mapping[str, _Figure]:
    curve = Curve(sample.trades, sample.nets, equity or ZERO)
    fraction = None if equity is None else curve.fraction
    longest = curve.longest_ns if sample.trades else None
    held = None if longest is None else _seconds([longest])
    return {
        "max_drawdown": _Figure(curve.deepest),
        "max_drawdown_fraction": _Figure(fraction, why.NO_EQUITY),
        "drawdown_time": _Figure(held, why.NO_TIME if sample.trades else why.NO_TRADES),
        "drawdown_trades": _Figure(curve.most_trades),
    }


def _daily(sample: Sample, equity: Decimal | None, sessions: Sessions) -> Mapping[str, _Figure]:
    daily = DailyReturns(sample.trades, sample.nets, equity, sessions)
    nets = daily.by_day.values()
    return {
        "sessions": _Figure(len(daily.days)),
        "best_day": _Figure(max(nets, default=None), why.NO_TRADES),
        "worst_day": _Figure(min(nets, default=None), why.NO_TRADES),
        "volatility": _Figure(daily.volatility, daily.why),
        "sharpe": _Figure(daily.sharpe, daily.why or why.STEADY),
        "sortino": _Figure(daily.sortino, daily.why or why.NEVER_DOWN),
    }


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, ZERO) / len(values) if values else None


def _deviation(values: Sequence[Decimal]) -> Decimal | None:
    if len(values) < 2:
        return None
    mean = sum(values, ZERO) / len(values)
    squares = sum(((value - mean) ** 2 for value in values), ZERO)
    return (squares / (len(values) - 1)).sqrt()


def _seconds(held_ns: Sequence[int]) -> Decimal | None:
    """Their mean to the millisecond: what is below it only orders the fills of one moment."""
    if not held_ns:
        return None
    return (Decimal(sum(held_ns)) / len(held_ns) / SECOND).quantize(_MILLISECOND)


def _streaks(nets: Sequence[Decimal]) -> tuple[int, int, int]:
    """The longest run of wins, that of losses, and the one that goes on (losses negative)."""
    now = most = least = 0
    for net in nets:
        if net > ZERO:
            now = now + 1 if now > 0 else 1
            most = now if now > most else most  # noqa: FURB136 -- asked once a trade of a million fills
        elif net < ZERO:
            now = now - 1 if now < 0 else -1
            least = now if now < least else least  # noqa: FURB136 -- as above
    return most, -least, now
