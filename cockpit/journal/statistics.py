"""Statistics of trades, each with its definition; what is undefined says why.

A win is a trade with net > 0, a loss one with net < 0, a scratch one with net = 0.
Scratches are counted apart: they are in neither part of the win rate. docs/statistics.md
lists every formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from cockpit.domain.trade import Trade
from cockpit.domain.values import ZERO

SECOND = 1_000_000_000
NO_TRADES = "no trade was closed"
NO_WINS = "no trade won"
NO_LOSSES = "no trade lost"
NO_STOPS = "no trade began with a stop"


class Statistic(msgspec.Struct, frozen=True, kw_only=True):
    """One figure about trades.

    `value` is None when undefined, and then `undefined` says why. `unit` is USD, count,
    fraction (of 1), ratio, R or seconds. `sample` is how many trades it rests on,
    `basis` is "gross", "net" or empty where money plays no part, `period` an ISO day or
    "all", in `time_zone`.
    """

    id: str
    label: str
    value: Decimal | None
    unit: str
    definition: str
    basis: str
    sample: int
    period: str
    undefined: str = ""
    time_zone: str = "America/New_York"
    currency: str = "USD"


class Sample:
    """The trades of a period, sorted into wins, losses and scratches."""

    def __init__(self, trades: Sequence[Trade]) -> None:
        self.trades = tuple(trades)
        self.nets = [trade.net for trade in trades]
        self.wins = [net for net in self.nets if net > 0]
        self.losses = [net for net in self.nets if net < 0]
        self.scratches = len(self.nets) - len(self.wins) - len(self.losses)
        self.rs = [trade.r_multiple for trade in trades if trade.r_multiple is not None]


def statistics_of(
    trades: Sequence[Trade], *, period: str, starting_equity: Decimal | None = None
) -> tuple[Statistic, ...]:
    """All statistics of `trades` (in the order of their ends).

    `starting_equity` turns the drawdown into a fraction; without it that stays undefined.
    """
    sample = Sample(trades)
    make = _Maker(period, len(sample.trades))
    return (
        *_counts(sample, make),
        *_money(sample, make),
        *_ratios(sample, make),
        *_extremes(sample, make),
        *_curve(sample, make, starting_equity),
    )


class _Maker:
    def __init__(self, period: str, sample: int) -> None:
        self._period = period
        self._sample = sample

    def __call__(
        self,
        id_: str,
        label: str,
        value: Decimal | int | None,
        unit: str,
        definition: str,
        *,
        basis: str = "net",
        sample: int | None = None,
        undefined: str = "",
    ) -> Statistic:
        return Statistic(
            id=id_,
            label=label,
            value=None if value is None else Decimal(value),
            unit=unit,
            definition=definition,
            basis=basis,
            sample=self._sample if sample is None else sample,
            period=self._period,
            undefined=undefined if value is None else "",
        )


def _counts(sample: Sample, make: _Maker) -> tuple[Statistic, ...]:
    won, lost = _longest_runs(sample.nets)
    return (
        make("trades", "Trades", len(sample.nets), "count", "closed round trips", basis=""),
        make("wins", "Wins", len(sample.wins), "count", "trades with net > 0"),
        make("losses", "Losses", len(sample.losses), "count", "trades with net < 0"),
        make("scratches", "Scratches", sample.scratches, "count", "trades with net = 0"),
        make("win_streak", "Longest winning streak", won, "count",
             "most wins in a row by end; a scratch neither adds nor ends"),
        make("loss_streak", "Longest losing streak", lost, "count",
             "most losses in a row by end; a scratch neither adds nor ends"),
    )  # fmt: skip


def _money(sample: Sample, make: _Maker) -> tuple[Statistic, ...]:
    gross = sum((trade.gross for trade in sample.trades), ZERO)
    fees = sum((trade.fees for trade in sample.trades), ZERO)
    return (
        make("gross", "Gross P&L", gross, "USD", "sum of the trades' gross", basis="gross"),
        make("fees", "Fees", fees, "USD", "sum of what the trades paid, in and out", basis=""),
        make("net", "Net P&L", gross - fees, "USD", "gross - fees"),
        make("average_win", "Average win", _mean(sample.wins), "USD", "mean net of the wins",
             sample=len(sample.wins), undefined=NO_WINS),
        make("average_loss", "Average loss", _mean(sample.losses), "USD", "mean net of the losses",
             sample=len(sample.losses), undefined=NO_LOSSES),
    )  # fmt: skip


def _ratios(sample: Sample, make: _Maker) -> tuple[Statistic, ...]:
    won, lost = sum(sample.wins, ZERO), -sum(sample.losses, ZERO)
    decided = len(sample.wins) + len(sample.losses)
    average_win, average_loss = _mean(sample.wins), _mean(sample.losses)
    payoff = None
    if average_win is not None and average_loss is not None:
        payoff = average_win / -average_loss
    return (
        make("win_rate", "Win rate", Decimal(len(sample.wins)) / decided if decided else None,
             "fraction", "wins / (wins + losses)", sample=decided,
             undefined="no trade won or lost"),
        make("profit_factor", "Profit factor", won / lost if lost else None, "ratio",
             "sum of the wins' net / -sum of the losses' net", undefined=NO_LOSSES),
        make("payoff", "Payoff", payoff, "ratio", "average win / -average loss",
             undefined=NO_LOSSES if not sample.losses else NO_WINS),
        make("expectancy", "Expectancy", _mean(sample.nets), "USD",
             "mean net of all trades = W x average win + L x average loss, W and L their "
             "shares of all trades", undefined=NO_TRADES),
        make("mean_r", "Mean R", _mean(sample.rs), "R",
             "mean of net / initial risk, frozen at entry; trades without a stop left out",
             sample=len(sample.rs), undefined=NO_STOPS),
    )  # fmt: skip


def _extremes(sample: Sample, make: _Maker) -> tuple[Statistic, ...]:
    held = [Decimal(t.closed_ns - t.opened_ns) / SECOND for t in sample.trades]
    return (
        make("largest_win", "Largest win", max(sample.wins, default=None), "USD",
             "highest net of the wins", undefined=NO_WINS),
        make("largest_loss", "Largest loss", min(sample.losses, default=None), "USD",
             "lowest net of the losses", undefined=NO_LOSSES),
        make("average_hold", "Average hold", _mean(held), "seconds",
             "mean time from the first fill in to the last fill out", basis="",
             undefined=NO_TRADES),
    )  # fmt: skip


def _curve(sample: Sample, make: _Maker, starting_equity: Decimal | None) -> tuple[Statistic, ...]:
    start = starting_equity or ZERO
    equity, peak, deepest, fraction = start, start, ZERO, ZERO
    for net in sample.nets:
        equity += net
        peak = max(peak, equity)
        deepest = min(deepest, equity - peak)
        if peak > 0:
            fraction = min(fraction, equity / peak - 1)
    known = starting_equity is not None and starting_equity > 0
    return (
        make("max_drawdown", "Largest drawdown", deepest, "USD",
             "min(equity - running peak) over the curve of closed trades, from its start"),
        make("max_drawdown_fraction", "Largest drawdown of equity", fraction if known else None,
             "fraction", "min(equity / running peak - 1) over the curve of closed trades, from "
             "starting equity", undefined="the starting equity is not known"),
    )  # fmt: skip


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, ZERO) / len(values) if values else None


def _longest_runs(nets: Sequence[Decimal]) -> tuple[int, int]:
    won = lost = longest_won = longest_lost = 0
    for net in nets:
        if net > 0:
            won, lost = won + 1, 0
        elif net < 0:
            won, lost = 0, lost + 1
        longest_won, longest_lost = max(longest_won, won), max(longest_lost, lost)
    return longest_won, longest_lost
