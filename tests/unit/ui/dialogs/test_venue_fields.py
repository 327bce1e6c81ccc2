"""The ticket's terms at the broker: what is offered, what is still needed, what is sent."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

import pytest

from cockpit.domain.order import OrderType, Side
from cockpit.domain.protection import Protection
from cockpit.domain.venue_terms import Feature, OrderClass, VenueTerms
from cockpit.ui.dialogs.ticket import Ticket, TicketDesk
from cockpit.ui.dialogs.venue_fields import Holder
from cockpit.ui.links import Link
from cockpit.ui.theme import Theme
from tests.unit.ui.dialogs.test_ticket import previewed, quote, sized

D = Decimal


def ticket(qtbot, offers: Collection[Feature] = frozenset(Feature)) -> Ticket:
    desk = TicketDesk(
        account_id="A",
        size=sized,
        preview=previewed,
        quote=quote,
        age_s=lambda _symbol: 0.2,
        offers=frozenset(offers),
    )
    made = Ticket(Theme(), None, desk, Link.alone("ABC"))
    qtbot.addWidget(made)
    made.quantity.setText("10")
    return made


def exits(made: Ticket, stop: str = "", target: str = "", trail: str = "") -> None:
    for field, text in zip(made.exits.fields[:3], (stop, target, trail), strict=True):
        field.setText(text)


def test_only_what_the_broker_offers_can_be_chosen(qtbot) -> None:
    nothing = ticket(qtbot, ())
    assert [nothing.venue.holder.itemText(i) for i in range(nothing.venue.holder.count())] == [
        "Held by the core"
    ]
    assert not nothing.venue.holder.isEnabled()
    assert nothing.venue.extended.isHidden()
    some = ticket(qtbot, (Feature.BRACKET, Feature.EXTENDED_HOURS))
    assert some.venue.holder.count() == 2
    assert not some.venue.extended.isHidden()


def test_what_the_broker_does_not_do_is_said_and_who_does_it(qtbot) -> None:
    paper = ticket(qtbot, ()).venue.absent
    assert paper.text().startswith("As a bracket or a trailing stop. This broker itself offers no")
    for word in ("brackets", "OCO", "OTO", "trailing stops", "extended hours"):
        assert word in paper.text(), word
    some = ticket(qtbot, set(Feature) - {Feature.OCO}).venue.absent
    assert some.text() == "This broker itself offers no OCO."
    everything = ticket(qtbot).venue.absent
    assert not everything.text()


@pytest.mark.parametrize(
    ("holder", "given", "why"),
    [
        (Holder.BRACKET, {"stop": "44"}, "a stop and a target"),
        (Holder.OTO, {}, "a stop or a target"),
        (Holder.OTO, {"stop": "44", "target": "46"}, "not both"),
        (Holder.OCO, {}, "a stop beside its limit"),
        (Holder.TRAILING, {}, "like 0.50 or 1%"),
        (Holder.BRACKET, {"stop": "46", "target": "44"}, "side of the loss"),
    ],
)
def test_what_is_missing_is_said(qtbot, holder: Holder, given: dict[str, str], why: str) -> None:
    made = ticket(qtbot)
    made.venue.choose(holder)
    made.limit.setText("45")
    made.trigger.setText("44")
    exits(made, **given)
    assert why in made.note.text()
    assert not made.go.isEnabled()


def test_a_bracket_leaves_the_core_without_exits(qtbot) -> None:
    made = ticket(qtbot)
    exits(made, "44", "46", "1%")
    made.venue.choose(Holder.BRACKET)
    intent = made.intent()
    assert intent.protection is None
    assert intent.venue == VenueTerms(
        order_class=OrderClass.BRACKET, take_profit=D(46), stop_loss=D(44)
    )
    assert not made.exits.trail.isEnabled()
    assert made.exits.trail.text() == "", "no figure stands there that does not hold"
    assert "target 46.00, stop 44.00" in made.note.text()
    assert "while this program is off" in made.note.text()
    assert made.go.isEnabled()


def test_back_at_the_core_nothing_goes_to_the_broker(qtbot) -> None:
    made = ticket(qtbot)
    made.venue.choose(Holder.OTO)
    exits(made, "44")
    assert made.intent().venue == VenueTerms(order_class=OrderClass.OTO, stop_loss=D(44))
    made.venue.choose(Holder.CORE)
    assert made.intent().venue is None
    assert made.intent().protection == Protection(stop=D(44))


def test_the_type_follows_the_choice(qtbot) -> None:
    made = ticket(qtbot)
    made.venue.choose(Holder.TRAILING)
    made.trigger.setText("46")
    exits(made, trail="1%")
    intent = made.intent()
    assert (intent.type, intent.stop_price) == (OrderType.STOP, D(46))
    assert intent.venue == VenueTerms(trail_fraction=D("0.01"))
    assert "trails the stop by 1.00%" in made.note.text()
    made.venue.choose(Holder.OCO)
    assert made.type.currentData() == OrderType.LIMIT


def test_early_orders_are_limits_of_the_day(qtbot) -> None:
    made = ticket(qtbot)
    made.venue.extended.setChecked(True)
    assert "only limit orders of the day" in made.note.text()
    assert not made.go.isEnabled()
    made.type.setCurrentIndex(made.type.findData(OrderType.LIMIT))
    made.limit.setText("45")
    assert made.intent().venue == VenueTerms(extended_hours=True)
    assert "before and after the session" in made.note.text()


@pytest.mark.parametrize("text", ["43.90", "-0.10"])
@pytest.mark.parametrize("holder", [Holder.BRACKET, Holder.OTO])
def test_the_stop_of_a_venue_s_exits_may_be_a_stop_limit(qtbot, holder: Holder, text: str) -> None:
    made = ticket(qtbot)
    made.venue.choose(holder)
    exits(made, "44", "46" if holder is Holder.BRACKET else "")
    made.exits.stop_limit.setText(text)
    assert made.intent().venue.stop_loss_limit == D("43.90")
    assert "stop 44.00, limit of the stop 43.90" in made.note.text()
    assert made.go.isEnabled()


def test_the_stop_beside_an_oco_s_limit_may_be_one_too(qtbot) -> None:
    made = ticket(qtbot)
    made.side.setCurrentIndex(made.side.findData(Side.SELL))  # out of a long position
    made.venue.choose(Holder.OCO)
    made.limit.setText("46")
    exits(made, "44")
    made.exits.stop_limit.setText("-0.25")
    terms = made.intent().venue
    assert (terms.order_class, terms.stop_loss_limit) == (OrderClass.OCO, D("43.75"))


def test_a_limit_on_the_wrong_side_of_its_stop_is_said(qtbot) -> None:
    made = ticket(qtbot)
    exits(made, "44")
    for text in ("44.50", "+0.50"):
        made.exits.stop_limit.setText(text)
        assert "belongs below it for a long position" in made.note.text()
        assert not made.go.isEnabled()
    made.side.setCurrentIndex(made.side.findData(Side.SELL))
    assert made.intent().protection == Protection(stop=D(44), limit_offset=D("0.50"))


def test_the_core_holds_a_stop_limit_and_a_trailing_one(qtbot) -> None:
    made = ticket(qtbot)
    exits(made, "44")
    made.exits.stop_limit.setText("43.75")
    assert made.intent().protection == Protection(stop=D(44), limit_offset=D("0.25"))
    assert "stop 44.00, its limit 0.25 beyond" in made.note.text()
    exits(made, trail="1%")
    assert "is a distance" in made.note.text()
    made.exits.stop_limit.setText("-0.25")
    plan = made.intent().protection
    assert (plan.trail_fraction, plan.limit_offset) == (D("0.01"), D("0.25"))
    made.exits.stop_limit.setText("44")
    exits(made, "44")
    assert "some room" in made.note.text()


def test_a_limit_without_its_stop_is_said_and_a_venue_s_trail_takes_none(qtbot) -> None:
    made = ticket(qtbot)
    made.exits.stop_limit.setText("-0.25")
    assert "needs its stop" in made.note.text()
    made.venue.choose(Holder.TRAILING)
    assert not made.exits.stop_limit.isEnabled()
    assert not made.exits.stop_limit.text()
