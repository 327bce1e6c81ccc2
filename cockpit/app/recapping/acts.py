"""What a terminal may ask of recaps that were written before."""

from __future__ import annotations

import msgspec


class ListAct(msgspec.Struct, frozen=True, kw_only=True, tag="list"):
    """The newest of an account, or of all; without their texts."""

    account: str = ""


class OpenAct(msgspec.Struct, frozen=True, kw_only=True, tag="open"):
    """One, by its number; approved first, where that is asked."""

    recap_id: int
    approve: bool = False


RecapAct = ListAct | OpenAct
