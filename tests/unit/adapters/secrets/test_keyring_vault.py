from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.adapters.secrets import KeyringVault, Passphrases, VaultSettings, open_vault
from cockpit.adapters.secrets import keyring_vault as module
from cockpit.adapters.secrets.keyring_vault import ALLOWED, system_keyring
from cockpit.adapters.secrets.passphrase import VARIABLE
from cockpit.kernel.clock import WallClock
from cockpit.ports.health import CheckState
from cockpit.ports.vault import VaultError
from tests.support.vaults import PASSPHRASE, DictKeyring

NAME = "accounts/main/token"


def vault_on(keyring: DictKeyring) -> KeyringVault:
    return KeyringVault(lambda: "cockpit-1", backend=lambda: keyring)


@pytest.mark.parametrize("length", [0, 1, 600, 601, 1_200, 1_281, 5_000])
async def test_secrets_of_any_length(length: int) -> None:
    keyring = DictKeyring()
    vault = vault_on(keyring)
    await vault.put(NAME, "s" * length)
    assert await vault_on(keyring).get(NAME) == "s" * length
    await vault.put(NAME, "short")
    assert await vault.get(NAME) == "short"
    assert len(keyring.kept) == 1, "the parts of the old one are gone"
    await vault.delete(NAME)
    await vault.delete(NAME)
    assert keyring.kept == {}
    assert await vault.get(NAME) is None


@given(secret=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=2_000))
async def test_any_text_comes_back(secret: str) -> None:
    vault = vault_on(DictKeyring())
    await vault.put(NAME, secret)
    assert await vault.get(NAME) == secret


async def test_a_write_that_breaks_leaves_the_old_one() -> None:
    class Breaking(DictKeyring):
        writes = 100

        def set_password(self, service: str, username: str, password: str) -> None:
            self.writes -= 1
            if self.writes < 0:
                raise OSError("the keeper went away")
            super().set_password(service, username, password)

    keyring = Breaking()
    vault = vault_on(keyring)
    await vault.put(NAME, "old" * 500)
    for allowed in range(4):
        keyring.writes = allowed
        with pytest.raises(VaultError):
            await vault.put(NAME, "new" * 500)
        assert await vault.get(NAME) == "old" * 500
    keyring.writes = 100
    await vault.put(NAME, "new" * 500)
    assert await vault.get(NAME) == "new" * 500


async def test_a_missing_part_is_an_error_and_no_short_secret() -> None:
    keyring = DictKeyring()
    vault = vault_on(keyring)
    await vault.put(NAME, "s" * 2_000)
    del keyring.kept[next(place for place in keyring.kept if place[0].endswith("-1"))]
    with pytest.raises(VaultError):
        await vault.get(NAME)


async def test_what_another_program_wrote_there_is_not_taken() -> None:
    keyring = DictKeyring()
    keyring.kept[f"cockpit-1/{NAME}", "cockpit"] = "plain text of somebody"
    with pytest.raises(VaultError) as caught:
        await vault_on(keyring).get(NAME)
    assert "plain text of somebody" not in f"{caught.value!r}{caught.value.user_text}"


async def test_a_backends_own_error_is_said_without_its_words() -> None:
    class Talking(DictKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            raise RuntimeError("canary-secret in a message")

    with pytest.raises(VaultError) as caught:
        await vault_on(Talking()).get(NAME)
    error = caught.value
    assert error.code == "VAULT_KEYRING"
    assert error.__cause__ is None
    assert "canary" not in f"{error!r} {error.user_text}"


async def test_one_that_hangs_does_not_hold_the_loop() -> None:
    let_go = threading.Event()

    class Hanging(DictKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            let_go.wait(30)
            return None

    vault = KeyringVault(lambda: "cockpit-1", backend=Hanging, within_s=0.05)
    with pytest.raises(VaultError) as caught:
        await vault.get(NAME)
    let_go.set()
    assert caught.value.code == "VAULT_NO_ANSWER"


def test_only_real_backends_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the variable nor any installed backend makes plain text acceptable."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    named = {place for place, _ in ALLOWED.values()}
    assert named.isdisjoint({f"keyring.backends.{n}" for n in ("null", "fail", "chainer")})
    for kind in module._classes():
        assert kind.__module__ in named
    monkeypatch.setattr(module, "_priority", lambda _kind: 0.0)
    with pytest.raises(VaultError) as caught:
        system_keyring()
    assert caught.value.code == "VAULT_NO_KEYRING"


def test_the_fittest_of_the_allowed_ones_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    class Weak(DictKeyring):
        priority = 1.0

    class Strong(DictKeyring):
        priority = 5.0

    class Broken(DictKeyring):
        @property
        def priority(self) -> float:
            raise RuntimeError("not here")

    monkeypatch.setattr(module, "_classes", lambda: [Weak, Strong, Broken])
    assert isinstance(system_keyring(), Strong)


async def test_auto_takes_the_keyring_and_else_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = DictKeyring()

    def opened() -> object:
        return open_vault(
            VaultSettings(),
            tmp_path,
            service=lambda: "cockpit-1",
            clock=WallClock(),
            passphrases=Passphrases(environment={VARIABLE: PASSPHRASE}),
        )

    def none() -> DictKeyring:
        raise VaultError("none", user_text="none")

    from cockpit.adapters.secrets import ChosenVault, choice

    async def kind_of(vault: object) -> str:
        assert isinstance(vault, ChosenVault)
        return (await vault.chosen()).kind

    monkeypatch.setattr(choice, "system_keyring", lambda: keyring)
    assert await kind_of(opened()) == "keyring"
    monkeypatch.setattr(choice, "system_keyring", none)
    first = opened()
    assert await kind_of(first) == "file"
    assert isinstance(first, ChosenVault)
    await first.put(NAME, "s")
    monkeypatch.setattr(choice, "system_keyring", lambda: keyring)
    assert await kind_of(opened()) == "file", "what is kept in the file is looked for there"


async def test_secrets_are_hidden_from_the_log_once_they_pass() -> None:
    from cockpit.kernel.log import REDACTOR

    keyring = DictKeyring()
    await vault_on(keyring).put(NAME, "canary-8812-through-the-keyring")
    told = REDACTOR(None, "info", {"event": "said canary-8812-through-the-keyring aloud"})
    assert "canary" not in str(told)


async def test_a_check_says_whether_a_keyring_works() -> None:
    def none() -> DictKeyring:
        raise VaultError("none", user_text="There is no keyring.")

    [good] = await vault_on(DictKeyring()).checks()
    [bad] = await KeyringVault(lambda: "cockpit-1", backend=none).checks()
    assert (good.state, bad.state) == (CheckState.OK, CheckState.FAILED)
    assert bad.found == "There is no keyring."
    assert bad.next_step


class Dying(DictKeyring):
    """A keyring under a program that is killed after so many writes."""

    def __init__(self, kept: dict[tuple[str, str], str], writes: int) -> None:
        super().__init__()
        self.kept, self._left = kept, writes

    def _write(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise SystemError("the program was killed")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write()
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._write()
        super().delete_password(service, username)


OLD, NEW = {"id": "old", "key": "o" * 900}, {"id": "new", "key": "n" * 900}


@pytest.mark.parametrize("writes", range(16))
async def test_who_dies_over_several_secrets_leaves_all_old_or_all_new(writes: int) -> None:
    keyring = DictKeyring()
    for name, secret in (OLD | {"token": "t"}).items():
        await vault_on(keyring).put(name, secret)
    dying = vault_on(Dying(keyring.kept, writes))
    done = True
    try:
        await dying.put_all(NEW, gone=["token"])
    except VaultError:
        done = False
    next_program = vault_on(keyring)
    found = {name: await next_program.get(name) for name in ("id", "key", "token")}
    assert found in (OLD | {"token": "t"}, NEW | {"token": None})
    assert not done or found["id"] == "new"
    await next_program.put_all(OLD)
    assert ("cockpit-1/due", "cockpit") not in keyring.kept, "nothing is left to do"


class Refusing(DictKeyring):
    """Refuses changes from one on, for so many of them, and says so after it made the first."""

    def __init__(self, first: int, many: int, *, made: bool) -> None:
        super().__init__()
        self.first, self.many, self.made, self.counts = first, many, made, 0

    def set_password(self, service: str, username: str, password: str) -> None:
        self.change(lambda: super(Refusing, self).set_password(service, username, password))

    def delete_password(self, service: str, username: str) -> None:
        self.change(lambda: super(Refusing, self).delete_password(service, username))

    def change(self, make: Callable[[], None]) -> None:
        self.counts += 1
        refuses = self.first <= self.counts < self.first + self.many
        if not refuses or (self.made and self.counts == self.first):
            make()
        if refuses:
            raise OSError("locked meanwhile")


@pytest.mark.parametrize("made", [False, True], ids=["not made", "made"])
@pytest.mark.parametrize("many", [1, 5])
@pytest.mark.parametrize("first", range(1, 14))
async def test_a_keyring_that_refuses_in_the_middle_holds_all_old_or_says_that_it_may_not(
    first: int, many: int, made: bool
) -> None:
    keyring = Refusing(0, 0, made=made)
    vault = vault_on(keyring)
    for name, secret in (OLD | {"token": "t"}).items():
        await vault.put(name, secret)
    keyring.counts, keyring.first, keyring.many = 0, first, many
    refused: VaultError | None = None
    try:
        await vault.put_all(NEW, gone=["token"])
    except VaultError as error:
        refused = error
    keyring.many = 0
    found = {name: await vault.get(name) for name in ("id", "key", "token")}
    if refused is None:
        assert found == NEW | {"token": None}
    elif "stays as it was" in refused.user_text:
        assert found == OLD | {"token": "t"}
    else:
        assert "the old keys or the new ones, whole" in refused.user_text
        assert found in (OLD | {"token": "t"}, NEW | {"token": None})
    assert ("cockpit-1/due", "cockpit") not in keyring.kept
    assert many > 1 or refused is None or "stays as it was" in refused.user_text


async def test_nothing_is_read_while_a_change_is_half_done() -> None:
    keyring = Refusing(0, 0, made=False)
    vault = vault_on(keyring)
    for name, secret in OLD.items():
        await vault.put(name, secret)
    keyring.counts, keyring.first, keyring.many = 0, 5, 1000
    with pytest.raises(VaultError) as half:
        await vault.put_all(NEW)
    assert half.value.code == "VAULT_KEYRING_HALF"
    with pytest.raises(VaultError):
        await vault.get("id")
    keyring.many = 0
    assert {name: await vault.get(name) for name in OLD} in (OLD, NEW)


async def test_a_keyring_has_no_passphrase_of_ours() -> None:
    with pytest.raises(VaultError) as caught:
        await vault_on(DictKeyring()).change_passphrase()
    assert "settings of your system" in caught.value.user_text
