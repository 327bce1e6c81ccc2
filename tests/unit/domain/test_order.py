from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.errors import IllegalTransitionError
from cockpit.domain.order import (
    AT_VENUE,
    TERMINAL,
    TRANSITIONS,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
)
from tests.unit.domain.domain_kit import INTENT, ORDER

S = OrderState


def test_table_knows_every_state() -> None:
    assert set(TRANSITIONS) == set(OrderState)


@pytest.mark.parametrize("state", OrderState)
def test_no_road_leads_on_from_an_end_and_only_from_an_end(state: OrderState) -> None:
    assert state.terminal == (not TRANSITIONS[state]) == (state in TERMINAL)


def test_every_state_can_be_reached_and_can_end() -> None:
    reached, edge = {S.DRAFT}, {S.DRAFT}
    while edge:
        edge = set().union(*(TRANSITIONS[state] for state in edge)) - reached
        reached |= edge
    assert reached == set(OrderState)
    ending = set(TERMINAL)
    while more := {s for s in OrderState if s not in ending and TRANSITIONS[s] & ending}:
        ending |= more
    assert ending == set(OrderState)


def test_nothing_reaches_the_venue_but_through_the_gate_and_the_durable_send() -> None:
    into_venue = {
        (a, b) for a in OrderState for b in TRANSITIONS[a] if b.at_venue and not a.at_venue
    }
    assert into_venue == {(S.RESERVED, S.SENDING)}
    assert {a for a in OrderState if S.RESERVED in TRANSITIONS[a]} == {S.APPROVED}


def test_what_may_be_at_the_venue_never_becomes_ours_to_deny_once_a_byte_went_out() -> None:
    for state in AT_VENUE - {S.SENDING}:
        assert S.DENIED not in TRANSITIONS[state]
    assert S.REJECTED not in TRANSITIONS[S.APPROVED] | TRANSITIONS[S.RESERVED]


def test_unknown_is_left_only_by_what_the_venue_proves() -> None:
    assert {a for a in OrderState if S.UNKNOWN in TRANSITIONS[a]} == {S.SENDING}
    assert not TRANSITIONS[S.UNKNOWN] & {S.SENDING, S.RESERVED, S.APPROVED, S.DENIED}


@given(st.lists(st.sampled_from(OrderState), max_size=30))
def test_random_walk_moves_only_along_the_table(walk: list[OrderState]) -> None:
    order = ORDER
    for now, target in enumerate(walk):
        allowed = target in TRANSITIONS[order.state]
        try:
            after = order.moved_to(target, now, code="C", text="t")
        except IllegalTransitionError:
            assert not allowed
            continue
        assert allowed
        assert (after.state, after.version, after.updated_ns) == (target, order.version + 1, now)
        assert (after.reason_code, after.reason_text) == ("C", "t")
        assert after.intent == order.intent
        assert after.fingerprint == order.fingerprint
        order = after


def test_missing_road_is_told_in_words() -> None:
    with pytest.raises(IllegalTransitionError) as caught:
        ORDER.moved_to(S.FILLED, 1)
    assert caught.value.user_text == "The order o on XXX is draft and can't become filled."


@given(st.data())
def test_no_legal_walk_sends_without_a_reservation(data: st.DataObject) -> None:
    order, states = ORDER, [ORDER.state]
    while not order.state.terminal and len(states) < 40:
        target = data.draw(st.sampled_from(sorted(TRANSITIONS[order.state])))
        order = order.moved_to(target, len(states))
        states.append(order.state)
    if S.SENDING in states:
        assert states[: states.index(S.SENDING)][-2:] == [S.APPROVED, S.RESERVED]


BOUND = {
    "account_id": "B",
    "strategy": "other",
    "symbol": "YYY",
    "side": Side.SELL,
    "quantity": Decimal(101),
    "limit_price": Decimal(12),
    "stop_price": Decimal("10.5"),
    "tif": TimeInForce.GTC,
}


@pytest.mark.parametrize("field", BOUND)
def test_fingerprint_binds(field: str) -> None:
    changed = msgspec.structs.replace(INTENT, **{field: BOUND[field]})
    assert msgspec.structs.replace(ORDER, intent=changed).fingerprint != ORDER.fingerprint


def test_fingerprint_binds_the_id_and_the_type() -> None:
    other = msgspec.structs.replace(ORDER, client_order_id="p")
    market = msgspec.structs.replace(
        INTENT, type=OrderType.MARKET, limit_price=None, stop_price=None
    )
    stop = msgspec.structs.replace(INTENT, type=OrderType.STOP, limit_price=None)
    prints = {msgspec.structs.replace(ORDER, intent=i).fingerprint for i in (INTENT, market, stop)}
    assert len({*prints, other.fingerprint}) == 4


def test_fingerprint_does_not_move_with_the_state() -> None:
    moved = ORDER.moved_to(S.PENDING_APPROVAL, 5)
    noted = msgspec.structs.replace(INTENT, note="because")
    assert moved.fingerprint == ORDER.fingerprint
    assert msgspec.structs.replace(ORDER, intent=noted).fingerprint == ORDER.fingerprint


@pytest.mark.parametrize(("filled", "remaining"), [(0, 100), (40, 60), (100, 0), (130, 0)])
def test_remaining_is_never_below_zero(filled: int, remaining: int) -> None:
    assert msgspec.structs.replace(ORDER, filled=Decimal(filled)).remaining == remaining


@pytest.mark.parametrize("side", Side)
def test_sides_oppose(side: Side) -> None:
    assert side.opposite.opposite is side
    assert side.sign == -side.opposite.sign
