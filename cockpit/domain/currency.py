"""Currencies by their ISO 4217 codes, and how many decimals their money has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal

USD = "USD"
_USUAL = 2
_PLACES: Mapping[str, int] = {
    **dict.fromkeys(
        (
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
            "VND", "VUV", "XAF", "XOF", "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}  # fmt: skip
"""Minor units by ISO 4217 where they aren't hundredths; yen have none."""


def places(currency: str) -> int:
    """Decimals that money of a currency is written with."""
    return _PLACES.get(currency, _USUAL)


def rounded(money: Decimal, currency: str) -> Decimal:
    """Money rounded to the smallest coin, for showing; the ledger keeps the exact value."""
    return money.quantize(Decimal(1).scaleb(-places(currency)), rounding=ROUND_HALF_EVEN)


def each_once(currencies: Iterable[str]) -> tuple[str, ...]:
    """These currencies, each once and sorted; dollars where there are none."""
    return tuple(sorted(set(currencies))) or (USD,)
