"""What the router raises when nobody answered."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.market.errors import MarketError
from cockpit.ports.source import (
    KIND_OF,
    Ask,
    HeldBackError,
    SourceError,
    ThrottledError,
    UnknownSymbolError,
)


class NoAnswerError(MarketError):
    """No source answered, and nothing is kept. `errors` say why, one each.

    `code` is DATA_UNKNOWN_SYMBOL when nobody knows the symbol, DATA_NO_BUDGET when every source
    only had no request left, DATA_NO_SOURCE when there is none to ask, else DATA_NO_ANSWER.
    """

    def __init__(self, ask: Ask, errors: Sequence[SourceError]) -> None:
        kind = KIND_OF[type(ask)].value
        what = f"{kind} of {ask.symbol}" if ask.symbol else kind
        whys = "; ".join(f"{error.source}: {error.why}" for error in errors)
        code, why, step = _sense(errors)
        super().__init__(
            f"{what}: {whys or 'no source'}",
            user_text=f"There is no answer to {what}: {why} {f'({whys}). ' if whys else ''}{step}",
            code=code,
        )
        self.errors = tuple(errors)
        waits = [e.retry_after_s for e in errors if e.retry_after_s is not None]
        self.retry_after_s = min(waits, default=None)


_NO_SOURCE = (
    "Store the key of a data vendor: cockpit data keys add polygon (or finnhub, or alpha_vantage). "
    "Which source is asked first is set in [data.sources]."
)


def _sense(errors: Sequence[SourceError]) -> tuple[str, str, str]:
    if not errors:
        return (
            "DATA_NO_SOURCE",
            "no source is set up for it.",
            _NO_SOURCE,
        )
    if all(isinstance(error, UnknownSymbolError) for error in errors):
        return "DATA_UNKNOWN_SYMBOL", "no source knows the symbol", "Look at how it is written."
    if all(isinstance(error, HeldBackError | ThrottledError) for error in errors):
        step = "Try again later; cockpit data budget says when."
        return "DATA_NO_BUDGET", "the requests are used up", step
    return "DATA_NO_ANSWER", "no source could", "Try again, or look at cockpit data budget."
