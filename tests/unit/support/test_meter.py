"""The meter that tests of sources count with, and what an answer lets through."""

import pytest

from cockpit.ports.feed import RawBar
from cockpit.ports.source import Answer, HeldBackError, LatestQuote, MalformedError, Span
from cockpit.testing import CountingMeter


async def test_it_counts_requests_and_how_many_were_under_way_at_once() -> None:
    meter = CountingMeter()
    async with meter.request(), meter.request():
        pass
    async with meter.request():
        pass
    assert (meter.requests, meter.at_once) == (3, 2)


async def test_what_is_over_the_budget_does_not_go_out() -> None:
    meter = CountingMeter(most=1)
    async with meter.request():
        pass
    with pytest.raises(HeldBackError):
        async with meter.request():
            pytest.fail("went out")
    assert meter.requests == 1


async def test_it_keeps_what_the_vendor_said() -> None:
    meter = CountingMeter()
    await meter.heard(Span.MINUTE, 3, resets_in_s=12.0)
    assert meter.told == [(Span.MINUTE, 3, 12.0)]


def test_an_answer_of_other_rows_than_asked_for_is_none() -> None:
    quote = LatestQuote(symbol="AAPL", ts_event=1, last=2.0)
    answer = Answer(source="toy", fetched_ns=5, rows=(quote,))
    assert answer.of(LatestQuote) == [quote]
    with pytest.raises(MalformedError):
        answer.of(RawBar)
