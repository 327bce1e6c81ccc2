"""The accounts a person has stored: what may be read by anybody. The keys are in the vault."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from cockpit.app.errors import AppError
from cockpit.domain.account import Mode
from cockpit.kernel.private_files import write_private

FILE = "accounts.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_LOCK_S = 5.0


class AccountError(AppError):
    """An account can't be stored, found or used; `user_text` says what was not stored."""

    code = "ACCOUNT_ERROR"


class AccountRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One account. `key_mark` is a salted hash of its key, `opens` what the key opened.

    `opens` is the broker's own fingerprint of environment and account, `number` the venue's
    account number, all but its last characters hidden. `kept_in` is `keyring` or `file`.
    """

    name: str
    broker: str
    mode: Mode
    key_mark: str
    opens: str
    number: str = ""
    kept_in: str = ""
    credentials: tuple[str, ...] = ()
    created_ns: int = 0


class _Book(msgspec.Struct, kw_only=True):
    version: int = 1
    folder_id: str
    salt: str
    accounts: list[AccountRecord] = msgspec.field(default_factory=list[AccountRecord])
    seen: dict[str, Mode] = msgspec.field(default_factory=dict[str, Mode])


class AccountBook:
    """The file `accounts.json` of a data folder. Blocks on it; all raise AccountError.

    `seen` outlives a removal: a key that was a paper account's is nobody's live key.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE

    def records(self) -> tuple[AccountRecord, ...]:
        """All accounts, by name."""
        book = self._read()
        return () if book is None else tuple(sorted(book.accounts, key=lambda a: a.name))

    def find(self, name: str) -> AccountRecord:
        """The account of that name."""
        for record in self.records():
            if record.name == name:
                return record
        known = ", ".join(record.name for record in self.records())
        step = f"There are: {known}." if known else "Add one: cockpit accounts add NAME"
        raise AccountError(
            f"no account {name}",
            user_text=f"There is no account called {name!r}. Nothing was changed. {step}",
            code="ACCOUNT_NOT_THERE",
        )

    def opening(self, opens: str) -> AccountRecord:
        """The account whose key opens that."""
        for record in self.records():
            if record.opens == opens:
                return record
        raise AccountError(
            f"no account opens {opens}",
            user_text="This account is not stored any more, so Cockpit can't sign in to it. "
            "Nothing was changed. Add it again: cockpit accounts add NAME",
            code="ACCOUNT_NOT_THERE",
        )

    def check_name(self, name: str) -> None:
        """Raise AccountError for a name that can't be given, or is given already."""
        if not _NAME.fullmatch(name):
            raise AccountError(
                f"bad account name {name!r}",
                user_text=f"{name!r} can't be an account's name: use 1 to 32 small letters, digits "
                "and dashes, for example main or alpaca-paper. Nothing was stored.",
                code="ACCOUNT_NAME",
            )
        if any(record.name == name for record in self.records()):
            raise AccountError(
                f"account {name} exists",
                user_text=f"There is an account called {name!r} already. It is as it was and "
                "nothing was stored. Choose another name, or remove it first: "
                f"cockpit accounts remove {name}",
                code="ACCOUNT_EXISTS",
            )

    def mark(self, broker: str, key: str) -> str:
        """The salted hash by which a key is known again; nothing can be learnt from it."""
        with self._changing() as book:
            salt = bytes.fromhex(book.salt)
        return hmac.new(salt, f"{broker}:{key}".encode(), hashlib.sha256).hexdigest()[:32]

    def check_new(self, opens: str) -> None:
        """Raise AccountError when another record opens the same: two would count each trade."""
        for record in self.records():
            if record.opens == opens:
                raise AccountError(
                    f"{opens} is stored as {record.name}",
                    user_text=f"These keys open an account that is stored already, as "
                    f"{record.name!r}. Nothing was stored. To give it new keys: "
                    f"cockpit accounts rekey {record.name}",
                    code="ACCOUNT_EXISTS",
                )

    def check_key(self, mark: str, mode: Mode) -> None:
        """Raise AccountError for a key that was of another mode, or is another account's."""
        book = self._read()
        before = None if book is None else book.seen.get(mark)
        if before is not None and before is not mode:
            raise AccountError(
                f"a {before.value} key as {mode.value}",
                user_text=f"This key was stored for a {before.value} account before, so it can't "
                f"be a {mode.value} key. Nothing was stored. Make a {mode.value} key at the "
                "broker and use that.",
                code="ACCOUNT_KEY_MODE",
            )

    def add(self, record: AccountRecord) -> None:
        """Store one account; all or nothing."""
        self.check_name(record.name)
        with self._changing() as book:
            if any(known.name == record.name for known in book.accounts):
                self.check_name(record.name)
            book.accounts.append(record)
            book.seen[record.key_mark] = record.mode

    def note_key(self, mark: str, mode: Mode) -> None:
        """Know a key as one of its mode, before it is stored for an account."""
        with self._changing() as book:
            book.seen[mark] = mode

    def renew(self, record: AccountRecord) -> None:
        """Put `record` in the place of the one of its name."""
        self.find(record.name)
        with self._changing() as book:
            kept = [known for known in book.accounts if known.name != record.name]
            book.accounts = [*kept, record]
            book.seen[record.key_mark] = record.mode

    def remove(self, name: str) -> None:
        """Forget one account; its key stays known as one of its mode."""
        self.find(name)
        with self._changing() as book:
            book.accounts = [record for record in book.accounts if record.name != name]

    def service(self) -> str:
        """The name in a keyring for the secrets of this folder; another folder has another."""
        with self._changing() as book:
            return f"cockpit-{book.folder_id}"

    def _read(self) -> _Book | None:
        try:
            book = msgspec.json.decode(self.file.read_bytes(), type=_Book)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise AccountError(
                f"{self.file}: {error}",
                user_text=f"The list of accounts {self.file} can't be read: {why}. It was left as "
                "it is, and the keys in the vault are safe. Put back a copy of it, or move it away "
                "and add the accounts again.",
                code="ACCOUNT_FILE",
            ) from error
        return book

    @contextmanager
    def _changing(self) -> Generator[_Book]:
        from filelock import FileLock  # brings a database: after the first paint

        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.file.with_name(f"{FILE}.lock"), timeout=_LOCK_S):
                before = self._read()
                book = before or _Book(folder_id=os.urandom(4).hex(), salt=os.urandom(16).hex())
                content = b"" if before is None else msgspec.json.encode(before)
                yield book
                after = msgspec.json.encode(book)
                if after != content:
                    write_private(self.file, msgspec.json.format(after))
        except OSError as error:  # also a lock that another program keeps
            why = error.strerror or "another program holds it"
            raise AccountError(
                f"{self.file}: {error}",
                user_text=f"The list of accounts {self.file} can't be written: {why}. Nothing was "
                "stored or removed. Make the folder writable, or choose another with --data-dir.",
                code="ACCOUNT_FILE",
            ) from error
