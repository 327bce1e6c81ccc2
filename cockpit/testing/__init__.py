"""What a plug-in is held to, as tests that its author runs, and what such tests need.

For tests only: it imports pytest, and no room of the program imports it. Install it with the
extra `cockpit[testing]`. `docs/plugins.md` shows how it is used.
"""

from __future__ import annotations

import pytest

for _module in (
    "broker_contract",
    "broker_races",
    "broker_moods",
    "broker_terms",
    "bench",
    "read_only",
    "source_contract",
):
    pytest.register_assert_rewrite(f"{__name__}.{_module}")

from cockpit.testing.bench import Bench, BrokerVenue, Mood  # noqa: E402 -- asserts are rewritten
from cockpit.testing.broker_contract import BrokerContract  # noqa: E402 -- likewise
from cockpit.testing.meter import CountingMeter  # noqa: E402 -- likewise
from cockpit.testing.orders import make_order  # noqa: E402 -- likewise
from cockpit.testing.read_only import (  # noqa: E402 -- likewise
    ReadOnlyContract,
    ReadOnlyVenue,
)
from cockpit.testing.sink import RecordingSink  # noqa: E402 -- likewise
from cockpit.testing.source_contract import (  # noqa: E402 -- likewise
    SourceContract,
    SourceVenue,
    Trouble,
)
from cockpit.testing.waiting import eventually  # noqa: E402 -- likewise

__all__ = [
    "Bench",
    "BrokerContract",
    "BrokerVenue",
    "CountingMeter",
    "Mood",
    "ReadOnlyContract",
    "ReadOnlyVenue",
    "RecordingSink",
    "SourceContract",
    "SourceVenue",
    "Trouble",
    "eventually",
    "make_order",
]
