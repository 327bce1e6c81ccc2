"""Bad and good tests for test_guards.py, which copies this file into a project of its own."""

import asyncio
import socket
import threading
import warnings
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer, Signal, qWarning

_kept: list[object] = []


async def _forever() -> None:
    await asyncio.Event().wait()


async def test_leaks_a_task() -> None:
    _kept.append(asyncio.create_task(_forever(), name="lost-task"))


async def test_leaks_a_task_on_the_qt_loop(qapp: object) -> None:
    _kept.append(asyncio.create_task(_forever(), name="lost-qt-task"))


async def test_orphan_raises() -> None:
    async def orphan() -> None:
        raise RuntimeError("orphan")

    asyncio.create_task(orphan())  # noqa: RUF006  an orphan is what this sample is about
    await asyncio.sleep(0)


async def test_callback_raises() -> None:
    def callback() -> None:
        raise RuntimeError("callback")

    asyncio.get_running_loop().call_soon(callback)
    await asyncio.sleep(0)


@pytest.fixture
async def leaky() -> AsyncGenerator[None, None]:
    task = asyncio.create_task(_forever(), name="fixture-task")
    yield
    _kept.append(task)


def test_async_fixture_leaks_a_task(leaky: None) -> None:
    assert leaky is None


def test_leaks_a_thread() -> None:
    threading.Thread(target=threading.Event().wait, name="lost-thread", daemon=True).start()


def test_leaks_a_thread_timer() -> None:
    timer = threading.Timer(3600, print)
    timer.name, timer.daemon = "lost-thread-timer", True
    timer.start()


def test_leaks_a_qt_timer(qapp: object) -> None:
    timer = QTimer()
    timer.setObjectName("lost-qt-timer")
    timer.start(60_000)
    _kept.append(timer)


def test_leaks_a_single_shot(qapp: object) -> None:
    QTimer.singleShot(61_000, print)


def test_connects_outside() -> None:
    with socket.socket() as outside:
        outside.settimeout(0.1)
        outside.connect(("203.0.113.7", 80))


def test_swallows_the_refusal() -> None:
    with socket.socket() as outside:
        try:
            outside.connect(("203.0.113.8", 80))
        except Exception:
            outside.close()


def test_sends_outside() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as outside:
        outside.sendto(b"x", ("203.0.113.9", 9))


def test_looks_a_name_up() -> None:
    socket.getaddrinfo("example.org", 80)


async def test_connects_outside_on_the_loop() -> None:
    await asyncio.open_connection("203.0.113.10", 80)


def test_warns() -> None:
    warnings.warn("an old way", DeprecationWarning, stacklevel=1)


def test_coroutine_never_awaited() -> None:
    _forever()


def test_thread_raises() -> None:
    def work() -> None:
        raise RuntimeError("raised in a thread")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_qt_warns(qapp: object) -> None:
    qWarning("Qt warned in the call")


@pytest.fixture
def complaining() -> Generator[None, None, None]:
    yield
    qWarning("Qt warned in tear-down")


def test_qt_warns_in_tear_down(qapp: object, complaining: None) -> None:
    assert complaining is None


class _Bell(QObject):
    rung = Signal()


def test_slot_raises(qapp: object) -> None:
    def slot() -> None:
        raise RuntimeError("raised in a slot")

    bell = _Bell()
    bell.rung.connect(slot)
    bell.rung.emit()


@pytest.mark.window
def test_window_is_skipped() -> None:
    pytest.skip("no display")


def test_data_is_missing(shared_data: Path) -> None:
    assert shared_data.is_dir()


async def test_good_task() -> None:
    await asyncio.create_task(asyncio.sleep(0))


def test_good_thread() -> None:
    threading.Timer(0.05, int).start()  # ends by itself within the grace


def test_good_timer(qapp: object) -> None:
    timer = QTimer()
    timer.start(60_000)
    timer.stop()


def test_good_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()


async def test_good_unix_socket(tmp_path: Path) -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_unix_server(serve, tmp_path / "s")
    reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()


async def test_good_executor() -> None:
    assert await asyncio.to_thread(int, "3") == 3


def test_good_deferred_delete(qapp: object) -> None:
    timer = QTimer()
    timer.start(60_000)
    timer.deleteLater()
