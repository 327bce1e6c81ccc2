"""The transport of a simulated session: pause, pace and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSlider, QToolTip

from cockpit.domain.events import ApprovalRequested, ApprovalResolved, PlaybackChanged
from cockpit.ui.asking import attempt
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.pace import PaceKeeper
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.buttons import icon_button, set_icon
from cockpit.ui.widgets.labels import ElidedLabel, Figure, label, set_property

if TYPE_CHECKING:
    from cockpit.app.commands import Commands
    from cockpit.kernel.bus import Bus
    from cockpit.ports.feed import Playback
    from cockpit.trading.approvals import Approvals

SPEEDS: tuple[float | None, ...] = (1, 5, 20, 60, 240, None)
"""The presets; None is as fast as possible."""

STEPS = 10_000


def speed_word(speed: float | None) -> str:
    """5x, or Max."""
    return "Max" if speed is None else f"{speed:g}x"


class PlaybackBar(QFrame):
    """Shown in simulated sessions only. The slider goes forward: what happened has happened."""

    refused = Signal(str)  # why a wish could not be met

    def __init__(
        self,
        *,
        playback: Playback,
        commands: Commands,
        approvals: Approvals,
        bus: Bus,
        bridge: Bridge,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._playback, self._commands, self._approvals = playback, commands, approvals
        self._theme = theme
        self.pace = PaceKeeper(self._set_speed)
        self.setProperty("kind", "bar")
        self.setAccessibleName("Playback")
        self.setFixedHeight(36)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(Space.L, 0, Space.M, 0)
        self._row.setSpacing(Space.XS)
        self.pause_button = icon_button(theme, "pause", "Pause the session", self.toggle)
        self._row.addWidget(self.pause_button)
        self._speeds()
        self._position()
        # At full speed a proposal could expire within a frame, so the pace hears of it at once.
        for topic in (ApprovalRequested, ApprovalResolved):
            self.destroyed.connect(bus.subscribe(topic, self._on_queue, name="playback.pace"))
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _speeds(self) -> None:
        self.speeds: dict[float | None, QPushButton] = {}
        group = QButtonGroup(self)
        group.setExclusive(False)  # a speed set by key may be none of the presets
        for speed in SPEEDS:
            made = QPushButton(speed_word(speed))
            made.setCheckable(True)
            made.setProperty("kind", "quiet")
            made.setFont(self._theme.font(FontRole.CAPTION))
            made.setAccessibleName(f"Play at {speed_word(speed)}")
            made.setToolTip(
                "As fast as this machine can" if speed is None else f"{speed:g} times real time"
            )
            made.clicked.connect(lambda _checked=False, s=speed: self.choose(s))
            group.addButton(made)
            self.speeds[speed] = made
            self._row.addWidget(made)

    def _position(self) -> None:
        start, end = self._playback.start_ns, self._playback.end_ns
        small = FontRole.CAPTION
        self.now = Figure(self._theme, FontRole.STRONG, least=60)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Position in the session, New York time")
        self.slider.setRange(0, STEPS)
        self.slider.setMinimumWidth(160)
        self.slider.sliderReleased.connect(self._on_released)
        self.slider.sliderMoved.connect(self._on_moved)
        self.slider.actionTriggered.connect(self._on_key)
        self.note = ElidedLabel(self._theme, "", small, "warning")
        self._row.addSpacing(Space.S)
        self._row.addWidget(self.now)
        self._row.addWidget(
            label(self._theme, fmt.new_york_time(start, seconds=False), small, "muted")
        )
        self._row.addWidget(self.slider, 3)
        self._row.addWidget(
            label(self._theme, fmt.new_york_time(end, seconds=False), small, "muted")
        )
        end_button = icon_button(self._theme, "end", "Play to the end at full speed", self.to_end)
        self._row.addWidget(end_button)
        self._row.addSpacing(Space.S)
        self._row.addWidget(self.note, 2)

    # What a person may ask for.

    def toggle(self) -> None:
        """Pause, or go on."""
        paused = self._playback.paused
        attempt(self._commands.unpause if paused else self._commands.pause, self.refused.emit)

    def choose(self, speed: float | None) -> None:
        """Play at `speed` from now on."""
        self.pace.chosen(speed)

    def faster(self) -> None:
        """The next preset up."""
        self._step(+1)

    def slower(self) -> None:
        """The next preset down."""
        self._step(-1)

    def _step(self, direction: int) -> None:
        speed = self._playback.speed
        ladder = [float("inf") if s is None else s for s in SPEEDS]
        now = float("inf") if speed is None else speed
        beyond = [s for s in ladder if (s > now if direction > 0 else s < now)]
        if beyond:
            target = min(beyond) if direction > 0 else max(beyond)
            self.choose(None if target == float("inf") else target)

    def to_end(self) -> None:
        """Wind to the end; every bar, stop and alert on the way still happens."""
        self.seek(self._playback.end_ns)

    def seek(self, to_ns: int) -> None:
        """Wind forward to `to_ns`; backwards is refused with its reason."""
        attempt(lambda: self._commands.seek(to_ns), self.refused.emit)

    def _set_speed(self, speed: float | None) -> None:
        attempt(lambda: self._commands.set_speed(speed), self.refused.emit)

    # The slider.

    def _ns_at(self, step: int) -> int:
        start, end = self._playback.start_ns, self._playback.end_ns
        return start + (end - start) * step // STEPS

    def _on_moved(self, step: int) -> None:
        text = fmt.new_york_time(self._ns_at(step))
        QToolTip.showText(self.slider.mapToGlobal(QPoint(0, 20)), text, self.slider)

    def _on_released(self) -> None:
        self.seek(self._ns_at(self.slider.sliderPosition()))

    def _on_key(self, _action: int) -> None:
        if not self.slider.isSliderDown():  # keys and clicks beside the handle
            self.seek(self._ns_at(self.slider.sliderPosition()))

    def _on_queue(self, _event: object) -> None:
        self.pace.waiting(len(self._approvals.waiting()), self._playback.speed)

    # What a frame shows.

    def _on_frame(self, frame: Frame) -> None:
        if frame.touched(PlaybackChanged, ApprovalRequested, ApprovalResolved):
            self._show_pace()
        self._show_position()

    def _show_position(self) -> None:
        start, end, now = self._playback.start_ns, self._playback.end_ns, self._playback.position_ns
        text = fmt.new_york_time(now)
        if text == self.now.text():
            return
        self.now.setText(text)
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue((now - start) * STEPS // max(1, end - start))
            self.slider.blockSignals(False)

    def _show_pace(self) -> None:
        paused, finished = self._playback.paused, self._playback.finished
        set_icon(self._theme, self.pause_button, "play" if paused else "pause")
        name = "Continue the session" if paused else "Pause the session"
        self.pause_button.setAccessibleName(name)
        self.pause_button.setToolTip(name)
        self.pause_button.setEnabled(not finished)
        for speed, button in self.speeds.items():
            button.setChecked(speed == self._playback.speed)
            button.setEnabled(not finished)
        self.slider.setEnabled(not finished)
        over = "The session is over: export its recap from the File menu." if finished else ""
        self.note.set_text(over or ("Paused" if paused else self.pace.note))
        set_property(self.note, "tone", "muted" if paused or finished else "warning")
