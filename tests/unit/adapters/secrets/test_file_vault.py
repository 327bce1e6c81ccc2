from __future__ import annotations

import asyncio
import stat
import sys
from pathlib import Path

import msgspec
import pytest

from cockpit.adapters.secrets import Cost, FileVault, PassphraseRequest, Passphrases, sealed
from cockpit.adapters.secrets.passphrase import NEW_VARIABLE, VARIABLE
from cockpit.adapters.secrets.tries import LONGEST_S, Tries
from cockpit.kernel.clock import SECOND, VirtualClock, WallClock
from cockpit.ports.health import CheckState
from cockpit.ports.vault import VaultError
from tests.support.vaults import CHEAP, PASSPHRASE, file_vault

NAME, SECRET = "accounts/main/secret", "canary-4711-secret"


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def refusal(vault: FileVault) -> VaultError:
    with pytest.raises(VaultError) as caught:
        await vault.get(NAME)
    return caught.value


async def test_what_was_put_is_there_for_the_next_process(tmp_path: Path) -> None:
    vault = file_vault(tmp_path)
    assert await vault.get(NAME) is None
    assert files_in(tmp_path) == [], "reading makes nothing"
    await vault.put(NAME, SECRET)
    await vault.put("feeds/other/key", "x" * 5000)
    again = file_vault(tmp_path)
    assert await again.get(NAME) == SECRET
    assert await again.get("feeds/other/key") == "x" * 5000
    await again.delete(NAME)
    await again.delete("never there")
    assert await vault.get(NAME) is None
    assert await vault.get("feeds/other/key") == "x" * 5000


async def test_nothing_of_a_secret_or_its_name_stands_in_a_file(tmp_path: Path) -> None:
    await file_vault(tmp_path).put(NAME, SECRET)
    for file in files_in(tmp_path):
        content = file.read_bytes()
        assert SECRET.encode() not in content
        assert NAME.encode() not in content
        assert PASSPHRASE.encode() not in content


@pytest.mark.skipif(sys.platform == "win32", reason="the folder's rights rule there")
async def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    vault = file_vault(tmp_path)
    await vault.put(NAME, SECRET)
    file = tmp_path / "secrets.vault"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    assert await vault.get(NAME) == SECRET
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_wrong_passphrase_is_said_plainly(tmp_path: Path) -> None:
    await file_vault(tmp_path).put(NAME, SECRET)
    error = await refusal(file_vault(tmp_path, "not the passphrase"))
    assert error.code == "VAULT_PASSPHRASE"
    assert "wrong" in error.user_text
    assert "not the passphrase" not in f"{error!r} {error.user_text}"
    assert await file_vault(tmp_path).get(NAME) == SECRET


async def test_repeated_wrong_ones_must_wait_also_in_a_new_process(tmp_path: Path) -> None:
    clock = VirtualClock(1_000_000 * SECOND)
    await file_vault(tmp_path).put(NAME, SECRET)
    for _ in range(3):
        assert (await refusal(file_vault(tmp_path, "wrong again", clock))).code != "VAULT_WAIT"
    assert (await refusal(file_vault(tmp_path, clock=clock))).code == "VAULT_WAIT"
    await clock.run_until(clock.now_ns() + 2 * SECOND)
    assert await file_vault(tmp_path, clock=clock).get(NAME) == SECRET
    assert not (tmp_path / "secrets.vault.tries").exists(), "the right one begins anew"


def test_the_wait_doubles_up_to_five_minutes_and_never_runs_backwards(tmp_path: Path) -> None:
    clock = VirtualClock(1_000_000 * SECOND)
    tries = Tries(tmp_path / "tries", clock)
    waits = [tries.wrong() or tries.wait_s() for _ in range(12)]
    assert waits == [0, 0, 2, 4, 8, 16, 32, 64, 128, 256, LONGEST_S, LONGEST_S]
    assert Tries(tmp_path / "tries", VirtualClock(0)).wait_s() == LONGEST_S


@pytest.mark.parametrize("at", [0.01, 0.3, 0.5, 0.9, 0.999])
async def test_a_changed_byte_anywhere_is_refused(tmp_path: Path, at: float) -> None:
    await file_vault(tmp_path).put(NAME, SECRET)
    file = tmp_path / "secrets.vault"
    content = bytearray(file.read_bytes())
    content[int(len(content) * at)] ^= 1
    file.write_bytes(content)
    error = await refusal(file_vault(tmp_path))
    assert error.code in {"VAULT_DAMAGED", "VAULT_VERSION", "VAULT_PASSPHRASE"}
    assert file.read_bytes() == content, "it was left as it is"
    with pytest.raises(VaultError):
        await file_vault(tmp_path).put(NAME, "new")
    assert file.read_bytes() == content


async def test_a_cheaper_header_does_not_open_it(tmp_path: Path) -> None:
    """Who may write the file can't make the next try at the passphrase cheap for himself."""
    await file_vault(tmp_path).put(NAME, SECRET)
    file = tmp_path / "secrets.vault"
    line, _, body = file.read_bytes().partition(b"\n")
    header = msgspec.json.decode(line)
    header["cost"]["passes"] = 2
    file.write_bytes(msgspec.json.encode(header) + b"\n" + body)
    assert (await refusal(file_vault(tmp_path))).code == "VAULT_PASSPHRASE"


@pytest.mark.parametrize("cost", [Cost(2**31, 3, 4), Cost(64, 10**9, 1), Cost(64, 1, 10**6)])
async def test_a_header_can_not_exhaust_the_machine(tmp_path: Path, cost: Cost) -> None:
    await file_vault(tmp_path).put(NAME, SECRET)
    file = tmp_path / "secrets.vault"
    line, _, body = file.read_bytes().partition(b"\n")
    header = msgspec.structs.replace(msgspec.json.decode(line, type=sealed.Header), cost=cost)
    file.write_bytes(msgspec.json.encode(header) + b"\n" + body)
    assert (await refusal(file_vault(tmp_path))).code == "VAULT_DAMAGED"


async def test_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    await file_vault(tmp_path).put(NAME, SECRET)
    file = tmp_path / "secrets.vault"
    file.write_bytes(file.read_bytes().replace(b'"version":1', b'"version":2'))
    assert (await refusal(file_vault(tmp_path))).code == "VAULT_VERSION"


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"[1]", b"\xff\xfe\n", b"PK" * 50])
async def test_no_vault_at_all_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secrets.vault").write_bytes(content)
    assert (await refusal(file_vault(tmp_path))).code == "VAULT_DAMAGED"


async def test_a_vault_replaced_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    mine, file = file_vault(tmp_path), tmp_path / "secrets.vault"
    await mine.put(NAME, "mine")
    file.unlink()
    await file_vault(tmp_path, "another passphrase").put(NAME, "theirs")
    with pytest.raises(VaultError):
        await mine.put(NAME, "mine again")
    assert await file_vault(tmp_path, "another passphrase").get(NAME) == "theirs"


async def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    await file_vault(tmp_path).put("first", "1")
    vaults = [file_vault(tmp_path) for _ in range(4)]
    await asyncio.gather(*(v.put(f"name-{n}", str(n)) for n, v in enumerate(vaults * 3)))
    check = file_vault(tmp_path)
    assert [await check.get(f"name-{n}") for n in range(12)] == [str(n) for n in range(12)]


async def test_a_folder_that_can_not_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(VaultError) as caught:
        await file_vault(tmp_path / "taken").put(NAME, SECRET)
    assert caught.value.code == "VAULT_FILE"


async def test_a_person_may_mistype_and_is_told(tmp_path: Path) -> None:
    await file_vault(tmp_path).put(NAME, SECRET)
    asked: list[PassphraseRequest] = []

    async def ask(request: PassphraseRequest) -> str:
        asked.append(request)
        return PASSPHRASE if len(asked) == 2 else "mistyped one"

    given = Passphrases(ask=ask, environment={})
    vault = FileVault(tmp_path / "secrets.vault", given, WallClock())
    assert await vault.get(NAME) == SECRET
    assert await vault.get("another") is None
    assert [request.problem for request in asked] == ["", "That passphrase is wrong."]


async def test_nobody_there_to_type_it(tmp_path: Path) -> None:
    await file_vault(tmp_path).put(NAME, SECRET)
    for given in (Passphrases(environment={}), Passphrases(environment={}, ask=_nobody)):
        vault = FileVault(tmp_path / "secrets.vault", given, WallClock(), cost=CHEAP)
        error = await refusal(vault)
        assert error.code == "VAULT_LOCKED"
        assert VARIABLE in error.user_text


async def _nobody(_request: PassphraseRequest) -> None:
    return None


async def test_a_passphrase_file_is_read_when_it_is_its_owners_alone(tmp_path: Path) -> None:
    await file_vault(tmp_path).put(NAME, SECRET)
    written = tmp_path / "passphrase"
    written.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    given = Passphrases(written, environment={})
    if sys.platform != "win32":
        written.chmod(0o644)
        vault = FileVault(tmp_path / "secrets.vault", given, WallClock())
        assert "chmod 600" in (await refusal(vault)).user_text
    written.chmod(0o600)
    assert await FileVault(tmp_path / "secrets.vault", given, WallClock()).get(NAME) == SECRET
    written.unlink()
    vault = FileVault(tmp_path / "secrets.vault", given, WallClock())
    assert str(written) in (await refusal(vault)).user_text


async def test_a_new_vault_wants_a_long_passphrase(tmp_path: Path) -> None:
    with pytest.raises(VaultError) as caught:
        await file_vault(tmp_path, "short").put(NAME, SECRET)
    assert caught.value.code == "VAULT_PASSPHRASE"
    assert not (tmp_path / "secrets.vault").exists()


def test_keys_are_not_in_a_repr() -> None:
    key = sealed.new_key(PASSPHRASE, CHEAP)
    assert key.secret.hex() not in repr(key).encode().hex()
    assert repr(key.secret)[2:-1] not in repr(key)
    assert PASSPHRASE not in repr(Passphrases(environment={VARIABLE: PASSPHRASE}))


def test_the_usual_cost_is_that_of_the_rfc() -> None:
    assert Cost() == Cost(memory_kib=64 * 1024, passes=3, lanes=4)


def test_argon2id_gives_the_vector_of_the_rfc() -> None:
    """RFC 9106, 5.3: the library derives what the standard says."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    kdf = Argon2id(
        salt=b"\x02" * 16, length=32, iterations=3, lanes=4, memory_cost=32,
        secret=b"\x03" * 8, ad=b"\x04" * 12,
    )  # fmt: skip
    wanted = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    assert kdf.derive(b"\x01" * 32).hex() == wanted


async def test_a_check_says_how_the_file_is_and_asks_nobody(tmp_path: Path) -> None:
    async def looked(vault: FileVault) -> tuple[CheckState, str]:
        [check] = await vault.checks()
        assert check.required
        return check.state, check.found

    vault = file_vault(tmp_path)
    assert (await looked(vault))[0] is CheckState.FAILED
    await vault.put(NAME, SECRET)
    assert await looked(vault) == (CheckState.OK, "The vault file is there, sound and open.")
    locked = FileVault(tmp_path / "secrets.vault", Passphrases(environment={}), WallClock())
    assert (await looked(locked))[1] == "The vault file is there; a start opens it."
    file = tmp_path / "secrets.vault"
    file.write_bytes(file.read_bytes()[:-1])
    assert (await looked(vault))[0] is CheckState.FAILED
    file.write_bytes(b"no vault")
    assert (await looked(locked))[0] is CheckState.FAILED


NEW = "another passphrase for tests"


def changing(folder: Path, old: str = PASSPHRASE, new: str = NEW) -> FileVault:
    given = Passphrases(environment={VARIABLE: old, NEW_VARIABLE: new})
    return FileVault(folder / "secrets.vault", given, WallClock(), cost=CHEAP)


async def test_another_passphrase_opens_what_the_old_one_did_and_the_old_one_no_more(
    tmp_path: Path,
) -> None:
    vault = changing(tmp_path)
    await vault.put(NAME, SECRET)
    before = (tmp_path / "secrets.vault").read_bytes()
    await vault.change_passphrase()
    assert await vault.get(NAME) == SECRET
    assert await file_vault(tmp_path, NEW).get(NAME) == SECRET
    assert (await refusal(file_vault(tmp_path))).code == "VAULT_PASSPHRASE"
    after = (tmp_path / "secrets.vault").read_bytes()
    assert sealed.header_of(before).salt != sealed.header_of(after).salt


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("not this passphrase", NEW, "VAULT_PASSPHRASE"),
        (PASSPHRASE, "short", "VAULT_PASSPHRASE"),
        (PASSPHRASE, "", "VAULT_PASSPHRASE"),
        (PASSPHRASE, PASSPHRASE, "VAULT_PASSPHRASE"),
    ],
    ids=["a wrong old one", "a short one", "none", "the same"],
)
async def test_a_change_that_can_not_be_made_changes_nothing(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    await file_vault(tmp_path).put(NAME, SECRET)
    before = (tmp_path / "secrets.vault").read_bytes()
    with pytest.raises(VaultError) as caught:
        await changing(tmp_path, old, new).change_passphrase()
    assert caught.value.code == code
    assert (tmp_path / "secrets.vault").read_bytes() == before


async def test_without_a_vault_there_is_no_passphrase_to_change(tmp_path: Path) -> None:
    with pytest.raises(VaultError) as caught:
        await changing(tmp_path).change_passphrase()
    assert caught.value.code == "VAULT_NOT_THERE"
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("step", ["before the new file is in place", "after it"])
async def test_who_dies_over_a_change_leaves_a_vault_that_one_of_the_two_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await file_vault(tmp_path).put(NAME, SECRET)
    replace = Path.replace

    def die(part: Path, target: Path) -> None:
        if step == "after it":
            replace(part, target)
        raise SystemError("the program was killed")

    with monkeypatch.context() as killed:
        killed.setattr(Path, "replace", die)
        with pytest.raises(SystemError):
            await changing(tmp_path).change_passphrase()
    opens = NEW if step == "after it" else PASSPHRASE
    assert await file_vault(tmp_path, opens).get(NAME) == SECRET
    await changing(tmp_path, opens, "a third passphrase").change_passphrase()


async def test_a_process_that_runs_meanwhile_writes_nothing_under_the_old_one(
    tmp_path: Path,
) -> None:
    running = file_vault(tmp_path)
    await running.put(NAME, SECRET)
    await changing(tmp_path).change_passphrase()
    with pytest.raises(VaultError) as caught:
        await running.put("other", "secret")
    assert caught.value.code == "VAULT_PASSPHRASE"
    assert await file_vault(tmp_path, NEW).get(NAME) == SECRET


async def test_several_secrets_change_together(tmp_path: Path) -> None:
    vault = file_vault(tmp_path)
    await vault.put_all({"a": "1", "b": "2", "c": "3"})
    await vault.put_all({"a": "4"}, gone=["b", "never there"])
    found = [await file_vault(tmp_path).get(name) for name in "abc"]
    assert found == ["4", None, "3"]
