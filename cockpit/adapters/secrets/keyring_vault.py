"""Secrets in the system's own keeper: only real ones are used, whatever keyring is set to."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast

import msgspec

from cockpit.adapters.secrets.threads import in_thread
from cockpit.domain.errors import CockpitError
from cockpit.kernel.log import REDACTOR
from cockpit.ports.health import Check, CheckState
from cockpit.ports.vault import Vault, VaultError

T = TypeVar("T")

ALLOWED = {
    "macOS Keychain": ("keyring.backends.macOS", "Keyring"),
    "Windows Credential Locker": ("keyring.backends.Windows", "WinVaultKeyring"),
    "Secret Service": ("keyring.backends.SecretService", "Keyring"),
    "KWallet": ("keyring.backends.kwallet", "DBusKeyring"),
    "KWallet 4": ("keyring.backends.kwallet", "DBusKeyringKWallet4"),
}
"""By name. The null, fail, chained and plaintext ones are not among them, nor third parties'."""

USER = "cockpit"
_DUE = "due"
PART = 600
"""Characters a part: Windows holds 1,280 UTF-16 units, and a character may be two of them."""


class Backend(Protocol):
    """What is used of a keyring backend."""

    def get_password(self, service: str, username: str) -> str | None:
        """A secret."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep one."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget one; raises when it is not there."""
        ...


class _Head(msgspec.Struct, frozen=True):
    """What stands under a secret's own name: the text, or where its parts are."""

    text: str = ""
    parts: int = 0
    run: str = ""


class _Due(msgspec.Struct, frozen=True):
    """Changes that belong together."""

    put: dict[str, str]
    gone: tuple[str, ...] = ()


class KeyringVault:
    """A secret of more than `PART` characters is kept in parts.

    The parts of a new one are there before the head that names them, and those of the old one
    are deleted after it: whoever reads finds the old one or the new one, whole.
    """

    kind = "keyring"

    def __init__(
        self,
        service: Callable[[], str],
        *,
        backend: Callable[[], Backend] | None = None,
        within_s: float = 60.0,
    ) -> None:
        self._name_service = service
        self._service = ""
        self._find = backend or system_keyring
        self._found: Backend | None = None
        self._within_s = within_s
        self._half_done = False
        self._lock = threading.Lock()  # held in the calls' threads only

    async def get(self, name: str) -> str | None:
        """The secret of that name; None when there is none. Raises VaultError."""
        secret = await self._blocking("read", lambda keyring: self._get(keyring, name))
        if secret is not None:
            REDACTOR.hide(secret)
        return secret

    async def put(self, name: str, secret: str) -> None:
        """Keep `secret` under `name`. Raises VaultError."""
        REDACTOR.hide(secret)
        await self._blocking("written", lambda keyring: self._put(keyring, name, secret))

    async def delete(self, name: str) -> None:
        """Forget `name`; harmless when it was not there. Raises VaultError."""
        await self._blocking("written", lambda keyring: self._delete(keyring, name))

    async def put_all(self, secrets: Mapping[str, str], gone: Collection[str] = ()) -> None:
        """Keep all of `secrets` and forget `gone`, in the end whole. Raises VaultError.

        What is to be done is kept first, as one secret: a program that dies on the way leaves
        it to the next one that opens the keyring. A keyring that refuses on the way has all as
        it was before; one that refuses that, too, is not read until it takes one of both, and
        the error says so.
        """
        for secret in secrets.values():
            REDACTOR.hide(secret)
        due = _Due(dict(secrets), tuple(gone))

        def do(keyring: Backend) -> None:
            held = {name: self._get(keyring, name) for name in (*due.put, *due.gone)}
            kept = {name: secret for name, secret in held.items() if secret is not None}
            try:
                self._begin(keyring, due)
                self._finish(keyring)
            except Exception:
                self._take_back(keyring, _Due(kept, tuple(held.keys() - kept.keys())))
                raise

        await self._blocking("written", do)

    async def change_passphrase(self) -> None:
        """Raises VaultError: a keyring has a password of the system's."""
        raise VaultError(
            "a keyring has no passphrase of ours",
            user_text="Your keys are in the system's keyring, which has a password of its own. "
            "Nothing was changed. Change it in the settings of your system.",
            code="VAULT_KEYRING",
        )

    async def unlock(self) -> None:
        """Make it ready to be written: finds the keyring now. Raises VaultError."""
        await self._blocking("written", lambda _keyring: None)

    async def checks(self) -> Sequence[Check]:
        """Whether a keyring works here."""
        try:
            await self.unlock()
        except CockpitError as error:
            step = "Start or unlock the system's keyring."
            return (_check(CheckState.FAILED, error.user_text, step),)
        return (_check(CheckState.OK, "The system's keyring works."),)

    async def _blocking(self, what: str, call: Callable[[Backend], T]) -> T:
        def run() -> T:
            with self._lock:
                try:
                    self._service = self._service or self._name_service()
                    if self._found is None or self._half_done:
                        self._found = self._found or self._find()
                        self._finish(self._found)
                        self._half_done = False
                    return call(self._found)
                except CockpitError:
                    raise
                except Exception as error:  # noqa: BLE001 -- each backend raises errors of its own
                    raise _refused(what, error) from None

        return await in_thread(run, name="cockpit-keyring", within_s=self._within_s)

    # in the thread

    def _begin(self, keyring: Backend, due: _Due) -> None:
        self._put(keyring, _DUE, msgspec.json.encode(due).decode())

    def _take_back(self, keyring: Backend, before: _Due) -> None:
        """Have all as it was. Raises VaultError when not even that can be done now."""
        self._half_done = True
        try:
            if self._get(keyring, _DUE) is None and self._holds(keyring, before):
                self._half_done = False
                return
            self._begin(keyring, before)
            self._finish(keyring)
        except Exception as error:  # noqa: BLE001 -- each backend raises errors of its own
            raise _half_done(error) from None
        self._half_done = False

    def _holds(self, keyring: Backend, before: _Due) -> bool:
        kept = all(self._get(keyring, name) == secret for name, secret in before.put.items())
        return kept and all(self._get(keyring, name) is None for name in before.gone)

    def _finish(self, keyring: Backend) -> None:
        """Do what was begun, by this program or by one that died over it."""
        left = self._get(keyring, _DUE)
        if left is None:
            return
        due = msgspec.json.decode(left, type=_Due)
        for name, secret in due.put.items():
            REDACTOR.hide(secret)
            self._put(keyring, name, secret)
        for name in due.gone:
            self._delete(keyring, name)
        self._delete(keyring, _DUE)

    def _get(self, keyring: Backend, name: str) -> str | None:
        head = self._head(keyring, name)
        if head is None or not head.parts:
            return None if head is None else head.text
        parts = [self._one(keyring, name, head.run, n) for n in range(head.parts)]
        if None in parts:
            raise _refused("read", ValueError(f"a part of {name} is missing"))
        return "".join(cast("list[str]", parts))

    def _put(self, keyring: Backend, name: str, secret: str) -> None:
        before = self._head(keyring, name)
        head = _Head(text=secret)
        if len(secret) > PART or '"' in secret or "\\" in secret or not secret.isascii():
            parts = [secret[at : at + PART] for at in range(0, len(secret), PART)]
            head = _Head(parts=len(parts), run=os.urandom(4).hex())
            for number, part in enumerate(parts):
                keyring.set_password(self._place(name, head.run, number), USER, part)
        keyring.set_password(self._place(name), USER, msgspec.json.encode(head).decode())
        self._drop_parts(keyring, name, before)

    def _delete(self, keyring: Backend, name: str) -> None:
        before = self._head(keyring, name)
        if before is not None:
            keyring.delete_password(self._place(name), USER)
            self._drop_parts(keyring, name, before)

    def _drop_parts(self, keyring: Backend, name: str, head: _Head | None) -> None:
        for number in range(head.parts if head else 0):
            place = self._place(name, head.run if head else "", number)
            if keyring.get_password(place, USER) is not None:
                keyring.delete_password(place, USER)

    def _head(self, keyring: Backend, name: str) -> _Head | None:
        kept = keyring.get_password(self._place(name), USER)
        try:
            return None if kept is None else msgspec.json.decode(kept, type=_Head)
        except msgspec.DecodeError:
            raise ValueError(f"what is kept under {name} is not Cockpit's") from None

    def _one(self, keyring: Backend, name: str, run: str, number: int) -> str | None:
        return keyring.get_password(self._place(name, run, number), USER)

    def _place(self, name: str, run: str = "", number: int = 0) -> str:
        """A service of its own each: Windows mixes up two users of one service."""
        return f"{self._service}/{name}" + (f"/{run}-{number}" if run else "")


_vault: type[Vault] = KeyringVault


def system_keyring() -> Backend:
    """The best of the allowed backends that works here. Blocks; raises VaultError for none.

    keyring's own choice is not asked: it heeds a variable and a settings file, which may name
    a backend that keeps plain text.
    """
    found = [(priority, kind) for kind in _classes() if (priority := _priority(kind)) > 0]
    if not found:
        raise VaultError(
            "no keyring backend works here",
            user_text="This machine has no keyring that Cockpit trusts, or it is not running. "
            'Nothing was stored or lost. Start it, or set [vault] kind to "file".',
            code="VAULT_NO_KEYRING",
        )
    return max(found, key=lambda one: one[0])[1]()


def _classes() -> list[type[Any]]:
    return [getattr(importlib.import_module(module), name) for module, name in ALLOWED.values()]


def _priority(kind: type[Any]) -> float:
    """How fit a backend is here; 0 when it does not work at all."""
    try:
        return float(kind.priority)
    except Exception:  # noqa: BLE001 -- that is how a backend says that it does not work here
        return 0.0


def _check(state: CheckState, found: str, next_step: str = "") -> Check:
    return Check(name="keys", state=state, found=found, next_step=next_step, required=True)


def _refused(what: str, error: Exception) -> VaultError:
    known = type(error).__name__ in ("KeyringLocked", "InitError")
    why = "it is locked; unlock it, then try again" if known else f"{type(error).__name__}"
    return VaultError(
        f"the keyring can't be {what}: {type(error).__name__}",
        user_text=f"The system's keyring can't be {what}: {why}. What was kept there stays as it "
        "was.",
        code="VAULT_KEYRING",
    )


def _half_done(error: Exception) -> VaultError:
    return VaultError(
        f"the keyring could be neither written nor set back: {type(error).__name__}",
        user_text="The system's keyring stopped taking changes in the middle of one. Cockpit ends "
        "it, or takes it back, the next time the keyring can be written, and reads nothing "
        "before: then it holds the old keys or the new ones, whole. Keep both valid at the "
        "broker until you know: unlock the keyring, then cockpit accounts test NAME.",
        code="VAULT_KEYRING_HALF",
    )
