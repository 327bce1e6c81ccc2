"""What each statistic means: the one table that figures, panel, JSON and docs are read from."""

from __future__ import annotations

import msgspec

NO_TRADES = "no trade was closed"
NO_TIME = "the statement gives no time of day"
NO_WINS = "no trade won"
NO_LOSSES = "no trade lost"
NOT_DECIDED = "no trade won or lost"
NO_STOPS = "no trade began with a stop"
ONE_STOP = "fewer than two trades began with a stop"
NO_EQUITY = "the starting equity is not known"
USED_UP = "the equity was used up"
ONE_SESSION = "fewer than two sessions"
STEADY = "the daily returns are all the same"
NEVER_DOWN = "no session lost"


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One statistic in words.

    `unit` is USD, count, fraction (of 1), ratio, R or seconds. `basis` is "gross", "net" or
    empty where money plays no part. `source` is where the formula comes from. `undefined`
    holds every reason for which there may be no value; without one there always is.
    """

    id: str
    label: str
    formula: str
    unit: str
    basis: str = ""
    source: str = ""
    undefined: tuple[str, ...] = ()


_HOUSE = "flat to flat, first in first out"
_THARP = "van Tharp, Trade Your Way to Financial Freedom"
_SHARPE = "Sharpe 1994, as empyrical computes it"
_SORTINO = "Sortino and Price 1994, as empyrical computes it"
_DAILY = "return of a session = net of the trades closed on it / equity before it"


def _count(id_: str, label: str, formula: str, basis: str = "net") -> Definition:
    return Definition(id=id_, label=label, formula=formula, unit="count", basis=basis)


def _usd(id_: str, label: str, formula: str, *undefined: str, basis: str = "net") -> Definition:
    return Definition(
        id=id_, label=label, formula=formula, unit="USD", basis=basis, undefined=undefined
    )


def _r(id_: str, label: str, formula: str, *undefined: str) -> Definition:
    return Definition(
        id=id_, label=label, formula=formula, unit="R", basis="net", source=_THARP,
        undefined=undefined,
    )  # fmt: skip


def _held(id_: str, label: str, formula: str, undefined: str) -> Definition:
    why = (undefined, NO_TIME)
    return Definition(id=id_, label=label, formula=formula, unit="seconds", undefined=why)


def _share(
    id_: str, label: str, formula: str, *undefined: str, unit: str = "ratio", source: str = ""
) -> Definition:
    return Definition(
        id=id_, label=label, formula=formula, unit=unit, basis="net", source=source,
        undefined=undefined,
    )  # fmt: skip


_RETURNS = (NO_EQUITY, ONE_SESSION, USED_UP)

DEFINITIONS: tuple[Definition, ...] = (
    Definition(id="trades", label="Trades", formula="closed round trips", unit="count",
               source=_HOUSE),
    _count("wins", "Wins", "trades with net > 0"),
    _count("losses", "Losses", "trades with net < 0"),
    _count("scratches", "Scratches", "trades with net = 0"),
    _count("win_streak", "Longest winning streak",
           "most wins in a row by end; a scratch neither adds nor ends"),
    _count("loss_streak", "Longest losing streak",
           "most losses in a row by end; a scratch neither adds nor ends"),
    _count("streak", "Streak now",
           "wins in a row up to the last trade, or losses below zero; a scratch neither adds nor "
           "ends"),
    _usd("gross", "Gross P&L", "sum of the trades' gross: (exit - entry) x quantity x multiplier, "
         "turned round for shorts", basis="gross"),
    _usd("fees", "Fees", "sum of what the trades paid, in and out", basis=""),
    _usd("net", "Net P&L", "gross - fees"),
    _usd("average_win", "Average win", "mean net of the wins", NO_WINS),
    _usd("average_loss", "Average loss", "mean net of the losses", NO_LOSSES),
    _share("win_rate", "Win rate", "wins / (wins + losses)", NOT_DECIDED, unit="fraction"),
    _share("profit_factor", "Profit factor", "sum of the wins' net / -sum of the losses' net",
           NO_LOSSES),
    _share("payoff", "Payoff", "average win / -average loss", NO_LOSSES, NO_WINS),
    _usd("expectancy", "Expectancy", "mean net of all trades = W x average win + L x average loss, "
         "W and L their shares of all trades", NO_TRADES),
    _r("mean_r", "Mean R", "mean of net / initial risk, frozen at entry; trades without a stop "
       "left out", NO_STOPS),
    _r("median_r", "Median R", "the middle one of all R, or the mean of the two in the middle",
       NO_STOPS),
    _r("std_r", "Spread of R", "standard deviation of R, divided by n - 1", ONE_STOP),
    _r("best_r", "Best R", "highest R", NO_STOPS),
    _r("worst_r", "Worst R", "lowest R", NO_STOPS),
    _usd("largest_win", "Largest win", "highest net of the wins", NO_WINS),
    _usd("largest_loss", "Largest loss", "lowest net of the losses", NO_LOSSES),
    _held("average_hold", "Average hold",
          "mean time from the first fill in to the last fill out; trades without a time of day "
          "left out", NO_TRADES),
    _held("average_hold_win", "Average hold, wins", "the same of the wins", NO_WINS),
    _held("average_hold_loss", "Average hold, losses", "the same of the losses", NO_LOSSES),
    _usd("max_drawdown", "Largest drawdown",
         "min(equity - running peak) over the curve of closed trades, from its start"),
    _share("max_drawdown_fraction", "Largest drawdown of equity",
           "min(equity / running peak - 1) over the curve of closed trades, from starting equity",
           NO_EQUITY, unit="fraction", source="as empyrical computes it, trade by trade"),
    _held("drawdown_time", "Longest drawdown",
          "longest time from a peak of the curve of closed trades until it is there again, or "
          "until the last trade if it never was", NO_TRADES),
    _count("drawdown_trades", "Longest drawdown, trades",
           "most trades in a row that closed below a peak of the curve before them"),
    _count("sessions", "Sessions", "trading days from the first to the last day on which a trade "
           "was closed", basis=""),
    _usd("best_day", "Best day", "highest net of the trades closed on one day", NO_TRADES),
    _usd("worst_day", "Worst day", "lowest net of the trades closed on one day", NO_TRADES),
    _share("volatility", "Volatility", f"standard deviation (n - 1) of daily returns x sqrt(252); "
           f"{_DAILY}, a session without one counts as zero", *_RETURNS, unit="fraction",
           source="as empyrical computes it"),
    _share("sharpe", "Sharpe", "mean / standard deviation (n - 1) of daily returns x sqrt(252), "
           "risk-free rate zero", *_RETURNS, STEADY, source=_SHARPE),
    _share("sortino", "Sortino", "mean / root mean square of the daily returns below zero "
           "(n sessions) x sqrt(252)", *_RETURNS, NEVER_DOWN, source=_SORTINO),
)  # fmt: skip
"""In the order in which they are shown."""

BY_ID = {definition.id: definition for definition in DEFINITIONS}
