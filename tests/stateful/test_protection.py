"""Protected positions in any weather: exits never exceed what is held, and none is forgotten.

The venue is asked, not the desk: what rests there is what can be filled. Stops and targets,
trailing stops, fills in pieces, gaps, closing by hand, halts, the kill switch, refusals and
lost answers come in any order, and the protections are made anew from the ledger at any time.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.adapters.brokers.paper.orders import VenueOrder
from cockpit.domain.approval import Autonomy
from cockpit.domain.limits import Limits
from cockpit.domain.order import MANUAL, Order, Side
from cockpit.domain.order import OrderType as Type
from cockpit.domain.protection import Protection
from tests.stateful.checks import check_all, check_when_all_is_quiet
from tests.stateful.profile import looking
from tests.stateful.watched_desk import WatchedDesk
from tests.support.desk import STRATEGY

ABC = "ABC"
WIDE = Limits(
    max_active_orders=50,
    max_messages_per_second=1_000,
    max_messages_per_minute=100_000,
    max_strategy_entries=500,
    max_orders_per_day=100_000,
    duplicate_window_s=Decimal("0.001"),
    max_position_fraction=Decimal("0.5"),
    max_order_value=Decimal(50_000),
    max_order_equity_fraction=Decimal("0.5"),
    day_loss_reducing_fraction=Decimal("0.8"),
    day_loss_halted_fraction=Decimal("0.9"),
)
sides = st.sampled_from(Side)
cents = st.integers(-120, 120)
distances = st.integers(5, 200)
quantities = st.integers(1, 40)
PAUSES = st.sampled_from([0.02, 0.041, 0.1, 0.3, 0.5, 1.1, 2.5, 6.0])


class Guarded(RuleBasedStateMachine):
    """One symbol, many things that happen to it."""

    @initialize(
        rates=st.sampled_from([(0.0, 0.0), (0.0, 0.0), (0.3, 0.0), (0.0, 0.2)]),
        latency=st.sampled_from([0.0, 40.0, 250.0]),
        seed=st.integers(0, 99),
    )
    def open(self, rates, latency, seed):
        self.rejecting, self.losing = rates
        settings = PaperSettings(
            latency_ms=latency, seed=seed, reject_rate=self.rejecting,
            lost_answer_rate=self.losing, lost_answer_after_s=1.0,
        )  # fmt: skip
        self.mid = 10_000
        self.w = WatchedDesk(settings, WIDE, Autonomy.BOUNDED)
        self._quote(2, 1_000)

    # what people and strategies do

    @rule(
        side=sides, quantity=quantities, away=distances, limit=st.booleans(),
        kind=st.sampled_from(["stop", "target", "trail", "all", "fraction"]),
        who=st.sampled_from([MANUAL, STRATEGY]),
    )  # fmt: skip
    def enter(self, side, quantity, away, limit, kind, who):  # noqa: PLR0917 -- all are drawn
        self._quote(2, 1_000)
        plan = self._plan(side, away, kind)
        touch = self.mid + side.sign
        order_type = Type.LIMIT if limit else Type.MARKET
        price = str(Decimal(touch) / 100) if limit else None
        self._begin(
            lambda: self.w.desk.oms.submit(
                self.w.desk.intent(
                    side, quantity, type=order_type, limit=price, strategy=who, protection=plan
                )
            )
        )

    @rule(quantity=quantities, limit=st.none() | cents)
    def close_by_hand(self, quantity, limit):
        held = self.w.desk.portfolio.position(ABC).quantity
        if held == 0:
            return
        side = Side.SELL if held > 0 else Side.BUY
        price = None if limit is None else str(Decimal(self.mid + limit) / 100)
        kind = Type.MARKET if limit is None else Type.LIMIT
        intent = self.w.desk.intent(side, quantity, type=kind, limit=price)
        self._begin(lambda: self.w.desk.oms.submit(intent))

    @rule(away=distances, kind=st.sampled_from(["stop", "target", "trail", "all"]))
    def protect(self, away, kind):
        held = self.w.desk.portfolio.position(ABC).quantity
        side = Side.BUY if held > 0 else Side.SELL
        plan = self._plan(side, away, kind)
        self._begin(lambda: self.w.desk.protector.protect(ABC, plan))

    @rule()
    def unprotect(self):
        self._begin(lambda: self.w.desk.protector.unprotect(ABC))

    @rule()
    def flatten(self):
        self._begin(lambda: self.w.desk.kill_switch.flatten(ABC))

    @precondition(lambda self: self.w.desk.orders.open())
    @rule(data=st.data())
    def cancel(self, data):
        order_id = data.draw(
            st.sampled_from([order.client_order_id for order in self.w.desk.orders.open()])
        )

        async def cancel() -> None:
            await self.w.desk.protector.release(order_id)
            await self.w.desk.oms.cancel(order_id)

        self._begin(cancel)

    # what the market does

    @rule(move=cents, spread=st.integers(1, 6), size=st.integers(1, 60))
    def quote(self, move, spread, size):
        self.mid = min(12_000, max(8_000, self.mid + move))
        self._quote(spread, size)

    @rule(gap=st.sampled_from([-600, -300, 300, 600]), size=st.integers(1, 200))
    def gap(self, gap, size):
        self.mid = min(12_000, max(8_000, self.mid + gap))
        self._quote(4, size)

    @rule(seconds=PAUSES)
    def time_passes(self, seconds):
        self.w.wait(seconds)

    @rule(
        kind=st.sampled_from(
            ["kill switch", "cancel all", "at the broker", "reduce", "halt", "venue halt",
             "full disk", "lamp"]
        ),
    )  # fmt: skip
    def trouble(self, kind):
        self.w.trouble(kind, ABC)

    @rule()
    def calm(self):
        self.w.calm()

    @rule()
    def made_anew_from_the_ledger(self):
        """As at a start: what is known is thrown away and read again."""
        self._begin(self.w.desk.protector.rearm)

    # what must hold

    @invariant()
    def desk_and_ledger_agree(self):
        if hasattr(self, "w"):
            check_all(self.w)

    @invariant()
    def exits_never_exceed_what_is_held(self):
        if not hasattr(self, "w"):
            return
        held, resting = self._at_the_venue()
        exits = [o for o in resting if o.order.intent.protects]
        closing = [o for o in resting if o.side.sign * held < 0]
        assert all(o in closing for o in exits), (held, exits)
        if exits:
            assert sum(o.remaining for o in closing) <= abs(held), (held, closing)
        of_cover: defaultdict[str, int] = defaultdict(int)
        for order in exits:
            of_cover[order.order.intent.protects] += 1
        assert max(of_cover.values(), default=0) <= 1, of_cover

    @invariant()
    def a_stop_is_never_loosened(self):
        if not hasattr(self, "w"):
            return
        last: dict[str, Order] = {}
        for order in self.w.desk.orders.all():
            stop, protects = order.intent.stop_price, order.intent.protects
            if not protects or stop is None:
                continue
            before = last.get(protects)
            if before is not None and self._same_position(before, order):
                move = (stop - before.intent.stop_price) * -order.intent.side.sign
                assert move >= 0, (before, order)
            last[protects] = order

    def _same_position(self, before: Order, order: Order) -> bool:
        """Whether the position was not closed between the two."""
        net, closed = Decimal(0), False
        for event in self.w.desk.fills:
            net += event.fill.signed_quantity
            between = before.created_ns <= event.fill.ts_init <= order.created_ns
            closed = closed or (between and net == 0)
        return not closed

    def teardown(self):
        if hasattr(self, "w"):
            self.w.end(self._let_it_end)

    def _let_it_end(self) -> None:
        """All faults gone and time passed: what is armed is covered, and no more than that."""
        self.w.calm()
        for _ in range(70):
            self._quote(2, 1)  # fresh, and too small to matter much
            self.w.wait(1.0)
            self.desk_and_ledger_agree()
            self.exits_never_exceed_what_is_held()
        self.w.wait(10)
        check_when_all_is_quiet(self.w)
        held, resting = self._at_the_venue()
        covers = self.w.desk.protector.covers(ABC)
        exits = sum(o.remaining for o in resting if o.order.intent.protects)
        others = sum(
            o.remaining for o in resting if not o.order.intent.protects and o.side.sign * held < 0
        )
        wanted = min(sum(c.quantity for c in covers), max(0, abs(held) - others))
        assert sum(c.quantity for c in covers) <= abs(held)
        given_up = any(cover.failures > 5 for cover in covers)
        assert exits == wanted or given_up, (held, covers, resting)

    def _at_the_venue(self) -> tuple[Decimal, list[VenueOrder]]:
        venue = self.w.desk.broker._venue
        held = next((p.quantity for p in venue.positions() if p.symbol == ABC), Decimal(0))
        return held, [order for order in venue._orders.values() if order.open]

    def _plan(self, side: Side, away: int, kind: str) -> Protection:
        mid, sign = self.mid, side.sign

        def at(cents: int) -> Decimal:
            return Decimal(max(1, mid + cents * sign)) / 100

        if kind == "fraction":
            return Protection(trail_fraction=Decimal(away) / 10_000)
        return Protection(
            stop=None if kind == "trail" else at(-away - 5),
            target=at(away) if kind in ("target", "all") else None,
            trail=Decimal(away) / 100 if kind in ("trail", "all") else None,
        )

    def _quote(self, spread: int, size: int) -> None:
        bid = (self.mid - spread) / 100
        ask = (self.mid + spread) / 100
        self.w.quote(ABC, bid, ask, size)
        self.w.settle()

    def _begin(self, command) -> None:
        self.w.start(command)
        self.w.settle()


Guarded.TestCase.settings = looking(examples=25, steps=40)
TestGuarded = Guarded.TestCase
