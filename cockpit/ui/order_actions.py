"""What a person does with orders: the ticket, a change, a protection, an absence."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMainWindow

from cockpit.app.order_preview import OrderPreview
from cockpit.app.sizing import size_by_risk
from cockpit.domain.alert import Severity
from cockpit.domain.order import Order, OrderIntent, OrderState
from cockpit.risk.sizing import Sizing
from cockpit.ui.asking import ask
from cockpit.ui.dialogs.absent import may_resolve
from cockpit.ui.dialogs.change import ChangeDialog, ask_change
from cockpit.ui.dialogs.protect import ProtectDialog, ask_protection
from cockpit.ui.dialogs.ticket import Draft, Ticket, TicketDesk
from cockpit.ui.linked_panels import LinkedPanels
from cockpit.ui.links import ALONE, Link
from cockpit.ui.models.orders import describe, look_of
from cockpit.ui.models.palette import TypedOrder
from cockpit.ui.panels.header import HEIGHT
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.toast import Toasts
from cockpit.ui.words import TICK

if TYPE_CHECKING:
    from cockpit.app.core import Core
    from cockpit.ui.spawning import Spawn

FRAME = 40
"""Room for what the window manager puts around a window."""


class OrderActions:
    """One a core. There is one ticket at a time; it follows the chosen symbol while it is open."""

    def __init__(  # noqa: PLR0917 -- rooms first, then what shows them
        self,
        core: Core,
        linked: LinkedPanels,
        window: QMainWindow,
        theme: Theme,
        toasts: Toasts,
        spawn: Spawn,
    ) -> None:
        self._core, self._linked, self._window = core, linked, window
        self._theme, self._toasts, self._spawn = theme, toasts, spawn
        self.ticket: Ticket | None = None
        self._placed_at: QPoint | None = None
        self._put: QPoint | None = None  # where a person moved it
        self.link = Link(linked.selection, linked.current.group, linked)
        self.link.changed.connect(self._follow)

    # The ticket.

    def new_order_at(self, draft: Draft) -> None:
        """The same for a price that was clicked on a chart, with the newest bars in sight."""
        self.new_order(draft, aside=True)

    def new_order(self, draft: Draft | None = None, *, aside: bool = False) -> None:
        """Open the ticket, or fill the one that is open; it sends only by its own button.

        It stands in the middle, or `aside` at the left; where a person put it last, from then on.
        """
        if self._viewed("New order", "Orders are made in the cockpit you view."):
            return
        self._link_to(draft)
        if self.ticket is None:
            self.ticket = self._ticket()
            self._place_below_header(self.ticket, aside=aside)
            self.ticket.show()
        if draft is not None:
            self.ticket.fill(draft)
        self.ticket.raise_()
        self.ticket.activateWindow()

    def _link_to(self, draft: Draft | None) -> None:
        """Follow the panel that asks; a symbol that its group does not show stands alone."""
        asks = self._linked.current
        if draft is not None and draft.symbol != asks.symbol:
            self.link.join(ALONE)
            self.link.choose(draft.symbol)
        else:
            self.link.join(asks.group)
            if asks.symbol is not None:
                self.link.choose(asks.symbol)

    def new_typed(self, typed: TypedOrder) -> None:
        """Open the ticket with an order that was typed; it waits for its button all the same."""
        self.new_order(typed.draft)
        if self.ticket is not None:
            self.ticket.quantity.setText(f"{typed.quantity:f}")

    def _place_below_header(self, ticket: Ticket, *, aside: bool) -> None:
        """Below the header, its kill switch in sight."""
        size, over = ticket.sizeHint(), self._window.geometry()
        if self._put is not None and over.contains(self._put):
            ticket.move(self._put)
            return
        top = over.top() + self._window.menuBar().height() + HEIGHT
        lowest = self._window.screen().availableGeometry().bottom() - size.height() - FRAME
        left = over.left() if aside else over.center().x() - size.width() // 2
        ticket.move(left, max(over.top(), min(top, lowest)))
        self._placed_at = ticket.pos()

    def _ticket(self) -> Ticket:
        core = self._core
        desk = TicketDesk(
            account_id=core.account_id,
            size=self._size,
            preview=core.commands.preview,
            quote=core.book.quote,
            age_s=core.book.age_s,
            order=core.orders.get,
            offers=core.situation.offers,
            symbols=lambda: core.book.symbols,
            tick=self._tick,
            state=lambda: core.switch.state,
        )
        made = Ticket(self._theme, self._window, desk, self.link)
        made.send.connect(self._send)
        made.finished.connect(self._closed)
        return made

    def _tick(self, symbol: str) -> Decimal:
        instrument = self._core.book.instrument(symbol)
        return TICK if instrument is None else instrument.tick

    def _size(self, intent: OrderIntent, share: Decimal) -> Sizing:
        core = self._core
        return size_by_risk(
            intent,
            share,
            situation=core.situation,
            portfolio=core.portfolio,
            covers=core.protector.all_covers(),
        )

    def _closed(self, _result: int) -> None:
        if self.ticket is not None:
            # Its frame came only after it was placed: what that moved it by was nobody's wish.
            at = self.ticket.pos()
            if self._placed_at is None or (at - self._placed_at).manhattanLength() > FRAME:
                self._put = self._placed_at = at
            self.ticket.deleteLater()
            self.ticket = None

    def _follow(self, symbol: str) -> None:
        if self.ticket is not None and self.ticket.shown_symbol != symbol:
            self.ticket.fill(Draft(symbol=symbol))

    def _send(self, draft: OrderIntent) -> None:
        core = self._core
        intent = core.commands.intent(
            symbol=draft.symbol,
            side=draft.side,
            type=draft.type,
            quantity=draft.quantity,
            limit_price=draft.limit_price,
            stop_price=draft.stop_price,
            tif=draft.tif,
            protection=draft.protection,
            venue=draft.venue,
        )
        body = core.commands.place(intent)
        ask(core.commands, body, "place-order", done=self._placed, failed=self._not_placed)

    def _not_placed(self, why: str) -> None:
        if self.ticket is not None:
            self.ticket.tell_failed(why)

    def _placed(self, order: Order) -> None:
        if self.ticket is not None:
            self.ticket.tell_order(order)
        if order.state is OrderState.DENIED:
            self._toasts.tell(Severity.WARNING, "Order denied", order.reason_text)

    # A working order.

    def change(self, client_order_id: str) -> None:
        """Ask for another size or price of a working order."""
        if not self._viewed("Change", "Orders are changed in the cockpit you view."):
            self._spawn(self._change(client_order_id), "change-order")

    async def _change(self, client_order_id: str) -> None:
        core = self._core
        order = core.orders.get(client_order_id)
        if order is None:
            return

        def preview(intent: OrderIntent) -> OrderPreview:
            return core.commands.preview(intent, client_order_id)

        dialog = ChangeDialog(self._theme, self._window, order, preview=preview)
        wanted = await ask_change(dialog)
        if wanted is not None:
            body = core.commands.replace(
                client_order_id,
                quantity=wanted.quantity,
                limit_price=wanted.limit_price,
                stop_price=wanted.stop_price,
            )
            ask(core.commands, body, "change-order", done=self._changed)

    def move(self, client_order_id: str, field: str, price: Decimal) -> None:
        """Another `limit_price` or `stop_price`, as its line on the chart was dragged to."""
        core = self._core
        order = core.orders.get(client_order_id)
        if order is None or self._viewed("Change", "Orders are changed in the cockpit you view."):
            return
        if order.intent.protects:
            self._move_exit(order.symbol, price)
            return
        intent = msgspec.structs.replace(order.intent, **{field: price}, quantity=order.remaining)
        denial = core.commands.preview(intent, client_order_id).verdict.denial
        if denial is not None:  # told before the old order is touched
            self._toasts.tell(Severity.WARNING, f"Not moved: {describe(order)}", denial.text)
            return
        limit = price if field == "limit_price" else None
        stop = price if field == "stop_price" else None
        body = core.commands.replace(client_order_id, limit_price=limit, stop_price=stop)
        ask(core.commands, body, "change-order", done=self._moved)

    def _move_exit(self, symbol: str, stop: Decimal) -> None:
        """The core holds it: its plan changes, and the stop at the broker follows."""
        core = self._core
        covers = core.protector.covers(symbol)
        if covers and not covers[-1].plan.trails:
            plan = msgspec.structs.replace(covers[-1].plan, stop=stop)
            ask(core.commands, core.commands.protect(symbol, plan), "protect")
        else:
            told = "A stop that trails follows the price by itself; change it under Protect."
            self._toasts.tell(Severity.INFO, "Not moved", told)

    def _moved(self, order: Order) -> None:
        """The line on the chart says where it is: a message would only stand before it."""
        if order.state is OrderState.DENIED:
            self._changed(order)

    def cancel(self, client_order_id: str) -> None:
        """Cancel one order, at once; its row and its line say what became of it."""
        if not self._viewed("Cancel", "Orders are cancelled in the cockpit you view."):
            self._core.commands.run(self._core.commands.cancel(client_order_id), "cancel")

    def _changed(self, order: Order) -> None:
        if order.state is OrderState.DENIED:
            self._toasts.tell(Severity.WARNING, "Not changed", order.reason_text)
        else:
            self._toasts.tell(Severity.INFO, "Change sent", describe(order))

    # Exits.

    def protect(self, symbol: str) -> None:
        """Ask for the exits of a position, and hold them."""
        if not self._viewed("Exits", "They are held by the cockpit you view."):
            self._spawn(self._protect(symbol), "protect")

    async def _protect(self, symbol: str) -> None:
        core, commands = self._core, self._core.commands
        position, covers = core.portfolio.position(symbol), core.protector.covers(symbol)
        if position.flat:
            return
        now = covers[-1].plan if covers else None
        dialog = ProtectDialog(
            self._theme,
            self._window,
            position,
            mark=lambda: core.portfolio.mark_of(symbol),
            now=now,
            age_s=lambda: core.book.age_s(symbol),
        )
        choice = await ask_protection(dialog)
        if choice is None:
            return
        if choice.plan is None:
            ask(commands, commands.unprotect(symbol), "unprotect")
        else:
            ask(commands, commands.protect(symbol, choice.plan), "protect")

    # An order without an answer.

    def resolve(self, client_order_id: str) -> None:
        """State that an order without an answer is not at the broker, after what that means."""
        self._spawn(self._resolve(client_order_id), "resolve-order")

    async def _resolve(self, client_order_id: str) -> None:
        core = self._core
        order = core.orders.get(client_order_id)
        if order is None or not await may_resolve(self._theme, self._window, order):
            return
        ask(
            core.commands,
            core.commands.resolve_unknown(client_order_id),
            "resolve-order",
            done=lambda _none: self._resolved(client_order_id),
        )

    def _resolved(self, client_order_id: str) -> None:
        order = self._core.orders.get(client_order_id)
        if order is not None and order.reason_code == "RESOLVED_ABSENT":
            said = "The broker does not know it", f"{order.symbol}: the order ended here."
        elif order is not None and order.state is not OrderState.UNKNOWN:
            said = "The broker has it", f"{order.symbol}: it is {look_of(order).text.lower()}."
        else:
            return
        self._toasts.tell(Severity.INFO, *said)

    def _viewed(self, title: str, text: str) -> bool:
        """True, and told so, in a window that only watches."""
        if self._core.viewing is None:
            return False
        self._toasts.tell(Severity.INFO, title, text)
        return True
