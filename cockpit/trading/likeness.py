"""Whether an order that the broker lists under an id of ours is the one that was sent."""

from __future__ import annotations

from cockpit.domain.order import EXTERNAL, Order
from cockpit.domain.order_groups import group_of
from cockpit.ports.broker import CLOCKS_APART_NS, BrokerOrder


def same(order: Order, listed: BrokerOrder) -> bool:
    """Its terms are those that were sent."""
    intent = order.intent
    ours = (intent.symbol, intent.side, intent.type, intent.quantity)
    return ours == (listed.symbol, listed.side, listed.type, listed.quantity)


def resized(order: Order, listed: BrokerOrder) -> bool:
    """The venue made an exit smaller, because one that belongs to it has traded."""
    intent = order.intent
    ours = (intent.symbol, intent.side, intent.type)
    return (
        bool(group_of(order))
        and ours == (listed.symbol, listed.side, listed.type)
        and listed.report.filled <= listed.quantity < intent.quantity
    )


def told_anew(order: Order, listed: BrokerOrder) -> bool:
    """Other terms of an order made elsewhere: the venue alone knows them.

    One over a sum of money has its size only once it has traded.
    """
    intent = order.intent
    ours = (intent.strategy, order.venue_order_id, intent.symbol, intent.side)
    return ours == (EXTERNAL, listed.report.venue_order_id, listed.symbol, listed.side)


def is_older(order: Order, listed: BrokerOrder) -> bool:
    """An order of earlier days that has the id of ours, so that ours is not proved by it.

    Only for an order that nobody has proved another can be taken; where the broker tells no
    time, it is ours.
    """
    age_is_told = 0 < listed.submitted_ns < order.created_ns - CLOCKS_APART_NS
    return not order.venue_order_id and age_is_told
