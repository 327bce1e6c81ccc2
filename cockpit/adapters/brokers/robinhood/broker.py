"""Robinhood under the broker port, for reading: what is held, what is open, what was traded.

It sends nothing. Orders and cancels are refused here, and once more by the transport below.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeVar

import structlog

from cockpit.adapters.brokers.bodies import UnreadableError
from cockpit.adapters.brokers.robinhood import reading
from cockpit.adapters.brokers.robinhood.approval import Approval
from cockpit.adapters.brokers.robinhood.faults import ROBINHOOD, no_change, not_sent
from cockpit.adapters.brokers.robinhood.lamp import Lamp
from cockpit.adapters.brokers.robinhood.lines import Lines
from cockpit.adapters.brokers.robinhood.settings import RobinhoodSettings
from cockpit.adapters.brokers.robinhood.shelf import Shelf
from cockpit.adapters.brokers.robinhood.signin import SignIn
from cockpit.adapters.brokers.robinhood.tokens import Safe
from cockpit.adapters.brokers.robinhood.wire import WireAccount, WireOrder
from cockpit.adapters.secrets.skew import skew_check
from cockpit.domain.account import Account, Mode
from cockpit.domain.connection import Health
from cockpit.domain.market import Bar, Quote
from cockpit.domain.order import Order
from cockpit.kernel.log import REDACTOR
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import (
    Ack,
    BrokerError,
    BrokerOrder,
    BrokerPosition,
    BrokerSink,
    ExecutionReport,
    GateToken,
    Redeem,
)
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, CheckState
from cockpit.ports.vault import Vault

_log = structlog.get_logger(__name__)
T = TypeVar("T")
_INTERVALS = {"5minute": 300, "10minute": 600, "hour": 3_600, "day": 86_400, "week": 604_800}


class RobinhoodBroker:
    """Implements `Broker` and `Checked` for one real account, read-only by construction."""

    name = "robinhood"

    def __init__(
        self,
        settings: RobinhoodSettings,
        *,
        clock: Clock,
        redeem: Redeem,
        account_id: str,
        supervisor: Supervisor,
        vault: Vault,
        account: str,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._redeem = redeem
        self._account_id = account_id
        self._supervisor = supervisor
        self._safe = Safe(vault, account)
        self._account = account
        self._lines: Lines | None = None
        self._shelf: Shelf | None = None
        self._number = ""
        self._lamp: Lamp | None = None
        self._sign_in: SignIn | None = None
        self._watch: asyncio.Task[None] | None = None

    async def connect(self, sink: BrokerSink) -> None:
        """Sign in, waiting for a person's approval where Robinhood asks for one."""
        settings, clock = self._settings, self._clock
        lamp = self._lamp = Lamp(sink, clock)
        sign_in = self._sign_in = SignIn(
            safe=self._safe, clock=clock, renew_before_s=settings.renew_before_s
        )
        lines = self._lines = Lines(settings, sign_in.token)
        sign_in.use(lines, Approval(lines, clock, settings, lamp.waits_for_approval))
        lamp.show(Health.CONNECTING)
        try:
            self._number = (await self._account_of(lines)).account_number
            REDACTOR.hide(self._number)
            self._shelf = Shelf(lines, clock, self._number)
            await ROBINHOOD.asked("orders", self._shelf.refresh(), signing_in=True)
        except BrokerError as error:
            lamp.failed(error)
            await self.close()
            raise
        lamp.show(Health.UP)
        lines.share(self._account)
        self._watch = self._supervisor.serve(self._watching, name="watch", owner="robinhood")

    async def close(self) -> None:
        """End the session; nothing is left waiting for Robinhood."""
        lines, self._lines, self._shelf = self._lines, None, None
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            await asyncio.wait({watch})
        if lines is not None:
            lines.close()
        lamp, self._lamp = self._lamp, None
        if lamp is not None:
            lamp.end()

    # what it never does

    async def submit(self, order: Order, token: GateToken) -> Ack:
        """Refuse: nothing is sent to Robinhood from here."""
        self._redeem(token, order)
        raise not_sent()

    async def replace(self, order: Order, replacement: Order, token: GateToken) -> Ack:
        """Refuse: nothing is changed at Robinhood from here."""
        del order
        self._redeem(token, replacement)
        raise not_sent()

    async def cancel(self, order: Order) -> None:
        """Refuse: nothing is cancelled at Robinhood from here."""
        raise no_change(f"the cancel of {order.client_order_id}")

    async def cancel_all(self) -> None:
        """Refuse: nothing is cancelled at Robinhood from here."""
        raise no_change("the bulk cancel")

    # what it is for

    async def account(self) -> Account:
        """Money now."""
        lines = self._at_hand()
        wire = await self._account_of(lines)
        worth = await ROBINHOOD.asked("the account", lines.portfolio(wire.account_number))
        now = self._clock.now_ns()
        return ROBINHOOD.read(
            "the account", lambda: reading.account(wire, worth, self._account_id, Mode.LIVE, now)
        )

    async def positions(self) -> Sequence[BrokerPosition]:
        """What is held now: stocks; Robinhood lists options and crypto elsewhere."""
        lines = self._at_hand()
        held = await ROBINHOOD.asked("positions", lines.positions(self._number))
        symbols = [await ROBINHOOD.asked("an instrument", lines.symbol(w.instrument)) for w in held]
        return ROBINHOOD.read(
            "positions",
            lambda: [
                found
                for wire, symbol in zip(held, symbols, strict=True)
                if (found := reading.position(wire, symbol)).quantity
            ],
        )

    async def open_orders(self) -> Sequence[BrokerOrder]:
        """What is open now; all of it was made elsewhere."""
        shelf = self._shelf_at_hand()
        return [await self._taken(wire) for wire in await ROBINHOOD.asked("orders", shelf.open())]

    async def find_order(self, client_order_id: str) -> BrokerOrder | None:
        """One order by Robinhood's own id, which is its only one; None when it is not known."""
        wire = await ROBINHOOD.asked("an order", self._at_hand().order(client_order_id))
        return None if wire is None else await self._taken(wire)

    async def executions(self, since_ns: int) -> Sequence[ExecutionReport]:
        """What was traded since `since_ns`, oldest first; an order that can't be read says why."""
        shelf = self._shelf_at_hand()
        orders = await ROBINHOOD.asked("executions", shelf.changed_since(since_ns))
        made: list[ExecutionReport] = []
        for wire in orders:
            if wire.executions:
                made += self._traded(wire, await self._symbol(wire))
        recent = (e for e in made if e.unreadable or e.ts_event >= since_ns)
        return sorted(recent, key=lambda e: (e.ts_event, e.client_order_id, e.cumulative))

    async def quotes(self, symbols: Sequence[str]) -> Sequence[Quote]:
        """Bid and ask of those symbols that have both; for research, not for trading."""
        now = self._clock.now_ns()
        told = await ROBINHOOD.asked("quotes", self._at_hand().quotes(list(symbols)))
        found = ROBINHOOD.read("quotes", lambda: [reading.quote(wire, now) for wire in told])
        return [quote for quote in found if quote is not None]

    async def history(self, symbol: str, interval: str = "day", span: str = "year") -> list[Bar]:
        """Bars, oldest first, without those in which nothing was traded.

        `interval` is 5minute, 10minute, hour, day or week; `span` is day, week, month,
        3month, year or 5year. Raises BrokerError, also for an interval that there is not.
        """
        if interval not in _INTERVALS:
            raise ROBINHOOD.failed(UnreadableError(f"there are no bars of {interval!r}"), "history")
        now, length = self._clock.now_ns(), _INTERVALS[interval]
        told = await ROBINHOOD.asked("history", self._at_hand().history(symbol, interval, span))
        bars = [] if told is None else told.historicals
        traded = [wire for wire in bars if wire.volume > 0 and not wire.interpolated]
        return ROBINHOOD.read(
            "history", lambda: [reading.bar(wire, symbol, length, now) for wire in traded]
        )

    async def checks(self) -> Sequence[Check]:
        """That it sends nothing keeps the session from being armed, for ever."""
        skew = None if self._lines is None else self._lines.skew.skew
        clock = skew_check("Robinhood", skew, codes=True, name="clock")
        return [self._sign_in_check(), clock, await self._left_out(), _READ_ONLY]

    async def _left_out(self) -> Check:
        """What is held there and not read, so that nobody takes it for nothing."""
        try:
            held = await ROBINHOOD.asked("options", self._at_hand().option_positions())
        except BrokerError as error:
            return Check(
                name="not read",
                state=CheckState.UNKNOWN,
                found=f"{error.user_text} {_CRYPTO}",
                next_step="It is asked again by itself.",
            )
        if not held:
            found = f"No options are held. {_CRYPTO}"
            return Check(name="not read", state=CheckState.OK, found=found)
        chains = ", ".join(sorted({one.chain_symbol or "?" for one in held}))
        return Check(
            name="not read",
            state=CheckState.WARNING,
            found=f"Options on {chains} are held and not read here: positions and profit are "
            f"without them. {_CRYPTO}",
            next_step="See them in Robinhood's own app.",
        )

    def _sign_in_check(self) -> Check:
        ends_ns = None if self._sign_in is None else self._sign_in.ends_ns
        if ends_ns is None or self._lines is None:
            return Check(
                name="sign-in",
                state=CheckState.FAILED,
                found="Cockpit is not signed in at Robinhood.",
                next_step="Start the session again; the lamp says what is missing.",
                required=True,
            )
        left_h = (ends_ns - self._clock.now_ns()) / 3_600_000_000_000
        return Check(
            name="sign-in",
            state=CheckState.OK,
            found=f"Signed in for {left_h:.1f} more hours; it is renewed by itself.",
            required=True,
        )

    # watching: Robinhood tells nothing by itself

    async def _watching(self) -> None:
        while True:
            await self._clock.sleep(self._settings.poll_s)
            shelf, lamp = self._shelf, self._lamp
            if shelf is None or lamp is None:
                return
            try:
                changed = await ROBINHOOD.asked("orders", shelf.refresh())
            except BrokerError as error:
                _log.warning("orders_not_read", error=str(error))
                lamp.failed(error)
                if error.code == "AUTH_FAILED":
                    return
            else:
                lamp.answered(changed)

    # asking

    def _at_hand(self) -> Lines:
        if self._lines is None:
            raise BrokerError(
                "not connected",
                user_text="There is no connection to Robinhood; nothing was asked.",
                code="BROKER_NOT_CONNECTED",
            )
        return self._lines

    def _shelf_at_hand(self) -> Shelf:
        self._at_hand()
        if self._shelf is None:
            raise ROBINHOOD.failed(UnreadableError("the sign-in is not done yet"), "orders")
        return self._shelf

    async def _account_of(self, lines: Lines) -> WireAccount:
        told = await ROBINHOOD.asked("the account", lines.accounts(), signing_in=True)
        found = [account for account in told if not account.deactivated]
        wanted = self._settings.account_number
        chosen = [a for a in found if wanted in (None, a.account_number)]
        if len(chosen) == 1:
            return chosen[0]
        ends = ", ".join(f"...{a.account_number[-4:]}" for a in found) or "none"
        raise BrokerError(
            f"{len(chosen)} accounts to choose from",
            user_text=f"It is not clear which account at Robinhood to read; there are: {ends}. "
            "Put its number into account_number under [brokers.robinhood] in the settings.",
            code="BROKER_ACCOUNT",
        )

    async def _symbol(self, wire: WireOrder) -> str:
        return await ROBINHOOD.asked("an instrument", self._at_hand().symbol(wire.instrument))

    def _traded(self, wire: WireOrder, symbol: str) -> list[ExecutionReport]:
        """What was traded of an order; one that can't be read spoils no other."""
        try:
            return reading.executions(wire, symbol)
        except UnreadableError as error:
            _log.error("executions_not_readable", order=wire.id, why=str(error))
            return [reading.broken(wire, symbol, str(error))]

    async def _taken(self, wire: WireOrder) -> BrokerOrder:
        symbol = await self._symbol(wire)
        return ROBINHOOD.read("an order", lambda: reading.order(wire, symbol))


_CRYPTO = "Crypto is kept elsewhere at Robinhood and is not asked for."
_READ_ONLY = Check(
    name="permission to trade",
    state=CheckState.FAILED,
    found="Robinhood is read-only here: this session sends no orders.",
    next_step="Trade in Robinhood's own app, or start a session with another broker.",
    required=True,
)
