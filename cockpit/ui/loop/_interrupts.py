"""Ctrl+C and other signals reach Python while Qt waits in C."""

from __future__ import annotations

import contextlib
import signal
import threading  # noqa: TID251 (asks which thread this is, starts none)
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType


@contextlib.contextmanager
def interruptible(
    wake_fd: int | None,
    on_interrupt: Callable[[int, FrameType | None], None],
    handles_signals: Callable[[], bool],
) -> Generator[None]:
    """Let signals wake the loop through `wake_fd` and give SIGINT to `on_interrupt`.

    Python runs its signal handlers between two bytecodes, and a Qt loop at rest runs
    none: the byte written to `wake_fd` (None: no such thing on this platform) makes a
    socket notifier run one. A SIGINT handler set by somebody else, such as the one of
    `asyncio.Runner`, is left alone. While the loop has handlers of its own
    (`handles_signals`), `wake_fd` stays in place between runs, so that no signal is
    lost. Off the main thread this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with _woken_by_signals(wake_fd, handles_signals), _own_interrupt(on_interrupt):
        yield


@contextlib.contextmanager
def _woken_by_signals(wake_fd: int | None, handles_signals: Callable[[], bool]) -> Generator[None]:
    if wake_fd is None:
        yield
        return
    before = signal.set_wakeup_fd(wake_fd, warn_on_full_buffer=False)
    try:
        yield
    finally:
        if not handles_signals():
            signal.set_wakeup_fd(before, warn_on_full_buffer=False)


@contextlib.contextmanager
def _own_interrupt(on_interrupt: Callable[[int, FrameType | None], None]) -> Generator[None]:
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    # Raised inside a slot, KeyboardInterrupt would be printed by Qt's binding and lost.
    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) == on_interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)
