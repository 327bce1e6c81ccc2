"""Lamps, gauges, pills, bars, banners, messages; empty, loading and failed."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from cockpit.domain.alert import Severity
from cockpit.domain.connection import Health
from cockpit.ui.gallery.board import Section, Specimen, row
from cockpit.ui.models.columns import Mark
from cockpit.ui.models.risk import HeaderGauge
from cockpit.ui.start_view import StartView
from cockpit.ui.theme import Space, Theme
from cockpit.ui.widgets.banner import Banner
from cockpit.ui.widgets.bars import CountdownBar, LimitBar
from cockpit.ui.widgets.busy import BusyBar
from cockpit.ui.widgets.empty import EmptyState
from cockpit.ui.widgets.gauges import GaugeRow
from cockpit.ui.widgets.lamp import Lamp
from cockpit.ui.widgets.pill import Pill
from cockpit.ui.widgets.toast import Toast

_USED = (0.0, 0.12, 0.44, 0.85, 1.0)
_START = QSize(460, 250)


def _lamps(theme: Theme) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    for place, health in enumerate(Health):
        lamp = Lamp(theme, "alpaca")
        lamp.show_health(health, "0.4 s ago" if health is Health.UP else "")
        grid.addWidget(lamp, *divmod(place, 3))
    return made


def _gauges(theme: Theme, used: tuple[float, ...]) -> GaugeRow:
    made = GaugeRow(theme)
    made.show_gauges([HeaderGauge("Day loss", share, armed=True, said="") for share in used])
    return made


def _pills(theme: Theme) -> QWidget:
    looks = (("DEMO", "demo", False, None), ("REPLAY", "replay", False, None),
             ("PAPER", "paper", False, None), ("LIVE", "live", True, None),
             ("TRADING ACTIVE", "up", False, None), ("TRADING HALTED", "critical", True, None),
             ("DISARMED", "muted", False, Mark.RING), ("ARMED", "warning", False, Mark.DOT),
             ("2 alerts", "warning", False, None))  # fmt: skip
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    for place, (text, role, solid, mark) in enumerate(looks):
        pill = Pill(theme)
        pill.show_text(text, role, solid=solid, mark=mark)
        grid.addWidget(pill, *divmod(place, 4))
    grid.setColumnStretch(4, 1)
    return made


def _bars(theme: Theme) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(Space.S)
    for before, after, ok in ((0.1, 0.3, True), (0.4, 0.87, True), (0.7, 1.2, False)):
        bar = LimitBar(theme)
        bar.show_fractions(before, after, ok=ok)
        column.addWidget(bar)
    for share in (0.9, 0.3, 0.1):
        rest = CountdownBar(theme)
        rest.show_fraction(share)
        column.addWidget(rest)
    return made


def _banner(theme: Theme, tone: str, text: str) -> Banner:
    made = Banner(theme, tone.capitalize(), icon="critical" if tone == "critical" else "")
    made.say(text, tone)
    made.add_button("Look at it...", lambda: None)
    return made


def _message(theme: Theme, severity: Severity, title: str, text: str) -> Toast:
    made = Toast(theme, severity, title, text)
    made.setFixedHeight(made.heightForWidth(made.width()))
    return made


def _start(theme: Theme, fault: str = "") -> StartView:
    made = StartView(theme, "the demo")
    made.setFixedSize(_START)
    made.text.setFixedWidth(_START.width() - 2 * Space.XXL)
    if fault:
        made.fail(fault)
    return made


def _progress(theme: Theme) -> BusyBar:
    made = BusyBar(theme, "Progress")
    made.count(35, 100)
    return made


def _specimens(theme: Theme) -> Iterator[Specimen]:
    yield "Connection lamps: shape and word", _lamps(theme)
    yield "Pills: modes and states", _pills(theme)
    yield "Limits used: nothing, in use, near, reached", row(
        _gauges(theme, (0.0, 0.0, 0.0, 0.0, 0.0)), _gauges(theme, _USED[:3]),
        _gauges(theme, _USED[:4]), _gauges(theme, _USED), spacing=Space.XL,
    )  # fmt: skip
    yield "A limit before and after an order; time that runs out", _bars(theme)
    yield (
        "Banner: something to know",
        _banner(theme, "accent", "Read-only, connected to process 4711."),
    )
    yield (
        "Banner: something to mind",
        _banner(theme, "warning", "Done for today, 3:12:09 left. Closing and cancelling go on."),
    )
    yield (
        "Banner: nothing may be sent",
        _banner(theme, "critical", "Ledger and broker differ. KORVA: 30 here, 35 at the broker."),
    )
    yield "Long work with a known end", _progress(theme)
    yield (
        "Banner: a limit has locked the day",
        _banner(
            theme,
            "critical",
            "The day lost 4.1 % of at most 4 %. Trading is locked until 00:00 New York: 13:12:09 "
            "left. Closing and cancelling go on.",
        ),
    )
    yield "Banner: a viewer", _banner(theme, "accent", "VIEWER, read-only. It does not answer.")
    yield "Long work without a known end, with reduced motion", BusyBar(theme, "At work")
    yield "Message", _message(theme, Severity.NOTICE, "Recap exported", "recap-2026-03-03.md")
    yield (
        "Message: warning",
        _message(
            theme,
            Severity.WARNING,
            "Order denied",
            "The position would be $12,000 of at most $10,000.",
        ),
    )
    yield (
        "Message: critical",
        _message(
            theme, Severity.CRITICAL, "Positions without a stop", "Protect KORVA, or flatten it."
        ),
    )
    yield (
        "Nothing yet: what to do",
        EmptyState(
            theme, "approvals", "Nothing waits for you", "Press A to approve, E to edit, K to kill."
        ),
    )
    yield "Loading", _start(theme)
    yield (
        "Failed: what happened, and what next",
        _start(theme, "The ledger could not be opened. Nothing was lost. Free some disk space."),
    )


STATES = Section("states", "Lamps, gauges, banners, messages", _specimens)
