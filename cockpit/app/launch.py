"""What to start: decided by the command line, carried out by `compose`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from cockpit.adapters.secrets import AskPassphrase
from cockpit.domain.account import Mode

DEMO_FOLDER = "demo"
"""Below the usual data folder: the demo must not mix with real days."""

CACHE_FOLDER = "cache"
"""In the data folder: what a start can make again, and need not."""

STORE_NAME = "cockpit.sqlite3"
"""The ledger's file in a data folder."""

START_AT = "09:34:45"
"""A simulated market opens here: moments later the opening range ends, trades are proposed."""

Speed = float | Literal["max"]


class Approve(StrEnum):
    """Who decides about proposals: a person, or for unattended replays everybody gets the same."""

    ASK = "ask"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Launch:
    """One start of the cockpit.

    `speed` is session seconds a real second or "max", None what the feed's settings say.
    `options` go over the feed's settings, `broker_options` over the broker's. `strategies`
    None means those of the settings. `new_account` leaves a lasting paper account behind and
    opens the next one. `broker` empty means that of the settings. `account` names the stored
    account to sign in with, empty for none, and `opens` is what its key must open; `confirmed`
    is what a person typed to confirm real money, which a start that `only_closes` does not need.
    `first` asks the person what to begin with: nothing was chosen or stored yet. `home` is the
    folder of the accounts where it is not `data_dir`. `ask_passphrase` asks for the vault's.
    `arm` is a person's word, given with the start, to arm as soon as every required check is
    green.
    """

    mode: Mode
    data_dir: Path
    feed: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    broker_options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    strategies: tuple[str, ...] | None = None
    speed: Speed | None = None
    approve: Approve = Approve.ASK
    interactive: bool = True
    config: Path | None = None
    verbose: bool = False
    new_account: bool = False
    broker: str = ""
    account: str = ""
    opens: str = ""
    confirmed: str = ""
    only_closes: bool = False
    first: bool = False
    home: Path | None = None
    ask_passphrase: AskPassphrase | None = field(default=None, repr=False)
    arm: bool = False

    @property
    def ledger(self) -> Path:
        """Its file."""
        return self.data_dir / STORE_NAME
