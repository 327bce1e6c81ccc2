from __future__ import annotations

from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market.book import Book
from cockpit.ui.models.pulse import broker_pulse, feed_pulse

NOW = 1_514_903_400 * SECOND


def book_with(ages_ms: dict[str, tuple[int, int]]) -> Book:
    """A quote of each symbol: so long ago it came, so long it was on its way."""
    book = Book(VirtualClock(NOW))
    for symbol, (age, way) in ages_ms.items():
        came = NOW - age * 1_000_000
        book.add(Instrument(symbol=symbol))
        book.on_quote(
            Quote(
                symbol=symbol, bid=1.0, ask=1.1, bid_size=1, ask_size=1,
                ts_event=came - way * 1_000_000, ts_init=came,
            )
        )  # fmt: skip
    return book


def test_the_newest_word_of_any_symbol_counts():
    pulse = feed_pulse(book_with({"A": (4000, 5), "B": (300, 12)}), NOW, live=True)
    assert pulse.text == "12 ms, 0.3 s ago"


def test_a_played_market_tells_no_latency():
    assert feed_pulse(book_with({"A": (300, 12)}), NOW, live=False).text == "0.3 s ago"


def test_nothing_came_yet_so_nothing_is_said():
    assert feed_pulse(Book(VirtualClock(NOW)), NOW, live=True).text == ""
    assert broker_pulse(0, NOW).text == ""


def test_the_account_s_last_word():
    assert broker_pulse(NOW - 12 * SECOND, NOW).text == "12 s ago"
