"""The error root of the market room."""

from __future__ import annotations

from cockpit.domain.errors import CockpitError


class MarketError(CockpitError):
    """Root of what this package raises."""

    code = "MARKET_ERROR"


class WordsError(MarketError):
    """What a person wrote is no kind of bar, indicator, condition or step."""

    code = "MARKET_WORDS"
