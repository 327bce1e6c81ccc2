"""Which sources a data folder asks, and in which order, when nobody has said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cockpit.app.data.research import DataSettings, Needs, build_source, sources_of
from cockpit.kernel.clock import WallClock
from cockpit.kernel.settings import SettingsError
from cockpit.ports.source import Kind
from cockpit.ports.vault import VaultError, vendor_secret
from tests.toyserver.client import DictVault


def needs(vault: Any, folder: Path) -> Needs:
    return Needs(toml={}, data_dir=folder, vault=vault, clock=WallClock(), account=None)


class Shut(DictVault):
    async def get(self, name: str) -> str | None:
        raise VaultError(name, user_text="The vault is locked.")


async def test_without_a_key_nobody_is_asked(tmp_path: Path) -> None:
    order, sources = await sources_of(needs(DictVault(), tmp_path), DataSettings())
    assert sources == []
    assert not any(order.values())


async def test_a_vault_that_stays_shut_does_not_stop_a_start(tmp_path: Path) -> None:
    _, sources = await sources_of(needs(Shut(), tmp_path), DataSettings())
    assert sources == []


async def test_who_has_a_key_is_asked_for_what_it_has(tmp_path: Path) -> None:
    vault = DictVault(**{vendor_secret(n): "k" for n in ("polygon", "finnhub")})
    given = needs(vault, tmp_path)
    order, _ = await sources_of(given, DataSettings())
    assert {name for names in order.values() for name in names} == {"polygon", "finnhub"}
    for kind, names in order.items():
        profiles = [build_source(given, name).profile for name in names]
        assert all(kind in profile.kinds for profile in profiles)
        delays = [profile.delay_s.get(kind, 0) for profile in profiles]
        assert delays == sorted(delays)  # real time before delayed


async def test_the_order_of_the_settings_is_kept(tmp_path: Path) -> None:
    chosen = DataSettings(sources={Kind.BARS: ("polygon", "alpaca")})
    order, _ = await sources_of(needs(DictVault(), tmp_path), chosen)
    assert order[Kind.BARS] == ("polygon", "alpaca")
    wrong = DataSettings(sources={Kind.FUNDAMENTALS: ("alpaca",)})
    with pytest.raises(SettingsError):
        await sources_of(needs(DictVault(), tmp_path), wrong)
