"""What a part says of its own health when it is asked: found, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec


class CheckState(StrEnum):
    """How a check came out. What could not be found out is UNKNOWN, which is never OK."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check: what was found, and what to do about it when it isn't ok.

    The session can't be armed while a `required` one is FAILED or UNKNOWN. `checked_at` is
    in ns UTC; 0 lets whoever asked write it in. `found` and `next_step` are for a person,
    one plain sentence each, and never hold a secret.
    """

    name: str
    state: CheckState
    found: str
    next_step: str = ""
    required: bool = False
    checked_at: int = 0

    @property
    def hinders(self) -> bool:
        """True while the session must not be armed because of it."""
        return self.required and self.state in (CheckState.FAILED, CheckState.UNKNOWN)


@runtime_checkable
class Checked(Protocol):
    """A broker, feed, vault or other part that can be asked how it is."""

    async def checks(self) -> Sequence[Check]:
        """Look now, each check under the name it always has, e.g. "account".

        May ask the other side, and is then bounded in time by whoever calls, who also takes
        what it raises for a failed check. Changes nothing.
        """
        ...
