"""How an installed package adds a broker, feed, source, writer or strategy: one entry point.

The entry point (group `cockpit.brokers`, `cockpit.feeds`, `cockpit.sources`, `cockpit.writers`
or `cockpit.strategies`) names a `Plugin`; `app/registry` finds it, fills its settings
from the layers and calls `build`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cockpit.domain.account import Mode
from cockpit.kernel.settings import SettingsModel


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing a person gives to sign in; the vault keeps it as `accounts/<account>/<name>`.

    `label` is what the person is asked for. The first of a broker says whose key it is.
    """

    name: str
    label: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Plugin:
    """A name, a frozen settings class and a factory.

    `build` takes the settings first, then by keyword what its kind needs:
    feeds and sources `clock`; brokers `clock, redeem, account_id, mode, supervisor, folder, known`;
    writers and strategies nothing more; a writer's that names `clock` (the real one), `vault` or
    `folder` (for files of its own) among its parameters is given them. A broker's, feed's or
    source's that names `vault` or `account` among its parameters is given them, too: the keeper
    of secrets, and the name of the stored account whose secrets are to be used, empty for none;
    a feed's or source's that names `mode` learns what the session is. `beside` names another
    plug-in, e.g. "brokers.alpaca", whose
    settings `build` is given under that very name: two of one vendor share addresses and patience.

    `mode` is what a session on a feed is unless its market is today's real one: DEMO or REPLAY.
    `credentials` are what a broker's sign-in needs, none for one without accounts; `modes` are
    what its accounts can be. One that is `read_only` sends no order, ever.
    """

    name: str
    settings: type[SettingsModel]
    build: Callable[..., Any]
    mode: Mode = Mode.PAPER
    credentials: tuple[Credential, ...] = ()
    modes: tuple[Mode, ...] = (Mode.PAPER, Mode.LIVE)
    read_only: bool = False
    beside: str = ""
