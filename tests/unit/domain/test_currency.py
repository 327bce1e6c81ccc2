"""Money has as many decimals as its currency has coins."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cockpit.domain.currency import each_once, places, rounded
from cockpit.journal import words
from cockpit.ui.theme import format as fmt


@pytest.mark.parametrize(
    ("code", "decimals"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("XXY", 2)]
)
def test_decimals_by_iso_4217(code: str, decimals: int) -> None:
    assert places(code) == decimals
    assert rounded(Decimal("1.23456"), code).as_tuple().exponent == -decimals


def test_yen_have_no_cents_wherever_they_are_told() -> None:
    loss = Decimal("-10000.4")
    assert words.signed_money(loss, "JPY") == "-JPY 10,000"
    assert words.money(Decimal("12.5"), "JPY") == "JPY 12"
    assert words.signed_money(Decimal("0.4"), "JPY") == "JPY 0"
    assert words.money(Decimal("1.2345"), "KWD") == "KWD 1.234"
    assert fmt.signed_money(loss, currency="JPY") == f"{fmt.MINUS}JPY 10,000"
    assert fmt.money(Decimal("1.5")) == "$1.50"


def test_currencies_each_once() -> None:
    assert each_once(["USD", "EUR", "USD"]) == ("EUR", "USD")
    assert each_once([]) == ("USD",)
