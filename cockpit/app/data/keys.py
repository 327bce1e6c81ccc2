"""Keys of data vendors: tried at the vendor before they are kept in the vault, and never shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from cockpit.adapters.research.store import open_research
from cockpit.adapters.secrets import AskPassphrase, MemoryVault
from cockpit.app import registry
from cockpit.app.data.research import SECTION, DataSettings, Needs, build_source
from cockpit.app.errors import AppError
from cockpit.app.settings import settings_file
from cockpit.app.signing.vaults import AnyVault, kind_of, vault_of
from cockpit.domain.errors import CockpitError
from cockpit.kernel import settings
from cockpit.kernel.clock import WallClock
from cockpit.kernel.log import REDACTOR
from cockpit.market.router.budget import Purpose
from cockpit.market.router.meter import Till
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Plugin
from cockpit.ports.source import (
    HeldBackError,
    KeyRefusedError,
    NotEntitledError,
    QuoteAsk,
    SourceError,
    ThrottledError,
    UnknownSymbolError,
)
from cockpit.ports.vault import vendor_secret

_log = structlog.get_logger(__name__)
Tell = Callable[[str], None]
PROBE = "SPY"
_LONGEST = 512
_MB = 1_000_000
_NOT_STORED = "Nothing was stored."


class KeyProblemError(AppError):
    """A vendor's key can't be stored, tried or found; `user_text` says what was not done."""

    code = "DATA_KEY"


def key_desk(data_dir: Path, config: Path | None, ask: AskPassphrase | None = None) -> KeyDesk:
    """The vendors' keys of a data folder, by the settings file. Raises SettingsError."""
    toml, clock = settings_file(config), WallClock()
    vault = vault_of(toml, data_dir, clock, ask)
    needs = Needs(toml=toml, data_dir=data_dir, vault=vault, clock=clock, account=None)
    return KeyDesk(needs, vault, clock)


class KeyDesk:
    """The keys of one data folder.

    What it raises: KeyProblemError, VaultError, PluginError, SettingsError, StoreError.
    """

    def __init__(self, needs: Needs, vault: AnyVault, clock: Clock) -> None:
        self._needs = needs
        self._vault = vault
        self._clock = clock

    def vendors(self) -> list[Plugin]:
        """The installed sources that have a key of their own, by name."""
        found: list[Plugin] = []
        for name in registry.names("sources"):
            with suppress(CockpitError):  # one that can't be loaded is told by the doctor
                plugin = registry.find("sources", name)
                found += [plugin] if plugin.credentials else []
        return found

    def check(self, vendor: str) -> Plugin:
        """The vendor's plug-in. Raises KeyProblemError for one without a key of its own."""
        plugin = next((one for one in self.vendors() if one.name == vendor), None)
        if plugin is None:
            known = ", ".join(one.name for one in self.vendors()) or "none installed"
            raise KeyProblemError(
                f"{vendor} has no key",
                user_text=f"There is no data vendor called {vendor!r} that has a key of its own. "
                f"{_NOT_STORED} Vendors: {known}.",
                code="DATA_VENDOR",
            )
        return plugin

    async def add(self, vendor: str, given: str, tell: Tell) -> str:
        """Try the key at the vendor, then keep it; what came of the trial, in a sentence."""
        plugin = self.check(vendor)
        key = _cleaned(plugin, given)
        await self._vault.unlock()  # before the vendor is asked: a locked one would waste it
        trial = MemoryVault({vendor_secret(vendor): key})
        said = await self._tried(vendor, trial, tell, _NOT_STORED)
        await self._vault.put(vendor_secret(vendor), key)
        _log.info("data_key_stored", vendor=vendor)
        return f"{said} It is kept in {await self._place()}."

    async def test(self, vendor: str, tell: Tell) -> str:
        """Try the key that is kept; changes nothing."""
        self.check(vendor)
        if await self._vault.get(vendor_secret(vendor)) is None:
            raise self._missing(vendor)
        return await self._tried(vendor, self._vault, tell, "Nothing was changed.")

    async def stored(self) -> list[str]:
        """The vendors whose keys are kept."""
        return [
            plugin.name
            for plugin in self.vendors()
            if await self._vault.get(vendor_secret(plugin.name)) is not None
        ]

    async def remove(self, vendor: str) -> None:
        """Delete the key."""
        self.check(vendor)
        if await self._vault.get(vendor_secret(vendor)) is None:
            raise self._missing(vendor)
        await self._vault.delete(vendor_secret(vendor))
        _log.info("data_key_removed", vendor=vendor)

    async def _tried(
        self, vendor: str, vault: MemoryVault | AnyVault, tell: Tell, nothing: str
    ) -> str:
        """Ask for one price, counted as every request is. Raises KeyProblemError."""
        needs = Needs(
            toml=self._needs.toml,
            data_dir=self._needs.data_dir,
            vault=vault,
            clock=self._clock,
            account=None,
        )
        chosen = settings.load(DataSettings, section=SECTION, toml=needs.toml)
        source = build_source(needs, vendor)
        store = await open_research(needs.data_dir, most_bytes=chosen.cache_mb * _MB)
        try:
            till = Till(vendor, source.profile.budget, store, self._clock, 0.0)
            tell(f"Asking {vendor} for one price.")
            answer = await source.fetch(QuoteAsk(PROBE), till.meter(Purpose.SCREEN))
            return f"{vendor} takes the key ({_late(answer.delay_s)})."
        except (NotEntitledError, UnknownSymbolError) as error:
            return f"{vendor} takes the key, but not for prices: {error.why}."
        except SourceError as error:
            raise _problem(vendor, error, nothing) from error
        finally:
            await source.close()
            await store.close()

    async def _place(self) -> str:
        kind = await kind_of(self._vault)
        return "the system's keyring" if kind == "keyring" else "the encrypted file"

    @staticmethod
    def _missing(vendor: str) -> KeyProblemError:
        return KeyProblemError(
            f"no key of {vendor}",
            user_text=f"No key of {vendor} is stored. Nothing was changed. Store one: cockpit data "
            f"keys add {vendor}",
            code="DATA_KEY_NOT_THERE",
        )


def _late(delay_s: int) -> str:
    if not delay_s:
        return "prices in real time"
    return "prices of the day before" if delay_s >= 86_400 else f"prices {delay_s // 60} min late"


def _cleaned(plugin: Plugin, given: str) -> str:
    """What was typed or pasted, without the space around it. Raises KeyProblemError."""
    key = given.strip()
    label = plugin.credentials[0].label
    if not key or len(key) > _LONGEST or not key.isprintable() or " " in key:
        why = "is missing" if not key else "can't be right: it holds spaces or is far too long"
        raise KeyProblemError(
            f"{plugin.name}: key {why}",
            user_text=f"The {label} {why}. {_NOT_STORED} Copy it again from the vendor's page.",
        )
    REDACTOR.hide(key)
    return key


def _problem(vendor: str, error: SourceError, nothing: str) -> KeyProblemError:
    if isinstance(error, KeyRefusedError):
        said, step = f"{vendor} refuses the key: {error.why}.", "Copy it again from its page."
    elif isinstance(error, (ThrottledError, HeldBackError)):
        said = f"The key could not be tried, for too much was asked already: {error.why}."
        step = "Try again later."
    else:
        said, step = f"The key could not be tried: {error.why}.", "Try again later."
    return KeyProblemError(
        f"{vendor}: {error.code}", user_text=f"{said} {nothing} {step}", code=error.code
    )
