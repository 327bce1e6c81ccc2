"""The docked panels as a table. Each takes just what it uses, never the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from cockpit.app.bookkeeping.shelf import Shelf
from cockpit.trading.protection.cover import Cover
from cockpit.ui.bridge import Bridge
from cockpit.ui.charts.hours import Hours
from cockpit.ui.charts.look import ChartLook
from cockpit.ui.docks import Area
from cockpit.ui.drawings import Drawings
from cockpit.ui.links import Link
from cockpit.ui.models.exits import exits_in
from cockpit.ui.panels.alerts import AlertsPanel
from cockpit.ui.panels.approvals import ApprovalsPanel
from cockpit.ui.panels.chart import ChartPanel
from cockpit.ui.panels.health import HealthPanel
from cockpit.ui.panels.journal import JournalPanel
from cockpit.ui.panels.orders import OrdersPanel
from cockpit.ui.panels.pnl import PnlPanel
from cockpit.ui.panels.positions import PositionsPanel
from cockpit.ui.panels.recap import RecapPanel
from cockpit.ui.panels.risk import RiskPanel
from cockpit.ui.panels.triggers import TriggersPanel
from cockpit.ui.panels.watchlist import WatchlistPanel
from cockpit.ui.selection import Selection
from cockpit.ui.theme import Theme
from cockpit.ui.workspace import Workspace

if TYPE_CHECKING:
    from cockpit.app.core import Core


@dataclass(frozen=True, slots=True)
class Parts:
    """What the factories choose from."""

    core: Core
    bridge: Bridge
    theme: Theme
    selection: Selection
    workspace: Workspace = field(default_factory=Workspace)
    drawings: Drawings = field(default_factory=Drawings)
    links: dict[str, Link] = field(default_factory=dict[str, Link])

    def link(self, panel_id: str) -> Link:
        """The link of a panel, made when it is first asked for."""
        if panel_id not in self.links:
            self.links[panel_id] = Link(self.selection)
        return self.links[panel_id]


@dataclass(frozen=True, slots=True)
class Panel:
    """One row of the table."""

    id: str
    title: str
    area: Area
    make: Callable[[Parts], QWidget]
    minimum: tuple[int, int] = (200, 100)


def _watchlist(p: Parts) -> QWidget:
    return WatchlistPanel(p.core.book, p.bridge, p.theme, p.link("watchlist"), bars=p.core.bars)


def chart_panel(p: Parts, link: Link, look: ChartLook) -> ChartPanel:
    """A chart with orders, fills and drawings of the core, whose symbol is that of `link`."""
    core, journal = p.core, p.core.journal

    def covers(symbol: str) -> Sequence[Cover]:
        return () if core.viewing is not None else core.protector.covers(symbol)

    return ChartPanel(
        core.book,
        core.bars,
        journal.fills_in,
        core.orders,
        p.bridge,
        p.theme,
        link,
        label=core.feed_label,
        look=look,
        drawings=p.drawings,
        hours=Hours(core.calendar.session),
        covers=covers,
    )


def _chart(p: Parts) -> QWidget:
    return chart_panel(p, p.link("chart"), p.workspace.chart)


def _approvals(p: Parts) -> QWidget:
    core = p.core
    return ApprovalsPanel(
        approvals=core.approvals,
        commands=core.commands,
        book=core.book,
        switch=core.switch,
        clock=core.clock,
        bridge=p.bridge,
        theme=p.theme,
        keys_off=lambda: not (core.mode.simulated or core.arming.armed),
        read_only=core.viewing is not None,
        order=core.orders.get,
    )


def _alerts(p: Parts) -> QWidget:
    return AlertsPanel(p.core.alerts, p.core.commands, p.bridge, p.theme)


def _positions(p: Parts) -> QWidget:
    core = p.core
    return PositionsPanel(
        core.portfolio,
        core.book,
        core.commands,
        p.bridge,
        p.theme,
        p.link("positions"),
        exits=partial(exits_in, core),
    )


def _orders(p: Parts) -> QWidget:
    core = p.core
    link = p.link("orders")
    return OrdersPanel(core.orders, core.clock, core.commands, p.bridge, p.theme, link)


def _pnl(p: Parts) -> QWidget:
    return PnlPanel(p.core.portfolio, p.bridge, p.theme)


def _journal(p: Parts) -> QWidget:
    core = p.core
    return JournalPanel(
        journal=core.journal,
        store=core.store,
        orders=core.orders.get,
        commands=core.commands,
        clock=core.clock,
        bridge=p.bridge,
        theme=p.theme,
        lists=core.journal_lists,
        shelf=None if core.viewing is not None else Shelf(core.data_dir),
        account=p.workspace.journal_account,
        read_only=core.viewing is not None,
    )


def _recap(p: Parts) -> QWidget:
    return RecapPanel(p.core.journal, p.core.commands, p.core.clock, p.bridge, p.theme)


def _health(p: Parts) -> QWidget:
    core = p.core
    return HealthPanel(
        core.health,
        core.arming,
        core.commands,
        p.bridge,
        p.theme,
        read_only=core.viewing is not None,
    )


def _risk(p: Parts) -> QWidget:
    status = p.core.limit_desk.status if p.core.viewing is None else None
    return RiskPanel(status, p.bridge, p.theme)


def _triggers(p: Parts) -> QWidget:
    return TriggersPanel(p.core.triggers, p.core.commands, p.bridge, p.theme)


PANELS: tuple[Panel, ...] = (
    Panel("watchlist", "Watchlist", Area.LEFT, _watchlist, (220, 120)),
    Panel("chart", "Chart", Area.CENTRE, _chart, (320, 200)),
    Panel("approvals", "Approvals", Area.RIGHT, _approvals, (296, 200)),
    Panel("alerts", "Alerts", Area.RIGHT_BELOW, _alerts, (296, 120)),
    Panel("positions", "Positions", Area.BOTTOM, _positions, (320, 140)),
    Panel("orders", "Orders", Area.BOTTOM, _orders, (320, 140)),
    Panel("journal", "Journal", Area.CENTRE, _journal, (320, 140)),
    Panel("recap", "Recap", Area.CENTRE, _recap, (320, 140)),
    Panel("pnl", "Live P&L", Area.BOTTOM_RIGHT, _pnl, (280, 140)),
    Panel("health", "Health", Area.BOTTOM, _health, (320, 140)),
    Panel("risk", "Risk", Area.BOTTOM, _risk, (320, 140)),
    Panel("triggers", "Triggers", Area.BOTTOM, _triggers, (320, 140)),
)
"""In the order of the View menu and of tabs within an area."""

LINKED = ("watchlist", "chart", "positions", "orders")
"""Those that show one symbol, or choose it: each has its place in a link group."""
