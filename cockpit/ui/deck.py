"""The filled window: header, transport and docked panels over one bridge."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cockpit.ui.chart_room import ChartRoom
from cockpit.ui.docks import Docks, Place
from cockpit.ui.linked_panels import LinkedPanels
from cockpit.ui.panels import LINKED, PANELS, Panel, Parts
from cockpit.ui.panels.approvals import ApprovalsPanel
from cockpit.ui.panels.chart import ChartPanel
from cockpit.ui.panels.header import Header
from cockpit.ui.panels.journal import JournalPanel
from cockpit.ui.panels.lockout_banner import LockoutBanner
from cockpit.ui.panels.orders import OrdersPanel
from cockpit.ui.panels.playback import PlaybackBar
from cockpit.ui.panels.positions import PositionsPanel
from cockpit.ui.panels.recap import RecapPanel
from cockpit.ui.panels.recovery_banner import RecoveryBanner
from cockpit.ui.panels.risk import RiskPanel
from cockpit.ui.panels.triggers import TriggersPanel
from cockpit.ui.panels.viewer_banner import ViewerBanner
from cockpit.ui.panels.watchlist import WatchlistPanel
from cockpit.ui.trade_pictures import TradePictures
from cockpit.ui.widgets.link_badge import LinkBadge
from cockpit.ui.widgets.veil import Veil


class Deck(QWidget):
    """Built once the core stands; loading the panels' libraries here keeps the first paint fast."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        core, bridge, theme = parts.core, parts.bridge, parts.theme
        self.selection = parts.selection
        self.panels = {panel.id: panel.make(parts) for panel in PANELS}
        self.header = Header(core, bridge, theme)
        self.playback: PlaybackBar | None = None
        if core.playback is not None:
            self.playback = PlaybackBar(
                playback=core.playback,
                commands=core.commands,
                approvals=core.approvals,
                bus=core.bus,
                bridge=bridge,
                theme=theme,
            )
        self.docks = Docks(theme, [self._place(parts, panel) for panel in PANELS])
        self.charts = ChartRoom(parts, self.docks, self.chart)
        self.linked = LinkedPanels(parts, self.charts, self.panels)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.banner: ViewerBanner | None = None
        if core.viewing is not None:
            self.banner = ViewerBanner(core.viewing, bridge, theme)
            self.banner.hears.connect(self._on_hearing)
            self._veils = [Veil(part, theme) for part in (self.header, self.docks)]
            column.addWidget(self.banner)
            self._mute()
        column.addWidget(self.header)
        self.recovery = RecoveryBanner(
            core.recovery, core.commands, bridge, theme, read_only=core.viewing is not None
        )
        column.addWidget(self.recovery)
        if core.lockout is not None:
            column.addWidget(LockoutBanner(core.lockout, bridge, theme))
        if self.playback is not None:
            column.addWidget(self.playback)
        column.addWidget(self.docks, 1)
        self.pictures = self._pictures(parts)

    def _place(self, parts: Parts, panel: Panel) -> Place:
        linked = panel.id in LINKED
        badge = LinkBadge(parts.theme, panel.title, parts.link(panel.id)) if linked else None
        badges = () if badge is None else (badge,)
        widget = self.panels[panel.id]
        return Place(panel.id, panel.title, panel.area, widget, panel.minimum, badges)

    def _pictures(self, parts: Parts) -> TradePictures | None:
        """Who takes them, unless nobody shall."""
        core = parts.core
        if core.viewing is not None or not core.journal_lists.pictures:
            return None
        look = partial(getattr, self.chart, "look")
        made = TradePictures(core, parts.bridge, parts.theme, drawings=parts.drawings, look=look)
        made.kept.connect(self.journal.picture_kept)
        return made

    def _mute(self) -> None:
        """Every command is refused in a viewer: no button looks as if it gave one."""
        for button in (
            self.header.kill_button, self.recap.draft_button, self.recap.earlier.button
        ):  # fmt: skip
            button.setEnabled(False)
        for panel in (self.orders, self.positions):
            panel.blotter.mute_actions()

    def _on_hearing(self, hears: bool) -> None:
        """A viewer that hears nothing shows nothing as of now: all of it goes grey."""
        for part, veil in zip((self.header, self.docks), self._veils, strict=True):
            part.setEnabled(hears)
            veil.draw(not hears)

    @property
    def approvals(self) -> ApprovalsPanel:
        """The panel whose actions the Trade menu shows."""
        panel = self.panels["approvals"]
        assert isinstance(panel, ApprovalsPanel)  # noqa: S101 (the table above says so)
        return panel

    @property
    def chart(self) -> ChartPanel:
        """The panel that asks for orders at a price, and whose look is kept."""
        panel = self.panels["chart"]
        assert isinstance(panel, ChartPanel)  # noqa: S101 (the table above says so)
        return panel

    @property
    def watchlist(self) -> WatchlistPanel:
        """The panel whose rows lead to the ticket."""
        panel = self.panels["watchlist"]
        assert isinstance(panel, WatchlistPanel)  # noqa: S101 (the table above says so)
        return panel

    @property
    def orders(self) -> OrdersPanel:
        """The panel that asks what becomes of an order without an answer."""
        panel = self.panels["orders"]
        assert isinstance(panel, OrdersPanel)  # noqa: S101 (the table above says so)
        return panel

    @property
    def positions(self) -> PositionsPanel:
        """The panel that asks for exits."""
        panel = self.panels["positions"]
        assert isinstance(panel, PositionsPanel)  # noqa: S101 (the table above says so)
        return panel

    @property
    def risk(self) -> RiskPanel:
        """The panel that asks for a change of limits."""
        panel = self.panels["risk"]
        assert isinstance(panel, RiskPanel)  # noqa: S101 (the table above says so)
        return panel

    @property
    def journal(self) -> JournalPanel:
        """The panel that shows what is kept beside a trade."""
        panel = self.panels["journal"]
        assert isinstance(panel, JournalPanel)  # noqa: S101 (the table above says so)
        return panel

    @property
    def triggers(self) -> TriggersPanel:
        """The panel that asks for a trigger to be made or changed."""
        panel = self.panels["triggers"]
        assert isinstance(panel, TriggersPanel)  # noqa: S101 (the table above says so)
        return panel

    @property
    def recap(self) -> RecapPanel:
        """The panel that asks for an export."""
        panel = self.panels["recap"]
        assert isinstance(panel, RecapPanel)  # noqa: S101 (the table above says so)
        return panel
