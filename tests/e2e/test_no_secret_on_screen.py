"""Canaries stored and typed, then every screen of the real program: none of them shows one.

What is searched is what any widget of any window holds in words, paints, keeps in rows or tells
a screen reader, at each of the tour's stops. Whatever is in a picture was one of these.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.test_no_secret_anywhere import (
    ALPHA,
    CANARIES,
    KEY_ID,
    PASSPHRASE,
    POLYGON,
    SECRET,
    Said,
    ask_vendors,
    folder,
    found_in,
    toy,
    vendors,
    where,
)
from tests.support.needs import ROOT
from tests.support.program import private_environ
from tests.support.screen import Screen
from tests.support.tour.asking import TYPED
from tests.toyserver import ToyServer

__all__ = ["folder", "toy", "vendors"]

pytestmark = pytest.mark.window

STOPS = ("opening", "panels", "recap", "dialogs", "settings", "typed_keys", "menus", "ticket",
         "orders", "leave", "blocked", "killed", "locked")  # fmt: skip


def store(folder: Path) -> None:
    """Keys of an account, of vendors and of a model, each tried at its toy venue."""
    said = Said(folder)
    add = ["accounts", "add", "main", "--stdin", *where(folder)]
    assert said.run(*add, given=f"{KEY_ID}\n{SECRET}\n") == 0, said.all
    ask_vendors(folder, said)


def tour(screen: Screen, folder: Path, typed: str) -> dict[str, list[str]]:
    """All words of each stop, by its name."""
    pictures = folder / "pictures"
    pictures.mkdir()
    environ = private_environ(folder, screen.environ) | {
        TYPED: typed, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "packaging"))),
    }  # fmt: skip
    command = [
        sys.executable, "-m", "tests.support.tour", str(pictures), "--inside", "--words",
        "--data", str(folder / "data"), "--config", str(folder / "cockpit.toml"),
        *(word for stop in STOPS for word in ("--only", stop)),
    ]  # fmt: skip
    done = subprocess.run(
        command, env=environ, cwd=folder, capture_output=True, text=True, timeout=1200, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((pictures / "said.json").read_text(encoding="utf-8"))


@pytest.mark.timeout(1800)  # every screen, on a busy machine
@pytest.mark.screen_size(1366, 768)
async def test_no_screen_shows_a_canary(screen: Screen, toy: ToyServer, folder: Path) -> None:
    await asyncio.to_thread(store, folder)
    said = await asyncio.to_thread(tour, screen, folder, SECRET)
    assert len(said) > 40, sorted(said)
    seen = {name: "\n".join(words) for name, words in said.items()}
    assert "main" in seen["30-01-accounts"], "the account with the keys is listed"
    assert "stored" in seen["31-settings-keys"], "so are the vendors with theirs"
    assert any("KORVA" in words for words in seen.values()), "painted words are heard"
    leaks = {name: found for name, words in seen.items() if (found := found_in(words.encode()))}
    assert leaks == {}
    assert {KEY_ID, SECRET, PASSPHRASE, POLYGON, ALPHA} <= set(CANARIES)
