"""What happens to a company in a day: runs, news, halts, drawn before the open."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cockpit.adapters.feeds.synthetic.shape import HALT_S, SESSION_S

Floats = npt.NDArray[np.float64]
Rng = np.random.Generator

RUNNERS = 5
EARLY_RUNNERS = 2
CALM_S = slice(270, 2700)
CALM_FACTOR = 0.3
NEWS_A_DAY = 0.4
NEWS_TAKES_S = 5
PANIC_TAKES_S = 20


class Shock:
    """A sudden move of log price by `size`, spread over `lasts` seconds from second `at`.

    A halting shock ends in a halt of five minutes and reopens with `reopening` more.
    """

    __slots__ = ("at", "halts", "lasts", "reopening", "size")

    def __init__(self, at: int, size: float, lasts: int, reopening: float | None = None) -> None:
        self.at = at
        self.size = size
        self.lasts = lasts
        self.halts = reopening is not None
        self.reopening = reopening or 0.0

    @property
    def halted_from(self) -> int:
        """First second of the halt, if it halts."""
        return self.at + self.lasts

    @property
    def halted_until(self) -> int:
        """First second after the halt."""
        return self.halted_from + HALT_S

    def path(self) -> Floats:
        """Its part of log price at each second of the session."""
        seconds = np.arange(SESSION_S + 1)
        path = self.size * np.clip((seconds - self.at) / self.lasts, 0.0, 1.0)
        return path + self.reopening * (seconds >= self.halted_until)

    def echo(self, half_life_s: float) -> Floats:
        """1 when it strikes (and when trading resumes), fading from there; 0 before."""
        since = np.arange(SESSION_S + 1) - (self.halted_until if self.halts else self.at)
        fading = np.where(since >= 0, np.exp2(-since / half_life_s), 0.0)
        if self.halts:
            fading[self.at : self.halted_from] = 1.0
        return fading


def draw_runs(rng: Rng, day_volatility: Floats) -> tuple[Floats, Floats]:
    """Smooth trends of some companies, and how lively each company's noise is.

    Both by company and second; the first as log price, the second as a factor. Runs begin
    after the opening range. Companies without one are calm for a while, so that the range
    breaks soon in some companies and not in all.
    """
    count = len(day_volatility)
    runs = np.zeros((count, SESSION_S + 1))
    lively = np.ones((count, SESSION_S))
    lively[:, CALM_S] = CALM_FACTOR
    seconds = np.arange(SESSION_S + 1)
    runners: list[int] = rng.permutation(count)[:RUNNERS].tolist()
    for turn, company in enumerate(runners):
        early = turn < EARLY_RUNNERS
        begins = rng.integers(330, 460) if early else rng.integers(500, 2400)
        lasts = rng.integers(900, 2400)
        size = rng.choice((-1.0, 1.0)) * rng.uniform(0.9, 1.6) * day_volatility[company]
        done = np.clip((seconds - begins) / lasts, 0.0, 1.0)
        runs[company] = size * done * done * (3.0 - 2.0 * done)
        lively[company] = 1.0
    return runs, lively


def draw_shocks(rng: Rng, day_volatility: Floats) -> list[list[Shock]]:
    """News by company, and one or two halts a day."""
    count = len(day_volatility)
    shocks = [_draw_news(rng, volatility) for volatility in day_volatility]
    panicking: list[int] = rng.permutation(count)[: rng.integers(1, 3)].tolist()
    for company in panicking:
        sign = rng.choice((-1.0, 1.0))
        volatility = day_volatility[company]
        panic = Shock(
            int(rng.integers(1500, SESSION_S - 3600)),
            sign * rng.uniform(2.2, 3.5) * volatility,
            PANIC_TAKES_S,
            reopening=float(rng.normal(0.0, 0.4) * volatility),
        )
        # other news of that company stay clear of its halt
        shocks[company] = [
            news for news in shocks[company] if not panic.at <= news.at <= panic.halted_until
        ]
        shocks[company].append(panic)
    return shocks


def _draw_news(rng: Rng, volatility: float) -> list[Shock]:
    return [
        Shock(
            int(rng.integers(1200, SESSION_S - 900)),
            rng.choice((-1.0, 1.0)) * rng.uniform(0.6, 1.5) * volatility,
            NEWS_TAKES_S,
        )
        for _ in range(rng.poisson(NEWS_A_DAY))
    ]
