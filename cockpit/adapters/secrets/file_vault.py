"""Secrets in an encrypted file of the data folder, for machines without a keyring."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from cockpit.adapters.secrets import sealed
from cockpit.adapters.secrets.passphrase import PassphraseRequest, Passphrases
from cockpit.adapters.secrets.sealed import Cost, Key
from cockpit.adapters.secrets.threads import in_thread
from cockpit.adapters.secrets.tries import Tries
from cockpit.kernel.log import REDACTOR
from cockpit.kernel.private_files import write_private
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, CheckState
from cockpit.ports.vault import Vault, VaultError

T = TypeVar("T")
_LOCK_S = 5.0
_TYPED = 3


class FileVault:
    """Opened at the first call that needs it, by the passphrase; then the key is kept in memory.

    Each call reads the file again, so that what another process stored is seen. A change is
    made under a lock and written whole or not at all.
    """

    kind = "file"

    def __init__(
        self,
        file: Path,
        passphrases: Passphrases,
        clock: Clock,
        *,
        cost: Cost | None = None,
        within_s: float = 60.0,
    ) -> None:
        self._file = file
        self._passphrases = passphrases
        self._tries = Tries(file.with_name(f"{file.name}.tries"), clock)
        self._cost = cost or Cost()
        self._within_s = within_s
        self._key: Key | None = None
        self._turn = asyncio.Lock()

    async def get(self, name: str) -> str | None:
        """The secret of that name; None when there is none. Raises VaultError."""
        async with self._turn:
            if await self._blocking(self._read) is None:
                return None
            key = await self._opened()
            secret = (await self._blocking(lambda: self._secrets(key))).get(name)
        if secret is not None:
            REDACTOR.hide(secret)
        return secret

    async def put(self, name: str, secret: str) -> None:
        """Keep `secret` under `name`; makes the file when it is the first. Raises VaultError."""
        REDACTOR.hide(secret)
        async with self._turn:
            key = await self._opened()
            await self._blocking(
                lambda: self._change(key, lambda all_: all_.update({name: secret}))
            )

    async def delete(self, name: str) -> None:
        """Forget `name`; harmless when it was not there. Raises VaultError."""
        async with self._turn:
            if await self._blocking(self._read) is None:
                return
            key = await self._opened()
            await self._blocking(lambda: self._change(key, lambda kept: kept.pop(name, None)))

    async def put_all(self, secrets: Mapping[str, str], gone: Collection[str] = ()) -> None:
        """Keep all of `secrets` and forget `gone`, whole or not at all. Raises VaultError."""
        for secret in secrets.values():
            REDACTOR.hide(secret)

        def change(kept: dict[str, str]) -> None:
            for name in gone:
                kept.pop(name, None)
            kept.update(secrets)

        async with self._turn:
            key = await self._opened()
            await self._blocking(lambda: self._change(key, change))

    async def change_passphrase(self) -> None:
        """Seal it anew under another passphrase; the old file stands until the new one is whole.

        Raises VaultError; the vault is as it was then, under the passphrase it had.
        """
        async with self._turn:
            if await self._blocking(self._read) is None:
                raise _no_vault(self._file)
            key = await self._opened()
            passphrase = await self._passphrases.another(self._file)
            header = sealed.header_of(await self._blocking(self._content))
            if await self._blocking(lambda: sealed.key_for(header, passphrase)) is not None:
                raise _the_same()
            made = await self._blocking(lambda: sealed.new_key(passphrase, self._cost))
            await self._blocking(lambda: self._change(key, lambda _kept: None, made))
            self._key = made

    async def unlock(self) -> None:
        """Make it ready to be written: asks for the passphrase now. Raises VaultError."""
        async with self._turn:
            await self._opened()

    async def checks(self) -> Sequence[Check]:
        """Whether the file is there and sound, as far as that is seen without a passphrase."""
        try:
            return (await self._blocking(self._look),)
        except VaultError as error:
            return (_check(CheckState.FAILED, error.user_text, "See `cockpit accounts list`."),)

    async def _opened(self) -> Key:
        """The key, by the passphrase where it is not known yet."""
        content = await self._blocking(self._read)
        header = None if content is None else sealed.header_of(content)
        if header is None:
            return self._key or await self._begin()
        if self._key is None or not sealed.fits(self._key, header):
            self._key = await self._unlock(header)
        return self._key

    async def _begin(self) -> Key:
        passphrase = await self._passphrases.get(PassphraseRequest(self._file, new=True))
        self._key = await self._blocking(lambda: sealed.new_key(passphrase, self._cost))
        return self._key

    async def _unlock(self, header: sealed.Header) -> Key:
        problem = ""
        for _ in range(_TYPED if self._passphrases.by_hand else 1):
            wait = await self._blocking(self._tries.wait_s)
            if wait:
                raise _too_many(wait)
            passphrase = await self._passphrases.get(
                PassphraseRequest(self._file, new=False, problem=problem)
            )
            key = await self._blocking(lambda text=passphrase: sealed.key_for(header, text))
            if key is not None:
                await self._blocking(self._tries.right)
                return key
            await self._blocking(self._tries.wrong)
            problem = "That passphrase is wrong."
        raise VaultError(
            "wrong passphrase",
            user_text=f"The passphrase of the vault {self._file} is wrong. It stayed locked and "
            "nothing in it was changed. Try again with the right one.",
            code="VAULT_PASSPHRASE",
        )

    async def _blocking(self, call: Callable[[], T]) -> T:
        return await in_thread(call, name="cockpit-vault", within_s=self._within_s)

    # in the thread

    def _look(self) -> Check:
        content, key = self._read(), self._key
        if content is None:
            return _check(
                CheckState.FAILED,
                f"The vault file {self._file} is not there.",
                "Put back a copy of it, or store the accounts again.",
            )
        header = sealed.header_of(content)
        if key is None or not sealed.fits(key, header):
            return _check(CheckState.OK, "The vault file is there; a start opens it.")
        sealed.unseal(content, key)
        return _check(CheckState.OK, "The vault file is there, sound and open.")

    def _read(self) -> bytes | None:
        try:
            content = self._file.read_bytes()
            if sys.platform != "win32" and self._file.stat().st_mode & 0o077:
                self._file.chmod(0o600)  # a copy that was put back may have lost its rights
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _no_file(self._file, "read", error) from None
        return content

    def _secrets(self, key: Key) -> dict[str, str]:
        content = self._read()
        if content is None:
            return {}
        if not sealed.fits(key, sealed.header_of(content)):
            raise VaultError(
                "the vault was made anew meanwhile",
                user_text="The vault was replaced by another while it was used. Nothing was "
                "changed; try again.",
                code="VAULT_CHANGED",
            )
        return sealed.unseal(content, key)

    def _content(self) -> bytes:
        content = self._read()
        if content is None:
            raise _no_vault(self._file)
        return content

    def _change(
        self, key: Key, change: Callable[[dict[str, str]], object], under: Key | None = None
    ) -> None:
        """Write what `change` makes of the secrets; `under` another key when one is given."""
        from filelock import FileLock  # brings a database: after the first paint

        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._file.with_name(f"{self._file.name}.lock"), timeout=_LOCK_S):
                secrets = self._secrets(key)
                change(secrets)
                content = sealed.seal(secrets, under or key)
                if sealed.unseal(content, under or key) != secrets:
                    raise sealed.damaged("what was to be written can't be read back")
                write_private(self._file, content)
        except OSError as error:  # also a lock that another program keeps
            raise _no_file(self._file, "written", error) from None


_vault: type[Vault] = FileVault


def _check(state: CheckState, found: str, next_step: str = "") -> Check:
    """What a look at a vault found."""
    return Check(name="keys", state=state, found=found, next_step=next_step, required=True)


def _too_many(wait: int) -> VaultError:
    return VaultError(
        f"too many wrong passphrases, {wait} s to wait",
        user_text=f"Too many wrong passphrases. Wait {wait} s, then try again. The vault stayed "
        "locked and nothing in it was changed.",
        code="VAULT_WAIT",
    )


def _no_vault(file: Path) -> VaultError:
    return VaultError(
        f"no vault at {file}",
        user_text=f"There is no vault file {file}, so it has no passphrase. Nothing was changed.",
        code="VAULT_NOT_THERE",
    )


def _the_same() -> VaultError:
    return VaultError(
        "the new passphrase is the old one",
        user_text="That is the passphrase it has already. Nothing was changed. Choose another.",
        code="VAULT_PASSPHRASE",
    )


def _no_file(file: Path, what: str, error: OSError) -> VaultError:
    why = error.strerror or "another program holds it"
    return VaultError(
        f"{file} can't be {what}: {error}",
        user_text=f"The vault {file} can't be {what}: {why}. It is as it was; nothing was stored "
        "or lost.",
        code="VAULT_FILE",
    )
