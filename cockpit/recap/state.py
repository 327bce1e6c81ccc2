"""Where a recap stands: a draft, approved by its owner, or overtaken by its fills."""

from __future__ import annotations

from cockpit.domain.values import utc
from cockpit.ports.store import StoredRecap


def state_of(recap: StoredRecap) -> str:
    """`draft`, `approved`, or `stale`, which it becomes whether it was approved or not."""
    if recap.stale:
        return "stale"
    return "draft" if recap.approved_ns is None else "approved"


def approved_at(recap: StoredRecap) -> str:
    """When it was approved, ISO 8601 in UTC to the second; empty where it was not."""
    when = recap.approved_ns
    return "" if when is None else utc(when).isoformat(timespec="seconds")
