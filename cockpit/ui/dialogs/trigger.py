"""One trigger, made or changed: the condition as a sentence, judged while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from cockpit.domain.errors import CockpitError
from cockpit.market.triggers import Trigger
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.models.triggers import EXAMPLES, example, plain_name
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import price as shown_price
from cockpit.ui.widgets.labels import label, set_tone
from cockpit.ui.widgets.number_field import number_in

Price = Callable[[str], float | None]


class TriggerDialog(CockpitDialog):
    """`before` is the one to change; a new one begins with its symbol and sentence."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        symbols: Sequence[str],
        price: Price,
        before: Trigger | None = None,
        *,
        symbol: str = "",
        when: str = "",
    ) -> None:
        title = f"Change {before.name}" if before is not None else "New trigger"
        super().__init__(theme, title, parent, width=540)
        self._price, self._before = price, before
        self.say("An alert comes when this is true of the symbol. It never sends an order.")
        self.symbol, self.examples = QComboBox(), QComboBox()
        self.when, self.name, self.rest = QLineEdit(), QLineEdit(), QLineEdit()
        self.again = QCheckBox("Each time, not once")
        self._grid = QGridLayout()
        self._grid.setSpacing(Space.S)
        self._fill(symbols, before.symbol if before is not None else symbol)
        self.body.addLayout(self._grid)
        self.note = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self.note.setMinimumHeight(self.note.fontMetrics().height() * 3)
        self.body.addWidget(self.note)
        self.go = self.end_with("Change trigger" if before is not None else "Watch")
        self._show(before, when)
        for signal in (self.when.textChanged, self.name.textChanged, self.rest.textChanged):
            signal.connect(lambda _text="": self.judge())
        self.symbol.currentTextChanged.connect(lambda _text="": self.judge())
        self.again.toggled.connect(self.judge)
        self.examples.activated.connect(self._begin_from)
        self.when.setFocus()
        self.judge()

    def _fill(self, symbols: Sequence[str], symbol: str) -> None:
        self.symbol.setEditable(True)
        self.symbol.addItems(list(symbols))
        self.symbol.setCurrentText(symbol or next(iter(symbols), ""))
        self.examples.addItem("Begin from...")
        self.examples.addItems([words for words, _ in EXAMPLES])
        self.when.setPlaceholderText("crosses 160, moves 3%, after 09:45 and crosses up ema:20")
        self.name.setPlaceholderText("a name of its own, if you like")
        parts: tuple[tuple[str, QWidget], ...] = (
            ("Symbol", self.symbol),
            ("Kind", self.examples),
            ("When", self.when),
            ("Name", self.name),
            ("Quiet for", self.rest),
        )
        for row, (words, field) in enumerate(parts):
            caption = label(self.theme, words, FontRole.CAPTION, "muted")
            caption.setBuddy(field)
            field.setAccessibleName(words)
            self._grid.addWidget(caption, row, 0)
            self._grid.addWidget(field, row, 1)
        self.rest.setPlaceholderText("seconds after it spoke")
        self.again.setAccessibleName("Each time, not once")
        self._grid.addWidget(self.again, len(parts), 1)
        self._grid.setColumnStretch(1, 1)

    def _show(self, before: Trigger | None, when: str) -> None:
        if before is None:
            self.when.setText(when)
            self.rest.setText("60")
            return
        self.when.setText(before.when)
        self.name.setText(before.name)
        self.again.setChecked(before.again)
        self.rest.setText(f"{before.rest_s:g}")

    def _begin_from(self, index: int) -> None:
        if index > 0:
            sentence = EXAMPLES[index - 1][1]
            self.when.setText(example(sentence, self._price(self._symbol)))
            self.when.setFocus()

    @property
    def _symbol(self) -> str:
        return self.symbol.currentText().strip().upper()

    @property
    def wanted(self) -> Trigger:
        """What was typed, armed afresh. Raises CockpitError, ValueError in words."""
        when = " ".join(self.when.text().split())
        rest = number_in(self.rest, "pause") if self.again.isChecked() else None
        before = self._before
        return Trigger(
            name=self.name.text().strip() or plain_name(self._symbol, when),
            symbol=self._symbol,
            when=when,
            again=self.again.isChecked(),
            rest_s=60.0 if rest is None else float(rest),
            fired_ns=0 if before is None else before.fired_ns,
        )

    def judge(self) -> None:
        """Say what it will do, or what is missing."""
        self.rest.setEnabled(self.again.isChecked())
        try:
            wanted = self.wanted
        except (CockpitError, ValueError) as error:
            empty = not self.when.text().strip()
            words = "Say what to wait for." if empty else str(error)
            text = error.user_text if isinstance(error, CockpitError) and not empty else words
            self._tell(text, "muted" if empty else "warning", ready=False)
            return
        price = self._price(wanted.symbol)
        now = "no price yet" if price is None else f"now at {shown_price(price)}"
        how = "each time it comes true" if wanted.again else "once"
        self._tell(f"An alert {how}: {wanted.symbol} {wanted.when} ({now}).", "muted", ready=True)

    def _tell(self, text: str, tone: str, *, ready: bool) -> None:
        self.note.setText(text)
        self.note.setAccessibleName(text)
        set_tone(self.note, tone)
        self.go.setEnabled(ready)


async def ask_trigger(dialog: TriggerDialog) -> Trigger | None:
    """Ask; None when the person thought better of it."""
    return dialog.wanted if await answered(dialog) else None
