"""The invented companies of the simulated market. None of them exists."""

from __future__ import annotations

import msgspec


class Company(msgspec.Struct, frozen=True):
    """An invented company.

    `price` is about yesterday's close in USD, `volatility` a year's standard deviation of
    log returns, `beta` the share it takes of the market's moves, `activity` its relative
    number of quotes, `spread_bps` the usual spread in basis points of the price.
    """

    symbol: str
    name: str
    price: float
    volatility: float
    beta: float
    activity: float
    spread_bps: float


COMPANIES = (
    Company("KORVA", "Korvale Semiconductor", 312.0, 0.52, 1.5, 2.2, 1.6),
    Company("VELLM", "Vellum Cloud", 478.0, 0.42, 1.3, 1.7, 2.0),
    Company("TALVO", "Talvo Motors", 164.0, 0.66, 1.4, 2.0, 1.8),
    Company("BRYTE", "Brytemark Software", 228.0, 0.34, 1.1, 1.3, 1.8),
    Company("GRAVN", "Graven Aerospace", 205.0, 0.30, 0.9, 0.8, 2.6),
    Company("PALTR", "Palter Retail Group", 134.0, 0.27, 0.7, 0.9, 2.0),
    Company("QUILN", "Quillon Energy", 74.0, 0.31, 0.8, 1.0, 2.4),
    Company("FENWK", "Fenwick & Lorne Bank", 58.0, 0.25, 1.0, 0.9, 2.2),
    Company("HLXON", "Helixon Therapeutics", 46.0, 0.80, 0.8, 0.8, 6.0),
    Company("OSTRA", "Ostrander Foods", 91.0, 0.18, 0.4, 0.5, 2.4),
    Company("MERID", "Meridane Airlines", 23.5, 0.48, 1.2, 0.9, 5.0),
    Company("DUNEK", "Dunek Mining", 12.4, 0.62, 0.6, 0.6, 9.0),
)
