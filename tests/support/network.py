"""Keep every test on this machine: only loopback and Unix sockets may be reached.

An audit hook sees each call of the interpreter's socket module, whoever makes it. A hook can't be
removed, so it is switched on when the session starts and off when it ends.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable, Generator

import pytest

WATCHED = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}
LOCAL_NAMES = {None, "", "localhost", b"localhost"}


class BlockedSocketError(RuntimeError):
    """A test tried to leave this machine."""


_state: dict[str, bool] = {"on": False, "installed": False}
_attempts: list[str] = []


def is_local(host: object) -> bool:
    """Tell whether `host` (a name, an address or a Unix socket's path) stays on this machine."""
    if host in LOCAL_NAMES:
        return True
    text = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _audit(event: str, args: tuple[object, ...]) -> None:
    position = WATCHED.get(event)
    if position is None or not _state["on"]:
        return
    target = args[position]
    if isinstance(target, tuple):  # an internet address; a Unix socket's is a str or bytes
        target = target[0]
    elif position == 1:
        return
    if not is_local(target):
        _attempts.append(f"{event} to {target!r}")
        raise BlockedSocketError(f"{_attempts[-1]}: tests stay on loopback")


def pytest_sessionstart() -> None:
    """Switch the block on."""
    if not _state["installed"]:
        sys.addaudithook(_audit)
    _state.update(on=True, installed=True)


def pytest_sessionfinish() -> None:
    """Switch the block off."""
    _state["on"] = False


@pytest.fixture(autouse=True)
def stays_on_loopback() -> Generator[None, None, None]:
    """Fail a test that tried to leave, even when the code under test swallowed the refusal."""
    _attempts.clear()
    yield
    tried = list(_attempts)
    _attempts.clear()
    if tried:
        pytest.fail(f"left this machine: {'; '.join(tried)}", pytrace=False)


@pytest.fixture
def forgive_blocked_sockets() -> Callable[[], None]:
    """Give a test that provokes the block a way to say, when called, that it was meant."""
    return _attempts.clear
