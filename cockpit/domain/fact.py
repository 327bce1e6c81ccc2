"""Typed facts: the only place a recap may take a figure from."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from cockpit.domain.values import finite, not_empty


class Unit(StrEnum):
    """What a fact's value counts. TEXT and DATE facts carry words, not numbers."""

    MONEY = "money"
    PRICE = "price"
    COUNT = "count"
    SHARES = "shares"
    PERCENT = "percent"
    RATIO = "ratio"
    R = "r"
    DURATION = "duration"
    DATE = "date"
    TIME = "time"
    TEXT = "text"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One checked figure: id, value, unit, the period it covers and where it is from.

    `value` is None when undefined, and then `undefined` says why. `percent` values are
    fractions of 1; `duration` is in seconds. `text` is how it is shown, made by code.
    `provenance` holds execution ids; `definition` names the formula. `required` facts
    can't be left out of a recap.
    """

    id: str
    label: str
    unit: Unit
    value: Decimal | None
    text: str
    period: str
    definition: str
    provenance: tuple[str, ...] = ()
    required: bool = False
    undefined: str = ""

    def __post_init__(self) -> None:
        """Refuse a fact without id or shown text, and a value that isn't a number."""
        not_empty(self.id, "fact id")
        not_empty(self.text, "fact text")
        if self.value is not None:
            finite(self.value, "fact value")

    @property
    def sign(self) -> int:
        """-1, 0 or +1, as it is shown: 0 when undefined, not a number or rounded to nothing."""
        if self.value is None or not any(c in "123456789" for c in self.text):
            return 0
        return (self.value > 0) - (self.value < 0)
