"""What the tests share: guards that fail a test on anything it leaves behind, and helpers that wait."""

from tests.support.waiting import eventually, wait_until

__all__ = ["eventually", "wait_until"]
