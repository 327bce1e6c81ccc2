from __future__ import annotations

import math
from decimal import Decimal

import pytest

from cockpit.app.limits.status import LimitStatus, Measured, limit_status
from cockpit.domain.limit_rules import SPECS, LimitRules, Place, Scope
from cockpit.domain.limits import ControlResult, Limits, Verdict
from cockpit.risk.board import Gauge
from cockpit.ui.models.risk import (
    IN_HEADER,
    WORDS,
    figures_of,
    header_gauges,
    risk_rows,
    share,
    worst,
)

SECOND = 1_000_000_000


def gauge(name: str, value: float, limit: float, subject: str = "", *, armed: bool = True) -> Gauge:
    return Gauge(
        name=name, subject=subject, value=value, limit=limit, unit="USD", armed=armed, ts_ns=1
    )


def test_the_header_has_a_bar_for_each_measure_before_anything_is_used():
    shown = header_gauges((), 1)
    assert len(shown) == len(IN_HEADER)
    assert {g.used for g in shown} == {0.0}
    assert worst(shown) is None


def no_stop(value: float, *, armed: bool = True) -> Gauge:
    return Gauge(
        name="no_stop", subject="ACME", value=value, limit=10, unit="s", armed=armed, ts_ns=SECOND
    )


def test_the_time_without_a_stop_goes_on_between_two_looks():
    top = worst(header_gauges([no_stop(0.0)], 5 * SECOND))
    assert top is not None
    assert (top.word, top.used) == ("No stop", 0.4)
    assert "ACME: 40%, 4 of 10 s" in top.said
    assert top.caption == "No stop 0:04"
    late = worst(header_gauges([no_stop(10.0, armed=False)], 61 * SECOND))
    assert late is not None
    assert late.caption == "No stop 1:10", "nobody reads the per cent of a time"
    assert "70 of 10 s, crossed and not acknowledged" in late.said


def test_a_clock_set_back_and_a_position_that_is_gone_add_no_time():
    assert worst(header_gauges([no_stop(2.0)], 0)) == worst(header_gauges([no_stop(2.0)], SECOND))
    gone = worst(header_gauges([no_stop(0.0, armed=False)], 61 * SECOND))
    assert gone is not None
    assert gone.used == 0


def test_the_header_tells_of_each_limit_that_stops_or_warns():
    assert "no_stop" in IN_HEADER


def test_of_several_measures_of_one_limit_the_tightest_is_shown_with_its_symbol():
    shown = header_gauges([gauge("position", 10, 100, "AAA"), gauge("position", 90, 100, "BBB")], 1)
    top = worst(shown)
    assert top is not None
    assert (top.word, top.used) == ("Position", 0.9)
    assert "BBB: 90%, $90 of $100" in top.said


def test_a_crossed_limit_nobody_has_seen_stands_before_a_fuller_one():
    shown = header_gauges(
        [gauge("gross_exposure", 95, 100), gauge("day_loss_halted", 50, 100, armed=False)], 1
    )
    top = worst(shown)
    assert top is not None
    assert top.word == "Day loss"
    assert "not acknowledged" in top.said


@pytest.mark.parametrize(
    ("value", "limit", "unit", "said"),
    [
        (4439.2, 10_000, "USD", "$4,439 of $10,000"),
        (-120, 4_000, "USD", "$0 of $4,000"),
        (1.5, 3, "%", "1.50% of 3.00%"),
        (3, 200, "orders", "3 of 200 orders"),
    ],
)
def test_figures_carry_their_unit_and_a_gain_uses_nothing(value, limit, unit, said):
    assert figures_of(value, limit, unit) == said


def test_a_limit_of_nothing_is_over_not_a_number():
    assert share(math.inf) == "over"
    assert share(24.0) == "over"
    assert share(9.5) == "950%"


def test_rows_come_fullest_first_and_say_what_was_not_measured():
    verdict = Verdict(
        results=(
            ControlResult(
                "order value",
                passed=True,
                before=Decimal(0),
                after=Decimal(4500),
                limit=Decimal(5000),
                unit="USD",
            ),
        ),
        ts_ns=7,
    )
    rows = risk_rows(
        limit_status(LimitRules.of(Limits()), [gauge("gross_exposure", 20, 100)], verdict)
    )
    assert rows[0].name.startswith("Order value")
    assert rows[0].role == "warning"
    by_name = {row.name: row for row in rows}
    assert by_name["Gross exposure"].figures == "$20 of $100"
    assert by_name["Open orders"].used is None
    assert by_name["Open orders"].figures == "No order was checked yet"


def test_a_used_up_limit_and_a_crossed_one_say_so_in_words():
    def status(name: str, value: float, *, armed: bool) -> LimitStatus:
        return LimitStatus(
            place=Place(name),
            value=Decimal(1),
            unit="",
            armed=armed,
            measured=Measured(value=value, limit=100, unit="USD", ts_ns=1),
        )

    rows = {
        row.name: row
        for row in risk_rows(
            [
                status("max_gross_fraction", 120, armed=True),
                status("max_net_fraction", 10, armed=False),
            ]
        )
    }
    assert rows["Gross exposure"].state == "used up"
    assert rows["Net exposure"].state == "crossed, not seen"


def test_every_named_limit_is_one_and_those_of_a_symbol_are_left_out():
    assert set(WORDS) <= set(SPECS)
    own = LimitStatus(
        place=Place("max_order_value", Scope.SYMBOLS, "AAA"),
        value=Decimal(1),
        unit="",
        armed=True,
        measured=None,
    )
    assert risk_rows([own]) == []
