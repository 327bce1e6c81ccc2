"""A file is there whole or not at all, on file systems with second names and without."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from cockpit.recap.errors import ExportError
from cockpit.recap.export.files import write_new


@pytest.fixture(params=["second names", "no second names"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def refused(_self: Path, _target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if request.param == "no second names":
        monkeypatch.setattr(Path, "hardlink_to", refused)
    return tmp_path


def test_what_is_written_is_all_that_is_left(folder: Path) -> None:
    write_new(folder / "recap.md", b"all of it")
    assert (folder / "recap.md").read_bytes() == b"all of it"
    assert [found.name for found in folder.iterdir()] == ["recap.md"]


def test_a_file_of_that_name_is_not_touched(folder: Path) -> None:
    (folder / "recap.md").write_bytes(b"mine")
    with pytest.raises(ExportError) as caught:
        write_new(folder / "recap.md", b"new")
    assert caught.value.code == "RECAP_EXPORT_EXISTS"
    assert (folder / "recap.md").read_bytes() == b"mine"
    assert [found.name for found in folder.iterdir()] == ["recap.md"]


def test_no_empty_file_is_seen_before_the_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = os.open

    def watched(path: str | Path, flags: int, mode: int = 0o777, **rest: int) -> int:
        opened.append(Path(path).name)
        return real(path, flags, mode, **rest)

    monkeypatch.setattr(os, "open", watched)
    write_new(tmp_path / "recap.md", b"all of it")
    assert opened
    assert "recap.md" not in opened
