"""A stored account: its record, what the vault holds of it, its one-time codes, its sign-in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cockpit.adapters.secrets import TotpSecret
from cockpit.app import registry
from cockpit.app.health.probe import Probe
from cockpit.app.signing.accounts import AccountBook, AccountRecord
from cockpit.app.signing.desk import AccountDesk
from cockpit.app.signing.vaults import AnyVault
from cockpit.domain.account import Mode
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, CheckState
from cockpit.ports.plugin import Credential
from cockpit.ports.vault import Vault, VaultError, account_secret

TOTP = "totp"
_OK, _FAILED = CheckState.OK, CheckState.FAILED
_STORE_AGAIN = "Store its keys anew: cockpit accounts rekey {0}"


class AccountChecks:
    """Looks into the list of accounts and into the vault; asks no broker. `Checked`."""

    def __init__(self, book: AccountBook, vault: Vault, name: str, clock: Clock) -> None:
        self._book = book
        self._vault = vault
        self._name = name
        self._clock = clock

    async def checks(self) -> Sequence[Check]:
        """Look now. Raises AccountError for a name that is not stored, PluginError."""
        record = await asyncio.to_thread(self._book.find, self._name)
        wanted = registry.find("brokers", record.broker).credentials
        number = f", {record.number}" if record.number else ""
        found = f"{record.mode.value.capitalize()} account at {record.broker}{number}."
        stored = Check(name="record", state=_OK, found=found, required=True)
        return [stored, *await self._secrets(record, wanted)]

    async def _secrets(
        self, record: AccountRecord, wanted: Sequence[Credential]
    ) -> Sequence[Check]:
        try:
            held = {
                c.name: await self._vault.get(account_secret(self._name, c.name)) for c in wanted
            }
        except VaultError as error:
            step = "Unlock the vault, then check again."
            return [_failed("credentials", error.user_text, step)]
        missing = [c.label for c in wanted if not (held[c.name] or c.optional)]
        if missing:
            step = _STORE_AGAIN.format(self._name)
            found = f"The vault does not hold: {', '.join(missing)}."
            return [_failed("credentials", found, step)]
        kept = ", ".join(c.label for c in wanted if held[c.name])
        checks = [Check(name="credentials", state=_OK, found=f"Kept: {kept}.", required=True)]
        if TOTP in held:
            checks.append(self._codes(held[TOTP] or ""))
        return checks

    def _codes(self, secret: str) -> Check:
        if not secret:
            return Check(name="one-time codes", state=_OK, found="None are used.")
        now = self._clock.now_ns()
        try:
            key = TotpSecret.parse(secret)
        except VaultError as error:
            return _failed("one-time codes", error.user_text, _STORE_AGAIN.format(self._name))
        code = key.code(now)
        left = key.seconds_left(now)
        found = f"Can be made: {len(code)} digits, the one of now for {left:.0f} s more."
        return Check(name="one-time codes", state=_OK, found=found, required=True)


class SignIn:
    """Signs in with the stored keys, looks, asks the session how it is, signs out."""

    def __init__(self, desk: AccountDesk, name: str, tell: Callable[[str], None]) -> None:
        self._desk = desk
        self._name = name
        self._tell = tell

    async def ask(self) -> Sequence[Check]:
        """Try now. Raises AccountError, whose text says why not, and VaultError."""
        record, found = await self._desk.test(self._name, self._tell)
        held, working = found.positions, found.open_orders
        told = f"Works: {_count(held, 'position')}, {_count(working, 'open order')}."
        money = "" if record.mode is Mode.PAPER else " Real money."
        works = Check(name="sign-in", state=_OK, found=told + money, required=True)
        return [works, *found.checks]


def account_probes(
    toml: Mapping[str, Any],
    data_dir: Path,
    vault: AnyVault,
    name: str,
    clock: Clock,
    *,
    tell: Callable[[str], None],
    within_s: float,
) -> tuple[Probe, ...]:
    """What a cold look at a stored account asks."""
    group = f"account {name}"
    desk = AccountDesk(toml, data_dir, vault, clock)
    looks = AccountChecks(desk.book, vault, name, clock)
    sign_in = SignIn(desk, name, tell)
    return (
        Probe(group=group, name="credentials", ask=looks.checks, within_s=within_s),
        Probe(group=group, name="sign-in", ask=sign_in.ask, within_s=within_s),
    )


def _failed(name: str, found: str, step: str) -> Check:
    return Check(name=name, state=_FAILED, found=found, next_step=step, required=True)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
