"""How an installed package adds a broker, feed, writer or strategy: one entry point.

The entry point (group `cockpit.brokers`, `cockpit.feeds`, `cockpit.writers` or
`cockpit.strategies`) names a `Plugin`; `app/registry` finds it, fills its settings
from the layers and calls `build`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cockpit.domain.account import Mode
from cockpit.kernel.settings import SettingsModel


@dataclass(frozen=True, slots=True)
class Plugin:
    """A name, a frozen settings class and a factory.

    `build` takes the settings first, then by keyword what its kind needs:
    feeds `clock`; brokers `clock, redeem, account_id, mode, supervisor, folder, known`;
    writers and strategies nothing more. `mode` is what a session on a feed is unless its
    market is today's real one: DEMO or REPLAY.
    """

    name: str
    settings: type[SettingsModel]
    build: Callable[..., Any]
    mode: Mode = Mode.PAPER
