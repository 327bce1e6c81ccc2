"""A proposal in its states, and the bodies of dialogs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from cockpit.app.order_preview import OrderPreview
from cockpit.domain.approval import ApprovalRequest
from cockpit.domain.limits import ControlResult, Verdict
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.kernel.clock import SECOND
from cockpit.risk.sizing import Sizing
from cockpit.ui.dialogs.about import AboutDialog
from cockpit.ui.dialogs.change import ChangeDialog
from cockpit.ui.dialogs.confirm import question
from cockpit.ui.dialogs.export import ExportDialog
from cockpit.ui.dialogs.first_run import FirstRunDialog
from cockpit.ui.dialogs.leave import LeaveDialog
from cockpit.ui.dialogs.live import LiveDialog
from cockpit.ui.dialogs.passphrase import PassphraseDialog
from cockpit.ui.dialogs.ticket import Ticket, TicketDesk
from cockpit.ui.gallery.board import Section, Specimen
from cockpit.ui.links import Link
from cockpit.ui.models.business import Business
from cockpit.ui.panels.approval_card import ApprovalCard
from cockpit.ui.theme import Theme

_NOW = 1_772_548_500 * SECOND
_TICK = Decimal("0.01")
_LIMITS = (("Order value", "0", "4367", "5000"), ("Position", "0", "4367", "10000"),
           ("Orders", "3", "4", "200"))  # fmt: skip


def _verdict(*, passed: bool = True) -> Verdict:
    results = tuple(
        ControlResult(
            control=name.lower(), passed=True, before=Decimal(before), after=Decimal(after),
            limit=Decimal(limit), unit="USD" if limit != "200" else "orders",
        )
        for name, before, after, limit in _LIMITS
    )  # fmt: skip
    over = ControlResult(
        control="position", passed=False, code="POSITION_CONCENTRATION",
        text="The position would be $12,000 of at most $10,000.", before=Decimal(0),
        after=Decimal(12_000), limit=Decimal(10_000), unit="USD",
    )  # fmt: skip
    return Verdict(results=results if passed else (*results[:1], over), ts_ns=_NOW)


def _intent(kind: OrderType = OrderType.MARKET) -> OrderIntent:
    return OrderIntent(
        intent_id="gallery", account_id="DEMO-1", symbol="KORVA", side=Side.SELL, type=kind,
        quantity=Decimal(14), limit_price=Decimal("312.40") if kind.needs_limit else None,
        strategy="opening-range-breakout", note="Broke out below the first 5 minutes.",
        planned_stop=Decimal("316.27"), planned_target=Decimal("304.18"),
    )  # fmt: skip


def _quote(_symbol: str) -> Quote:
    return Quote(
        symbol="KORVA", bid=311.95, ask=312.0, bid_size=1, ask_size=1, ts_event=_NOW, ts_init=_NOW
    )


def _card(theme: Theme, seconds: int) -> ApprovalCard:
    order = Order(client_order_id="gallery", intent=_intent(), state=OrderState.PENDING_APPROVAL)
    request = ApprovalRequest(
        order=order, fingerprint=order.fingerprint, verdict=_verdict(), quote=None,
        created_ns=_NOW, expires_ns=_NOW + 60 * SECOND,
    )  # fmt: skip
    made = ApprovalCard(request, theme, _TICK)
    made.show_market(_quote(""), 0.2)
    made.show_time(_NOW + (60 - seconds) * SECOND)
    made.setFixedWidth(330)
    return made


def _framed(theme: Theme) -> ApprovalCard:
    made = _card(theme, 42)
    made.show_current(current=True)
    return made


def _edited(theme: Theme) -> ApprovalCard:
    made = _card(theme, 18)
    made.open_edit()
    return made


def _failed(theme: Theme) -> ApprovalCard:
    made = _card(theme, 8)
    made.show_failed("Not sent: the quote is 12 s old. Nothing went out.")
    return made


def _halted(theme: Theme) -> ApprovalCard:
    made = _card(theme, 42)
    made.show_halted("Kill switch held")
    return made


def _preview(intent: OrderIntent, _replaces: str | None = None) -> OrderPreview:
    value = Decimal(312) * intent.quantity
    return OrderPreview(
        verdict=_verdict(passed=intent.quantity <= 20), price=Decimal(312), notional=value,
        fee=Decimal(1), position_before=Decimal(0),
        position_after=intent.side.sign * intent.quantity, power_before=Decimal(100_000),
        power_after=Decimal(100_000) - value, reduces=False,
    )  # fmt: skip


def _size(intent: OrderIntent, _share: Decimal) -> Sizing:
    return Sizing(
        symbol=intent.symbol, side=intent.side, quantity=Decimal(14), entry=Decimal(312),
        stop_price=Decimal(316), risk_per_unit=Decimal(4), money_at_risk=Decimal(56),
        notional=Decimal(4368), budget=Decimal(500), caps=(), reason="Held at 14 by order value.",
    )  # fmt: skip


def ticket_dialog(theme: Theme, quantity: Decimal) -> Ticket:
    """The ticket over a desk that has room for 20 shares."""
    desk = TicketDesk(
        account_id="DEMO-1", size=_size, preview=_preview, quote=_quote, age_s=lambda _symbol: 0.2
    )
    made = Ticket(theme, None, desk, Link.alone("KORVA"))
    made.quantity.setText(f"{quantity:f}")
    made.judge()
    return made


def change_dialog(theme: Theme) -> ChangeDialog:
    """The change of a working limit order."""
    order = Order(
        client_order_id="gallery", intent=_intent(OrderType.LIMIT), state=OrderState.WORKING,
        venue_order_id="v1",
    )  # fmt: skip
    made = ChangeDialog(theme, None, order, preview=_preview)
    made.quantity.setText("10")
    return made


def _body(dialog: QDialog) -> QWidget:
    """A dialog as part of a page, in the size it has as a window."""
    dialog.setWindowFlags(Qt.WindowType.Widget)
    dialog.ensurePolished()
    size = dialog.sizeHint().expandedTo(dialog.minimumSize())
    layout = dialog.layout()
    tall = layout.totalHeightForWidth(size.width()) if layout is not None else 0
    dialog.setFixedSize(size.width(), max(size.height(), tall))
    return dialog


def _cards(theme: Theme) -> Iterator[Specimen]:
    yield "A proposal", _framed(theme)
    yield "Being edited, time running out", _edited(theme)
    yield "Refused, hardly any time", _failed(theme)
    yield "Trading is halted", _halted(theme)


def leave_dialog(theme: Theme) -> LeaveDialog:
    """Two positions of which one has no stop, an order, and a note that is not saved."""
    held = ("LONG 14 KORVA, stop 308.00", "SHORT 194 MERID, no stop")
    open_now = Business(
        orders=("SELL 14 KORVA @ stop 308.00",), positions=held, bare=held[1:], proposals=()
    )
    return LeaveDialog(theme, None, lambda: open_now, "Tuesday 3 Mar 2026", simulated=False)


def _dialogs(theme: Theme) -> Iterator[Specimen]:
    yield "The ticket, with room in every limit", _body(ticket_dialog(theme, Decimal(14)))
    yield "The ticket, past a limit", _body(ticket_dialog(theme, Decimal(40)))
    yield "Change a working order", _body(change_dialog(theme))
    yield (
        "A question before what can't be undone",
        _body(
            question(theme, None, "Flatten KORVA?", "Sell 14 KORVA at the market.", "Flatten KORVA")
        ),
    )
    yield "Export", _body(ExportDialog(theme, None, "2026-03-03", Path("/")))
    yield "About", _body(AboutDialog(theme, None, "Python 3.13: PSF-2.0\nInter: SIL OFL 1.1"))
    yield "The first start", _body(FirstRunDialog(theme, None))
    yield "Real money", _body(LiveDialog(theme, None, "alpaca-live", [("Day loss", "$4,000")]))
    yield (
        "Leaving with something open, and a note that is not saved",
        _body(leave_dialog(theme)),
    )
    yield "A passphrase", _body(PassphraseDialog(theme, None, Path("vault"), "", new=True))


CARDS = Section("proposals", "Proposals", _cards)
DIALOGS = Section("dialogs", "Dialogs", _dialogs, width=1440)
