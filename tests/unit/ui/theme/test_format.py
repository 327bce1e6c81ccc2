from decimal import Decimal

import pytest

from cockpit.domain.values import NEW_YORK, to_ns
from cockpit.ui.theme import format as fmt
from cockpit.ui.theme.format import MINUS


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (fmt.money(Decimal("1234.5")), "$1,234.50"),
        (fmt.money(-0.5), f"{MINUS}$0.50"),
        (fmt.money(None), "-"),
        (fmt.money(float("nan")), "-"),
        (fmt.signed_money(12.3), "+$12.30"),
        (fmt.signed_money(-12.3), f"{MINUS}$12.30"),
        (fmt.signed_money(0), "$0.00"),
        (fmt.signed_money(-0.001), "$0.00"),
        (fmt.money(5, currency="CHF"), "CHF 5.00"),
        (fmt.percent(0.0123), "1.23%"),
        (fmt.percent(Decimal("-0.5"), places=0, signed=True), f"{MINUS}50%"),
        (fmt.quantity(Decimal(100)), "100"),
        (fmt.quantity(Decimal("1E+2")), "100"),
        (fmt.quantity(Decimal("-1500.50"), signed=True), f"{MINUS}1,500.5"),
        (fmt.quantity(0.25), "0.25"),
        (fmt.price(157.2), "157.20"),
        (fmt.price(0.12345, Decimal("0.0001")), "0.1235"),
        (fmt.compact(950), "950"),
        (fmt.compact(12_345), "12.3 K"),
        (fmt.compact(4_560_000), "4.56 M"),
        (fmt.compact(1_200_000_000), "1.20 B"),
        (fmt.arrow(1), "▲"),
        (fmt.arrow(-1), "▼"),
        (fmt.arrow(0), ""),
        (fmt.age(0.31), "0.3 s"),
        (fmt.age(12), "12 s"),
        (fmt.age(600), "10 min"),
        (fmt.age(None), "-"),
        (fmt.duration(42.2), "0:43"),
        (fmt.duration(3723), "1:02:03"),
        (fmt.duration(-5), "0:00"),
    ],
)
def test_numbers_are_written_the_same_everywhere(made, expected):
    assert made == expected


def test_times_are_in_new_york():
    from datetime import datetime

    moment = to_ns(datetime(2018, 1, 2, 9, 30, 15, tzinfo=NEW_YORK))
    assert fmt.new_york_time(moment) == "09:30:15"
    assert fmt.new_york_time(moment, seconds=False) == "09:30"
    assert fmt.new_york_date(moment) == "Tue 2 Jan 2018"


def test_the_minus_is_as_wide_as_a_digit(qapp):
    from PySide6.QtGui import QFontMetricsF

    from cockpit.ui.theme.fonts import font, load_fonts

    load_fonts()
    metrics = QFontMetricsF(font())
    widths = {metrics.horizontalAdvance(c) for c in "0123456789"}
    assert len(widths) == 1
    assert metrics.horizontalAdvance(f"{MINUS}11") == metrics.horizontalAdvance("+88")
