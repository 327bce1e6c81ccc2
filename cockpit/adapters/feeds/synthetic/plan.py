"""The day as nobody sees it: fair price, spread and activity of each company, by second.

log price = gap + beta x market + own noise + runs + shocks; both noises are Gaussian
walks whose volatility follows the shape of the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cockpit.adapters.feeds.synthetic.companies import Company
from cockpit.adapters.feeds.synthetic.events import Rng, Shock, draw_runs, draw_shocks
from cockpit.adapters.feeds.synthetic.shape import (
    SESSION_S,
    Floats,
    quotes_a_second,
    spread,
    volatility,
)

MARKET_VOLATILITY = 0.16
SESSIONS_A_YEAR = 252
GAP_FRACTION = 0.4  # of a day's volatility
OWN_NOISE_FLOOR = 0.5  # at least this fraction of a company's volatility is its own


@dataclass(frozen=True, slots=True)
class Plan:
    """Arrays are by company and second of the session.

    `log_price` has one second more, to interpolate to; `quote_rate` counts quotes a
    second, `spread_factor` multiplies the usual spread. `halts` are (company, first
    second, first second after).
    """

    companies: Sequence[Company]
    previous_close: Floats
    log_price: Floats
    quote_rate: Floats
    spread_factor: Floats
    halts: tuple[tuple[int, int, int], ...]


def make_plan(companies: Sequence[Company], rng: Rng) -> Plan:
    """Draw a day; the same generator state gives the same day."""
    previous = np.array([round(c.price * rng.uniform(0.97, 1.03), 2) for c in companies])
    yearly = np.array([c.volatility for c in companies])
    day_volatility = yearly / np.sqrt(SESSIONS_A_YEAR)
    gap = rng.normal(0.0, GAP_FRACTION, len(companies)) * day_volatility
    runs, lively = draw_runs(rng, day_volatility)
    shocks = draw_shocks(rng, day_volatility)
    walks = _walks(companies, yearly, lively, rng)
    log_price = np.log(previous)[:, None] + gap[:, None] + walks + runs
    for company, its in enumerate(shocks):
        for shock in its:
            log_price[company] += shock.path()
    return Plan(
        companies=companies,
        previous_close=previous,
        log_price=log_price,
        quote_rate=_rates(companies, shocks),
        spread_factor=np.array([_spreads(its) for its in shocks]),
        halts=tuple(
            (company, shock.halted_from, shock.halted_until)
            for company, its in enumerate(shocks)
            for shock in its
            if shock.halts
        ),
    )


def _walks(companies: Sequence[Company], yearly: Floats, lively: Floats, rng: Rng) -> Floats:
    """The market's part and each company's own, from 0 at the open."""
    step = volatility() / np.sqrt(SESSIONS_A_YEAR * SESSION_S)
    beta = np.array([c.beta for c in companies])
    market = MARKET_VOLATILITY * step * rng.standard_normal(SESSION_S)
    shared = (beta * MARKET_VOLATILITY) ** 2
    own = np.sqrt(np.maximum(yearly**2 - shared, (OWN_NOISE_FLOOR * yearly) ** 2))
    noise = own[:, None] * step * rng.standard_normal((len(companies), SESSION_S))
    steps = lively * (beta[:, None] * market + noise)
    return np.concatenate((np.zeros((len(companies), 1)), np.cumsum(steps, axis=1)), axis=1)


def _rates(companies: Sequence[Company], shocks: Sequence[Sequence[Shock]]) -> Floats:
    weight = np.array([c.activity for c in companies])
    rates = (weight / weight.sum())[:, None] * quotes_a_second()
    for company, its in enumerate(shocks):
        for shock in its:
            rates[company] *= 1.0 + 4.0 * shock.echo(60.0)[:-1]
        for shock in its:
            if shock.halts:
                rates[company, shock.halted_from : shock.halted_until] = 0.0
    return rates


def _spreads(shocks: Sequence[Shock]) -> Floats:
    factor = spread()
    for shock in shocks:
        factor = factor * (1.0 + 3.0 * shock.echo(45.0)[:-1])
    return factor
