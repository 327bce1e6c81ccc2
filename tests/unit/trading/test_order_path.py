from decimal import Decimal

import msgspec
import pytest

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.adapters.storage import open_store
from cockpit.domain.approval import Autonomy
from cockpit.domain.events import ArmingChanged, OrderChanged
from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderState, OrderType, Side
from cockpit.domain.venue_terms import OrderClass, VenueTerms
from cockpit.ports.broker import GateToken, TokenRefusedError
from cockpit.ports.store import StoreError
from cockpit.risk.view import ApprovalView
from cockpit.trading.drafts import imagined
from cockpit.trading.errors import NoSuchOrderError, TradingError
from tests.support.desk import STRATEGY, trading_desk

S = OrderState


async def test_a_market_order_goes_all_the_way(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent(quantity=10))
        assert order.state is S.SENDING
        await desk.pass_time(0.5)
        assert desk.states(order) == [
            S.DRAFT, S.APPROVED, S.RESERVED, S.SENDING, S.ACKED, S.WORKING, S.FILLED,
        ]  # fmt: skip
        position = desk.portfolio.position("ABC")
        assert (position.quantity, position.average_cost) == (10, Decimal("100.01"))
        assert desk.portfolio.realised == 0
        assert desk.portfolio.fees == Decimal("1.00")
        assert desk.portfolio.unrealised == pytest.approx(-0.1)


async def test_every_state_was_stored_before_it_was_published(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.bought()
        history = await desk.store.order_history(order.client_order_id)
        published = [c.order for c in desk.changes]
        assert [o.version for o in history] == [o.version for o in published]
        assert [f.execution_id for f in await desk.store.fills("PAPER-1")] == [
            event.fill.execution_id for event in desk.fills
        ]


async def test_the_same_intent_twice_is_one_order(tmp_path):
    async with trading_desk(tmp_path) as desk:
        intent = desk.intent(intent_id="only-once")
        await desk.oms.submit(intent)
        with pytest.raises(TradingError, match="only-once"):
            await desk.oms.submit(intent)
        await desk.pass_time(1)
        assert len(desk.fills) == 1


async def test_a_denied_order_never_reaches_the_broker(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent(quantity=5_000))
        await desk.pass_time(1)
        assert order.state is S.DENIED
        assert order.reason_code == "VOLUME_ORDER"
        assert not await desk.do(desk.broker.open_orders())
        assert not desk.fills


async def test_what_the_broker_does_not_do_itself_is_denied(tmp_path):
    bracket = VenueTerms(
        order_class=OrderClass.BRACKET, take_profit=Decimal(110), stop_loss=Decimal(90)
    )
    async with trading_desk(tmp_path) as desk:
        wish = msgspec.structs.replace(desk.intent(quantity=10), venue=bracket)
        order = await desk.oms.submit(wish)
        assert (order.state, order.reason_code) == (S.DENIED, "VALIDITY_NOT_OFFERED")
        assert order.reason_text == "The broker does not take brackets."


async def test_a_stale_quote_denies(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.pass_time(3)
        order = await desk.oms.submit(desk.intent())
        assert (order.state, order.reason_code) == (S.DENIED, "MARKETDATA_STALE")


async def test_a_proposal_waits_for_a_person_and_is_gated_again(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        assert order.state is S.PENDING_APPROVAL
        [request] = desk.approvals.waiting()
        await desk.pass_time(10)  # the quote is stale by now
        released = await desk.oms.approve(request.request_id)
        assert (released.state, released.reason_code) == (S.DENIED, "MARKETDATA_STALE")


async def test_an_approved_proposal_fills(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        await desk.oms.approve(order.client_order_id)
        await desk.pass_time(0.5)
        assert desk.now(order).state is S.FILLED
        with pytest.raises(NoSuchOrderError):
            await desk.oms.approve(order.client_order_id)
        assert len(desk.fills) == 1


async def test_a_killed_proposal_is_denied(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        killed = await desk.oms.kill(order.client_order_id)
        assert (killed.state, killed.reason_code) == (S.DENIED, "APPROVAL_KILLED")


async def test_a_proposal_expires_by_itself(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        await desk.pass_time(59)
        assert desk.now(order).state is S.PENDING_APPROVAL
        await desk.pass_time(2)
        assert desk.now(order).reason_code == "APPROVAL_EXPIRED"
        assert not desk.approvals.waiting()


async def test_an_edit_is_gated_and_changes_the_fingerprint(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        before = desk.approvals.get(order.client_order_id)
        with pytest.raises(TradingError, match="VOLUME_ORDER"):
            await desk.oms.edit(order.client_order_id, quantity=Decimal(5_000), limit_price=None)
        assert desk.approvals.get(order.client_order_id) == before
        after = await desk.oms.edit(order.client_order_id, quantity=Decimal(7), limit_price=None)
        assert after.fingerprint != before.fingerprint
        assert after.expires_ns == before.expires_ns
        await desk.oms.approve(order.client_order_id)
        await desk.pass_time(0.5)
        assert desk.now(order).filled == 7


async def test_a_bounded_strategy_needs_no_person(tmp_path):
    async with trading_desk(tmp_path, autonomy=Autonomy.BOUNDED) as desk:
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        await desk.pass_time(0.5)
        assert desk.now(order).state is S.FILLED


async def test_automation_that_was_disarmed_on_its_way_sends_nothing(tmp_path):
    async with trading_desk(tmp_path, autonomy=Autonomy.BOUNDED) as desk:

        def autonomy(_strategy):
            on_its_way = desk.changes and desk.changes[-1].order.state is S.APPROVED
            return Autonomy.APPROVE if on_its_way else Autonomy.BOUNDED

        desk.oms._autonomy = autonomy
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        assert (order.state, order.reason_code) == (S.DENIED, "AUTONOMY_DISARMED")
        assert desk.states(order) == [S.DRAFT, S.APPROVED, S.DENIED]
        await desk.bought(10)
        desk.oms._autonomy = lambda _strategy: Autonomy.APPROVE
        closing = await desk.oms.submit(desk.intent(Side.SELL, 10, strategy=STRATEGY))
        await desk.pass_time(0.5)
        assert desk.now(closing).state is S.FILLED


async def test_disarming_stops_automation_up_to_the_last_instant(tmp_path):
    async with trading_desk(tmp_path, autonomy=Autonomy.BOUNDED) as desk:

        def disarm(event):
            if event.order.state is S.SENDING:
                off = ArmingChanged(armed=False, reason="Disarmed by you", ts_event=0, ts_init=0)
                desk.bus.publish(off)

        desk.bus.subscribe(OrderChanged, disarm)
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        await desk.pass_time(0.5)
        assert (desk.now(order).state, desk.now(order).reason_code) == (S.DENIED, "STATE_TIGHTENED")
        await desk.bought(11)  # a person's order goes, and what only closes
        closing = await desk.oms.submit(desk.intent(Side.SELL, 11, strategy=STRATEGY))
        await desk.pass_time(0.5)
        assert desk.now(closing).state is S.FILLED


async def test_a_manual_strategy_may_only_close(tmp_path):
    async with trading_desk(tmp_path, autonomy=Autonomy.MANUAL) as desk:
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        assert (order.state, order.reason_code) == (S.DENIED, "AUTONOMY_MANUAL")
        await desk.bought(10)
        closing = await desk.oms.submit(desk.intent(Side.SELL, 10, strategy=STRATEGY))
        await desk.pass_time(0.5)
        assert desk.now(closing).state is S.FILLED


async def test_a_reducing_order_never_queues_and_is_not_blocked_by_size(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(40)
        desk.switch.tighten(TradingState.REDUCING, "test")
        opening = await desk.oms.submit(desk.intent(quantity=1))
        assert opening.reason_code == "STATE_REDUCING"
        closing = await desk.oms.submit(desk.intent(Side.SELL, 40, strategy=STRATEGY))
        await desk.pass_time(0.5)
        assert desk.now(closing).state is S.FILLED
        assert desk.portfolio.position("ABC").flat


async def test_two_exits_can_not_flip_the_position(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        stop = desk.intent(Side.SELL, 10, type=OrderType.STOP, stop="95", strategy=STRATEGY)
        first = await desk.oms.submit(stop)
        second = await desk.oms.submit(desk.intent(Side.SELL, 10, strategy=STRATEGY))
        assert first.state is S.SENDING
        assert second.state is S.PENDING_APPROVAL  # with the stop it would go short: an opening


async def test_cancel_and_replace(tmp_path):
    async with trading_desk(tmp_path) as desk:
        resting = desk.intent(type=OrderType.LIMIT, limit="99.50")
        order = await desk.oms.submit(resting)
        await desk.pass_time(0.5)
        assert desk.now(order).state is S.WORKING
        new = await desk.oms.replace(
            order.client_order_id, lambda _old: desk.intent(type=OrderType.LIMIT, limit="99.60")
        )
        await desk.pass_time(0.5)
        assert desk.now(order).state is S.REPLACED
        assert desk.now(new).state is S.WORKING
        await desk.do(desk.oms.cancel(new.client_order_id))
        await desk.pass_time(0.5)
        assert desk.states(new)[-2:] == [S.PENDING_CANCEL, S.CANCELED]
        with pytest.raises(TradingError):
            await desk.oms.cancel(new.client_order_id)


async def test_partial_fills_add_up(tmp_path):
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        order = await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="100.01"))
        await desk.pass_time(0.5)
        assert (desk.now(order).state, desk.now(order).filled) == (S.PARTIALLY_FILLED, 4)
        desk.quote(99.98, 100.00, size=100)
        await desk.pass_time(0.5)
        done = desk.now(order)
        assert (done.state, done.filled) == (S.FILLED, 10)
        assert sum(event.fill.quantity for event in desk.fills) == 10


async def test_no_token_no_order(tmp_path):
    async with trading_desk(tmp_path) as desk:
        order = await desk.bought()
        with pytest.raises(TokenRefusedError):
            await desk.broker.submit(order, GateToken("made up", order.fingerprint))
        token = desk.turnstile.issue(order)
        desk.turnstile.redeem(token, order)
        with pytest.raises(TokenRefusedError):
            desk.turnstile.redeem(token, order)


async def test_a_token_is_of_one_order(tmp_path):
    async with trading_desk(tmp_path) as desk:
        one = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        other = await desk.oms.submit(desk.intent(quantity=11, strategy=STRATEGY))
        with pytest.raises(TokenRefusedError):
            desk.turnstile.redeem(desk.turnstile.issue(one), other)


async def test_a_lost_answer_is_unknown_until_found_and_never_sent_again(tmp_path):
    settings = PaperSettings(jitter_fraction=0, lost_answer_rate=1.0, lost_answer_after_s=3.0)
    async with trading_desk(tmp_path, settings=settings) as desk:
        resting = desk.intent(type=OrderType.LIMIT, limit="99.50")
        order = await desk.oms.submit(resting)
        await desk.pass_time(30)
        assert desk.now(order).state is S.WORKING
        assert len(await desk.do(desk.broker.open_orders())) == 1


async def test_the_venue_s_no_is_rejected_not_denied(tmp_path):
    settings = PaperSettings(jitter_fraction=0, reject_rate=1.0)
    async with trading_desk(tmp_path, settings=settings) as desk:
        order = await desk.oms.submit(desk.intent())
        await desk.pass_time(1)
        assert desk.now(order).state is S.REJECTED


async def test_the_kill_switch_halts_cancels_flattens_and_verifies(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.50"))
        waiting = await desk.oms.submit(desk.intent(quantity=3, strategy=STRATEGY))
        await desk.pass_time(0.5)
        reports = []

        async def fire():
            reports.append(await desk.kill_switch.fire("test", flatten=True))

        desk.supervisor.work(fire(), name="kill", owner="test")
        await desk.pass_time(0)
        assert desk.switch.state is TradingState.HALTED
        await desk.pass_time(5)
        assert reports[0].confirmed
        assert desk.now(waiting).reason_code == "APPROVAL_KILLED"
        assert desk.portfolio.position("ABC").flat
        after = await desk.oms.submit(desk.intent())
        assert after.reason_code == "STATE_HALTED"


async def test_a_proposal_that_a_halt_overtakes_waits_for_nobody(tmp_path):
    async with trading_desk(tmp_path) as desk:

        def halt_meanwhile(change):
            if change.order.state is S.PENDING_APPROVAL:
                desk.switch.tighten(TradingState.HALTED, "while the proposal was written")

        desk.bus.subscribe(OrderChanged, halt_meanwhile, name="halt")
        order = await desk.oms.submit(desk.intent(quantity=3, strategy=STRATEGY))
        assert (order.state, order.reason_code) == (S.DENIED, "STATE_HALTED")
        assert desk.approvals.waiting() == []


async def test_reservations_count_at_once(tmp_path):
    """Two orders in the same instant can't both use the last of the room."""
    async with trading_desk(tmp_path) as desk:
        results = []

        async def submit(quantity):
            results.append(await desk.oms.submit(desk.intent(quantity=quantity)))

        for quantity in (40, 41, 42):  # 4,000 each, 10,000 is the most in one symbol
            desk.supervisor.work(submit(quantity), name=f"s{quantity}", owner="test")
        await desk.pass_time(1)
        codes = sorted(desk.now(order).reason_code for order in results)
        assert codes == ["", "", "POSITION_CONCENTRATION"]


async def test_a_replacement_asks_only_for_what_is_unfilled(tmp_path):
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        old = await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="100.01"))
        await desk.pass_time(0.5)
        assert desk.now(old).filled == 4
        new = await desk.oms.replace(
            old.client_order_id,
            lambda intent: msgspec.structs.replace(
                intent, intent_id="again", limit_price=Decimal("100.02")
            ),
        )
        await desk.pass_time(0.5)
        desk.quote(99.99, 100.01, size=100)
        await desk.pass_time(0.5)
        assert (desk.now(new).filled, desk.now(new).state) == (6, S.FILLED)
        assert desk.portfolio.position("ABC").quantity == 10


async def test_a_fill_while_a_replace_is_on_its_way_fills_nothing_twice(tmp_path):
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        old = await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="100.01"))
        await desk.pass_time(0.5)
        new = await desk.oms.replace(
            old.client_order_id, lambda i: msgspec.structs.replace(i, intent_id="again")
        )
        desk.quote(99.99, 100.01, size=100)  # fills the old one before the replace arrives
        await desk.pass_time(0.5)
        assert (desk.now(old).state, desk.now(new).state) == (S.FILLED, S.REJECTED)
        assert desk.portfolio.position("ABC").quantity == 10


async def test_a_stop_that_only_closes_commits_nothing(tmp_path):
    async with trading_desk(tmp_path) as desk:
        await desk.bought(40)
        order = await desk.oms.submit(desk.intent(Side.SELL, 40, type=OrderType.STOP, stop="95"))
        await desk.pass_time(0.5)
        unasked = ApprovalView(needed=False, releasing=False, given_for=None, expires_ns=None)
        probe = imagined(desk.intent(quantity=1), None, desk.clock.now_ns())
        assert desk.situation.view(probe, unasked).commitments.total == 0
        await desk.do(desk.oms.cancel(order.client_order_id))
        await desk.pass_time(0.5)
        await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.00"))
        assert desk.situation.view(probe, unasked).commitments.total == 990


class FailingStore:
    """A real store that refuses to write while `full`, as a full disk does."""

    def __init__(self, store):
        self._store = store
        self.full = False

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def save_order(self, order):
        self._refuse()
        await self._store.save_order(order)

    async def save_fill(self, fill, order):
        self._refuse()
        return await self._store.save_fill(fill, order)

    def _refuse(self):
        if self.full:
            raise StoreError("disk full", user_text="The disk is full.")


@pytest.fixture
async def failing_store(tmp_path):
    return FailingStore(await open_store(tmp_path / "cockpit.sqlite3"))


async def test_a_fill_survives_a_full_disk(tmp_path, failing_store):
    async with trading_desk(tmp_path, store=failing_store) as desk:
        order = await desk.oms.submit(desk.intent())
        failing_store.full = True
        await desk.pass_time(5)
        assert not desk.fills
        assert desk.switch.state is TradingState.HALTED
        assert "store" in desk.incidents
        failing_store.full = False
        await desk.pass_time(5)
        assert desk.now(order).state is S.FILLED
        assert len(desk.fills) == 1


async def test_nothing_is_sent_that_could_not_be_stored(tmp_path, failing_store):
    async with trading_desk(tmp_path, store=failing_store) as desk:
        failing_store.full = True
        with pytest.raises(StoreError):
            await desk.oms.submit(desk.intent())
        await desk.pass_time(1)
        failing_store.full = False
        assert not await desk.do(desk.broker.open_orders())
        assert not await desk.do(desk.broker.executions(0))


async def test_a_request_that_could_not_be_approved_still_waits(tmp_path, failing_store):
    async with trading_desk(tmp_path, store=failing_store) as desk:
        order = await desk.oms.submit(desk.intent(strategy=STRATEGY))
        failing_store.full = True
        with pytest.raises(StoreError):
            await desk.oms.approve(order.client_order_id)
        failing_store.full = False
        await desk.oms.approve(order.client_order_id)
        await desk.pass_time(1)
        assert desk.now(order).state is S.FILLED


async def test_a_proposal_halted_while_the_disk_is_full_does_not_wait_for_ever(
    tmp_path, failing_store
):
    async with trading_desk(tmp_path, store=failing_store) as desk:

        def halt(change):
            if change.order.state is S.PENDING_APPROVAL:
                desk.switch.tighten(TradingState.HALTED, "Halted by you")
                failing_store.full = True

        desk.bus.subscribe(OrderChanged, halt)
        with pytest.raises(StoreError):
            await desk.oms.submit(desk.intent(strategy=STRATEGY))
        [proposal] = desk.orders.all()
        assert not desk.approvals.waiting()
        failing_store.full = False
        await desk.pass_time(2)
        assert desk.now(proposal).state is S.DENIED
        assert desk.now(proposal).reason_code == "STORE_REFUSED"


async def test_the_kill_switch_works_with_a_full_disk(tmp_path, failing_store):
    async with trading_desk(tmp_path, store=failing_store) as desk:
        await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.50"))
        await desk.oms.submit(desk.intent(quantity=3, strategy=STRATEGY))
        await desk.pass_time(0.5)
        failing_store.full = True
        report = await desk.do(desk.kill_switch.fire("test", flatten=False))
        assert report.confirmed
        assert desk.switch.state is TradingState.HALTED
        failing_store.full = False
        await desk.pass_time(3)


async def test_a_limit_that_can_not_be_measured_halts(tmp_path):
    async with trading_desk(tmp_path) as desk:
        desk.portfolio.open_at(Decimal("NaN"))
        order = await desk.oms.submit(desk.intent())
        assert (order.state, order.reason_code) == (S.DENIED, "CONTROL_FAILED")
        assert desk.switch.state is TradingState.HALTED
        assert "control.situation" in desk.incidents
