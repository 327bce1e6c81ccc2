"""What belongs to an order beyond its prices: a few words for a cell, whole ones beside it."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.domain.order import Order, TimeInForce
from cockpit.domain.venue_terms import OrderClass, VenueTerms
from cockpit.ui.models.exits import words_of
from cockpit.ui.theme.format import number, percent

_CLASSES = {OrderClass.BRACKET: "Bracket", OrderClass.OCO: "OCO", OrderClass.OTO: "OTO"}
_TIFS = {
    TimeInForce.GTC: ("GTC", "It stands until it is cancelled."),
    TimeInForce.IOC: ("IOC", "What does not fill at once is cancelled."),
}


def terms_of(order: Order) -> tuple[str, str]:
    """In short, e.g. `Bracket, GTC`, and in whole sentences, a line each; empty without terms."""
    found = list(_terms(order))
    return ", ".join(short for short, _ in found), "\n".join(whole for _, whole in found)


def _terms(order: Order) -> Iterator[tuple[str, str]]:
    intent, venue = order.intent, order.intent.venue
    if intent.protects:
        yield "Core exit", "The core placed it to protect a position, and keeps it at its size."
    if intent.protection is not None:
        yield "Core exits", f"The core holds its exits: {words_of(intent.protection)}."
    if venue is not None:
        yield from _at_venue(venue)
    if intent.tif in _TIFS:
        yield _TIFS[intent.tif]


def _at_venue(venue: VenueTerms) -> Iterator[tuple[str, str]]:
    if venue.order_class in _CLASSES:
        prices = (("target", venue.take_profit), ("stop", venue.stop_loss),
                  ("limit of the stop", venue.stop_loss_limit))  # fmt: skip
        said = ", ".join(f"{name} {number(price)}" for name, price in prices if price is not None)
        yield _CLASSES[venue.order_class], f"The venue holds its exits: {said}."
    if venue.parent:
        yield "Venue leg", "An exit that the venue holds; it waits for its entry."
    elif venue.group:
        yield "Venue leg", "The venue holds it with another: what fills of one goes off the other."
    if venue.trails:
        far = percent(venue.trail_fraction) if venue.trail is None else number(venue.trail)
        yield f"Trails {far}", f"The venue trails its stop by {far}."
    if venue.extended_hours:
        yield "Ext. hours", "It may trade before and after the session."
