"""What a source says it can give, held against what is asked."""

from __future__ import annotations

import msgspec

from cockpit.kernel.clock import SECOND
from cockpit.market.router.pieces import DAY_S
from cockpit.ports.source import KIND_OF, Ask, BarOffer, BarsAsk, Profile


def why_not(profile: Profile, ask: Ask, now_ns: int) -> str:
    """Why there is no point in asking this source; empty when there is."""
    kind = KIND_OF[type(ask)]
    if kind not in profile.kinds:
        return f"it has no {kind.value}"
    if not isinstance(ask, BarsAsk):
        return ""
    fitting = [offer for offer in profile.bars if ask.interval_s in offer.intervals_s]
    if not fitting:
        return f"it has no bars of {ask.interval_s} s"
    fitting = [offer for offer in fitting if ask.adjusted in offer.adjusted]
    if not fitting:
        return f"it has no bars that are adjusted as {ask.adjusted.value}"
    if all(ask.start_ns < _reaches(offer, now_ns) for offer in fitting):
        days = max(offer.depth_days for offer in fitting)
        return f"its bars go back {days} days"
    return ""


def clipped(profile: Profile, ask: Ask, now_ns: int) -> Ask:
    """The ask, beginning no earlier than the source's bars: a piece may reach further back."""
    if not isinstance(ask, BarsAsk):
        return ask
    reach = min(
        (
            _reaches(offer, now_ns)
            for offer in profile.bars
            if ask.interval_s in offer.intervals_s and ask.adjusted in offer.adjusted
        ),
        default=0,
    )
    if ask.start_ns >= reach or reach >= ask.end_ns:
        return ask
    return msgspec.structs.replace(ask, start_ns=reach)


def _reaches(offer: BarOffer, now_ns: int) -> int:
    return now_ns - offer.depth_days * DAY_S * SECOND if offer.depth_days else 0
