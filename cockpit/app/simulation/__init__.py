"""The whole trading core under seeded faults on simulated time; see docs/simulation.md."""

from __future__ import annotations
