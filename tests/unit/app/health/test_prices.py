"""Health says how many prices were not believed, and why."""

from __future__ import annotations

from cockpit.app.health.prices import PriceChecks
from cockpit.kernel.clock import SECOND
from cockpit.market.quality import Quality
from cockpit.ports.feed import RawQuote
from cockpit.ports.health import CheckState


def quote(quality: Quality, second: int, bid: float, ask: float) -> None:
    quality.check_quote(RawQuote("ABC", bid, ask, 1.0, 1.0, second * SECOND), second * SECOND)


async def test_a_few_bad_rows_are_counted_and_many_are_a_warning() -> None:
    quality = Quality()
    quality.expect("ABC", 10.0)
    for second in range(100):
        quote(quality, second, 10.0, 10.02)
    quote(quality, 100, 10.02, 10.0)
    (check,) = await PriceChecks(quality).checks()
    assert check.state is CheckState.OK
    assert check.found == "101 rows came, 1 were set aside: 1 crossed."
    for second in range(101, 130):
        quote(quality, second, 0.0, 10.0)
    (check,) = await PriceChecks(quality).checks()
    assert check.state is CheckState.WARNING
    assert "29 zero_bid, 1 crossed" in check.found
    assert "Prices set aside" in check.next_step
