import re
from pathlib import Path

import pytest
from platformdirs import macos, unix

from cockpit.adapters.research.store import open_research
from cockpit.adapters.secrets import FILE as VAULT
from cockpit.adapters.secrets.tries import Tries
from cockpit.adapters.storage import open_store
from cockpit.app.launch import STORE_NAME
from cockpit.app.signing.accounts import FILE as ACCOUNTS
from cockpit.app.signing.accounts import AccountBook
from cockpit.kernel import log
from cockpit.kernel.clock import WallClock
from cockpit.kernel.instance import LOCK_NAME, InstanceLock
from cockpit.ui import workspace
from tests.support.vaults import file_vault
from tests.unit.docs.pages import page, rows, section

PAGE = page("docs/where-data-lives.md")
CELLS = [row[0] for row in rows(section(PAGE, "## The files"))]
FILES = {name for cell in CELLS for name in re.findall(r"[\w/*-]+(?:\.[\w*-]+)+", cell)}


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


async def test_every_file_the_parts_make_is_told(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path)
    lock.acquire()
    end_of_log = log.configure(tmp_path / "logs" / "cockpit.log")
    workspace.save(tmp_path, workspace.Workspace())
    store = await open_store(tmp_path / STORE_NAME)
    research = await open_research(tmp_path, most_bytes=1)
    AccountBook(tmp_path).service()
    await file_vault(tmp_path).put("feeds/x/key", "s")
    Tries(tmp_path / f"{VAULT}.tries", WallClock()).wrong()
    made = files_in(tmp_path)
    await store.close()
    await research.close()
    end_of_log()
    lock.release()
    assert {ACCOUNTS, VAULT, STORE_NAME, LOCK_NAME, workspace.FILE, f"{STORE_NAME}-wal"} <= made
    assert made <= FILES


def test_the_damaged_workspace_is_kept_under_the_told_name(tmp_path: Path) -> None:
    (tmp_path / workspace.FILE).write_text("no", encoding="utf-8")
    _, note = workspace.load(tmp_path)
    (aside,) = tmp_path.iterdir()
    assert aside.name in FILES
    assert aside.name in note


def test_folders_of_linux_and_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    told = {row[0]: row[1:] for row in rows(PAGE)}
    for system, dirs in (("Linux", unix.Unix), ("macOS", macos.MacOS)):
        made = dirs("cockpit", appauthor=False)
        home = str(Path.home())
        data, settings = (Path(made.user_data_dir), Path(made.user_config_dir) / "cockpit.toml")
        usual = [path.as_posix().replace(home, "~") for path in (data, settings)]
        assert told[system] == usual
