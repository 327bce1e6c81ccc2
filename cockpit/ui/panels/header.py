"""The header: how real the money is, how the day stands, and the way to stop everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cockpit.app.telling.recovery_news import compared_words
from cockpit.domain.account import Mode
from cockpit.domain.connection import Connection
from cockpit.domain.events import (
    AccountChanged,
    AlertChanged,
    ApprovalRequested,
    ApprovalResolved,
    ArmingChanged,
    ConnectionChanged,
    RecoveryChanged,
    TradingStateChanged,
)
from cockpit.domain.limits import TradingState
from cockpit.domain.recovery import RecoveryPhase
from cockpit.ui import words
from cockpit.ui.asking import ask
from cockpit.ui.bridge import MONEY, Bridge, Frame
from cockpit.ui.models.pulse import Pulse, broker_pulse, feed_pulse
from cockpit.ui.models.risk import header_gauges
from cockpit.ui.panels.session_clock import SessionClock
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.gauges import GaugeRow
from cockpit.ui.widgets.hold_button import HoldButton
from cockpit.ui.widgets.labels import (
    ElidedLabel,
    Figure,
    Pair,
    hairline,
    label,
    set_tone,
    signed_tone,
)
from cockpit.ui.widgets.lamp import Lamp
from cockpit.ui.widgets.pill import ClickablePill, Pill

if TYPE_CHECKING:
    from cockpit.app.core import Core
    from cockpit.trading.state import TradingSwitch

HEIGHT = 68
ROOMY = 1600
SECOND = 1_000_000_000
KILL_SCOPE = (
    "Hold to fire. Halts trading, kills every waiting proposal, asks the broker to cancel all "
    "open orders, and shows what the broker confirmed. Positions stay open. "
    "Let go early and nothing happens."
)


class Header(QFrame):
    """Always visible, never closable; takes the core because it shows all of it."""

    def __init__(self, core: Core, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._core, self._bridge, self._theme = core, bridge, theme
        self._lamps: dict[str, Lamp] = {}
        self.setProperty("kind", "bar")
        self.setAccessibleName("Header")
        self.setFixedHeight(HEIGHT)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(Space.L, Space.S, Space.M, Space.S)
        for part in (self._mode(), self._day(), self._money(), self._exposure()):
            self._row.addWidget(part)
            self._row.addWidget(hairline(vertical=True))
        self.clock = SessionClock(core.calendar, core.clock, theme)
        self._row.addWidget(self.clock)
        self._row.addWidget(hairline(vertical=True))
        self.risk = GaugeRow(theme)
        if core.viewing is not None:
            self.risk.show_elsewhere()
        self._row.addWidget(self.risk)
        self._row.addWidget(hairline(vertical=True))
        self._row.addWidget(self._state(), 1)
        self._lamp_column = QVBoxLayout()
        self._lamp_column.setSpacing(0)
        self._row.addLayout(self._lamp_column)
        self._row.addWidget(self._kill())
        self.destroyed.connect(bridge.on_frame(self._on_frame, every=6, turn=MONEY))

    def _column(self, *parts: QWidget, width: int = 0) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addStretch(1)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        if width:
            box.setMinimumWidth(width)
        return box

    def _mode(self) -> QWidget:
        mode, feed_label = self._core.mode, self._core.feed_label
        self.mode = Pill(self._theme, mode.value.upper(), mode.value, solid=mode is Mode.LIVE)
        self.mode.setToolTip(_MODE_TIPS[mode])
        self.source = label(self._theme, feed_label or "live data", FontRole.CAPTION, "warning")
        self.source.setToolTip("Where the prices come from")
        core = self._core
        name = core.account_name or core.account_id
        self.account = label(self._theme, name, FontRole.CAPTION, "muted")
        self.account.setToolTip(f"Account; in the ledger it is {core.account_id}")
        top = QWidget()
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.mode)
        row.addWidget(self.account)
        row.addStretch(1)
        return self._column(top, self.source)

    def _day(self) -> QWidget:
        self.day = Figure(self._theme, FontRole.FIGURE, least=128)
        self.day.setToolTip("Day P&L: realised + open - fees")
        caption = label(self._theme, "Day P&L, after fees", FontRole.CAPTION, "muted")
        figure = QWidget()
        beside = QHBoxLayout(figure)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.day)
        beside.addStretch(1)
        return self._column(caption, figure)

    def _money(self) -> QWidget:
        self.open = Pair(self._theme, "Open", "Unrealised profit at the marks, gross", 136)
        self.realised = Pair(self._theme, "Realised", "Closed profit, gross of fees", 136)
        return self._column(self.open, self.realised)

    def _exposure(self) -> QWidget:
        self.equity = Pair(self._theme, "Net liq", "Start equity + day P&L", 148)
        self.power = Pair(self._theme, "Buying pwr", "As the broker last said", 148)
        self.exposure = Pair(self._theme, "Exposure", "Sum of absolute position values", 148)
        box = self._column(self.equity, self.power, self.exposure)
        layout = box.layout()
        if layout is not None:
            layout.setSpacing(0)
        return box

    def _state(self) -> QWidget:
        self.state = Pill(self._theme)
        self.recovery = Pill(self._theme)
        self.recovery.hide()
        self.arming = ClickablePill(self._theme)
        self.reason = ElidedLabel(self._theme, "", FontRole.CAPTION, "muted")
        self.alerts = ClickablePill(self._theme)
        top = QWidget()
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.state)
        row.addWidget(self.recovery)
        row.addWidget(self.alerts)
        row.addStretch(1)
        below = QWidget()
        self._below = QHBoxLayout(below)
        self._below.setContentsMargins(0, 0, 0, 0)
        self._below.setSpacing(Space.S)
        self._below.addWidget(self.arming)
        self._below.addWidget(self.reason, 1)
        self._above = row
        return self._column(top, below)

    def _kill(self) -> HoldButton:
        self.kill_button = HoldButton(self._theme, "KILL SWITCH", "hold: halt + cancel all")
        self.kill_button.setToolTip(KILL_SCOPE)
        self.kill_button.setAccessibleDescription(KILL_SCOPE)
        self.kill_button.fired.connect(self.fire)
        return self.kill_button

    def fire(self) -> None:
        """Halt and cancel everything; what the broker confirmed comes as an alert."""
        ask(self._core.commands, self._core.commands.kill_all("Kill switch held"), "kill-switch")

    def _on_frame(self, frame: Frame) -> None:
        self._show_money()
        if frame.touched(*_STATES):
            self._show_state()
        if frame.touched(AccountChanged) or frame.heartbeat:
            self._show_power()
        if self._core.viewing is None and (frame.heartbeat or frame.everything):
            now = self._core.clock.now_ns()
            self.risk.show_gauges(header_gauges(self._core.monitor.gauges(), now))
        if frame.touched(ConnectionChanged) or frame.heartbeat:
            self._show_lamps()
        self.clock.refresh()

    def _show_money(self) -> None:
        money = self._core.portfolio
        self.day.setText(f"{fmt.signed_money(money.day_pnl)} {fmt.arrow(_cents(money.day_pnl))}")
        set_tone(self.day, signed_tone(_cents(money.day_pnl)))
        self.open.show_value(
            fmt.signed_money(money.unrealised), signed_tone(_cents(money.unrealised))
        )
        realised = float(money.day_realised)
        self.realised.show_value(fmt.signed_money(realised), signed_tone(_cents(realised)))
        self.equity.show_value(fmt.money(money.equity, places=0))
        self.exposure.show_value(fmt.money(money.gross_exposure, places=0))

    def _show_power(self) -> None:
        account = self._core.situation.account()
        self.power.show_value(
            fmt.money(None if account is None else account.buying_power, places=0)
        )

    def _show_state(self) -> None:
        switch = self._core.switch
        ready = self._core.recovery.phase is RecoveryPhase.READY
        word, role = words.STATE_WORDS[switch.state]
        if not ready:  # what nothing may use is not shown as active
            word, role = words.short_state(switch.state)
        looking = any(lamp.read_only for lamp in self._core.readiness.lamps)
        if looking and switch.state is not TradingState.HALTED:
            word, role = words.READ_ONLY
        self.state.show_text(word, role, solid=switch.state is TradingState.HALTED)
        self._show_recovery()
        self._show_arming()
        self._show_reason()
        look = words.alerts_look(alert.severity for alert in self._core.alerts.active())
        self.alerts.show_text(look.text, look.role, solid=look.solid)
        self.alerts.setToolTip(look.told)
        self.alerts.setAccessibleDescription(look.told)

    def _show_reason(self) -> None:
        waiting = len(self._core.approvals.waiting())
        told = self._core.recovery.text
        brief = self.width() < ROOMY
        self.reason.set_text(told or state_words(self._core.switch, waiting, brief=brief))

    def _show_arming(self) -> None:
        arming = self._core.arming
        look = words.ARMING_LOOKS[arming.armed]
        self.arming.show_text(look.text, look.role, mark=look.mark)
        self.arming.setToolTip(f"{arming.reason}\nClick for the checks.")
        self._place_arming()

    def _place_arming(self) -> None:
        """Held back it is disarmed anyway: on a small screen the reason has the room then."""
        held_back = self._core.switch.state is not TradingState.ACTIVE
        self.arming.setVisible(not (self.width() < ROOMY and held_back))

    def _show_recovery(self) -> None:
        told = self._core.recovery
        look = words.RECOVERY_LOOKS.get(told.phase)
        self.recovery.setVisible(look is not None)
        self._place_alerts()
        if look is not None:
            solid = told.phase is RecoveryPhase.BLOCKED
            self.recovery.show_text(look.text, look.role, solid=solid, mark=look.mark)
            self.recovery.setToolTip(told.text)
        compared = told.compared
        when = "" if compared is None else ": ".join(compared_words(compared))
        self.state.setToolTip("\n".join(filter(None, (self._core.switch.reason, when))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find room for the count of alerts anew."""
        super().resizeEvent(event)
        roomy = self.width() >= ROOMY
        self._row.setSpacing(Space.M if roomy else Space.S - Space.XXS)
        self._place_alerts()
        self._place_arming()
        self._show_reason()

    def _place_alerts(self) -> None:
        """Two words don't fit beside the count of alerts on a small screen: it moves down."""
        low = self.width() < ROOMY and not self.recovery.isHidden()
        if low and self._below.indexOf(self.alerts) < 0:
            self._below.addWidget(self.alerts)
        elif not low and self._above.indexOf(self.alerts) < 0:
            self._above.insertWidget(self._above.indexOf(self.recovery) + 1, self.alerts)

    def _show_lamps(self) -> None:
        now = self._core.clock.now_ns()
        for connection in self._core.readiness.lamps:
            name, shown = f"{connection.kind}/{connection.name}", connection.name
            if name not in self._lamps:
                if any(one.endswith(f"/{shown}") for one in self._lamps):  # one vendor, two lamps
                    shown = f"{shown} {connection.kind}"
                self._lamps[name] = Lamp(self._theme, shown)
                self._lamp_column.addWidget(self._lamps[name], 0, Qt.AlignmentFlag.AlignVCenter)
            self._show_lamp(self._lamps[name], connection, now)

    def _show_lamp(self, lamp: Lamp, connection: Connection, now: int) -> None:
        """Word, then what is told of it; the header's source says already what it is labelled."""
        seconds = max(0.0, (now - connection.ts_ns) / SECOND) if connection.ts_ns else None
        pulse = self._pulse(connection, now)
        left = connection.time_left(now)
        own = "" if connection.label == self._core.feed_label else connection.label
        beside = f"{left} left" if left else pulse.text if self.width() >= ROOMY else ""
        lines = (
            f"{connection.kind} {connection.name}: {connection.health.value} {connection.label}",
            connection.detail,
            f"last message {pulse.text}" if pulse.text else "",
            f"last change {fmt.age(seconds)} ago",
        )
        tooltip = "\n".join(line.strip() for line in lines if line)
        lamp.show_health(connection.health, f"{own} {beside}".strip(), tooltip=tooltip)

    def _pulse(self, connection: Connection, now: int) -> Pulse:
        if connection.kind == "feed":
            live = self._core.playback is None
            return feed_pulse(self._core.book, now, live=live)
        account = self._core.situation.account()
        return broker_pulse(0 if account is None else account.ts_event, now)


_STATES = (
    TradingStateChanged,
    RecoveryChanged,
    ConnectionChanged,
    ApprovalRequested,
    ApprovalResolved,
    AlertChanged,
    ArmingChanged,
)
_MODE_TIPS = {
    Mode.DEMO: "A simulated market and simulated money: nothing here is real.",
    Mode.REPLAY: "A recorded market and simulated money: no order leaves this machine.",
    Mode.PAPER: "Simulated money in an account that lasts; the feed says how real the prices are.",
    Mode.LIVE: "The real market and real money.",
}


def _cents(value: float) -> float:
    """Less than half a cent is shown as nothing, so it is coloured as nothing."""
    return round(value, 2)


def state_words(switch: TradingSwitch, waiting: int, *, brief: bool = False) -> str:
    """Why trading is held back; while it is active, how many proposals wait."""
    # An active switch keeps the reason of its resume, which would hide what waits.
    held_back = "" if switch.state is TradingState.ACTIVE else switch.reason
    return held_back or (_brief_words(waiting) if brief else _waiting_words(waiting))


def _waiting_words(waiting: int) -> str:
    if not waiting:
        return "Nothing waits for you"
    return f"{waiting} proposal{'s' * (waiting != 1)} wait{'s' * (waiting == 1)} for you"


def _brief_words(waiting: int) -> str:
    return f"{waiting} to decide" if waiting else "Nothing waits"
