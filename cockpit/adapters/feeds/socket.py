"""One websocket through picows, which is loaded here, in the stream's thread, at the first use.

A vendor's words are binary or text, as it wants ours; both are taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.adapters.streams import StreamError, StreamState
from cockpit.adapters.trust import distrusted, trust

if TYPE_CHECKING:
    from picows import WSFrame, WSListener, WSMsgType, WSTransport

_MAX_FRAME = 8_000_000
_READ_BUFFER = 256 * 1024
_LIMIT_STATUS = (406, 429)

OnRead = Callable[[list[bytes]], None]
"""Gets the whole messages of what was read at once."""


class Socket:
    """An open socket. `end` is set when it is over: why, or None when the other side went."""

    def __init__(self, on_read: OnRead, *, text: bool = False) -> None:
        loop = asyncio.get_running_loop()
        self._text = text
        self._time = loop.time
        self._on_read = on_read
        self._read: list[bytes] = []
        self._transport: WSTransport | None = None
        self._parts = b""
        self._heard = loop.time()
        self._kinds = _kinds()
        self.end: asyncio.Future[StreamError | None] = loop.create_future()

    async def open(
        self,
        url: str,
        headers: Mapping[str, str],
        within_s: float,
        *,
        ca_file: Path | None = None,
    ) -> None:
        """Connect. Raises what `classified` has a word for."""
        import picows

        async with asyncio.timeout(within_s):
            await picows.ws_connect(  # pyright: ignore[reportUnknownMemberType] -- its kwargs have no type
                lambda: _listener(self),
                url,
                websocket_handshake_timeout=within_s,
                max_frame_size=_MAX_FRAME,
                max_redirects=0,  # keys go to the address of the settings and nowhere else
                read_buffer_init_size=_READ_BUFFER,
                extra_headers=headers,
                ssl_context=trust(ca_file) if url.startswith("wss:") else None,
            )

    @property
    def silent_s(self) -> float:
        """Seconds since it was heard last."""
        return self._time() - self._heard

    def send(self, message: bytes) -> None:
        """Send a message; nothing once it is closed."""
        if self._transport is not None:
            kind = self._kinds.TEXT if self._text else self._kinds.BINARY
            self._transport.send(kind, message)

    def ping(self) -> None:
        """Ask whether anybody is there; the answer counts as heard."""
        if self._transport is not None:
            self._transport.send_ping()

    def fail(self, state: StreamState, why: str) -> None:
        """End it for a reason; the first one counts."""
        if not self.end.done():
            self.end.set_result(StreamError(state, why))

    def close(self) -> None:
        """Drop it at once: a closing handshake would wait for the dead, too."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.disconnect(graceful=False)

    def opened(self, transport: WSTransport) -> None:
        """Called by picows: the handshake is done."""
        self._transport = transport

    def closed(self) -> None:
        """Called by picows: there is no connection any more."""
        self._transport = None
        if not self.end.done():
            self.end.set_result(None)

    def take(self, frame: WSFrame) -> None:
        """A frame came. A message may be cut into several."""
        kind, kinds = frame.msg_type, self._kinds
        if frame.fin and (kind is kinds.BINARY or kind is kinds.TEXT):
            self._read.append(frame.get_payload_as_bytes())
        elif kind is kinds.CLOSE:
            self._hand_over()
            self.close()
            self.closed()
        elif kind not in (kinds.PING, kinds.PONG):
            self._parts += frame.get_payload_as_bytes()
            if frame.fin:
                self._read.append(self._parts)
                self._parts = b""
        if frame.last_in_buffer:
            self._heard = self._time()
            self._hand_over()

    def _hand_over(self) -> None:
        if self._read:
            read, self._read = self._read, []
            self._on_read(read)


def _kinds() -> type[WSMsgType]:
    from picows import WSMsgType

    return WSMsgType


def _listener(socket: Socket) -> WSListener:
    """What picows calls."""
    from picows import WSListener

    take = socket.take

    class Listener(WSListener):
        def on_ws_connected(self, transport: WSTransport) -> None:
            socket.opened(transport)

        def on_ws_disconnected(self, transport: WSTransport) -> None:
            del transport
            socket.closed()

        def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
            del transport
            take(frame)

    return Listener()


def classified(error: Exception, vendor: str) -> tuple[StreamState, str]:
    """The word for why a socket of the vendor did not open or broke.

    What picows says may hold the address, and the address a key: it is not repeated.
    """
    from picows import WSError, WSHandshakeError

    status = 0
    if isinstance(error, WSHandshakeError) and error.response is not None:
        status = int(error.response.status)
    if status in (401, 403):
        return StreamState.AUTH_FAILED, f"{vendor} answered {status}"
    if status in _LIMIT_STATUS:
        return StreamState.CONNECTION_LIMIT, f"{vendor} answered {status}"
    if isinstance(error, TimeoutError):
        return StreamState.STALE, "the connection does not open"
    if why := distrusted(error):
        return StreamState.CERTIFICATE, why
    if isinstance(error, WSError):
        return StreamState.DOWN, f"{vendor} answered {status or 'what is no websocket'}"
    return StreamState.DOWN, f"{type(error).__name__}: {error}"
