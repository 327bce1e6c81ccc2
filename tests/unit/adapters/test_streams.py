"""A stream's thread: what its session leaves behind ends with it."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings

from cockpit.adapters.streams import StreamState, StreamThread
from tests.support.waiting import eventually


class OtherSide(asyncio.Protocol):
    """Says nothing, and notes that its line was closed."""

    def __init__(self) -> None:
        self.closed = False

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True


async def test_a_stopped_stream_leaves_neither_a_socket_nor_a_task_behind() -> None:
    ended, cancelled, other_side = threading.Event(), threading.Event(), OtherSide()

    async def beside() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            cancelled.set()

    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: other_side, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]

        async def session() -> None:
            inner = asyncio.get_running_loop()
            kept = await inner.create_connection(asyncio.Protocol, "127.0.0.1", port)
            task = inner.create_task(beside())
            stream.came_up()
            await asyncio.wait([task])
            assert kept

        def on_state(state: StreamState, _why: str) -> None:
            if state is StreamState.UP:
                stream.stop()
            elif state is StreamState.CLOSED:
                ended.set()

        stream = StreamThread(
            "test", session, lambda error: (StreamState.DOWN, str(error)), on_state, 1.0
        )
        with warnings.catch_warnings(record=True) as left_open:
            warnings.simplefilter("always")
            stream.start()
            await eventually(ended.is_set)
            gc.collect()
        await eventually(lambda: other_side.closed)
    assert [str(one.message) for one in left_open] == []
    assert cancelled.is_set()
