"""What an entry of the journal is about."""

from __future__ import annotations

import msgspec


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry is about: a New York day, or a trade by its id. An empty day is today."""

    account: str = ""
    day: str = ""
    trade_id: str = ""
