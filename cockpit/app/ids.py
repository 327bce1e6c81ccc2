"""Names for intents: what a person asked for, counted within the account."""

from __future__ import annotations

import itertools
from collections.abc import Iterable


class IntentIds:
    """Gives `account/kind/number`; the same order of calls gives the same names."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._numbers = itertools.count(1)

    def go_on_after(self, names: Iterable[str]) -> None:
        """Count on after the names that earlier runs have given."""
        numbers = (name.rpartition("/")[2] for name in names)
        newest = max((int(number) for number in numbers if number.isdecimal()), default=0)
        self._numbers = itertools.count(newest + 1)

    def next(self, kind: str) -> str:
        """A name nobody had before in this account."""
        return f"{self._account_id}/{kind}/{next(self._numbers)}"
