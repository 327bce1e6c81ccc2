"""One connection: whole messages with a length before each, a size cap and time limits."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import struct
from contextlib import suppress
from typing import TypeVar

import msgspec

from cockpit.kernel.errors import KernelError

PROTOCOL = 1
REQUEST_LIMIT = 2 * 1024 * 1024
"""A note of the journal may hold 200,000 characters of any script."""
ANSWER_LIMIT = 32 * 1024 * 1024
HANDSHAKE_S = 2.0
SEND_S = 5.0

_LENGTH = struct.Struct(">I")
T = TypeVar("T")


class ChannelError(KernelError):
    """The other side is gone, silent, not who it says, or talks nonsense."""

    def __init__(self, internal: str, *, user_text: str = "") -> None:
        super().__init__(
            internal,
            user_text=user_text or f"The connection to the other cockpit broke: {internal}.",
        )


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """Who is at the other end; 0 is what the system does not tell."""

    uid: int = 0
    pid: int = 0


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """The first message of each side: what it speaks, and what the other shall prove."""

    protocol: int
    nonce: str
    pid: int = 0
    proof: str = ""


class Proof(msgspec.Struct, frozen=True, kw_only=True, tag="proof"):
    """The client's last word of the handshake."""

    proof: str


class Channel:
    """Messages in and out, one after the other."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        limit: int,
        peer: Peer | None = None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limit = limit
        self.peer = peer or Peer()

    async def receive(self, timeout_s: float) -> bytes | None:
        """The next message; None when the other side has ended the connection.

        Raises ChannelError when it is too long, cut off, or does not come in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await self._frame()
        except TimeoutError:
            raise ChannelError(f"silent for {timeout_s:g} s") from None
        except asyncio.IncompleteReadError as error:
            if not error.partial:
                return None
            raise ChannelError("cut off in the middle of a message") from None
        except OSError as error:
            raise ChannelError(str(error)) from error

    async def _frame(self) -> bytes:
        (length,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
        if not (0 < length <= self._limit):
            raise ChannelError(f"a message of {length} bytes")
        try:
            return await self._reader.readexactly(length)
        except asyncio.IncompleteReadError:
            raise ChannelError("cut off in the middle of a message") from None

    async def take(self, kind: type[T], timeout_s: float) -> T:
        """The next message as a `kind`. Raises ChannelError."""
        raw = await self.receive(timeout_s)
        if raw is None:
            raise ChannelError("the other side has left")
        try:
            return msgspec.json.decode(raw, type=kind)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise ChannelError(f"a message that makes no sense: {error}") from error

    async def send(self, message: msgspec.Struct, timeout_s: float = SEND_S) -> None:
        """Send a message and wait until it is on its way. Raises ChannelError."""
        self.put(msgspec.json.encode(message))
        try:
            async with asyncio.timeout(timeout_s):
                await self._writer.drain()
        except TimeoutError:
            raise ChannelError(f"not listening for {timeout_s:g} s") from None
        except OSError as error:
            raise ChannelError(str(error)) from error

    def put(self, payload: bytes) -> None:
        """Hand over an encoded message without waiting."""
        self._writer.write(_LENGTH.pack(len(payload)) + payload)

    @property
    def unsent(self) -> int:
        """Bytes that the other side has not taken yet."""
        return self._writer.transport.get_write_buffer_size()

    async def close(self) -> None:
        """End the connection; harmless when it is broken."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()

    def drop(self) -> None:
        """End the connection at once, with what is unsent."""
        self._writer.transport.abort()


async def welcome(channel: Channel, secret: str, pid: int) -> None:
    """The server's side of the handshake. Raises ChannelError when the client fails it.

    Each side proves that it knows the secret, and neither says it: a stranger who took
    over the port of a crashed process learns nothing.
    """
    hello = await channel.take(Hello, HANDSHAKE_S)
    nonce = secrets.token_hex(32)
    proof = _proof(secret, "server", hello.nonce)
    await channel.send(Hello(protocol=PROTOCOL, nonce=nonce, pid=pid, proof=proof), HANDSHAKE_S)
    if hello.protocol != PROTOCOL:
        raise ChannelError(f"protocol {hello.protocol}")
    answer = await channel.take(Proof, HANDSHAKE_S)
    if not _same(answer.proof, _proof(secret, "client", nonce)):
        raise ChannelError("the secret is wrong")


async def introduce(channel: Channel, secret: str, timeout_s: float) -> int:
    """The client's side of the handshake; the server's process id. Raises ChannelError."""
    nonce = secrets.token_hex(32)
    await channel.send(Hello(protocol=PROTOCOL, nonce=nonce), timeout_s)
    hello = await channel.take(Hello, timeout_s)
    if not _same(hello.proof, _proof(secret, "server", nonce)):
        raise ChannelError("it does not know the secret")
    if hello.protocol != PROTOCOL:
        raise ChannelError(
            f"protocol {hello.protocol}",
            user_text="The running cockpit is of another version than this command. "
            "Nothing was changed; use the same version for both.",
        )
    await channel.send(Proof(proof=_proof(secret, "client", hello.nonce)), timeout_s)
    return hello.pid


def _proof(secret: str, side: str, nonce: str) -> str:
    return hmac.new(secret.encode(), f"{side}:{nonce}".encode(), "sha256").hexdigest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())
