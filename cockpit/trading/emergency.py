"""Closes positions while the ledger refuses: the broker's word, the same gate, a file beside.

Only market orders that reduce, and only for a kill that flattens. What would have been in the
ledger before the send is in the file aside instead, and joins the ledger before anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

import msgspec
import structlog

from cockpit.domain.limits import Verdict
from cockpit.domain.order import FLATTEN, Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.values import ZERO
from cockpit.kernel.clock import SECOND
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import Broker, BrokerError, BrokerOrder, BrokerPosition
from cockpit.ports.clock import Clock
from cockpit.ports.store import Aside, Store, StoreError
from cockpit.trading.drafts import unasked
from cockpit.trading.durable import Durable
from cockpit.trading.gate import Gate, Turnstile, control_failed
from cockpit.trading.gate.situation import Situation
from cockpit.trading.likeness import is_older
from cockpit.trading.names import OrderNames, base36
from cockpit.trading.order_log import OrderLog, judgement
from cockpit.trading.sender import Sender

_log = structlog.get_logger(__name__)
_S = OrderState
KILL = "kill"


class Probe:
    """A row of the audit log on its way: whether the ledger can be written to now."""

    def __init__(self) -> None:
        self.answered = self.stored = False


@dataclass(frozen=True, kw_only=True)
class Closed:
    """What was sent, and why not what was not, in words."""

    orders: tuple[Order, ...]
    problems: tuple[str, ...]


class Emergency:
    """The way out without the ledger. `truth` tells the door what the broker said is held."""

    PATIENCE_S = 0.3
    CHECK_EVERY_S = 0.02
    ASKS = 5
    ASK_AGAIN_S = 0.1

    def __init__(
        self,
        *,
        clock: Clock,
        supervisor: Supervisor,
        store: Store,
        broker: Broker,
        gate: Gate,
        turnstile: Turnstile,
        situation: Situation,
        log: OrderLog,
        sender: Sender,
        truth: dict[str, Decimal],
        durable: Durable,
        account_id: str,
        names: OrderNames,
    ) -> None:
        self._clock = clock
        self._supervisor = supervisor
        self._store = store
        self._broker = broker
        self._gate = gate
        self._turnstile = turnstile
        self._situation = situation
        self._order_log = log
        self._sender = sender
        self._truth = truth
        self._account_id = account_id
        self._names = names
        self._durable = durable
        self._closing = self._going_home = False

    @property
    def where(self) -> str:
        """Where the record stands until the ledger has it."""
        return self._store.aside

    def probe(self, reason: str) -> Probe:
        """Write down that a kill flattens; whether that works says how to go on."""
        probe = Probe()
        try:
            self._supervisor.work(self._ask_ledger(probe, reason), name="kill", owner="trading")
        except SupervisorStoppedError:
            probe.answered = True
        return probe

    async def ledger_answers(self, probe: Probe) -> bool:
        """Whether the ledger took the row in, within a patience that a person has."""
        for _ in range(round(self.PATIENCE_S / self.CHECK_EVERY_S)):
            if probe.answered:
                break
            await self._clock.sleep(self.CHECK_EVERY_S)
        return probe.stored

    async def close_all(self, still_open: Sequence[BrokerOrder]) -> Closed:
        """Send a closing order for all that the broker says is held.

        Not where one of `still_open`, or an order that nobody has proved to have ended, may
        still trade. Raises BrokerError when the broker can't say what is held.
        """
        while self._closing:  # one at a time; a lock would keep virtual time still
            await self._clock.sleep(self.CHECK_EVERY_S)
        self._closing = True
        try:
            closed = await self._close_each({order.symbol for order in still_open})
        finally:
            self._closing = False
        if closed.orders:
            self._bring_home()
        return closed

    async def _close_each(self, works: Collection[str]) -> Closed:
        kill, orders, problems = base36(self._clock.now_ns() // SECOND), list[Order](), list[str]()
        ended = {held.symbol: await self._ended_on(held.symbol) for held in await self._held()}
        known = {symbol: self._known(symbol) for symbol in ended}
        # Asked anew: what has ended by now had filled before it did.
        for held in await self._caught_up(ended):
            try:
                why = self._in_doubt(held.symbol, works, ended.get(held.symbol, ()))
                if not why and self._lags(held, ended.get(held.symbol, {})):
                    why = _not_shown(held.symbol)
                if known.get(held.symbol) != self._known(held.symbol):
                    why = f"{held.symbol}: not closed, for it changed just then. Try again"
                if why:
                    problems.append(why)
                else:
                    orders.append(await self._close(kill, held))
            except StoreError as error:
                _log.error("emergency_close_failed", symbol=held.symbol, error=str(error))
                problems.append(f"{held.symbol}: {error.user_text}")
        problems += await self._unseen({*ended, *works, *(order.symbol for order in orders)})
        return Closed(orders=tuple(orders), problems=tuple(problems))

    async def _unseen(self, seen: Collection[str]) -> list[str]:
        """What the broker's list lacks although an order of it may have filled: it is not flat."""
        orders = self._order_log.orders.open()
        problems = list[str]()
        for symbol in dict.fromkeys(o.symbol for o in orders if o.state.at_venue):
            if symbol in seen:
                continue
            ended = await self._ended_on(symbol)
            why = self._in_doubt(symbol, (), ended)
            if not why and self._lags(_flat(symbol), ended):
                why = _not_shown(symbol)
            problems += [why] if why else []
        return problems

    async def left(self) -> Sequence[BrokerPosition]:
        """What the broker says is held. Raises BrokerError: a failed question is not "flat"."""
        return [p for p in await self._broker.positions() if p.quantity != 0]

    async def _ask_ledger(self, probe: Probe, reason: str) -> None:
        told = {"reason": reason, "flatten": True}
        with suppress(StoreError):
            await self._store.record(KILL, self._account_id, self._clock.now_ns(), told)
            probe.stored = True
        probe.answered = True

    def _bring_home(self) -> None:
        """Ask the ledger for anything until it answers: then it has taken in what waits."""
        if not self._going_home:
            with suppress(SupervisorStoppedError):  # the next start takes it in
                self._supervisor.work(self._home(), name="bring-home", owner="trading")
                self._going_home = True

    async def _home(self) -> None:
        try:
            await self._durable.write(lambda: self._store.newest_record(KILL, self._account_id))
        finally:
            self._going_home = False

    async def _held(self) -> Sequence[BrokerPosition]:
        for _ in range(self.ASKS - 1):
            with suppress(BrokerError):
                return await self.left()
            await self._clock.sleep(self.ASK_AGAIN_S)
        return await self.left()

    async def _caught_up(
        self, ended: Mapping[str, Mapping[str, Decimal]]
    ) -> Sequence[BrokerPosition]:
        """What is held, once it shows what the ended orders filled, or after a moment."""
        held = await self._held()
        for _ in range(self.ASKS):
            if not any(self._gap(p, self._unbooked(ended.get(p.symbol, {}))) for p in held):
                break
            await self._clock.sleep(self.ASK_AGAIN_S)
            held = await self._held()
        return held

    def _lags(self, held: BrokerPosition, ended: Mapping[str, Decimal]) -> bool:
        """Whether the broker's list may be without a part of what is filled and not booked yet.

        Closing by such a list would close twice. A difference that no such part can make is
        the broker's word.
        """
        unbooked = self._unbooked(ended)
        bought = sum((filled for filled in unbooked if filled > ZERO), ZERO)
        sold = sum((filled for filled in unbooked if filled < ZERO), ZERO)
        gap = self._gap(held, unbooked)
        return gap != ZERO and sold <= gap <= bought

    def _gap(self, held: BrokerPosition, unbooked: Sequence[Decimal]) -> Decimal:
        """How far `held` is from what is booked with all that is not yet."""
        booked = self._situation.portfolio.position(held.symbol).quantity
        return sum(unbooked, booked) - held.quantity

    def _unbooked(self, ended: Mapping[str, Decimal]) -> list[Decimal]:
        """What each ended order filled since the ledger last heard of it; a sale is below zero."""
        orders = [(self._order_log.get(name), filled) for name, filled in ended.items()]
        return [(filled - order.filled) * order.intent.side.sign for order, filled in orders]

    async def _ended_on(self, symbol: str) -> dict[str, Decimal]:
        """The orders on `symbol` that are open here and that the broker proves to have ended.

        Their end could not be stored. With each what the broker says it filled.
        """
        self._turnstile.void(symbol)  # what waits for the ledger must not follow
        names = [o.client_order_id for o in self._order_log.orders.open(symbol) if o.state.at_venue]
        told = {name: await self._filled_at_end(name) for name in names}
        return {name: filled for name, filled in told.items() if filled is not None}

    def _in_doubt(self, symbol: str, works: Collection[str], ended: Collection[str]) -> str:
        """Why nothing may be sent for `symbol`: an order that may still trade.

        What has no token any more does not count: nothing of it goes out.
        """
        self._turnstile.void(symbol)
        if symbol in works:
            return f"{symbol}: not closed while an order may still fill"
        for order in self._order_log.orders.open(symbol):
            if order.state.at_venue and order.client_order_id not in ended:
                name = order.client_order_id
                return f"{symbol}: not closed, for nobody can say that {name} has ended"
        return ""

    def _known(self, symbol: str) -> tuple[object, ...]:
        """What is known here of `symbol`: while it is the same, the broker's word holds."""
        sent = [o for o in self._order_log.orders.open(symbol) if o.state.at_venue]
        held = self._situation.portfolio.position(symbol).quantity
        return held, *((o.client_order_id, o.state, o.filled) for o in sent)

    async def _filled_at_end(self, client_order_id: str) -> Decimal | None:
        """What it filled, once the broker proves its end, given a moment: it may just arrive."""
        for ask in range(self.ASKS):
            if ask:
                await self._clock.sleep(self.ASK_AGAIN_S)
            with suppress(BrokerError):
                found = await self._broker.find_order(client_order_id)
                order = self._order_log.get(client_order_id)
                if found is None or is_older(order, found):
                    continue
                if found.report.state.terminal:
                    return found.report.filled
        return None

    async def _close(self, kill: str, held: BrokerPosition) -> Order:
        """Gate, record, send; DENIED when the gate says no. Raises StoreError: nothing was sent.

        No await before the order counts as open.
        """
        draft = self._draft(kill, held)
        verdict = self._judged(draft, held)
        facts = [_version(draft), _gate(draft, verdict)]
        if (denial := verdict.denial) is not None:
            order = draft.moved_to(
                _S.DENIED, self._clock.now_ns(), code=denial.code, text=denial.text
            )
            await self._store.keep_aside([*facts, _version(order)])
            self._order_log.publish(order, None)
            return order
        # Counted as open in the same step as the verdict: nobody else closes it meanwhile.
        self._order_log.orders.reserve(draft)
        token = self._gate.open_for(draft, verdict, verdict.ts_ns, entry=False)
        self._truth[draft.client_order_id] = held.quantity
        order = draft
        for state in (_S.APPROVED, _S.RESERVED, _S.SENDING):
            order = order.moved_to(state, self._clock.now_ns())
            facts.append(_version(order))
        try:
            await self._store.keep_aside(facts)
        except StoreError:
            self._order_log.orders.unreserve(draft.client_order_id)
            raise
        self._order_log.publish(order, None)
        self._sender.start(order, token, None)
        return order

    def _draft(self, kill: str, held: BrokerPosition) -> Order:
        """An order by a name made of kill, symbol and attempt: the broker takes it once."""
        attempt, now, symbol = 1, self._clock.now_ns(), held.symbol
        while self._order_log.orders.get(name := self._names.closing(kill, symbol, attempt)):
            attempt += 1
        return Order(
            client_order_id=name,
            intent=OrderIntent(
                intent_id=f"kill/{name}",
                account_id=self._account_id,
                symbol=held.symbol,
                side=Side.SELL if held.quantity > ZERO else Side.BUY,
                type=OrderType.MARKET,
                quantity=abs(held.quantity),
                strategy=FLATTEN,
                note="Close the position, without the ledger",
            ),
            created_ns=now,
            updated_ns=now,
        )

    def _judged(self, order: Order, held: BrokerPosition) -> Verdict:
        """The whole gate, on what the broker says is held and open instead of what is stored.

        That nothing was just sent for the same is known from the broker, too.
        """
        try:
            view = self._situation.view(order, unasked(needed=False))
            view = self._situation.without(view, lambda other: other.symbol == order.symbol)
            view = msgspec.structs.replace(view, position=held.quantity, recent_same=0)
            return self._gate.evaluate(view)
        except Exception as error:  # noqa: BLE001 -- whatever fails, the answer is no
            failed = control_failed("situation", error)
            return Verdict(results=(failed,), ts_ns=self._clock.now_ns())


def _flat(symbol: str) -> BrokerPosition:
    return BrokerPosition(symbol=symbol, quantity=ZERO, average_cost=ZERO)


def _not_shown(symbol: str) -> str:
    return (
        f"{symbol}: not closed, for the broker's list of what is held does not show yet what its "
        "orders have filled. Try again"
    )


def _version(order: Order) -> Aside:
    return Aside(
        kind="order",
        account_id=order.intent.account_id,
        ts_ns=order.updated_ns,
        payload=order,
    )


def _gate(order: Order, verdict: Verdict) -> Aside:
    return Aside(
        kind="gate",
        account_id=order.intent.account_id,
        ts_ns=verdict.ts_ns,
        payload=judgement(order, verdict, releasing=True),
    )
