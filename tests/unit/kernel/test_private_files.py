"""Owner-only files: whole or not at all, and refused where somebody else has a say."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from cockpit.kernel.private_files import (
    PrivateFileError,
    mark_private,
    private_folder,
    write_private,
)

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@unix_only
def test_a_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "control"
    private_folder(folder)
    assert mode_of(folder) == 0o700
    folder.chmod(0o755)
    private_folder(folder)
    assert mode_of(folder) == 0o700


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "control").write_text("no folder", encoding="utf-8")
    with pytest.raises(PrivateFileError) as refused:
        private_folder(tmp_path / "control")
    assert "can't be used" in refused.value.user_text


@unix_only
def test_a_file_is_the_owners_and_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "address.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    write_private(path, b"new")
    assert (path.read_bytes(), mode_of(path)) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_what_can_not_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "halted.json"
    write_private(path, b"old")

    def broken(_handle: int) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="the disk is gone"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_mark_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "halted.json"
    mark_private(path)
    assert path.read_bytes() == b""
    write_private(path, b"why")
    mark_private(path)
    assert path.read_bytes() == b"why"
