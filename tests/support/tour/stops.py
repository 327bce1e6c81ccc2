"""The screens of the tour, in an order in which each finds what it needs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from decimal import Decimal

from cockpit.app.core import Core
from cockpit.domain.errors import CockpitError
from cockpit.domain.position import Position
from cockpit.domain.recovery import RecoveryPhase
from cockpit.kernel.clock import SECOND
from cockpit.ui.panels import PANELS
from cockpit.ui.panels.alerts import AlertRow
from tests.support import eventually
from tests.support.program import command_line
from tests.support.tour import asking
from tests.support.tour.visit import PAINTED_MS, Stop, Visit

LONG = 300.0
"""Seconds: a wait that comes true costs nothing."""
CHART = ("chart", "watchlist", "approvals", "alerts", "pnl")


async def _approved(core: Core) -> object:
    """Approve what waits, as far as the gate lets it; the open positions."""
    for request in core.approvals.waiting():
        with suppress(CockpitError):  # refused: the next one
            await core.commands.approve(request.order.client_order_id)
    return core.portfolio.open_positions()


async def opening(visit: Visit) -> None:
    """The first minutes: proposals, one of them being edited, approved ones."""
    core = visit.core
    assert core is not None
    await visit.shoot("10-opened")
    await eventually(lambda: len(core.approvals.waiting()) >= 2, within=LONG, what="proposals")
    core.commands.pause()
    await visit.shoot("11-proposals")
    visit.deck.approvals.edit_current()
    await visit.shoot("12-proposal-edited")
    core.commands.unpause()
    await eventually(lambda: _approved(core), within=LONG, what="a position")
    await visit.shoot("13-approved")


async def wind(visit: Visit) -> None:
    """Trade for half an hour, so that there is something to look at; then let a proposal wait."""
    core = visit.core
    assert core is not None
    playback = core.playback
    assert playback is not None
    traded = playback.start_ns + 29 * 60 * SECOND
    core.commands.set_speed(60.0)
    while playback.position_ns < traded:
        await _approved(core)
        await asyncio.sleep(0.02)
    core.commands.set_speed(20.0)
    await eventually(core.approvals.waiting, within=LONG, what="one more proposal")
    core.commands.pause()
    core.commands.set_speed(1.0)
    held = core.portfolio.open_positions()
    if held and visit.window.selection is not None:
        visit.window.selection.select(held[0].symbol)
    await visit.still(2 * PAINTED_MS)
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
    await visit.still()
    panel.note.text.setPlainText("Waited for the range, then took the first pullback. Sized right.")
    panel.note.tags.setText("setup/orb, patience")
    panel.note.save()
    await visit.shoot("22-journal-entry")
    visit.deck.docks.show_panel("positions")


async def recap(visit: Visit) -> None:
    """Written, and a figure looked at."""
    visit.deck.docks.show_panel("recap")
    visit.deck.recap.draft()
    await eventually(lambda: visit.deck.recap.shown is not None, within=LONG, what="a recap")
    await visit.shoot("23-recap")
    facts = visit.deck.recap._facts
    fact = facts.get("net", next(iter(facts.values())))
    visit.deck.recap.show_fact(fact)
    await visit.shoot("23-recap-fact")
    visit.deck.docks.show_panel("chart")
    visit.deck.docks.show_panel("positions")


async def watched(visit: Visit) -> None:
    """A second window on the same folder, which only watches."""
    core = visit.core
    assert core is not None
    command = [*command_line(), "demo", "--data-dir", str(core.data_dir)]
    beside = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await visit.still(12_000)
        await visit.shoot("56-viewer")
    finally:
        beside.terminate()
        await beside.wait()


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
    await eventually(lambda: recovery.phase is RecoveryPhase.BLOCKED, within=LONG)
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
    await eventually(lambda: recovery.phase is RecoveryPhase.READY, within=LONG)


async def killed(visit: Visit) -> None:
    """The kill switch, what it confirmed, and the way back."""
    core = visit.core
    assert core is not None
    core.commands.unpause()  # a venue whose time stands still confirms nothing
    button = visit.deck.header.kill_button
    button.setFocus()
    await core.commands.kill_all()
    await visit.still(800)
    await visit.shoot("53-killed")
    row = await eventually(lambda: _to_snooze(visit), within=LONG, what="an alert of the switch")
    row._open_later()
    await visit.shoot("53-snooze")
    row.later.close()
    visit.menu("Resume trading...")
    await visit.dialog()
    await visit.shoot("54-resume")
    await visit.close_dialogs()
    await core.commands.resume()


def _to_snooze(visit: Visit) -> AlertRow | None:
    rows = visit.deck.panels["alerts"].findChildren(AlertRow)
    return next((row for row in rows if hasattr(row, "later")), None)


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
    "dialogs": asking.dialogs,
    "settings": asking.settings,
    "typed_keys": asking.typed_keys,
    "menus": asking.menus,
    "watched": watched,
    "ticket": asking.ticket,
    "orders": asking.orders,
    "statement": asking.statement,
    "chart": asking.chart,
    "leave": leave,
    "blocked": blocked,
    "killed": killed,
    "locked": locked,
}
