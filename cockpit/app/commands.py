"""Everything a person, a strategy or a hotkey may ask for: one function each.

Commands are awaited by their caller or started with `run`, which supervises them and
turns a failure into an alert. They raise CockpitError, whose `user_text` says what
happened, what was not lost and what to do next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Coroutine, Generator, Sequence
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from typing import Any

import msgspec
import structlog

from cockpit.app.arming import Arming
from cockpit.app.bookkeeping.commands import JournalCommands
from cockpit.app.errors import AppError
from cockpit.app.health.watch import HealthWatch
from cockpit.app.ids import IntentIds
from cockpit.app.limits.desk import LimitDesk
from cockpit.app.limits.lockout import Lockout
from cockpit.app.order_preview import OrderPreview, Previews
from cockpit.app.recapping.commands import RecapCommands
from cockpit.app.recapping.room import RecapRoom
from cockpit.app.telling.alerts import Alerts
from cockpit.app.telling.kill_words import kill_words
from cockpit.domain.alert import Severity
from cockpit.domain.approval import ApprovalRequest
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import PlaybackChanged
from cockpit.domain.limit_rules import LimitValue, Place
from cockpit.domain.limits import TradingState
from cockpit.domain.order import Order, OrderIntent, OrderType, Side, TimeInForce
from cockpit.domain.position import Position
from cockpit.domain.protection import Protection
from cockpit.domain.recovery import Difference
from cockpit.domain.venue_terms import VenueTerms
from cockpit.journal.journal import Journal
from cockpit.kernel.bus import Bus
from cockpit.kernel.errors import KernelError
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.clock import Clock
from cockpit.ports.entries import AttachmentFiles, EntryStore
from cockpit.ports.feed import Playback
from cockpit.trading.kill_switch import KillReport, KillSwitch
from cockpit.trading.oms import Oms
from cockpit.trading.protection.cover import Cover
from cockpit.trading.protection.protector import Protector
from cockpit.trading.recovery import Recovery, Settlement
from cockpit.trading.state import TradingSwitch

_log = structlog.get_logger(__name__)


class Commands(JournalCommands, RecapCommands):
    """The application's verbs."""

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        supervisor: Supervisor,
        alerts: Alerts,
        ids: IntentIds,
        account_id: str,
        oms: Oms,
        kill_switch: KillSwitch,
        switch: TradingSwitch,
        recovery: Recovery,
        settlement: Settlement,
        limit_desk: LimitDesk,
        journal: Journal,
        entry_store: EntryStore,
        files: AttachmentFiles,
        recaps: RecapRoom,
        playback: Playback | None,
        protector: Protector,
        arming: Arming,
        health: HealthWatch,
        previews: Previews,
        lockout: Lockout,
    ) -> None:
        JournalCommands.__init__(
            self, clock=clock, journal=journal, entry_store=entry_store, files=files
        )
        RecapCommands.__init__(self, recaps=recaps)
        self._bus = bus
        self._supervisor = supervisor
        self._alerts = alerts
        self._ids = ids
        self._account_id = account_id
        self._oms = oms
        self._kill_switch = kill_switch
        self._asked, self._put_off = 0, False  # who waits for the broker, and a pause that waits
        self._switch = switch
        self._recovery = recovery
        self._settlement = settlement
        self._limit_desk = limit_desk
        self._playback = playback
        self._protector = protector
        self._arming = arming
        self._health = health
        self._previews = previews
        self._lockout = lockout

    def run(
        self,
        command: Coroutine[Any, Any, object],
        name: str,
        on_error: Callable[[str], None] | None = None,
    ) -> None:
        """Start `command` as supervised work; a failure becomes an alert and `on_error(text)`."""
        try:
            body = self._reported(command, name, on_error)
            self._supervisor.work(body, name=name, owner="commands")
        except SupervisorStoppedError as error:
            _log.info("command_dropped", name=name, error=str(error))

    # orders

    def intent(
        self,
        *,
        symbol: str,
        side: Side,
        type: OrderType,  # noqa: A002 -- the order's own word, as in OrderIntent
        quantity: Decimal,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
        tif: TimeInForce = TimeInForce.DAY,
        protection: Protection | None = None,
        venue: VenueTerms | None = None,
    ) -> OrderIntent:
        """A person's order, named. Raises DomainError for what can't be an order."""
        return OrderIntent(
            intent_id=self._ids.next("manual"),
            account_id=self._account_id,
            symbol=symbol,
            side=side,
            type=type,
            quantity=quantity,
            limit_price=limit_price,
            stop_price=stop_price,
            tif=tif,
            protection=protection,
            venue=venue,
        )

    def preview(self, intent: OrderIntent, replaces: str | None = None) -> OrderPreview:
        """What the order would do if it were sent now; nothing is made or sent."""
        return self._previews.of(intent, replaces)

    async def place(self, intent: OrderIntent) -> Order:
        """Bring an intent to the door; see `Oms.submit`."""
        return await self._oms.submit(intent)

    async def approve(self, request_id: str) -> Order:
        """Say yes to a proposed order; the gate has the last word."""
        return await self._oms.approve(request_id)

    async def edit(
        self,
        request_id: str,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
    ) -> ApprovalRequest:
        """Change a proposed order; it waits on, evaluated anew."""
        return await self._oms.edit(request_id, quantity=quantity, limit_price=limit_price)

    async def kill(self, request_id: str) -> Order:
        """Say no to a proposed order."""
        return await self._oms.kill(request_id)

    async def cancel(self, client_order_id: str) -> None:
        """Cancel one order. Of an exit that protects, its protection ends with it."""
        await self._protector.release(client_order_id)
        await self._oms.cancel(client_order_id)

    async def protect(self, symbol: str, plan: Protection) -> Cover:
        """Give what is held of `symbol` these exits, in the place of those it has."""
        return await self._protector.protect(symbol, plan)

    async def unprotect(self, symbol: str) -> None:
        """Take back the exits of `symbol`; the position stays."""
        await self._protector.unprotect(symbol)

    async def replace(
        self,
        client_order_id: str,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
    ) -> Order:
        """Change a working order's size or prices."""
        changes = {"quantity": quantity, "limit_price": limit_price, "stop_price": stop_price}
        given: dict[str, Any] = {key: value for key, value in changes.items() if value is not None}
        given["intent_id"] = self._ids.next("replace")
        return await self._oms.replace(
            client_order_id, lambda intent: msgspec.structs.replace(intent, **given)
        )

    async def cancel_all(self) -> None:
        """Kill everything that waits and cancel everything that works."""
        await self._kill_switch.cancel_all()

    async def cancel_all_verified(self) -> KillReport:
        """As `cancel_all`, then ask the broker what is still open."""
        return await self._kill_switch.cancel_all_verified()

    async def held_at_broker(self, symbols: Collection[str] | None) -> Sequence[Position]:
        """What the broker says is held of `symbols` (None: of all), after time to close it."""
        return await self._kill_switch.held_at_broker(symbols)

    async def flatten(self, symbol: str) -> Order | None:
        """Cancel what works on `symbol` and close its position."""
        return await self._kill_switch.flatten(symbol)

    # what neither side can prove

    def resolvable(self, client_order_id: str) -> bool:
        """Whether it may be stated now: the order is UNKNOWN for a minute that has passed."""
        return self._settlement.resolvable(client_order_id)

    async def resolve_unknown(self, client_order_id: str) -> None:
        """State that the broker never took in an order that is UNKNOWN for a minute or more."""
        await self._settlement.resolve_unknown(client_order_id)

    async def accept_positions(self, symbol: str) -> None:
        """Take the broker's word for what is held of `symbol`, then compare anew."""
        await self._settlement.accept_positions(symbol)
        self._recovery.request(f"{symbol} was accepted")

    async def accept_differences(self, seen: Sequence[Difference]) -> None:
        """Take the broker's word for each difference as it was seen, then compare anew.

        Raises TradingError for the first that is another one by now; those before it stand.
        """
        try:
            for difference in seen:
                await self._settlement.accept_positions(difference.symbol, difference)
        finally:
            self._recovery.request("positions were accepted")

    async def compare_again(self) -> None:
        """Compare with the broker now; nothing is sent meanwhile."""
        self._recovery.request("you asked for it")

    # trading state

    async def halt(self, reason: str = "Halted by you") -> None:
        """Let nothing new out; working orders stay."""
        self._switch.tighten(TradingState.HALTED, reason)

    async def kill_all(self, reason: str = "Kill switch", *, flatten: bool = False) -> KillReport:
        """Fire the kill switch and report what the broker confirmed.

        A session that is paused goes on until it has, unless positions are to be closed: at
        which price is then for whoever lets the market go on.
        """
        with nullcontext() if flatten else self._time_goes_on():
            report = await self._kill_switch.fire(reason, flatten=flatten)
        severity, words = kill_words(report)
        self._alerts.raise_("kill-switch", severity, "Kill switch fired", words, "trading")
        return report

    async def resume(self) -> None:
        """Trade again, on a person's word. Raises StoreError; trading then stays as it is.

        Raises LockedOutError on a day that was called done, or lost too much.
        """
        self._lockout.refuse()
        await self._switch.resume("Resumed by you")

    async def done_for_today(self) -> None:
        """Halt until midnight in New York; until then nobody can resume."""
        await self._lockout.begin()

    async def arm(self, who: str = "Armed by you") -> None:
        """Let keys place orders and automation act alone, once every required check is green.

        Raises NotArmedError, whose text says which is not and what to do.
        """
        await self._arming.arm(who)

    async def disarm(self, reason: str = "Disarmed by you") -> None:
        """Let keys place nothing and automation ask; working orders stay."""
        self._arming.disarm(reason, told=False)

    async def check_health(self) -> None:
        """Make every check now; returns when each has answered or run out of time."""
        await self._health.check_now()

    async def change_limits(
        self, scope: str, name: str, value: LimitValue | None, *, typed: str = ""
    ) -> None:
        """Change one limit now; `scope` is empty for all, or e.g. `symbols.ACME`.

        On a live account a looser value needs `typed`; see `LimitDesk.change`.
        """
        place = Place.of(f"{scope}.{name}" if scope else name)
        await self._limit_desk.change(place, value, typed=typed)

    def acknowledge(self, alert_key: str) -> None:
        """Mark an alert as seen."""
        self._alerts.acknowledge(alert_key)

    def snooze(self, alert_key: str, minutes: float) -> None:
        """Put an alert off; a critical one can only be acknowledged."""
        self._alerts.snooze(alert_key, minutes * 60)

    # playback

    def set_speed(self, speed: float | None) -> None:
        """Change the pace of a simulated session; None is as fast as possible."""
        self._transport().set_speed(speed)
        self.publish_playback()

    def pause(self) -> None:
        """Let a simulated session stand still."""
        self._transport().pause()
        self.publish_playback()

    def unpause(self) -> None:
        """Let a simulated session go on."""
        self._transport().resume()
        self.publish_playback()

    def seek(self, to_ns: int) -> None:
        """Play a simulated session at full speed up to `to_ns`."""
        self._transport().seek(to_ns)
        self.publish_playback()

    def publish_playback(self) -> None:
        """Tell everybody how the playback stands."""
        playback, now = self._transport(), self._clock.now_ns()
        self._bus.publish(
            PlaybackChanged(
                speed=playback.speed,
                paused=playback.paused,
                finished=playback.finished,
                position_ns=playback.position_ns,
                ts_event=now,
                ts_init=now,
            )
        )

    @contextmanager
    def _time_goes_on(self) -> Generator[None]:
        """A simulated broker answers in the session's own time: a pause waits until it has."""
        playback = self._playback
        if playback is not None and playback.paused:
            self._put_off = True
            self.unpause()
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1
            if self._put_off and not self._asked:
                self._put_off = False
                self.pause()

    def _transport(self) -> Playback:
        if self._playback is None:
            raise AppError(
                "no playback in this mode",
                user_text="This market is live: it can't be paused or wound.",
                code="PLAYBACK_LIVE",
            )
        return self._playback

    async def _reported(
        self,
        command: Awaitable[object],
        name: str,
        on_error: Callable[[str], None] | None,
    ) -> None:
        try:
            await command
        except (CockpitError, KernelError) as error:
            title = f"{name.replace('-', ' ').capitalize()} did not work"
            self._alerts.raise_(
                f"command.{name}", Severity.WARNING, title, error.user_text, "commands"
            )
            if on_error is not None:
                on_error(error.user_text)
