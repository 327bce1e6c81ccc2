"""Where a recap stands: a draft, approved by its owner, or overtaken by its fills."""

from __future__ import annotations

from cockpit.domain.values import NEW_YORK, utc
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


def state_words(recap: StoredRecap) -> str:
    """The same as a line that a reader of the file can't miss."""
    when = "" if recap.approved_ns is None else f"{_new_york(recap.approved_ns)} New York time"
    if recap.stale:
        was = f" Approved on {when}." if when else ""
        return f"Stale: fills changed since it was written, so figures may be others now.{was}"
    return f"Approved on {when}." if when else "Draft: not approved by its owner."


def _new_york(ts_ns: int) -> str:
    return f"{utc(ts_ns).astimezone(NEW_YORK):%Y-%m-%d %H:%M}"
