"""From a socket to a cell of the real window: nothing is lost, and the last price stands there."""

from __future__ import annotations

import pytest

from tests.bench.quotes import checked, names
from tests.support.quoting.market import desk


@pytest.mark.timeout(240)
def test_a_window_shows_the_last_of_what_was_quoted() -> None:
    with desk("cockpit", names(30), 30, record=True) as window:
        for batch in (1, 50):
            seen = checked(window.burst(4_000, batch, 0.5))
            taken = seen.told.taken
            assert seen.sent.quotes > 0
            assert seen.told.missing <= 0  # latest quotes by REST may come on top
            assert (taken.left_out, seen.told.wrong, taken.older) == (0, 0, 0)
            assert taken.frames
            assert taken.risk_p50 < 5_000, "milliseconds until the monitor has judged it"
