"""The desk's small parts against plain models: requests, reservations, windows of traffic."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cockpit.domain.approval import ApprovalRequest
from cockpit.domain.limits import Verdict
from cockpit.domain.order import TRANSITIONS, Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.values import session_date
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.trading.approvals import Approvals
from cockpit.trading.errors import NoSuchOrderError
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.orders import OrderBook
from tests.stateful.profile import looking

pytestmark = pytest.mark.timeout(400)  # a finding takes its time to be made short
CLAIMING = {
    "reserved", "sending", "acked", "unknown", "working", "held", "suspended",
    "partially_filled", "pending_cancel", "pending_replace",
}  # fmt: skip
IDS = st.integers(0, 6).map("o{}".format)
FALL_BACK = 1_541_311_200 * SECOND  # 2018-11-04 02:00 New York, where one hour comes twice


def order(order_id: str, quantity: int = 1, **more) -> Order:
    intent = OrderIntent(
        intent_id=f"i-{order_id}",
        account_id="A",
        symbol=more.pop("symbol", "ABC"),
        side=more.pop("side", Side.BUY),
        type=OrderType.MARKET,
        quantity=Decimal(quantity),
        strategy=more.pop("strategy", "manual"),
    )
    return Order(client_order_id=order_id, intent=intent, **more)


class Requests(RuleBasedStateMachine):
    """Each request ends exactly once: taken, or called when its time is up."""

    def __init__(self):
        super().__init__()
        self.clock = VirtualClock(SECOND)
        self.approvals = Approvals(self.clock)
        self.open: dict[str, ApprovalRequest] = {}
        self.expired: list[str] = []
        self.due: list[str] = []
        self.number = 0

    @rule(seconds=st.integers(1, 60))
    def add(self, seconds):
        self.number += 1
        asked = self._request(order(f"r{self.number}"), self.clock.now_ns() + seconds * SECOND)
        self.approvals.add(asked, lambda: self._expire(asked.request_id))
        self.open[asked.request_id] = asked

    def _expire(self, request_id: str) -> None:
        self.expired.append(request_id)
        self.approvals.take(request_id)

    @rule(number=st.integers(1, 8))
    def take(self, number):
        name = f"r{number}"
        if name in self.open:
            assert self.approvals.take(name) == self.open.pop(name)
        for ended in (self.approvals.take, self.approvals.get):
            with pytest.raises(NoSuchOrderError):
                ended(name)

    @rule(number=st.integers(1, 8), quantity=st.integers(2, 9))
    def edit(self, number, quantity):
        name = f"r{number}"
        old = self.open.get(name)
        new = self._request(order(name, quantity), old.expires_ns if old else 0)
        if old is None:
            with pytest.raises(NoSuchOrderError):
                self.approvals.update(new)
        else:
            self.approvals.update(new)
            self.open[name] = new

    @rule(seconds=st.integers(1, 40))
    def time_passes(self, seconds):
        until = self.clock.now_ns() + seconds * SECOND
        gone = [r for r in self.open.values() if r.expires_ns <= until]
        for request in sorted(gone, key=lambda r: r.expires_ns):
            self.due.append(request.request_id)
            del self.open[request.request_id]
        assert self.clock.advance_to(until)

    @invariant()
    def as_the_model(self):
        assert self.approvals.waiting() == list(self.open.values())
        assert self.expired == self.due

    def _request(self, of: Order, expires_ns: int) -> ApprovalRequest:
        return ApprovalRequest(
            order=of,
            fingerprint=of.fingerprint,
            verdict=Verdict(results=(), ts_ns=0),
            quote=None,
            created_ns=0,
            expires_ns=expires_ns,
        )


class Reservations(RuleBasedStateMachine):
    """An order claims capacity from its reservation to its end, once, as it last was."""

    def __init__(self):
        super().__init__()
        self.book = OrderBook()
        self.latest: dict[str, Order] = {}
        self.reserved: dict[str, Order] = {}

    @rule(order_id=IDS, data=st.data())
    def move(self, order_id, data):
        now = self.latest.get(order_id)
        if now is None:
            moved = order(order_id, symbol=data.draw(st.sampled_from(["ABC", "XYZ"])))
        elif roads := sorted(TRANSITIONS[now.state]):
            moved = now.moved_to(data.draw(st.sampled_from(roads)), 1)
        else:
            moved = msgspec.structs.replace(now, version=now.version + 1)
        self.book.put(moved)
        self.latest[order_id] = moved
        self.reserved.pop(order_id, None)

    @rule(order_id=IDS)
    def reserve(self, order_id):
        now = self.latest.get(order_id)
        if now is not None and now.state is OrderState.APPROVED:
            self.book.reserve(now)
            self.reserved[order_id] = now

    @rule(order_id=IDS)
    def give_back(self, order_id):
        self.book.unreserve(order_id)
        self.reserved.pop(order_id, None)

    @invariant()
    def as_the_model(self):
        claims = {i: o for i, o in self.latest.items() if o.state.value in CLAIMING}
        claims |= self.reserved
        found = self.book.open()
        assert len(found) == len(claims)
        assert {o.client_order_id: o for o in found} == claims
        for symbol in ("ABC", "XYZ"):
            assert {o.client_order_id for o in self.book.open(symbol)} == {
                i for i, o in claims.items() if o.symbol == symbol
            }
            assert {o.client_order_id for o in self.book.unknown(symbol)} == {
                i for i, o in claims.items() if (o.symbol, o.state.value) == (symbol, "unknown")
            }
        assert self.book.all() == list(self.latest.values())
        for each in self.latest.values():
            assert self.book.by_intent(each.intent.intent_id) == each


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 5_000) | st.sampled_from([0, 1, 999, 1000, 60_000, 600_000, 3_600_000]),
        st.sampled_from(["order", "entry", "message"]),
        st.integers(1, 2),
        st.sampled_from(["manual", "robot"]),
    ),
    max_size=60,
)


@given(EVENTS, st.sampled_from([1, 5, 60, 600]), st.integers(0, 90_000_000))
def test_the_windows_count_what_a_list_would(events, window, later_ms):
    traffic, told = Traffic(), []
    now = FALL_BACK - 10 * 3600 * SECOND
    for number, (after_ms, kind, quantity, strategy) in enumerate(events):
        now += after_ms * SECOND // 1000
        sent = order(f"o{number}", quantity, strategy=strategy)
        if kind == "message":
            traffic.message_sent(now)
        else:
            traffic.order_released(sent, now, entry=kind == "entry")
        told.append((now, kind, sent))
    for now_ns in (now, now + later_ms * 1_000_000):
        _compare(traffic, told, now_ns, window)


def test_an_order_counts_through_the_longest_day():
    traffic, midnight = Traffic(), FALL_BACK - 2 * 3600 * SECOND
    late = midnight + 25 * 3600 * SECOND - SECOND
    traffic.order_released(order("first"), midnight, entry=True)
    traffic.order_released(order("last"), late, entry=True)
    assert session_date(midnight) == session_date(late)
    assert traffic.orders_on(late) == 2


def _compare(traffic: Traffic, told: list[tuple[int, str, Order]], now: int, window: int) -> None:
    orders = [(at, kind, sent) for at, kind, sent in told if kind != "message"]
    for seconds in (1, 60):
        since = now - seconds * SECOND
        assert traffic.messages_within(seconds, now) == sum(at > since for at, _, _ in told)
    today = session_date(now)
    assert traffic.orders_on(now) == sum(session_date(at) == today for at, _, _ in orders)
    probe, since = order("probe", 2, strategy="robot"), now - window * SECOND
    same = sum(at > since and sent.intent.quantity == 2 for at, _, sent in orders)
    assert traffic.same_as(probe, now, Decimal(window)) == same
    entries = [at for at, kind, sent in orders if kind == "entry" and at > since
               and sent.intent.strategy == "robot"]  # fmt: skip
    assert traffic.entries_of(probe, now, Decimal(window)) == len(entries)


Requests.TestCase.settings = looking(examples=100, steps=30)
TestRequests = Requests.TestCase
Reservations.TestCase.settings = looking(examples=100, steps=40)
TestReservations = Reservations.TestCase
