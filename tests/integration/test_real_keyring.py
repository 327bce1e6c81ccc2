"""The keyring vault on a real Secret Service, where this machine has one to start."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.headless import environ_of
from tests.support.needs import ROOT

NEEDED = ("dbus-run-session", "gnome-keyring-daemon")
WORK = """
import asyncio
from pathlib import Path
from cockpit.adapters.secrets import VaultSettings, open_vault
from cockpit.kernel.clock import WallClock

async def work():
    def opened():
        given = {"service": lambda: "cockpit-t", "clock": WallClock()}
        return open_vault(VaultSettings(), Path("."), **given)
    vault, other = opened(), opened()
    for secret in ("short", "s" * 5000, 'with " and \\\\ and \\u00fc'):
        await vault.put("accounts/a/secret", secret)
        assert await other.get("accounts/a/secret") == secret
    await vault.delete("accounts/a/secret")
    assert await other.get("accounts/a/secret") is None
    print((await vault.chosen()).kind, *[check.state.value for check in await vault.checks()])

asyncio.run(work())
"""


@pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in NEEDED), reason=f"needs {' and '.join(NEEDED)}"
)
def test_secrets_come_back_from_the_systems_own_keeper(tmp_path: Path) -> None:
    unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
    script = tmp_path / "work.py"
    script.write_text(WORK, encoding="utf-8")
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", f'{unlock}; "$0" "$1"', sys.executable, str(script)],
        env=environ_of(tmp_path) | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path, capture_output=True,
        text=True, timeout=50, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["keyring", "ok"], done.stderr
    assert not list(tmp_path.glob("secrets.vault*")), "nothing went to a file"
