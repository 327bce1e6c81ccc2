"""The calling side."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from cockpit.kernel.ipc import address as addresses
from cockpit.kernel.ipc.channel import ANSWER_LIMIT, Channel, ChannelError, Peer, introduce


class NobodyThereError(ChannelError):
    """No program answers at this data folder's address, or there is none."""


@asynccontextmanager
async def connect(data_dir: Path, timeout_s: float) -> AsyncGenerator[Channel]:
    """A connection to the program that runs on `data_dir`.

    Raises NobodyThereError when nobody listens, ChannelError when somebody does but
    does not answer in time or is a stranger.
    """
    address = addresses.published(data_dir)
    if address is None:
        raise NobodyThereError("there is no address")
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await _open(address)
    except TimeoutError:
        raise ChannelError(f"no connection within {timeout_s:g} s") from None
    except OSError as error:
        raise NobodyThereError(str(error)) from error
    channel = Channel(reader, writer, limit=ANSWER_LIMIT)
    try:
        channel.peer = Peer(pid=await introduce(channel, address.secret, timeout_s))
        yield channel
    finally:
        await channel.close()


async def _open(
    address: addresses.Address,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.path and sys.platform != "win32":
        return await asyncio.open_unix_connection(address.path)
    return await asyncio.open_connection("127.0.0.1", address.port)
