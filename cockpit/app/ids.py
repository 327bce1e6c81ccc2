"""Names for intents: what a person asked for, counted within the run."""

from __future__ import annotations

import itertools


class IntentIds:
    """Gives `account/kind/number`; the same order of calls gives the same names."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._numbers = itertools.count(1)

    def next(self, kind: str) -> str:
        """A name nobody had before in this run."""
        return f"{self._account_id}/{kind}/{next(self._numbers)}"
