"""The one place where untyped qasync meets our types.

qasync brings what is hard to get right per platform: socket notifiers on Unix, a
proactor polled from a thread on Windows. What is declared here is all we touch of it
and of asyncio's own private hooks; both are pinned, and the tests run on each Python.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self

# qasync picks its Qt binding while it is imported.
os.environ.setdefault("QT_API", "pyside6")

if TYPE_CHECKING:
    import asyncio
    from collections import deque
    from collections.abc import Callable
    from types import TracebackType

    from PySide6.QtCore import QCoreApplication

    class QtLoopBase(asyncio.SelectorEventLoop):
        """What `qasync.QEventLoop` is to us."""

        _ready: deque[asyncio.Handle]
        _thread_id: int | None
        _stopping: bool
        _debug: bool
        _current_handle: asyncio.Handle | None
        _signal_handlers: dict[int, asyncio.Handle]

        def __init__(self, app: QCoreApplication) -> None: ...
        def __enter__(self) -> Self: ...
        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            trace: TracebackType | None,
        ) -> None: ...
        def _check_closed(self) -> None: ...
        def _check_running(self) -> None: ...
        def _check_thread(self) -> None: ...
        def _check_callback(self, callback: object, method: str) -> None: ...
        def _set_coroutine_origin_tracking(self, enabled: bool) -> None: ...
        def _asyncgen_firstiter_hook(self, agen: Any) -> None: ...
        def _asyncgen_finalizer_hook(self, agen: Any) -> None: ...
        def _before_run_forever(self) -> None: ...
        def _after_run_forever(self) -> None: ...
        def _add_reader(self, fd: Any, callback: Callable[..., object], *args: Any) -> None: ...
        def _add_writer(self, fd: Any, callback: Callable[..., object], *args: Any) -> None: ...
else:
    from qasync import QEventLoop as QtLoopBase

__all__ = ["QtLoopBase"]
