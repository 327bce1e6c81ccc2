"""A venue and a line that go wrong by a seed, for `cockpit simulate`; see docs/simulation.md."""

from __future__ import annotations

from cockpit.adapters.brokers.faulty.broker import FaultyBroker, Sent
from cockpit.adapters.brokers.faulty.venue import FaultyVenue

__all__ = ["FaultyBroker", "FaultyVenue", "Sent"]
