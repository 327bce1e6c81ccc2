"""Brings up Qt, paints the window, then builds the core; and takes it all down in stages."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_API", "pyside6")

import structlog
from PySide6.QtCore import Qt, QTimer, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from cockpit.domain.account import Mode
from cockpit.domain.alert import Severity
from cockpit.domain.connection import Connection
from cockpit.domain.errors import CockpitError
from cockpit.kernel.clock import WallClock
from cockpit.kernel.errors import KernelError
from cockpit.kernel.instance import InstanceError
from cockpit.kernel.supervisor import Stage, Supervisor, TaskCrashed
from cockpit.ports.feed import Gathering
from cockpit.ui import drawings
from cockpit.ui import workspace as workspaces
from cockpit.ui.bridge import Bridge
from cockpit.ui.complaints import on_exception, on_loop_exception, on_qt_message
from cockpit.ui.landmarks import start_landmarks
from cockpit.ui.loop import CockpitLoop
from cockpit.ui.main_window import MainWindow
from cockpit.ui.theme import Theme

if TYPE_CHECKING:
    from cockpit.app.core import Core
    from cockpit.app.launch import Launch
    from cockpit.app.lifecycle import Session
    from cockpit.app.viewer.session import ViewerSession

_log = structlog.get_logger(__name__)

SAVE_EVERY_S = 3.0
CORRUPT_LAYOUT = (
    "The saved layout could not be used, so this is the default one. Nothing else was lost."
)


def make_application() -> QApplication:
    """The QApplication, set up once a process."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Cockpit")
    app.setDesktopFileName("cockpit")
    app.setQuitOnLastWindowClosed(False)  # the staged stop decides when it is over
    return app


def run_window(launch: Launch, *, on_first_paint: Callable[[], None] | None = None) -> int:
    """Open the window and run one session of `launch` in it; the exit code.

    Where a cockpit runs on that data folder already, the window watches that one.
    `on_first_paint` is called once, before anything heavy is imported. An error of the
    start is raised here; where there is no terminal to tell it, the window tells it first.
    """
    sessions: list[Session | ViewerSession] = []
    lamps: list[Connection] = []

    async def start(ahead: Ahead) -> Core | None:
        from cockpit.app.lifecycle import Session  # brings the database: after the first paint
        from cockpit.ui.beginning import settled

        begun = await settled(launch, ahead.window, ahead.theme, ahead.spawn)
        if begun is None:
            return None
        sessions.append(Session(begun, lamps.append))
        try:
            return await sessions[0].start()
        except InstanceError as error:
            sessions[0] = _viewer(begun.data_dir)
            return await _watched(sessions[0], error)

    async def stop() -> None:
        await sessions[0].stop()

    return open_window(
        start,
        stop,
        folder=launch.data_dir,
        what=_WHAT[launch.mode],
        lamps=lamps,
        on_first_paint=on_first_paint,
        hold_errors=sys.stderr is None,  # pyright: ignore[reportUnnecessaryComparison] -- None without a console on Windows
    )


def _viewer(data_dir: Path) -> ViewerSession:
    from cockpit.app.viewer.session import ViewerSession

    return ViewerSession(data_dir)


async def _watched(viewer: ViewerSession, taken: InstanceError) -> Core:
    """A view of the cockpit that holds the folder. Raises `taken` when it can't be reached."""
    try:
        return await viewer.start()
    except KernelError as error:
        _log.warning("no_viewer", error=str(error))
        await viewer.stop()
        raise taken from error


_WHAT = {
    Mode.DEMO: "the demo",
    Mode.REPLAY: "the replay",
    Mode.PAPER: "paper trading",
    Mode.LIVE: "live trading",
}


@dataclass(frozen=True)
class Ahead:
    """The window before there is a core: where a start may ask the person."""

    window: MainWindow
    theme: Theme
    spawn: Callable[[Coroutine[Any, Any, None], str], object]


Start = Callable[[Ahead], Awaitable["Core | None"]]
"""Brings up the core; None when the person rather leaves."""


def open_window(
    start: Start,
    stop: Callable[[], Awaitable[None]],
    *,
    folder: Path,
    what: str,
    on_first_paint: Callable[[], None] | None = None,
    hold_errors: bool = False,
    lamps: Sequence[Connection] = (),
) -> int:
    """Show the window, then `start` the core; `stop` it when the person quits.

    `folder` keeps the workspace. `what` says what is starting, in words; what the newest of
    `lamps` asks a person to do is shown while it starts. When `start` raises, the error is
    raised here; with `hold_errors` the window tells it first and waits to be closed.
    """
    app = make_application()
    saved, note = workspaces.load(folder)
    theme = Theme(saved.scheme, blue_orange=saved.blue_orange, reduced_motion=saved.reduced_motion)
    theme.dress(app)
    theme.changed.connect(lambda: theme.dress(app))
    window = MainWindow(theme, saved, what)
    window.start_view.follow(lamps)
    run = WindowRun(window, theme, folder, note)
    previous = qInstallMessageHandler(on_qt_message)
    previous_hook, sys.excepthook = sys.excepthook, on_exception
    loop = CockpitLoop(app)
    loop.set_exception_handler(on_loop_exception)
    asyncio.set_event_loop(loop)
    try:
        body = run.live(start, stop, on_first_paint, hold_errors=hold_errors)
        return loop.run_until_complete(body)
    finally:
        sys.excepthook = previous_hook
        qInstallMessageHandler(previous)
        window.deleteLater()
        asyncio.set_event_loop(None)
        loop.close()


class WindowRun:
    """One life of the window, from first paint to the last save."""

    def __init__(self, window: MainWindow, theme: Theme, data_dir: Path, note: str) -> None:
        self._window = window
        self._theme = theme
        self._folder = data_dir
        self._note = note
        # Conversations and saves run on real time: a paused session must not hold them.
        self._tasks = Supervisor(WallClock(), self._on_crash)
        self._quit = asyncio.Event()
        self._asking = False
        self._bridge: Bridge | None = None
        self._saved = workspaces.Workspace()
        self._keeps = False

    async def live(
        self,
        start: Start,
        stop: Callable[[], Awaitable[None]],
        on_first_paint: Callable[[], None] | None,
        *,
        hold_errors: bool,
    ) -> int:
        """Run until the person quits; the exit code."""
        self._catch_signals()
        self._window.quit_requested.connect(self.request_quit)
        await self._first_paint()
        landmarks = start_landmarks(make_application())
        if on_first_paint is not None:
            on_first_paint()
        await _load_panels()
        try:
            return await self._with_core(start, stop, hold_errors=hold_errors)
        finally:
            if landmarks is not None:
                landmarks.stop()
            await self._tasks.stop()
            self._window.finish()

    async def _with_core(
        self,
        start: Start,
        stop: Callable[[], Awaitable[None]],
        *,
        hold_errors: bool,
    ) -> int:
        try:
            core = await self._started(start)
        except (CockpitError, KernelError) as error:
            if hold_errors:
                self._window.fail(error.user_text)
                await self._quit.wait()
            raise
        if core is None:  # the person left meanwhile; nothing is left open
            return 0
        try:
            self._attach(core)
            _let_time_go(core)
            await self._quit.wait()
        finally:
            await self._take_down(stop)
        return 0

    async def _started(self, start: Start) -> Core | None:
        """The core, or None when the person quits before it stands."""
        ahead = Ahead(self._window, self._theme, self._spawn)
        outcome: asyncio.Future[Core | None] = asyncio.get_running_loop().create_future()

        async def build() -> None:
            try:
                core = await start(ahead)
                if core is not None:
                    _hold_time(core)
                outcome.set_result(core)
            except Exception as error:  # noqa: BLE001 (whoever awaits the outcome raises it)
                outcome.set_exception(error)

        async def wait_for_quit() -> None:
            await self._quit.wait()
            building.cancel()

        building = self._tasks.work(build(), name="start", owner="window")
        waiting = self._tasks.work(wait_for_quit(), name="quit", owner="window")
        await asyncio.wait({building})
        waiting.cancel()
        return await outcome if outcome.done() else None

    def _attach(self, core: Core) -> None:
        bridge = self._bridge = Bridge(core.bus)
        if isinstance(core.feed, Gathering):
            bridge.before_frame(core.feed.catch_up)
        fits = self._window.attach(core, bridge, self._spawn)
        actions = self._window.actions_
        note = self._note or ("" if fits else CORRUPT_LAYOUT)
        if note and actions is not None:
            actions.toasts.tell(Severity.NOTICE, "Workspace", note)
        self._saved = self._window.workspace()
        if core.viewing is not None:
            return  # the folder's workspace is that of the window it watches
        self._keeps = True
        self._tasks.serve(
            self._keep_workspace, name="workspace", owner="window", stage=Stage.OUTPUT
        )

    async def _take_down(self, stop: Callable[[], Awaitable[None]]) -> None:
        self._window.setEnabled(False)
        await self._save()
        if self._bridge is not None:
            self._bridge.close()
        await stop()

    # Quitting.

    def request_quit(self) -> None:
        """A person wants to leave: ask when something is open."""
        actions = self._window.actions_
        if actions is None:
            self._quit.set()
        elif not self._asking:
            self._asking = True
            self._spawn(self._ask_and_quit(), "quit")

    async def _ask_and_quit(self) -> None:
        try:
            actions = self._window.actions_
            if actions is None or await actions.may_quit():
                self._quit.set()
        finally:
            self._asking = False

    def _catch_signals(self) -> None:
        """A signal stops in stages without asking: nobody may be there to answer."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows raises KeyboardInterrupt instead
                loop.add_signal_handler(name, self._quit.set)

    # Workspace.

    async def _keep_workspace(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            await self._save()

    async def _save(self) -> None:
        if not self._keeps:
            return
        await self._save_drawings()
        now = self._window.workspace()
        if now == self._saved:
            return
        try:
            await asyncio.to_thread(workspaces.save, self._folder, now)
            self._saved = now
        except OSError as error:
            _log.warning("workspace_not_saved", error=str(error))

    async def _save_drawings(self) -> None:
        lines = self._window.drawings
        if lines is None or not lines.changed:
            return
        lines.changed = False
        try:
            await asyncio.to_thread(drawings.save, self._folder, lines.kept())
        except OSError as error:
            _log.warning("drawings_not_saved", error=str(error))

    # Small parts.

    async def _first_paint(self) -> None:
        painted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def tell() -> None:
            if not painted.done():
                painted.set_result(None)

        # a zero timer: the frame that was painted reaches the screen first
        self._window.start_view.painted.connect(lambda: QTimer.singleShot(0, tell))
        self._window.show()
        await painted

    def _spawn(self, body: Coroutine[Any, Any, None], name: str) -> object:
        return self._tasks.work(body, name=name, owner="window")

    def _on_crash(self, crash: TaskCrashed) -> None:
        actions = self._window.actions_
        if actions is not None:
            text = f"{crash.error}. The ledger is safe; the log has the details."
            actions.toasts.tell(Severity.CRITICAL, "Something inside the window failed", text)


async def _load_panels() -> None:
    """Import what the panels need, a piece a turn, before anything watches the loop's pulse."""
    for name in _LATER:
        import_module(name)
        await asyncio.sleep(0)


_LATER = ("PySide6QtAds", "qtawesome", "cockpit.ui.charts._pg", "cockpit.ui.menus")


def _hold_time(core: Core) -> None:
    """Let a played session wait for its panels: at sixty times the pace they cost it minutes."""
    if core.viewing is None and core.playback is not None:
        core.playback.pause()


def _let_time_go(core: Core) -> None:
    if core.viewing is None and core.playback is not None:
        core.playback.resume()
