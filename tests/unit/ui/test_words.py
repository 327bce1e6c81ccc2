from decimal import Decimal

from cockpit.domain.alert import Severity
from cockpit.domain.limits import ControlResult
from cockpit.domain.order import OrderIntent, OrderType, Side
from cockpit.ui import words


def intent(**changes: object) -> OrderIntent:
    given = {
        "intent_id": "1", "account_id": "A", "symbol": "XYZ", "side": Side.BUY,
        "type": OrderType.LIMIT, "quantity": Decimal(31), "limit_price": Decimal("157.23"),
    } | changes  # fmt: skip
    return OrderIntent(**given)


def control(name: str, before: str, after: str, *, passed: bool = True) -> ControlResult:
    return ControlResult(
        control=name, passed=passed, before=Decimal(before), after=Decimal(after),
        limit=Decimal(100), unit="USD",
    )  # fmt: skip


def test_orders_read_as_sentences():
    assert words.order_sentence(intent()) == "BUY 31 XYZ @ limit 157.23"
    market = intent(type=OrderType.MARKET, limit_price=None, side=Side.SELL)
    assert words.order_sentence(market) == "SELL 31 XYZ @ market"
    both = intent(type=OrderType.STOP_LIMIT, stop_price=Decimal(158))
    assert words.order_sentence(both) == "BUY 31 XYZ @ stop 158.00, limit 157.23"


def test_a_plan_is_said_only_when_there_is_one():
    assert words.plan_sentence(intent()) == ""
    assert words.plan_sentence(intent(planned_stop=Decimal(150))) == "stop 150.00"


def test_limits_are_told_before_and_after():
    result = control("order value", "0", "48.7")
    assert words.limit_sentence(result) == "$0 to $49 of $100"
    assert words.limit_fractions(result) == (0.0, 0.487)
    assert words.limit_fractions(ControlResult(control="x", passed=True)) is None


def test_the_closest_limits_come_first_and_a_denial_before_all():
    results = (
        control("low", "0", "10"),
        control("unmoved", "99", "99"),
        control("high", "50", "90"),
        control("denied", "0", "20", passed=False),
        ControlResult(control="no numbers", passed=True),
    )
    assert [r.control for r in words.closest_limits(results, 3)] == ["denied", "high", "low"]


def test_the_count_of_alerts_has_the_colour_of_the_gravest_and_is_calm_without_any():
    info, notice, warning, critical = Severity
    calm = words.alerts_look([])
    assert (calm.text, calm.role, calm.solid) == ("0 alerts", "muted", False)
    assert words.alerts_look([info])[:3] == ("1 alert", "muted", False)
    assert words.alerts_look([info, notice])[:3] == ("2 alerts", "notice", False)
    assert words.alerts_look([notice, warning, info])[:3] == ("3 alerts", "warning", False)
    worst = words.alerts_look([warning, critical, info])
    assert worst[:3] == ("1 critical +2", "critical", True)
    assert worst.told.startswith("3 not acknowledged: 1 critical, 1 warning, 1 info.")
    assert words.alerts_look([critical, critical]).text == "2 critical"
