"""What the tests share: guards against anything left behind, and helpers that wait."""

from tests.support.waiting import eventually, wait_until

__all__ = ["eventually", "wait_until"]
