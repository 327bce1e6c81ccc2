"""Where a running program can be reached; the one place that knows what each system offers.

Unix: a stream socket in an owner-only folder of the data folder. Where that path is too
long for a socket, or the file system has none, a short owner-only folder for temporary
files takes it. Windows: a random port of the loopback address. The address file names
either, with the secret that both sides prove to know.
"""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from cockpit.kernel.private_files import PrivateFileError, private_folder, write_private

FOLDER = "control"
SOCKET = "cockpit.sock"
ADDRESS = "address.json"
LONGEST_PATH = 100
"""Bytes; macOS allows 103 for a socket's path, Linux 107."""

_TOO_LARGE = 4096


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach a program: `path` of a socket, or `port` on this machine."""

    pid: int
    secret: str
    path: str = ""
    port: int = 0


def control_folder(data_dir: Path) -> Path:
    """Where the socket, the address and what else is for a second terminal lies."""
    return data_dir / FOLDER


def publish(data_dir: Path, address: Address) -> None:
    """Write the address for the owner alone. Raises OSError."""
    write_private(control_folder(data_dir) / ADDRESS, msgspec.json.encode(address))


def published(data_dir: Path) -> Address | None:
    """The address somebody left, perhaps one that crashed; None without a usable one."""
    try:
        with (control_folder(data_dir) / ADDRESS).open("rb") as file:
            return msgspec.json.decode(file.read(_TOO_LARGE), type=Address)
    except (OSError, msgspec.MsgspecError):
        return None


def withdraw(data_dir: Path, address: Address) -> None:
    """Take the address and its socket away, as far as they are still there."""
    with suppress(OSError):
        (control_folder(data_dir) / ADDRESS).unlink(missing_ok=True)
        if address.path:
            Path(address.path).unlink(missing_ok=True)


def bound_socket(data_dir: Path) -> tuple[socket.socket, str]:
    """A listening socket and its path, "" for a port of the loopback address.

    Replaces what a crashed process left: call it only while holding the instance lock.
    Raises OSError and PrivateFileError.
    """
    private_folder(control_folder(data_dir))
    if sys.platform == "win32":
        return _loopback(), ""
    try:
        return _unix(control_folder(data_dir) / SOCKET)
    except OSError:  # the path is too long, or this file system knows no sockets
        folder = _short_folder(data_dir)
        private_folder(folder)
        return _unix(folder / SOCKET)


def _unix(path: Path) -> tuple[socket.socket, str]:
    if sys.platform == "win32":
        raise OSError("no Unix sockets here")
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise OSError(f"{path} is too long for a socket")
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(path))
        path.chmod(0o600)
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening, str(path)


def _loopback() -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.bind(("127.0.0.1", 0))
    listening.setblocking(False)
    return listening


def _short_folder(data_dir: Path) -> Path:
    """Named by the data folder, so that two cockpits of one person never share one."""
    if sys.platform == "win32":
        raise OSError("no Unix sockets here")
    name = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return base / f"cockpit-{os.geteuid()}-{name}"


def peer_ids(connected: socket.socket) -> tuple[int, int] | None:
    """User and process at the other end of a Unix socket (process 0: not told).

    None where the system does not say: then the secret alone has to prove it.
    """
    if connected.family == socket.AF_INET:
        return None
    try:
        if sys.platform == "linux":
            raw = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            pid, uid, _gid = struct.unpack("3i", raw)
            return uid, pid
        if sys.platform == "darwin":
            local, peercred, size = 0, 1, 76  # <sys/un.h>, <sys/ucred.h>: struct xucred
            raw = connected.getsockopt(local, peercred, size)
            return struct.unpack_from("=II", raw)[1], 0
    except OSError:
        raise PrivateFileError(
            "no peer credentials", user_text="The caller could not be told; it was refused."
        ) from None
    return None


def is_mine(uid: int) -> bool:
    """True when `uid` is this process's own user."""
    return sys.platform != "win32" and uid == os.geteuid()
