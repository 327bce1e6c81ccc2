"""The screens of the tour, in an order in which each finds what it needs."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QPoint

from cockpit.app.account_desk import desk_of
from cockpit.domain.order import OrderType, Side
from cockpit.domain.position import Position
from cockpit.domain.recovery import RecoveryPhase
from cockpit.kernel.clock import SECOND
from cockpit.ui.dialogs.account import ask_account
from cockpit.ui.dialogs.base import answered
from cockpit.ui.dialogs.first_run import ask_beginning
from cockpit.ui.dialogs.live import ask_live
from cockpit.ui.dialogs.passphrase import PassphraseDialog
from cockpit.ui.panels import PANELS
from tests.support import eventually
from tests.support.needs import ROOT
from tests.support.tour.visit import Stop, Visit

SAMPLE = ROOT / "tests/unit/journal/statements/samples/fidelity_options.csv"
CHART = ("chart", "watchlist", "approvals", "alerts", "pnl")


async def before_core(visit: Visit) -> None:
    """What is seen and asked before there is a session."""
    await visit.shoot("00-start")
    visit.window.start_view.rest()
    parent, theme = visit.window, visit.theme
    data = visit.folder / "accounts"
    desk = desk_of(data, None, None)

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


async def opening(visit: Visit) -> None:
    """The first minutes: proposals, one of them being edited, approved ones."""
    core = visit.core
    assert core is not None
    await visit.shoot("10-opened")
    await eventually(lambda: len(core.approvals.waiting()) >= 2, within=120, what="proposals")
    core.commands.pause()
    await visit.shoot("11-proposals")
    visit.deck.approvals.edit_current()
    await visit.shoot("12-proposal-edited")
    core.commands.unpause()
    for request in core.approvals.waiting():
        await core.commands.approve(request.order.client_order_id)
    await eventually(core.portfolio.open_positions, within=60, what="a position")
    await visit.shoot("13-approved")


async def wind(visit: Visit) -> None:
    """Trade until noon, so that there is something to look at."""
    core = visit.core
    assert core is not None
    playback = core.playback
    assert playback is not None
    goal = playback.start_ns + 75 * 60 * SECOND
    core.commands.set_speed(60.0)
    while playback.position_ns < goal:
        for request in core.approvals.waiting():
            try:
                await core.commands.approve(request.order.client_order_id)
            except Exception as error:
                print(f"refused: {error}")
        await asyncio.sleep(0.02)
    core.commands.set_speed(1.0)
    core.commands.pause()
    held = core.portfolio.open_positions()
    if held and visit.window.selection is not None:
        visit.window.selection.select(held[0].symbol)
    await visit.shoot("20-traded")


async def panels(visit: Visit) -> None:
    """Each panel in its place."""
    for panel in PANELS:
        if panel.id not in CHART:
            visit.deck.docks.show_panel(panel.id)
            await visit.shoot(f"21-panel-{panel.id}")
    visit.deck.docks.show_panel("positions")


async def journal(visit: Visit) -> None:
    """Its views, with the statistics and an entry beside them."""
    visit.deck.docks.show_panel("journal")
    panel = visit.deck.journal
    for place, view in enumerate(panel._left_tabs.buttons()):
        view.click()
        await visit.shoot(f"22-journal-{place}")
    panel._left_tabs.buttons()[0].click()
    panel.show_entry()
    await visit.shoot("22-journal-entry")
    visit.deck.docks.show_panel("positions")


async def recap(visit: Visit) -> None:
    """Written, and a figure looked at."""
    visit.deck.docks.show_panel("recap")
    visit.deck.recap.draft()
    await eventually(lambda: visit.deck.recap.shown is not None, within=60, what="a recap")
    await visit.shoot("23-recap")
    fact = next(iter(visit.deck.recap._facts.values()))
    visit.deck.recap.show_fact(fact)
    await visit.shoot("23-recap-fact")
    visit.deck.docks.show_panel("positions")


async def dialogs(visit: Visit) -> None:
    """All that a menu opens."""
    for place, name in enumerate(
        ("Export recap...", "Accounts...", "Settings...", "New trigger...", "Change limits...",
         "Jump to a time...", "Save layout as...", "Find anything...", "Keyboard shortcuts",
         "About Cockpit", "Done for today...")
    ):  # fmt: skip
        visit.menu(name)
        await visit.dialog()
        words = name.rstrip(".").lower().replace(" ", "-")
        await visit.shoot(f"30-{place:02}-{words}")
        await visit.close_dialogs()


async def settings(visit: Visit) -> None:
    """The dialog's other pages."""
    visit.menu("Settings...")
    dialog = await visit.dialog()
    dialog.search.setText("loss")  # type: ignore[attr-defined]  # it is the settings' own
    await visit.shoot("31-settings-search")
    dialog.search.setText("")  # type: ignore[attr-defined]  # it is the settings' own
    dialog.choose_section("Data keys")  # type: ignore[attr-defined]  # it is the settings' own
    await visit.shoot("31-settings-keys")


async def ticket(visit: Visit) -> None:
    """The ticket with each type of order, and one that is refused."""
    core = visit.core
    assert core is not None
    visit.menu("New order...")
    orders = visit.window.actions_.orders if visit.window.actions_ else None
    assert orders is not None
    assert orders.ticket is not None
    made = orders.ticket
    made.quantity.setText("10")
    for kind in OrderType:
        place = made.type.findData(kind)
        if place < 0:
            continue
        made.type.setCurrentIndex(place)
        made.judge()
        await visit.shoot(f"32-ticket-{kind.value}")
    made.type.setCurrentIndex(0)
    made.quantity.setText("100000")
    made.judge()
    await visit.shoot("33-ticket-refused")


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


async def leave(visit: Visit) -> None:
    """Quitting with something open."""
    visit.menu("Quit")
    await visit.dialog()
    await visit.shoot("50-quit")


async def blocked(visit: Visit) -> None:
    """The venue holds something else than the ledger: trading is blocked."""
    core = visit.core
    assert core is not None
    recovery = core.recovery
    assert visit.session is not None
    assembly = visit.session._assembly
    assert assembly is not None
    symbol = core.book.symbols[1]
    held = Position(
        account_id=core.account_id, symbol=symbol, quantity=Decimal(35), average_cost=Decimal(100)
    )
    money = assembly.desk.broker._venue._money
    before = money._positions.get(symbol)
    money._positions[symbol] = held
    assembly.desk.recovery.request("a test")
    await eventually(lambda: recovery.phase is RecoveryPhase.BLOCKED, within=30)
    await visit.shoot("51-blocked")
    if visit.window.actions_ is not None:
        visit.window.actions_.accept_positions()
    await visit.dialog()
    await visit.shoot("52-accept")
    await visit.close_dialogs()
    money._positions.pop(symbol)
    if before is not None:
        money._positions[symbol] = before
    assembly.desk.recovery.request("a test")
    await eventually(lambda: recovery.phase is RecoveryPhase.READY, within=30)


async def killed(visit: Visit) -> None:
    """The kill switch, what it confirmed, and the way back."""
    core = visit.core
    assert core is not None
    button = visit.deck.header.kill_button
    button.setFocus()
    await core.commands.kill_all()
    await visit.still(800)
    await visit.shoot("53-killed")
    visit.menu("Resume trading...")
    await visit.dialog()
    await visit.shoot("54-resume")
    await visit.close_dialogs()
    await core.commands.resume()


async def locked(visit: Visit) -> None:
    """Done for today."""
    core = visit.core
    assert core is not None
    await core.commands.done_for_today()
    await visit.still(1200)
    await visit.shoot("55-locked")


STOPS: dict[str, Stop] = {
    "opening": opening,
    "wind": wind,
    "panels": panels,
    "journal": journal,
    "recap": recap,
    "dialogs": dialogs,
    "settings": settings,
    "ticket": ticket,
    "orders": orders,
    "statement": statement,
    "chart": chart,
    "leave": leave,
    "blocked": blocked,
    "killed": killed,
    "locked": locked,
}
