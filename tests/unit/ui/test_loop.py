import asyncio
import contextvars
import gc
import logging
import signal
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from cockpit.ui.loop import CockpitLoop

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="asyncio has Unix signals only")


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[CockpitLoop]:
    loop = CockpitLoop(qapp)
    yield loop
    loop.close()


def test_runs_a_coroutine_to_its_result(loop: CockpitLoop) -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        assert asyncio.get_running_loop() is loop
        return 42

    assert loop.run_until_complete(answer()) == 42
    assert not loop.is_running()


def test_works_under_asyncio_runner(qapp: QApplication) -> None:
    async def body() -> str:
        return await asyncio.to_thread(str, 7)

    with asyncio.Runner(loop_factory=CockpitLoop) as runner:
        assert runner.run(body()) == "7"
        assert runner.run(body()) == "7"


def test_ready_callbacks_run_in_order(loop: CockpitLoop) -> None:
    seen: list[int] = []
    for nr in range(1000):
        loop.call_soon(seen.append, nr)
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert seen == list(range(1000))


def test_a_cancelled_callback_does_not_run(loop: CockpitLoop) -> None:
    seen: list[int] = []
    loop.call_soon(seen.append, 1).cancel()
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert seen == []


def test_stop_finishes_the_batch_and_keeps_the_rest_for_the_next_run(loop: CockpitLoop) -> None:
    seen: list[str] = []

    def first() -> None:
        loop.stop()
        loop.call_soon(seen.append, "later")

    loop.call_soon(first)
    loop.call_soon(seen.append, "same batch")
    loop.run_forever()
    assert seen == ["same batch"]
    loop.stop()  # before the run: one turn
    loop.run_forever()
    assert seen == ["same batch", "later"]


def test_stop_from_a_qt_slot_ends_the_run(loop: CockpitLoop) -> None:
    QTimer.singleShot(0, loop.stop)
    loop.run_forever()
    assert not loop.is_running()


def test_a_run_cut_short_says_so(loop: CockpitLoop) -> None:
    forever = loop.create_future()
    loop.call_soon(loop.stop)
    with pytest.raises(RuntimeError, match="stopped before Future completed"):
        loop.run_until_complete(forever)


def test_application_quit_ends_the_run(loop: CockpitLoop) -> None:
    loop.call_soon(QCoreApplication.quit)
    loop.run_forever()
    assert not loop.is_running()


def test_refuses_to_run_twice_or_to_close_while_running(loop: CockpitLoop) -> None:
    async def body() -> None:
        with pytest.raises(RuntimeError, match="already running"):
            loop.run_forever()
        with pytest.raises(RuntimeError, match="Cannot close a running"):
            loop.close()

    loop.run_until_complete(body())


def test_callbacks_wait_while_the_loop_does_not_run(loop: CockpitLoop) -> None:
    seen: list[int] = []
    loop.call_soon(seen.append, 1)
    loop.call_later(0, seen.append, 2)
    for _ in range(20):
        QCoreApplication.processEvents()
    assert seen == []
    loop.run_until_complete(asyncio.sleep(0.002))
    assert sorted(seen) == [1, 2]


def test_a_closed_loop_takes_no_work_and_leaves_no_qt_timer(qapp: QApplication) -> None:
    loop = CockpitLoop(qapp)
    loop.call_later(60, print)
    loop.call_soon(print)
    loop.close()
    loop.close()
    assert loop.is_closed()
    assert (loop.timers, loop.backlog) == (0, 0)
    assert not loop._zero.isActive()
    assert not loop._tick.isActive()
    for schedule in (loop.call_soon, loop.call_soon_threadsafe):
        with pytest.raises(RuntimeError, match="closed"):
            schedule(print)
    with pytest.raises(RuntimeError, match="closed"):
        loop.call_later(1, print)
    with pytest.raises(RuntimeError, match="closed"):
        loop.run_forever()


def test_a_closed_loop_is_freed(qapp: QApplication) -> None:
    loop = CockpitLoop(qapp)
    loop.run_until_complete(asyncio.sleep(0.001))
    loop.close()
    watch = weakref.ref(loop)
    del loop
    gc.collect()
    assert watch() is None


def test_threads_wake_the_loop(loop: CockpitLoop) -> None:
    count, threads = 2000, 4
    seen: list[int] = []
    done = loop.create_future()

    def take(nr: int) -> None:
        seen.append(nr)
        if len(seen) == count * threads:
            done.set_result(None)

    def work(base: int) -> None:
        for nr in range(count):
            loop.call_soon_threadsafe(take, base + nr)

    workers = [threading.Thread(target=work, args=(nr * count,)) for nr in range(threads)]
    loop.call_soon(lambda: [worker.start() for worker in workers])
    loop.run_until_complete(asyncio.wait_for(done, 20))
    for worker in workers:
        worker.join()
    for nr in range(threads):  # each thread's calls arrive in its own order
        assert [x for x in seen if x // count == nr] == list(range(nr * count, (nr + 1) * count))


def test_one_call_from_a_thread_wakes_a_loop_at_rest(loop: CockpitLoop) -> None:
    done = loop.create_future()
    resting = threading.Event()

    def work() -> None:
        resting.wait(5)
        loop.call_soon_threadsafe(done.set_result, "woken")

    worker = threading.Thread(target=work)
    worker.start()
    # Set by Qt itself, so that none of our own timers or callbacks is pending.
    QTimer.singleShot(5, resting.set)
    assert loop.run_until_complete(asyncio.wait_for(done, 10)) == "woken"
    worker.join()


def test_an_exception_goes_to_the_handler_and_the_loop_lives_on(loop: CockpitLoop) -> None:
    caught: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _loop, context: caught.append(context))
    loop.call_soon(lambda: 1 / 0)
    loop.call_later(0, [].pop)
    loop.run_until_complete(asyncio.sleep(0.005))
    assert [type(context["exception"]) for context in caught] == [ZeroDivisionError, IndexError]
    assert "Exception in callback" in str(caught[0]["message"])


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_interrupt_and_exit_end_the_run(loop: CockpitLoop, kind: type[BaseException]) -> None:
    def fail() -> None:
        raise kind("now")

    loop.call_soon(fail)
    with pytest.raises(kind, match="now"):
        loop.run_forever()
    assert loop.run_until_complete(asyncio.sleep(0, "usable again")) == "usable again"


def test_a_task_that_exits_ends_the_run(loop: CockpitLoop) -> None:
    async def leave() -> None:
        await asyncio.sleep(0)
        raise SystemExit(3)

    with pytest.raises(SystemExit) as caught:
        loop.run_until_complete(leave())
    assert caught.value.code == 3


@unix_only
def test_a_signal_reaches_its_handler_while_qt_is_at_rest(loop: CockpitLoop) -> None:
    got = loop.create_future()
    loop.add_signal_handler(signal.SIGUSR1, lambda: got.set_result("seen"))
    QTimer.singleShot(5, lambda: signal.raise_signal(signal.SIGUSR1))
    assert loop.run_until_complete(asyncio.wait_for(got, 10)) == "seen"
    assert loop.remove_signal_handler(signal.SIGUSR1)
    assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL


@unix_only
def test_ctrl_c_from_outside_ends_a_loop_at_rest(loop: CockpitLoop) -> None:
    main = threading.main_thread().ident
    assert main is not None
    sender = threading.Timer(0.02, signal.pthread_kill, (main, signal.SIGINT))
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        loop.call_soon(sender.start)
        with pytest.raises(KeyboardInterrupt):
            loop.run_forever()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
        sender.join()
    assert signal.set_wakeup_fd(-1) == -1


def test_contexts_are_respected(loop: CockpitLoop) -> None:
    var: contextvars.ContextVar[str] = contextvars.ContextVar("var", default="outside")
    seen: list[str] = []
    context = contextvars.copy_context()
    context.run(var.set, "given")

    def note() -> None:
        seen.append(var.get())

    async def body() -> None:
        loop.call_soon(note, context=context)
        loop.call_later(0, note, context=context)
        loop.call_soon_threadsafe(note, context=context)
        var.set("of the task")
        loop.call_soon(note)
        await asyncio.sleep(0.005)

    loop.run_until_complete(body())
    assert sorted(seen) == ["given", "given", "given", "of the task"]
    assert var.get() == "outside"


@unix_only
def test_a_reader_runs_in_the_context_that_set_it(loop: CockpitLoop) -> None:
    import socket

    var: contextvars.ContextVar[str] = contextvars.ContextVar("var", default="outside")
    here, there = socket.socketpair()
    here.setblocking(False)
    got = loop.create_future()

    async def body() -> str:
        var.set("of the task")
        loop.add_reader(here, lambda: got.done() or got.set_result(var.get()))
        there.send(b"x")
        try:
            return await asyncio.wait_for(got, 5)
        finally:
            loop.remove_reader(here)

    with here, there:
        assert loop.run_until_complete(body()) == "of the task"


def test_streams_work(loop: CockpitLoop) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(200_000))
        await writer.drain()
        writer.close()

    async def body() -> int:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            writer.write(b"x" * 200_000)
            received = len(await reader.read())
            writer.close()
            await writer.wait_closed()
            return received

    assert loop.run_until_complete(asyncio.wait_for(body(), 10)) == 200_000


def test_async_generators_are_closed(loop: CockpitLoop) -> None:
    closed: list[str] = []

    async def numbers():
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(0)
            closed.append("yes")

    async def body() -> None:
        agen = numbers()
        assert await anext(agen) == 1
        keep.append(agen)

    keep: list[object] = []
    loop.run_until_complete(body())
    assert closed == []
    loop.run_until_complete(loop.shutdown_asyncgens())
    assert closed == ["yes"]
    assert sys.get_asyncgen_hooks() == (None, None)


def test_the_executor_ends_with_the_loop(loop: CockpitLoop) -> None:
    before = set(threading.enumerate())

    async def body() -> str:
        return await asyncio.to_thread(lambda: threading.current_thread().name)

    assert loop.run_until_complete(body()).startswith("asyncio_")
    loop.run_until_complete(loop.shutdown_default_executor())
    assert set(threading.enumerate()) == before


def test_debug_mode_names_the_slow_callback(
    loop: CockpitLoop, caplog: pytest.LogCaptureFixture
) -> None:
    loop.set_debug(True)
    loop.slow_callback_duration = 0.01

    def spin() -> None:
        until = loop.time() + 0.012
        while loop.time() < until:
            pass

    with caplog.at_level(logging.WARNING, "asyncio"):
        loop.call_soon(spin)
        loop.call_soon(lambda: None)
        loop.run_until_complete(asyncio.sleep(0))
    slow = [record.getMessage() for record in caplog.records]
    assert len(slow) == 1
    assert "spin" in slow[0]


def test_debug_mode_refuses_calls_from_another_thread(loop: CockpitLoop) -> None:
    loop.set_debug(True)

    def call() -> str:
        with pytest.raises(RuntimeError, match=r"[Nn]on-thread-safe"):
            loop.call_soon(print)
        return "refused"

    assert loop.run_until_complete(asyncio.to_thread(call)) == "refused"
    loop.run_until_complete(loop.shutdown_default_executor())


def test_debug_mode_refuses_a_coroutine_function(loop: CockpitLoop) -> None:
    async def body() -> None: ...

    loop.set_debug(True)
    with pytest.raises(TypeError, match="coroutines cannot be used"):
        loop.call_soon(body)
