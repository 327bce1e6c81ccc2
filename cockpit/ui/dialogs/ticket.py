"""A new order, with its exits and a size from risk."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from cockpit.domain.errors import CockpitError
from cockpit.domain.order import OrderIntent, OrderType, Side, TimeInForce
from cockpit.risk.sizing import Sizing
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.dialogs.exit_fields import ExitFields
from cockpit.ui.models.exits import words_of
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import money, number, quantity
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import label, set_tone
from cockpit.ui.widgets.number_field import number_field, number_in

TYPES = {
    OrderType.MARKET: "Market",
    OrderType.LIMIT: "Limit",
    OrderType.STOP: "Stop",
    OrderType.STOP_LIMIT: "Stop limit",
}
SizeIt = Callable[[OrderIntent, Decimal], Sizing]


class Ticket(CockpitDialog):
    """Each change is judged at once; Send is there only for what can be an order."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        symbol: str,
        *,
        account_id: str,
        size: SizeIt,
    ) -> None:
        super().__init__(theme, "New order", parent, width=520)
        self._account_id, self._size = account_id, size
        self.symbol, self.side = QLineEdit(symbol), QComboBox()
        self.type, self.tif = QComboBox(), QComboBox()
        for side in Side:
            self.side.addItem(side.value.capitalize(), side)
        for kind, words in TYPES.items():
            self.type.addItem(words, kind)
        for tif in TimeInForce:
            self.tif.addItem(tif.value.upper(), tif)
        self._lay_out_order()
        self.body.addWidget(label(theme, "Exits, held by the core", FontRole.CAPTION, "muted"))
        self.exits = ExitFields(theme)
        self.body.addWidget(self.exits)
        self._lay_out_size()
        self.note = label(theme, "", FontRole.CAPTION, "muted", wrap=True)
        self.note.setMinimumHeight(self.note.fontMetrics().height() * 3)
        self.body.addWidget(self.note)
        self.go = self.end_with("Send order")
        self._listen()
        (self.quantity if symbol else self.symbol).setFocus()
        self.judge()

    def _lay_out_order(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        choices = (("Symbol", self.symbol), ("Side", self.side), ("Type", self.type),
                   ("Time in force", self.tif))  # fmt: skip
        for column, (name, widget) in enumerate(choices):
            widget.setAccessibleName(name)
            grid.addWidget(label(self.theme, name, FontRole.CAPTION, "muted"), 0, column)
            grid.addWidget(widget, 1, column)
        self.quantity = number_field(self.theme, grid, 0, "Quantity", "shares", row=2)
        self.limit = number_field(self.theme, grid, 1, "Limit", "price", row=2)
        self.trigger = number_field(self.theme, grid, 2, "Trigger", "price", row=2)
        self.body.addLayout(grid)

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
            field.textChanged.connect(lambda _text="": self.judge())
        for box in (self.side, self.type, self.tif):
            box.currentIndexChanged.connect(lambda _index=0: self.judge())
        self.exits.changed.connect(self.judge)

    def intent(self, shares: Decimal | None = None) -> OrderIntent:
        """The order that stands in the fields. Raises ValueError in words."""
        kind = OrderType(self.type.currentData())
        shares = shares or number_in(self.quantity, "quantity")
        limit = number_in(self.limit, "limit") if kind.needs_limit else None
        trigger = number_in(self.trigger, "trigger") if kind.needs_stop else None
        missing = [
            word
            for word, absent in (
                ("a symbol", not self.symbol.text().strip()),
                ("a quantity", shares is None),
                ("a limit", kind.needs_limit and limit is None),
                ("a trigger", kind.needs_stop and trigger is None),
            )
            if absent
        ]
        if missing:
            raise ValueError(f"It still needs {', '.join(missing)}.")
        assert shares is not None  # noqa: S101 -- it is not missing
        try:
            return OrderIntent(
                intent_id="ticket",  # its name comes when it is sent
                account_id=self._account_id,
                symbol=self.symbol.text().strip().upper(),
                side=Side(self.side.currentData()),
                type=kind,
                quantity=shares,
                limit_price=limit,
                stop_price=trigger,
                tif=TimeInForce(self.tif.currentData()),
                protection=self.exits.plan(),
            )
        except CockpitError as error:
            raise ValueError(error.user_text) from None

    def judge(self) -> None:
        """Say what would be sent, or what is missing."""
        kind = OrderType(self.type.currentData())
        self.limit.setEnabled(kind.needs_limit)
        self.trigger.setEnabled(kind.needs_stop)
        try:
            intent = self.intent()
        except ValueError as error:
            self._tell(str(error), "muted", ready=False)
            return
        plan = intent.protection
        exits = f"Exits: {words_of(plan)}." if plan else "No exits: nothing will protect it."
        order = f"{intent.side.value.upper()} {quantity(intent.quantity)} {intent.symbol}"
        self._tell(f"{order}. {exits} The gate has the last word.", "", ready=True)

    def size_from_risk(self) -> None:
        """Fill the quantity with what the risk and every limit leave room for, and say why."""
        try:
            share = number_in(self.risk, "risk") or Decimal(0)
            sizing = self._size(self.intent(Decimal(1)), share / 100)
        except ValueError as error:
            self._tell(str(error), "warning", ready=False)
            return
        except CockpitError as error:
            self._tell(error.user_text, "warning", ready=False)
            return
        self.quantity.setText(f"{sizing.quantity.normalize():f}" if sizing.quantity else "")
        self._tell(
            f"Stop {number(sizing.stop_price)}, {money(sizing.money_at_risk)} at risk. "
            f"{sizing.reason}",
            "" if sizing.quantity else "warning",
            ready=sizing.quantity > 0,
        )

    def _tell(self, text: str, tone: str, *, ready: bool) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)
        self.go.setEnabled(ready)


async def ask_order(ticket: Ticket) -> OrderIntent | None:
    """Ask for a draft; None when the person thought better of it."""
    return ticket.intent() if await answered(ticket) else None
