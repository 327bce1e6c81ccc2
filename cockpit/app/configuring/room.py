"""What the window changes outside of trading: the settings file, and the keys of data vendors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.app.configuring.desk import SettingsDesk
from cockpit.app.data.keys import KeyDesk
from cockpit.app.data.research import Needs
from cockpit.app.launch import Launch
from cockpit.app.limits.desk import LimitDesk
from cockpit.app.signing.vaults import AnyVault, vault_of
from cockpit.kernel.clock import WallClock


@dataclass(frozen=True, kw_only=True)
class SettingsRoom:
    """Both desks of one session."""

    desk: SettingsDesk
    keys: KeyDesk


def open_settings(
    launch: Launch, broker: str, toml: Mapping[str, Any], limits: LimitDesk, vault: AnyVault
) -> SettingsRoom:
    """The desks of the session that `launch` began with the settings `toml`.

    Vendors are asked in real time, whatever time this session keeps.
    """
    clock, folder = WallClock(), launch.home or launch.data_dir
    if launch.home is not None:
        vault = vault_of(toml, folder, clock, launch.ask_passphrase)
    needs = Needs(toml=toml, data_dir=folder, vault=vault, clock=clock, account=None)
    return SettingsRoom(
        desk=SettingsDesk(launch, broker, toml, limits), keys=KeyDesk(needs, vault, clock)
    )
