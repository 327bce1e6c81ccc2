import pytest

from cockpit.ui import workspace
from cockpit.ui.theme import Scheme
from cockpit.ui.window_place import WindowPlace
from cockpit.ui.workspace import Workspace, encoded


def test_what_is_saved_comes_back(tmp_path):
    kept = Workspace(
        window=WindowPlace(x=-1, y=2, width=3, height=4, maximised=True),
        docks=encoded(b"layout"),
        scheme=Scheme.LIGHT,
        symbol="XYZ",
    )
    workspace.save(tmp_path / "new", kept)
    found, note = workspace.load(tmp_path / "new")
    assert (found, note) == (kept, "")
    assert found.docks_bytes == b"layout"


def test_a_first_start_has_no_note(tmp_path):
    assert workspace.load(tmp_path) == (Workspace(), "")


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\x00\xff garbage",
        b'{"version": 99}',
        b'{"version": 1, "scheme": "pink"}',
        b'{"version": 1, "docks": "not base64!"}',
        b"[1, 2]",
    ],
)
def test_a_damaged_file_is_kept_aside_and_said(tmp_path, damaged):
    path = tmp_path / workspace.FILE
    path.write_bytes(damaged)
    found, note = workspace.load(tmp_path)
    assert found == Workspace()
    assert "workspace.damaged.json" in note
    assert not path.exists()
    assert (tmp_path / "workspace.damaged.json").read_bytes() == damaged
