"""What the tour asks the window for: dialogs, menus, the ticket."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from cockpit.app.signing.desk import desk_of
from cockpit.domain.order import OrderType, Side
from cockpit.ui.dialogs.account import AccountDialog, ask_account
from cockpit.ui.dialogs.accounts import AccountsDialog
from cockpit.ui.dialogs.base import answered
from cockpit.ui.dialogs.first_run import ask_beginning
from cockpit.ui.dialogs.live import ask_live
from cockpit.ui.dialogs.passphrase import PassphraseDialog
from cockpit.ui.dialogs.settings import SettingsDialog
from tests.support import eventually
from tests.support.needs import ROOT
from tests.support.tour.visit import Visit

ASKING = (
    "Export recap...", "Accounts...", "Settings...", "Voice rules...", "New trigger...",
    "Change limits...", "Jump to a time...", "Save layout as...", "Find anything...",
    "Keyboard shortcuts", "About Cockpit", "Done for today...", "Prices set aside...",
    "New order...",
)  # fmt: skip
"""Entries of the menus that open a dialog; the numbers of their pictures are their places."""
DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
TYPED = "COCKPIT_TOUR_TYPED"
"""Names the variable with what is typed into the fields of keys."""
SAMPLE = ROOT / "tests/unit/journal/statements/samples/fidelity_options.csv"
CHART = ("chart", "watchlist", "approvals", "alerts", "pnl")


async def before_core(visit: Visit) -> None:
    """What is seen and asked before there is a session."""
    await visit.shoot("00-start")
    visit.window.start_view.rest()
    parent, theme = visit.window, visit.theme
    desk = desk_of(visit.folder / "accounts", None, None)

    def spawn(body, name):  # type: ignore[no-untyped-def]  # as the window's own
        return asyncio.get_running_loop().create_task(body, name=name)

    asked = {
        "01-first-run": lambda: ask_beginning(theme, parent),
        "02-add-account": lambda: ask_account(theme, parent, desk, spawn),
        "03-passphrase": lambda: answered(
            PassphraseDialog(theme, parent, Path("secrets.vault"), "", new=True)
        ),
        "04-live": lambda: ask_live(
            theme, parent, "alpaca-live", [("Day loss", "$4,000"), ("Order value", "$10,000")]
        ),
    }
    for name, ask in asked.items():
        asking = spawn(ask(), name)
        await visit.dialog()
        await visit.shoot(name)
        await visit.close_dialogs()
        await asking


async def dialogs(visit: Visit) -> None:
    """All that a menu opens."""
    for place, name in enumerate(ASKING):
        visit.menu(name)
        await visit.dialog()
        words = name.rstrip(".").lower().replace(" ", "-")
        await visit.shoot(f"30-{place:02}-{words}")
        await visit.close_dialogs()


async def settings(visit: Visit) -> None:
    """The dialog's other pages."""
    visit.menu("Settings...")
    dialog = await visit.dialog()
    assert isinstance(dialog, SettingsDialog)
    await eventually(dialog.sections.count, within=120)
    dialog.search.setText("loss")
    await visit.shoot("31-settings-search")
    dialog.search.setText("")
    dialog.choose_section("Data keys")
    await visit.shoot("31-settings-keys")


async def typed_keys(visit: Visit) -> None:
    """Keys as somebody types them: the field hides them, and nothing else may show them."""
    secret = os.environ.get(TYPED, "what nobody may see")
    visit.menu("Settings...")
    dialog = await visit.dialog()
    assert isinstance(dialog, SettingsDialog)
    await eventually(dialog.sections.count, within=120)
    dialog.choose_section("Data keys")
    await eventually(lambda: dialog.keys.fields.fields, within=120)
    for field in dialog.keys.fields.fields.values():
        field.setText(secret)
    await visit.shoot("31-settings-keys-typed")
    await visit.close_dialogs()
    visit.menu("Accounts...")
    accounts = await visit.dialog()
    assert isinstance(accounts, AccountsDialog)
    accounts.add_button.click()
    adding = await eventually(lambda: accounts.findChild(AccountDialog), within=120)
    for field in adding.keys.fields.values():
        field.setText(secret)
    await visit.shoot("31-account-typed")


async def menus(visit: Visit) -> None:
    """The menus of the bar, and those of a layout and of panels."""
    for menu in visit.window.menuBar().findChildren(QMenu, options=DIRECT):
        if not menu.accessibleName():
            continue  # the one for what has no room in the bar
        menu.popup(QPoint(40, 60))
        await visit.shoot(f"40-menu-{menu.accessibleName().lower()}")
        menu.close()


async def ticket(visit: Visit) -> None:
    """The ticket with each type of order, and one that is refused."""
    core = visit.core
    assert core is not None
    visit.menu("New order...")
    orders = visit.window.actions_.orders if visit.window.actions_ else None
    assert orders is not None
    assert orders.ticket is not None
    made = orders.ticket
    core.commands.unpause()  # a quote that stands still is too old to order by
    made.quantity.setText("10")
    quote = core.book.quote(made.symbol.text())
    assert quote is not None
    made.exits.stop.setText(f"{quote.bid * 0.99:.2f}")
    made.exits.target.setText(f"{quote.ask * 1.02:.2f}")
    for kind in OrderType:
        place = made.type.findData(kind)
        if place < 0:
            continue
        made.type.setCurrentIndex(place)
        made.trigger.setText(f"{quote.ask + 0.2:.2f}" if kind.needs_stop else "")
        made.limit.setText(f"{quote.ask + 0.25:.2f}" if kind.needs_limit else "")
        made.judge()
        await visit.shoot(f"32-ticket-{kind.value}")
    made.type.setCurrentIndex(0)
    made.quantity.setText("100000")
    made.judge()
    await visit.shoot("33-ticket-refused")
    core.commands.pause()


async def orders(visit: Visit) -> None:
    """A working order, its change, a protection, a question before a position is closed."""
    core = visit.core
    assert core is not None
    symbol = core.book.symbols[0]
    quote = core.book.quote(symbol)
    assert quote is not None
    price = Decimal(str(round(quote.bid * 0.985, 2)))
    made = core.commands.intent(
        symbol=symbol, side=Side.BUY, type=OrderType.LIMIT, quantity=Decimal(3), limit_price=price
    )
    core.commands.unpause()
    order = await core.commands.place(made)
    await visit.still(600)
    visit.deck.docks.show_panel("orders")
    await visit.shoot("34-orders")
    actions = visit.window.actions_
    assert actions is not None
    actions.orders.change(order.client_order_id)
    await visit.dialog()
    await visit.shoot("35-change")
    await visit.close_dialogs()
    held = core.portfolio.open_positions()
    if held:
        actions.orders.protect(held[0].symbol)
        await visit.dialog()
        await visit.shoot("36-protect")
        await visit.close_dialogs()
    visit.deck.docks.show_panel("positions")


async def statement(visit: Visit) -> None:
    """A broker's file before it is booked."""
    actions = visit.window.actions_
    assert actions is not None
    actions.statements.begin(SAMPLE)
    await visit.dialog()
    await visit.still(1500)
    await visit.shoot("37-import")


async def chart(visit: Visit) -> None:
    """The chart's own menus, and its other looks."""
    panel = visit.deck.chart
    panel.tools._open_menu()
    await visit.shoot("38-chart-look")
    panel.tools.menu.close()
    panel._open_menu(QPoint(panel.width() // 2, panel.height() // 2))
    await visit.shoot("39-chart-menu")
    if panel.menu is not None:
        panel.menu.close()
