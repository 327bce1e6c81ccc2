"""Adding, testing and removing accounts: keys are tried at the broker before they are stored."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import structlog

from cockpit.adapters.secrets import AskPassphrase, MemoryVault, TotpSecret
from cockpit.app import registry
from cockpit.app.settings import settings_file
from cockpit.app.signing.accounts import AccountBook, AccountError, AccountRecord
from cockpit.app.signing.choosing import check_limits
from cockpit.app.signing.vaults import AnyVault, kind_of, vault_of
from cockpit.domain.account import Mode
from cockpit.domain.errors import CockpitError
from cockpit.kernel.clock import WallClock
from cockpit.kernel.log import REDACTOR
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Credential, Plugin
from cockpit.ports.vault import Vault, VaultError, account_secret
from cockpit.trading.trial import Found, Tell, try_sign_in

_log = structlog.get_logger(__name__)
_LONGEST = 4096
_NOT_STORED = "Nothing was stored."
_KEPT = "The old keys were kept."


class SignInError(AccountError):
    """The broker did not let the keys in, or could not be asked."""

    code = "SIGN_IN_FAILED"


def desk_of(data_dir: Path, config: Path | None, ask: AskPassphrase | None = None) -> AccountDesk:
    """The accounts of a data folder, by the settings file. Raises SettingsError."""
    toml, clock = settings_file(config), WallClock()
    return AccountDesk(toml, data_dir, vault_of(toml, data_dir, clock, ask), clock)


class AccountDesk:
    """One data folder's accounts. Nothing of a key is in a record, a message or a log.

    What it raises: AccountError, its SignInError, VaultError, SettingsError, PluginError.
    """

    def __init__(
        self, toml: Mapping[str, Any], data_dir: Path, vault: AnyVault, clock: Clock
    ) -> None:
        self._toml = toml
        self._folder = data_dir
        self._vault = vault
        self._clock = clock
        self.book = AccountBook(data_dir)

    def brokers(self) -> list[Plugin]:
        """The installed brokers that have accounts to sign in to, by name."""
        found: list[Plugin] = []
        for name in registry.names("brokers"):
            with suppress(CockpitError):  # one that can't be loaded is told by the doctor
                plugin = registry.find("brokers", name)
                found += [plugin] if plugin.credentials else []
        return found

    def check(self, name: str, broker: str, mode: Mode) -> tuple[Credential, ...]:
        """What must be given for such an account; raises for one that can't be added."""
        plugin = registry.find("brokers", broker)
        if not plugin.credentials:
            with_accounts = ", ".join(p.name for p in self.brokers())
            raise AccountError(
                f"{broker} has no accounts",
                user_text=f"The broker {broker!r} needs no account: just choose it. {_NOT_STORED} "
                f"Brokers with accounts: {with_accounts or 'none installed'}.",
                code="ACCOUNT_MISMATCH",
            )
        if mode not in plugin.modes:
            kinds = " or ".join(one.value for one in plugin.modes)
            raise AccountError(
                f"{broker} has no {mode.value} accounts",
                user_text=f"{broker} has no {mode.value} accounts, only {kinds}. {_NOT_STORED}",
                code="ACCOUNT_MISMATCH",
            )
        self.book.check_name(name)
        if self.moves_money(broker, mode):
            check_limits(self._toml, _NOT_STORED)
        return plugin.credentials

    @staticmethod
    def moves_money(broker: str, mode: Mode) -> bool:
        """True when real money can be traded: not where the broker is only read."""
        return mode is Mode.LIVE and not registry.find("brokers", broker).read_only

    async def add(
        self,
        name: str,
        broker: str,
        mode: Mode,
        given: Mapping[str, str],
        *,
        confirmed: str = "",
        tell: Tell,
    ) -> tuple[AccountRecord, Found]:
        """Try the keys, then store them and the record; all or nothing.

        `confirmed` is the account's name as a person typed it, for real money.
        """
        wanted = await asyncio.to_thread(self.check, name, broker, mode)
        if self.moves_money(broker, mode) and confirmed != name:
            raise AccountError(
                "live account not confirmed",
                user_text=f"A live account trades real money and was not confirmed. {_NOT_STORED} "
                f"Type its name, {name}, to confirm it.",
                code="LIVE_NOT_CONFIRMED",
            )
        secrets = _cleaned(wanted, given)
        await self._vault.unlock()  # before anybody is asked: a locked one would waste it
        mark = await asyncio.to_thread(self.book.mark, broker, secrets[wanted[0].name])
        await asyncio.to_thread(self.book.check_key, mark, mode)
        trial = MemoryVault({account_secret(name, key): text for key, text in secrets.items()})
        found = await self._tried(name, broker, mode, trial, tell, _NOT_STORED)
        opens = found.account.key_fingerprint
        if not opens or found.account.mode is not mode:
            raise SignInError(
                f"{name}: opens {opens!r} in {found.account.mode}",
                user_text=f"The keys work, but not for a {mode.value} account, or {broker} does "
                f"not tell which account they open. {_NOT_STORED} Use {mode.value} keys.",
            )
        await asyncio.to_thread(self.book.check_new, opens)
        tell("Storing the keys.")
        record = AccountRecord(
            name=name,
            broker=broker,
            mode=mode,
            key_mark=mark,
            opens=opens,
            number=found.account.number,
            kept_in=await kind_of(self._vault),
            credentials=tuple(sorted(trial.secrets)),
            created_ns=self._clock.now_ns(),
        )
        await self._to_the_end(self._store(record, trial.secrets))
        _log.info("account_added", account=name, broker=broker, mode=mode.value)
        return record, found

    def wanted(self, name: str) -> tuple[Credential, ...]:
        """What must be given to replace the keys of a stored account."""
        return registry.find("brokers", self.book.find(name).broker).credentials

    async def replace_keys(
        self, name: str, given: Mapping[str, str], *, tell: Tell
    ) -> tuple[AccountRecord, Found]:
        """Try other keys of a stored account, then keep them in the place of its own.

        They must open what the old ones opened. Whatever happens on the way, afterwards the
        account has the old keys or the new ones, whole.
        """
        record = await asyncio.to_thread(self.book.find, name)
        secrets = _cleaned(self.wanted(name), given)
        await self._vault.unlock()
        first = self.wanted(name)[0].name
        mark = await asyncio.to_thread(self.book.mark, record.broker, secrets[first])
        await asyncio.to_thread(self.book.check_key, mark, record.mode)
        trial = MemoryVault({account_secret(name, key): text for key, text in secrets.items()})
        found = await self._tried(name, record.broker, record.mode, trial, tell, _KEPT)
        if found.account.key_fingerprint != record.opens:
            raise SignInError(
                f"{name}: opens {found.account.key_fingerprint!r}",
                user_text=f"The keys work, but open another account than {name}. {_KEPT} To use "
                "that account, add it under a name of its own: cockpit accounts add NAME",
                code="ENVIRONMENT_KEY",
            )
        tell("Storing the keys.")
        after = msgspec.structs.replace(
            record, key_mark=mark, credentials=tuple(sorted(trial.secrets))
        )
        await self._to_the_end(self._renew(record, after, trial.secrets))
        _log.info("account_keys_replaced", account=name)
        return after, found

    async def _renew(
        self, before: AccountRecord, after: AccountRecord, secrets: Mapping[str, str]
    ) -> None:
        gone = set(before.credentials) - set(secrets)
        await asyncio.to_thread(self.book.note_key, after.key_mark, after.mode)
        await self._vault.put_all(secrets, sorted(gone))
        await asyncio.to_thread(self.book.renew, after)

    async def change_passphrase(self) -> None:
        """Give the vault file another passphrase."""
        await self._vault.change_passphrase()

    async def test(self, name: str, tell: Tell) -> tuple[AccountRecord, Found]:
        """Sign in with what is stored, look, sign out."""
        record = await asyncio.to_thread(self.book.find, name)
        nothing = "Nothing was changed."
        found = await self._tried(name, record.broker, record.mode, self._vault, tell, nothing)
        if found.account.key_fingerprint != record.opens:
            raise SignInError(
                f"{name} opens {found.account.key_fingerprint!r}",
                user_text="The keys work, but open another account than when they were stored. "
                f"{nothing} Cockpit trades nothing with them. Remove the account and add it again.",
                code="ENVIRONMENT_KEY",
            )
        return record, found

    async def remove(self, name: str) -> AccountRecord:
        """Delete the keys, then the record; when the vault refuses, both stay."""
        record = await asyncio.to_thread(self.book.find, name)
        for secret in sorted({*record.credentials, *_declared(record)}):
            await self._vault.delete(secret)
        await asyncio.to_thread(self.book.remove, name)
        _log.info("account_removed", account=name)
        return record

    async def _tried(  # noqa: PLR0917 -- whom to sign in, where, with what, and whom to tell
        self, name: str, broker: str, mode: Mode, vault: Vault, tell: Tell, nothing: str
    ) -> Found:
        supervisor = Supervisor(self._clock)
        try:
            return await try_sign_in(
                lambda redeem: registry.build(
                    "brokers",
                    broker,
                    self._toml,
                    offered={"vault": vault, "account": name},
                    clock=self._clock,
                    redeem=redeem,
                    account_id=name,
                    mode=mode,
                    supervisor=supervisor,
                    folder=self._folder,
                    known=False,
                ),
                tell,
            )
        except VaultError:
            raise
        except CockpitError as error:
            said = error.user_text if nothing in error.user_text else f"{error.user_text} {nothing}"
            raise SignInError(str(error), user_text=said, code=error.code) from error
        finally:
            await supervisor.stop()

    async def _to_the_end(self, body: Coroutine[Any, Any, None]) -> None:
        """Do `body` whole, once begun: too late to be called off, and raise what it raises."""
        supervisor = Supervisor(self._clock)
        outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def work() -> None:
            try:
                await body
            except Exception as error:  # noqa: BLE001 -- raised by whoever awaits the outcome
                outcome.set_exception(error)
            else:
                outcome.set_result(None)

        supervisor.work(work(), name="store-account", owner="accounts")
        while not outcome.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({outcome})
        outcome.result()

    async def _store(self, record: AccountRecord, secrets: Mapping[str, str]) -> None:
        """Keys first: a record without its keys would be worth nothing."""
        put: list[str] = []
        try:
            for secret_name, secret in secrets.items():
                put.append(secret_name)
                await self._vault.put(secret_name, secret)
            await asyncio.to_thread(self.book.add, record)
        except BaseException:
            for secret_name in put:
                with suppress(VaultError):  # it says why already
                    await self._vault.delete(secret_name)
            raise


def _cleaned(wanted: tuple[Credential, ...], given: Mapping[str, str]) -> dict[str, str]:
    """What was typed or pasted, without the space around it; raises for what can't be right."""
    cleaned: dict[str, str] = {}
    for credential in wanted:
        text = given.get(credential.name, "").strip()
        if not text and not credential.optional:
            raise _bad(credential, "is missing")
        if len(text) > _LONGEST or not text.isprintable():
            raise _bad(credential, "can't be right: it holds line breaks or is far too long")
        if text and credential.name == "totp":
            TotpSecret.parse(text)
        if text:
            REDACTOR.hide(text)
            cleaned[credential.name] = text
    return cleaned


def _bad(credential: Credential, why: str) -> AccountError:
    return AccountError(
        f"{credential.name} {why}",
        user_text=f"The {credential.label} {why}. {_NOT_STORED} Copy it again from the broker.",
        code="ACCOUNT_KEYS",
    )


def _declared(record: AccountRecord) -> list[str]:
    """The names under which its broker's secrets would be, as far as it is installed still."""
    with suppress(CockpitError):
        plugin = registry.find("brokers", record.broker)
        return [account_secret(record.name, credential.name) for credential in plugin.credentials]
    return []
