import re

import lock
import pytest
from provision.environment import LOCKS

PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)( ; [^\\]+)?", re.MULTILINE)


def pins(part: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version, _marker in PIN.findall(LOCKS[part].read_text(encoding="utf-8")):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("part", LOCKS)
def test_a_lock_pins_each_file_by_hash_and_holds_no_address(part: str) -> None:
    text = LOCKS[part].read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 10
    for entry in entries:
        assert PIN.match(entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
    assert "://" not in text
    assert "index" not in text


@pytest.mark.parametrize("part", ["test", "lint"])
def test_the_sets_agree_on_what_they_share(part: str) -> None:
    runtime = pins("runtime")
    shared = {name: versions for name, versions in pins(part).items() if name in runtime}
    assert shared
    assert all(versions <= runtime[name] for name, versions in shared.items())


def test_the_script_writes_the_locks_that_are_installed() -> None:
    assert set(lock.SOURCES) == {path.name for path in LOCKS.values()}


def test_qt_is_pinned_to_the_version_that_is_sound_on_every_python() -> None:
    assert pins("runtime")["pyside6-essentials"] == {"6.11.2"}
