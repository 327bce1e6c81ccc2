"""The order ticket: fills by click or key, shows what the order would do, sends by its button."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from cockpit.app.order_preview import OrderPreview
from cockpit.domain.errors import CockpitError
from cockpit.domain.limits import TradingState
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderType, Side, TimeInForce
from cockpit.domain.venue_terms import Feature
from cockpit.risk.sizing import Sizing
from cockpit.ui.dialogs.base import CockpitDialog
from cockpit.ui.dialogs.exit_fields import ExitFields
from cockpit.ui.dialogs.outlook import Outlook
from cockpit.ui.dialogs.venue_fields import Holder, VenueFields, terms_words
from cockpit.ui.links import Link
from cockpit.ui.models.orders import describe, look_of, outcome_of
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import age, money, number, price
from cockpit.ui.widgets.buttons import button, room_for
from cockpit.ui.widgets.labels import Lines, label, set_property, set_tone
from cockpit.ui.widgets.link_badge import LinkBadge
from cockpit.ui.widgets.number_field import number_field, number_in, positive

TYPES = {
    OrderType.MARKET: "Market",
    OrderType.LIMIT: "Limit",
    OrderType.STOP: "Stop",
    OrderType.STOP_LIMIT: "Stop limit",
}
TIFS = {
    TimeInForce.DAY: "Day",
    TimeInForce.GTC: "Until cancelled",
    TimeInForce.IOC: "At once or not",
}
REFRESH_MS = 250
_NOTE_LINES = 2
_ENTER = "Enter sends nothing. Click Send, or go to it with Tab and press Space."
_HELD_BACK = {
    TradingState.ACTIVE: ("", ""),
    TradingState.REDUCING: (": only what closes goes out", "warning"),
    TradingState.HALTED: (": trading is halted", "critical"),
}
"""What the title adds in each state, and its tone."""
SizeIt = Callable[[OrderIntent, Decimal], Sizing]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDesk:
    """What a ticket asks; all of it answers at once and changes nothing."""

    account_id: str
    size: SizeIt
    preview: Callable[[OrderIntent], OrderPreview]
    quote: Callable[[str], Quote | None]
    age_s: Callable[[str], float | None]
    order: Callable[[str], Order | None] = lambda _client_order_id: None
    offers: frozenset[Feature] = frozenset()
    symbols: Callable[[], Collection[str]] = tuple
    tick: Callable[[str], Decimal] = lambda _symbol: Decimal("0.01")
    state: Callable[[], TradingState] = lambda: TradingState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a click elsewhere fills in; None leaves a field as it is."""

    symbol: str
    side: Side | None = None
    type: OrderType | None = None
    price: Decimal | None = None


class Ticket(CockpitDialog):
    """Stays open beside the window, which goes on: the kill switch is never behind it.

    Each change is judged at once; `send` carries the order when Send is pressed, which is
    there only for what can be an order. Nothing but that button sends, and Enter never presses it.
    """

    send = Signal(object)  # OrderIntent

    def __init__(self, theme: Theme, parent: QWidget | None, desk: TicketDesk, link: Link) -> None:
        super().__init__(theme, "New order", parent, width=560)
        self._desk, self.link = desk, link
        symbol = link.symbol or ""
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.symbol, self.side = QLineEdit(symbol), QComboBox()
        self.type, self.tif = QComboBox(), QComboBox()
        for side in Side:
            self.side.addItem(side.value.capitalize(), side)
        for kind, words in TYPES.items():
            self.type.addItem(words, kind)
        for tif, words in TIFS.items():
            self.tif.addItem(words, tif)
        self._lay_out_order()
        self._lay_out_quote()
        self.exits = ExitFields(theme)
        self.venue = VenueFields(theme, self.exits, desk.offers)
        self.body.addWidget(self.venue)
        self.body.addWidget(self.exits)
        self._lay_out_size()
        self.outlook = Outlook(theme)
        self.body.addWidget(self.outlook)
        self.note = Lines(theme, _NOTE_LINES, FontRole.CAPTION, "muted")
        self.body.addWidget(self.note)
        self.go = self.end_with("Send order", reject="Close")
        room_for(self.go, "Send SELL 100,000 ABCDEF LMT 10,000.00")
        for each in self.findChildren(QPushButton):
            each.setAutoDefault(False)
            each.setDefault(False)
        self._listen()
        (self.quantity if symbol else self.symbol).setFocus()
        self._said, self._tone = "", "muted"
        self._sent: Order | None = None
        self.judge()

    def _lay_out_order(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        self.badge = LinkBadge(self.theme, "Ticket", self.link)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        grid.addWidget(self.badge, 0, 0, right)
        choices = (("Symbol", self.symbol), ("Side", self.side), ("Type", self.type),
                   ("Time in force", self.tif))  # fmt: skip
        for column, (name, widget) in enumerate(choices):
            widget.setAccessibleName(name)
            grid.addWidget(label(self.theme, name, FontRole.CAPTION, "muted"), 0, column)
            grid.addWidget(widget, 1, column)
        self.quantity = number_field(self.theme, grid, 0, "Quantity", "shares", row=2)
        self.trigger = number_field(self.theme, grid, 1, "Trigger", "price", row=2)
        self.limit = number_field(self.theme, grid, 2, "Limit", "price", row=2)
        self.limit.setToolTip("A price; of a stop limit also how far from the trigger, like +0.10")
        self.body.addLayout(grid)

    def _lay_out_quote(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.XS)
        self.bid, self.ask = (self._price_button(word) for word in ("Bid", "Ask"))
        self.age = label(self.theme, "", FontRole.CAPTION, "muted")
        for part in (self.bid, self.ask, self.age):
            row.addWidget(part)
        row.addStretch(1)
        self.body.addLayout(row)

    def _price_button(self, word: str) -> QPushButton:
        made = button(self.theme, word, lambda: self._take_price(word), kind="quiet")
        made.setToolTip(f"Make the {word.lower()} the limit")
        room_for(made, f"{word} 00,000.00")
        return made

    def _lay_out_size(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.risk = QLineEdit("0.5")
        self.risk.setAccessibleName("Risk in per cent of equity")
        self.risk.setMaximumWidth(70)
        row.addWidget(label(self.theme, "Risk % of equity", FontRole.CAPTION, "muted"))
        row.addWidget(self.risk)
        self.size_button = button(self.theme, "Size from risk", self.size_from_risk)
        row.addWidget(self.size_button)
        row.addStretch(1)
        self.body.addLayout(row)

    def _listen(self) -> None:
        for field in (self.symbol, self.quantity, self.limit, self.trigger):
            field.textChanged.connect(lambda _text="": self._edited())
        for box in (self.side, self.type, self.tif):
            box.currentIndexChanged.connect(lambda _index=0: self._edited())
        self.symbol.editingFinished.connect(self._pick)
        self.exits.changed.connect(self._edited)
        self.venue.changed.connect(self._held_elsewhere)
        timer = QTimer(self)
        timer.timeout.connect(self.judge)
        timer.start(REFRESH_MS)

    @property
    def shown_symbol(self) -> str:
        """What stands in its field."""
        return self.symbol.text().strip().upper()

    @property
    def _tick(self) -> Decimal:
        return self._desk.tick(self.shown_symbol)

    def _pick(self) -> None:
        """A symbol that was typed is picked for the whole group, if it is one."""
        if self.shown_symbol in self._desk.symbols():
            self.link.choose(self.shown_symbol)

    def fill(self, draft: Draft) -> None:
        """Take what was clicked. Prices and exits of another symbol don't stay; nothing is sent."""
        if draft.symbol != self.shown_symbol:
            self.symbol.setText(draft.symbol)
            for field in (self.limit, self.trigger, *self.exits.fields):
                field.clear()
        if draft.side is not None:
            self.side.setCurrentIndex(self.side.findData(draft.side))
        if draft.type is not None:
            self.type.setCurrentIndex(self.type.findData(draft.type))
        if draft.price is not None:
            target = self.trigger if self.type.currentData() == OrderType.STOP else self.limit
            target.setText(f"{draft.price:f}")
        self.quantity.setFocus()

    def intent(self, shares: Decimal | None = None) -> OrderIntent:
        """The order that stands in the fields. Raises ValueError in words."""
        kind = OrderType(self.type.currentData())
        shares = shares or number_in(self.quantity, "quantity")
        trigger = number_in(self.trigger, "trigger") if kind.needs_stop else None
        limit = self._limit(trigger) if kind.needs_limit else None
        missing = [
            word
            for word, absent in (
                ("a symbol", not self.shown_symbol),
                ("a quantity", shares is None),
                ("a trigger", kind.needs_stop and trigger is None),
                ("a limit", kind.needs_limit and limit is None),
            )
            if absent
        ]
        if missing:
            raise ValueError(f"It still needs {', '.join(missing)}.")
        assert shares is not None  # noqa: S101 -- it is not missing
        plan, venue = self.venue.read(Side(self.side.currentData()))
        try:
            return OrderIntent(
                intent_id="ticket",  # its name comes when it is sent
                account_id=self._desk.account_id,
                symbol=self.shown_symbol,
                side=Side(self.side.currentData()),
                type=kind,
                quantity=shares,
                limit_price=limit,
                stop_price=trigger,
                tif=TimeInForce(self.tif.currentData()),
                protection=plan,
                venue=venue,
            )
        except CockpitError as error:
            raise ValueError(error.user_text) from None

    def _limit(self, trigger: Decimal | None) -> Decimal | None:
        """The limit as a price; `+0.10` is that far from the trigger, `-0.10` below it."""
        text = self.limit.text().strip()
        if trigger is None or text[:1] not in {"+", "-"}:
            return number_in(self.limit, "limit")
        offset = positive(text[1:], "distance from the trigger")
        return positive(str(trigger + offset if text[0] == "+" else trigger - offset), "limit")

    def judge(self) -> None:
        """Say what would be sent and what it would do, or what is missing."""
        kind = OrderType(self.type.currentData())
        self.limit.setEnabled(kind.needs_limit)
        self.trigger.setEnabled(kind.needs_stop)
        self._show_state()
        self._follow_sent()
        self._show_quote(limit=kind.needs_limit)
        try:
            intent = self.intent()
        except ValueError as error:
            self.outlook.clear()
            self._name("Send order")
            self._tell(self._said or str(error), self._tone, ready=False)
            return
        seen = self._desk.preview(intent)
        exits = terms_words(intent.protection, intent.venue, closes=seen.reduces)
        self.outlook.show_preview(seen)
        self._name(f"Send {_described(intent)}")
        words = f"{exits} The gate has the last word.".strip()
        self._tell(self._said or words, self._tone, ready=True)
        # It can be sent all the same, and is denied with a trace: it only doesn't invite to.
        set_property(self.go, "kind", "primary" if seen.verdict.passed else "")

    def size_from_risk(self) -> None:
        """Fill the quantity with what the risk and every limit leave room for, and say why."""
        try:
            share = number_in(self.risk, "risk") or Decimal(0)
            sizing = self._desk.size(self.intent(Decimal(1)), share / 100)
        except ValueError as error:
            self._tell(str(error), "warning", ready=False)
            return
        except CockpitError as error:
            self._tell(error.user_text, "warning", ready=False)
            return
        self.quantity.setText(f"{sizing.quantity.normalize():f}" if sizing.quantity else "")
        self._said = (
            f"Stop {number(sizing.stop_price)}, {money(sizing.money_at_risk)} at risk. "
            f"{sizing.reason}"
        )
        tone = "" if sizing.quantity else "warning"
        self._tell(self._said, tone, ready=sizing.quantity > 0)

    def accept(self) -> None:
        """Send, and empty the size: the same order again is typed again."""
        try:
            intent = self.intent()
        except ValueError:
            return
        self.quantity.clear()
        self.quantity.setFocus()
        self._sent = None
        self._said = f"Sending {_described(intent)} ..."
        self.judge()
        self.send.emit(intent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, which finishes a field elsewhere, is no order here: it says how to send."""
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
        elif self.go.isEnabled():
            self._said = _ENTER
            self.judge()

    def tell_order(self, order: Order) -> None:
        """Say what becomes of what was sent, until something else is typed."""
        self._sent = order
        self.judge()

    def tell_failed(self, why: str) -> None:
        """Say why it did not go out, until something else is typed."""
        self._said, self._tone = f"Not sent. {why}", "critical"
        self.judge()

    def _follow_sent(self) -> None:
        if self._sent is None:
            return
        order = self._desk.order(self._sent.client_order_id) or self._sent
        self._said = f"{describe(order)}: {outcome_of(order)}"
        self._tone = "critical" if look_of(order).role == "critical" else "muted"

    def _show_state(self) -> None:
        """While trading is held back the title says so: nothing below it moves."""
        told, tone = _HELD_BACK[self._desk.state()]
        text = f"{self.windowTitle()}{told}"
        if text != self.title.text():
            self.title.setText(text)
            set_tone(self.title, tone)

    def _held_elsewhere(self) -> None:
        """A trailing stop is a stop, an OCO begins with a limit: the type follows the choice."""
        wanted = {Holder.TRAILING: OrderType.STOP, Holder.OCO: OrderType.LIMIT}
        kind = wanted.get(self.venue.chosen)
        if kind is not None:
            self.type.setCurrentIndex(self.type.findData(kind))
        self._edited()

    def _edited(self) -> None:
        self._said, self._tone, self._sent = "", "muted", None
        self.judge()

    def _take_price(self, word: str) -> None:
        quote = self._desk.quote(self.shown_symbol)
        if quote is not None:
            if not OrderType(self.type.currentData()).needs_limit:
                self.type.setCurrentIndex(self.type.findData(OrderType.LIMIT))
            taken = price(quote.bid if word == "Bid" else quote.ask, self._tick)
            self.limit.setText(taken.replace(",", ""))

    def _show_quote(self, *, limit: bool) -> None:
        symbol = self.shown_symbol
        quote, seconds = self._desk.quote(symbol), self._desk.age_s(symbol)
        for made, word in ((self.bid, "Bid"), (self.ask, "Ask")):
            value = None if quote is None else quote.bid if word == "Bid" else quote.ask
            made.setText(f"{word} {price(value, self._tick)}")
            made.setEnabled(value is not None)
        self.age.setText("no quote" if quote is None else f"{age(seconds)} old")
        self.trigger.setPlaceholderText("price")
        offset = limit and OrderType(self.type.currentData()).needs_stop
        self.limit.setPlaceholderText("price or +0.10" if offset else "price")

    def _name(self, words: str) -> None:
        """Say on the button, and to a screen reader, what it sends."""
        if self.go.text() != words:
            self.go.setText(words)
            self.go.setAccessibleName(words)

    def _tell(self, text: str, tone: str, *, ready: bool) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)
        self.go.setEnabled(ready)


def _described(intent: OrderIntent) -> str:
    return describe(Order(client_order_id="ticket", intent=intent))
