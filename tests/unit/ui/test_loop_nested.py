"""Tasks keep running while one of them sits in a Qt loop of its own."""

import asyncio
import contextvars
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog

from cockpit.ui.loop import CockpitLoop


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[CockpitLoop]:
    loop = CockpitLoop(qapp)
    yield loop
    loop.close()


def exec_dialog(done: asyncio.Event) -> None:
    dialog = QDialog()
    watch = QTimer()
    watch.setInterval(1)
    watch.timeout.connect(lambda: done.is_set() and dialog.accept())
    watch.start()
    dialog.exec()
    watch.stop()


def process_events(done: asyncio.Event) -> None:
    while not done.is_set():
        QCoreApplication.processEvents()


def exec_loop(done: asyncio.Event) -> None:
    nested = QEventLoop()
    watch = QTimer()
    watch.setInterval(1)
    watch.timeout.connect(lambda: done.is_set() and nested.quit())
    watch.start()
    nested.exec()
    watch.stop()


Nest = Callable[[asyncio.Event], None]
every_way = pytest.mark.parametrize("nest", [exec_dialog, process_events, exec_loop])


@every_way
def test_other_tasks_run_and_each_knows_itself(loop: CockpitLoop, nest: Nest) -> None:
    async def other(done: asyncio.Event) -> str:
        me = asyncio.current_task()
        for delay in (0, 0.001, 0, 0.002):
            await asyncio.sleep(delay)
            assert asyncio.current_task() is me
        await asyncio.wait_for(asyncio.to_thread(int), 5)
        assert asyncio.current_task() is me
        done.set()
        return "ran"

    async def body() -> str:
        me, done = asyncio.current_task(), asyncio.Event()
        task = loop.create_task(other(done))
        nest(done)
        assert asyncio.current_task() is me
        async with asyncio.timeout(5):  # needs the right current task
            await asyncio.sleep(0)
        return await task

    assert loop.run_until_complete(asyncio.wait_for(body(), 10)) == "ran"
    assert asyncio.current_task(loop) is None
    loop.run_until_complete(loop.shutdown_default_executor())


@every_way
def test_a_plain_callback_may_nest_too(loop: CockpitLoop, nest: Nest) -> None:
    async def body() -> None:
        done, left = asyncio.Event(), loop.create_future()

        def callback() -> None:
            nest(done)
            left.set_result(None)

        loop.call_soon(callback)
        await asyncio.sleep(0.002)
        assert not left.done()
        done.set()
        await left

    loop.run_until_complete(asyncio.wait_for(body(), 10))


EAGER = getattr(asyncio, "eager_task_factory", None)  # came with Python 3.12
FACTORIES = ["plain", "pure python", *(["eager"] if EAGER else [])]


@pytest.mark.parametrize("factory", FACTORIES)
def test_nesting_three_deep_with_every_kind_of_task(loop: CockpitLoop, factory: str) -> None:
    if factory == "eager":
        loop.set_task_factory(EAGER)
    elif factory == "pure python":
        loop.set_task_factory(
            lambda loop, coro, **kw: asyncio.tasks._PyTask(coro, loop=loop, **kw)  # type: ignore[attr-defined]  # asyncio's fallback
        )
    trail: list[str] = []

    async def sleeper(done: asyncio.Event) -> None:
        await asyncio.sleep(0.003)
        done.set()

    async def level(depth: int) -> None:
        me, done = asyncio.current_task(), asyncio.Event()
        task = loop.create_task(level(depth - 1) if depth else sleeper(done))
        if depth:
            task.add_done_callback(lambda _: done.set())
        trail.append(f"in {depth}")
        process_events(done)
        trail.append(f"out {depth}")
        assert asyncio.current_task() is me
        await task

    loop.run_until_complete(asyncio.wait_for(level(2), 10))
    assert sorted(trail) == sorted(f"{way} {n}" for n in range(3) for way in ("in", "out"))
    assert trail[-1] == "out 2"


def test_a_task_sharing_the_entered_context_waits_and_is_not_lost(loop: CockpitLoop) -> None:
    trail: list[str] = []
    context = contextvars.copy_context()

    async def sharing() -> None:
        await asyncio.sleep(0)
        trail.append("sharing")

    async def nesting() -> None:
        done = asyncio.Event()
        task = loop.create_task(sharing(), context=context)
        loop.call_later(0.005, done.set)
        process_events(done)
        trail.append("nesting")
        await asyncio.wait_for(task, 5)

    loop.run_until_complete(loop.create_task(nesting(), context=context))
    assert trail == ["nesting", "sharing"]


def test_a_slot_that_nests_keeps_tasks_running(loop: CockpitLoop) -> None:
    async def body() -> None:
        done, left = asyncio.Event(), loop.create_future()

        def slot() -> None:
            process_events(done)
            left.set_result(None)

        QTimer.singleShot(0, slot)
        await asyncio.sleep(0.003)
        done.set()
        await left

    loop.run_until_complete(asyncio.wait_for(body(), 10))


def test_an_exit_raised_under_a_dialog_ends_dialog_and_run(loop: CockpitLoop) -> None:
    trail: list[str] = []

    def leave() -> None:
        raise SystemExit(4)

    async def body() -> None:
        loop.call_later(0.002, leave)
        exec_dialog(asyncio.Event())
        trail.append("dialog closed")
        await asyncio.sleep(0)
        trail.append("not reached")

    with pytest.raises(SystemExit):
        loop.run_until_complete(body())
    assert trail == ["dialog closed"]
    loop.run_until_complete(asyncio.sleep(0))  # let the rest of the body end
    assert trail == ["dialog closed", "not reached"]


def test_an_exit_raised_under_process_events_lets_the_waited_for_come(loop: CockpitLoop) -> None:
    trail: list[str] = []

    def leave() -> None:
        raise SystemExit(5)

    async def body() -> None:
        done = asyncio.Event()
        loop.call_later(0.002, leave)
        loop.call_later(0.006, done.set)
        process_events(done)
        trail.append("unwound")

    with pytest.raises(SystemExit):
        loop.run_until_complete(body())
    assert trail == ["unwound"]


def test_stop_under_a_dialog_closes_it(loop: CockpitLoop) -> None:
    trail: list[str] = []

    async def body() -> None:
        loop.call_later(0.002, loop.stop)
        exec_dialog(asyncio.Event())
        trail.append("dialog closed")

    task = loop.create_task(body())
    loop.run_forever()
    assert trail == ["dialog closed"]
    loop.run_until_complete(task)


def test_an_awaited_dialog_needs_no_nesting(loop: CockpitLoop) -> None:
    async def body() -> int:
        dialog, result = QDialog(), loop.create_future()
        dialog.finished.connect(result.set_result)
        dialog.open()
        loop.call_later(0.002, dialog.accept)
        return await result

    assert loop.run_until_complete(asyncio.wait_for(body(), 5)) == QDialog.DialogCode.Accepted
