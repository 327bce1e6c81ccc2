"""Every check of a machine at rest, and of a stored account: what would keep it from working."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from cockpit.app.health.account import account_probes
from cockpit.app.health.findings import Finding
from cockpit.app.health.machine import Free, free_bytes
from cockpit.app.health.probe import Probe, asked
from cockpit.app.health.probes import cold_probes
from cockpit.app.launch import STORE_NAME
from cockpit.app.settings import settings_file
from cockpit.app.signing.vaults import AnyVault, vault_of
from cockpit.kernel.clock import WallClock
from cockpit.ports.clock import Clock
from cockpit.ports.vault import VaultError


async def examine(data_dir: Path, config: Path | None, *, free: Free = free_bytes) -> list[Finding]:
    """Make all checks at once; none raises and none changes anything."""
    clock = WallClock()
    return await _found(cold_probes(data_dir, data_dir / STORE_NAME, config, clock, free), clock)


async def examine_account(  # noqa: PLR0917 -- where, by what settings, whom, how long, who hears
    data_dir: Path,
    config: Path | None,
    name: str,
    within_s: float,
    tell: Callable[[str], None],
    vault: AnyVault | None = None,
) -> list[Finding]:
    """Look into the vault and sign in with a stored account, for at most `within_s` each.

    Sends no order and stores nothing. Raises SettingsError when the settings can't be read.
    """
    clock, toml = WallClock(), settings_file(config)
    vault = vault or vault_of(toml, data_dir, clock)
    with suppress(VaultError):  # the checks say it; a person who types is not hurried by them
        await vault.unlock()
    probes = account_probes(toml, data_dir, vault, name, clock, tell=tell, within_s=within_s)
    return [finding for probe in probes for finding in await _found((probe,), clock)]


async def _found(probes: Sequence[Probe], clock: Clock) -> list[Finding]:
    found = await asyncio.gather(*(asked(probe, clock) for probe in probes))
    return [
        Finding(
            group=probe.group,
            check=check,
            since_ns=check.checked_at,
            good_for_s=probe.good_for_s,
        )
        for probe, checks in zip(probes, found, strict=True)
        for check in checks
    ]
