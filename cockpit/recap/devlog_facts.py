"""The facts of a devlog: how the machine worked in a week, by order and by strategy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from cockpit.domain.fact import Fact, Unit
from cockpit.domain.order import Order, OrderState
from cockpit.domain.values import ZERO
from cockpit.journal import words
from cockpit.journal.days import day_of
from cockpit.recap.fact_maker import FactMaker
from cockpit.recap.facts import currencies_within, frame, groups, money, week_span
from cockpit.recap.material import Material

_ENDS = (
    ("filled_orders", "Filled orders", OrderState.FILLED, "filled order"),
    ("denied", "Denied orders", OrderState.DENIED, "denied order"),
    ("rejected", "Rejected orders", OrderState.REJECTED, "rejected order"),
    ("unknown", "Unanswered orders", OrderState.UNKNOWN, "unanswered order"),
    ("canceled", "Canceled orders", OrderState.CANCELED, "canceled order"),
    ("expired", "Expired orders", OrderState.EXPIRED, "expired order"),
)
_MUST = frozenset({"denied", "rejected", "unknown"})


def devlog_facts(material: Material, week: str) -> tuple[Fact, ...]:
    """The facts of one ISO week, in a fixed order. Raises ValueError for no week.

    What we denied, what a venue rejected and what was never answered are required, with the net
    and the fees: a log of the machine can't leave out where it failed.
    """
    span = week_span(week)
    book = material.book
    make = FactMaker(span.period, dated=True, currencies=currencies_within(book, span))
    fills = [fill for day in span.days for fill in book.fills(day)]
    trades = book.trades_between(span.first, span.last)
    orders = [o for o in material.orders if span.first <= day_of(o.created_ns) <= span.last]
    return (
        *frame(book, span, make),
        *_version(material.version, make),
        *money(book, span, fills, make),
        make.count("trades", "Trades", len(trades), "trade", "trades", "trades closed in the week",
                   tuple(id_ for trade in trades for id_ in trade.execution_ids)),
        *_orders(orders, make),
        *_denials(orders, make),
        *groups(trades, make),
    )  # fmt: skip


def _version(version: str, make: FactMaker) -> Iterable[Fact]:
    if version:
        yield make.text("version", "Version", f"Cockpit {version}", "the program that wrote this")


def _orders(orders: Sequence[Order], make: FactMaker) -> Iterable[Fact]:
    every = _ids(orders)
    yield make.count("orders", "Orders", len(orders), "order", "orders",
                     "orders begun in the week, whatever became of them", every,
                     required=True)  # fmt: skip
    for id_, label, state, noun in _ENDS:
        found = [order for order in orders if order.state is state]
        rule = f"orders of the week that stand at {state.value}"
        yield make.count(id_, label, len(found), noun, f"{noun}s", rule, _ids(found),
                         required=id_ in _MUST)  # fmt: skip
    sent = [o for o in orders if o.state not in (OrderState.DENIED, OrderState.DRAFT)]
    if sent:
        share = Decimal(sum(o.filled > ZERO for o in sent)) / len(sent)
        yield make.fact("fill_rate", "Fill rate", Unit.PERCENT, share, words.percent(share),
                        "orders with a fill / orders that were not denied", _ids(sent))  # fmt: skip
    by = Counter(order.intent.strategy for order in orders)
    for name in sorted(by):
        own = [order for order in orders if order.intent.strategy == name]
        rule = "orders begun in the week, by who proposed them"
        yield make.text(f"proposer.{name}", "Proposed by", name, rule, _ids(own))
        yield make.count(f"proposer.{name}.orders", f"{name}, orders", by[name], "order", "orders",
                         rule, _ids(own))  # fmt: skip


def _denials(orders: Sequence[Order], make: FactMaker) -> Iterable[Fact]:
    """Why orders did not go through, the most frequent reason first."""
    refused = [o for o in orders if o.state in (OrderState.DENIED, OrderState.REJECTED)]
    by = Counter(o.reason_code or "without a code" for o in refused)
    for number, (code, count) in enumerate(sorted(by.items(), key=lambda kv: (-kv[1], kv[0])), 1):
        source = _ids([o for o in refused if (o.reason_code or "without a code") == code])
        rule = "orders denied or rejected with this code"
        yield make.text(f"refusal.{number}.code", "Code", code, rule, source)
        yield make.count(f"refusal.{number}.orders", "Orders refused so", count, "order", "orders",
                         rule, source)  # fmt: skip


def _ids(orders: Sequence[Order]) -> tuple[str, ...]:
    return tuple(order.client_order_id for order in orders)
