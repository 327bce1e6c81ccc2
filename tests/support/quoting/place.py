"""Where a window of the bench lives, and what it needs to sign in at the toy venue."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where the program lives, where the venue is, and who brings the quotes.

    `source` is "cockpit", "alpaca-py" in the window's loop or "alpaca-py-thread" in a thread and
    loop of its own. `record` puts the session on a tape, as it does by default. `trace` tells what
    the slowest frames were made of.
    """

    folder: Path
    source: str
    urls: tuple[str, str, str]
    keys: tuple[str, str]
    symbols: tuple[str, ...]
    held: int
    record: bool
    trace: bool = False


FIRST = "QUOTES_GO_FIRST"
"""Set in the environment: the processes go before others of the machine, where that is allowed."""


def go_first() -> None:
    """Put this process into a group of its own that goes first (Linux, root), if that is wanted."""
    if not os.environ.get(FIRST):
        return
    with suppress(OSError, AttributeError):  # it may lead a group of its own already
        os.setsid()
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("-17", encoding="ascii")


def settle_in(place: Place) -> None:
    """Write settings and store the account's keys, as a person would."""
    folder, (url, stream_url, data_stream_url) = place.folder, place.urls
    secret = folder / "passphrase"
    secret.touch(0o600)
    secret.write_text("a passphrase for the bench", encoding="utf-8")
    quoted = ", ".join(f'"{symbol}"' for symbol in place.symbols)
    (folder / "cockpit.toml").write_text(
        f"""
broker = "alpaca"
[tape]
record = "{"always" if place.record else "never"}"
[vault]
kind = "file"
passphrase_file = '{secret}'
[brokers.alpaca]
trading_url = "{url}"
trading_stream_url = "{stream_url}"
data_url = "{url}"
data_stream_url = "{data_stream_url}"
[feeds.alpaca]
symbols = [{quoted}]
own_process = true
""",
        encoding="utf-8",
    )
    subprocess.run(
        [sys.executable, "-m", "cockpit", "accounts", "add", "main", "--stdin",
         "--config", str(folder / "cockpit.toml"), "--data-dir", str(folder / "data")],
        input="\n".join([*place.keys, ""]), text=True, check=True, capture_output=True,
    )  # fmt: skip
