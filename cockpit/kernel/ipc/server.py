"""The answering side: one supervised task a connection, and no way for one to hurt the rest."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import structlog

from cockpit.kernel.ipc import address as addresses
from cockpit.kernel.ipc.channel import REQUEST_LIMIT, Channel, ChannelError, Peer, welcome
from cockpit.kernel.private_files import PrivateFileError
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError

_log = structlog.get_logger(__name__)

Talk = Callable[[Channel], Coroutine[Any, Any, None]]
"""What is done with a caller who has proved to be the owner; may raise ChannelError."""


class LocalServer:
    """Listens for the owner of `data_dir`; the caller holds the instance lock."""

    MOST = 16

    def __init__(self, data_dir: Path, supervisor: Supervisor, talk: Talk) -> None:
        self._data_dir = data_dir
        self._supervisor = supervisor
        self._talk = talk
        self._server: asyncio.Server | None = None
        self._address: addresses.Address | None = None
        self._open = 0
        self._refused: Counter[str] = Counter()

    @property
    def refused(self) -> Mapping[str, int]:
        """Connections ended for what they did, by reason."""
        return dict(self._refused)

    async def start(self) -> None:
        """Listen, then say where. Raises OSError and PrivateFileError."""
        listening, path = addresses.bound_socket(self._data_dir)
        try:
            self._server = await _listen(listening, path, self._on_connection)
            port = 0 if path else int(listening.getsockname()[1])
            self._address = addresses.Address(
                pid=os.getpid(), secret=secrets.token_hex(32), path=path, port=port
            )
            await asyncio.to_thread(addresses.publish, self._data_dir, self._address)
        except BaseException:
            listening.close()
            raise

    async def stop(self) -> None:
        """Listen no more; connections end with the supervisor's tasks."""
        if self._server is not None:
            self._server.close()
        if self._address is not None:
            await asyncio.to_thread(addresses.withdraw, self._data_dir, self._address)

    def _on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Refuse, or give the connection a task; called by asyncio, must not raise."""
        peer = self._admitted(writer)
        if peer is None:
            writer.transport.abort()
            return
        channel = Channel(reader, writer, limit=REQUEST_LIMIT, peer=peer)
        try:
            self._supervisor.serve(
                lambda: self._serve(channel), name=f"connection-{peer.pid}", owner="control"
            )
        except SupervisorStoppedError:
            channel.drop()

    def _admitted(self, writer: asyncio.StreamWriter) -> Peer | None:
        if self._open >= self.MOST:
            return self._refuse("too_many", f"{self._open} connections are open")
        try:
            ids = addresses.peer_ids(writer.get_extra_info("socket"))
        except PrivateFileError as error:
            return self._refuse("stranger", str(error))
        if ids is None:
            return Peer()
        uid, pid = ids
        if not addresses.is_mine(uid):
            return self._refuse("stranger", f"user {uid}")
        return Peer(uid=uid, pid=pid)

    def _refuse(self, reason: str, detail: str) -> None:
        self._refused[reason] += 1
        if self._refused[reason] == 1:  # the first of a kind; the rest as a count
            _log.warning("connection_refused", reason=reason, detail=detail)

    async def _serve(self, channel: Channel) -> None:
        self._open += 1
        try:
            address = self._address
            if address is not None:
                await welcome(channel, address.secret, address.pid)
                await self._talk(channel)
        except ChannelError as error:
            self._refuse("malformed", str(error))
        except Exception as error:  # noqa: BLE001 -- one caller's request must not reach the rest
            self._refused["failed"] += 1
            _log.error("request_failed", exc_info=error)
        finally:
            self._open -= 1
            await channel.close()


async def _listen(
    listening: socket.socket,
    path: str,
    on_connection: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None],
) -> asyncio.Server:
    if path and sys.platform != "win32":
        return await asyncio.start_unix_server(on_connection, sock=listening)
    return await asyncio.start_server(on_connection, sock=listening)
