"""Latest prices from several sources: the newest is shown, and never an older one after it."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.kernel.clock import SECOND
from cockpit.ports.source import Answer, LatestQuote

STALE_S = 60.0
"""In an open market a price that is older is looked for at the next source."""
_LAGS_NS = 10 * SECOND


def quote_of(answer: Answer) -> LatestQuote | None:
    """The quote of an answer; None where it holds none."""
    quotes = answer.of(LatestQuote)
    return quotes[0] if quotes else None


def is_old(answer: Answer, now_ns: int) -> bool:
    """Whether its price was made long ago, more than the source's delay explains.

    So is one whose time the vendor does not say.
    """
    quote = quote_of(answer)
    if quote is None:
        return True
    return now_ns - quote.ts_event > (STALE_S + answer.delay_s) * SECOND


def newest(answers: Sequence[Answer]) -> Answer:
    """The one whose price was made last; of equals the first."""
    return max(answers, key=_made_ns)


def lagging(answers: Sequence[Answer]) -> Sequence[Answer]:
    """Those that are behind the newest by more than their own delay explains."""
    latest = _made_ns(newest(answers))
    return [
        answer
        for answer in answers
        if 0 < _made_ns(answer) < latest - _LAGS_NS - answer.delay_s * SECOND
    ]


class Newest:
    """Remembers the newest price of each symbol that was given out."""

    def __init__(self) -> None:
        self._given: dict[str, Answer] = {}

    def settle(self, answer: Answer, now_ns: int) -> Answer:
        """The answer, or the one given before if that price was made later.

        One of the future was given while our clock ran ahead: it counts no more.
        """
        quote = quote_of(answer)
        if quote is None:
            return answer
        before = self._given.get(quote.symbol)
        if before is not None and _made_ns(answer) < _made_ns(before) <= now_ns + SECOND:
            return before
        self._given[quote.symbol] = answer
        return answer


def _made_ns(answer: Answer) -> int:
    quote = quote_of(answer)
    return 0 if quote is None else quote.ts_event
