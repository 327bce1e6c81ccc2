"""A lock with one small package of our own, installed by the real tools, without any network."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from provision import environment
from provision.environment import Environment

INFO = "tiny-1.0.dist-info"


@pytest.fixture
def tiny_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let every set be this lock; returns its path."""
    wheel = tmp_path / "wheels" / "tiny-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "ANSWER = 42\n")
        archive.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        tags = "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{INFO}/WHEEL", tags)
        archive.writestr(f"{INFO}/RECORD", f"tiny.py,,\n{INFO}/METADATA,,\n{INFO}/WHEEL,,\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock = tmp_path / "tiny.lock"
    lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest}\n", encoding="utf-8")
    for part in environment.LOCKS:
        monkeypatch.setitem(environment.LOCKS, part, lock)
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(wheel.parent))
    return lock


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    """An environment that is not there yet."""
    return Environment(tmp_path / "an env")
