"""A real session in this process: our own recording, a settings file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cockpit.app.core import Core
from cockpit.app.launch import Approve, Launch
from cockpit.app.lifecycle import Session
from cockpit.domain.account import Mode
from tests.support.recordings import Recording, write_recording

Configure = Callable[[str], None]
MakeLaunch = Callable[..., Launch]
OpenSession = Callable[..., AbstractAsyncContextManager[Core]]


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return write_recording(tmp_path_factory.mktemp("recording"))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An empty settings file: what the person at this machine has set must not count."""
    path = tmp_path / "cockpit.toml"
    path.touch()
    return path


@pytest.fixture
def configure(config: Path) -> Configure:
    """Write the settings file."""

    def write(text: str) -> None:
        config.write_text(text, encoding="utf-8", newline="\n")

    return write


@pytest.fixture
def launch_of(recording: Recording, config: Path, tmp_path: Path) -> MakeLaunch:
    """A replay without a window at full speed, changed by keyword."""

    def make(**changes: Any) -> Launch:
        given: dict[str, Any] = {
            "mode": Mode.REPLAY,
            "data_dir": tmp_path / "data",
            "feed": "replay",
            "options": {"files": recording.files},
            "speed": "max",
            "approve": Approve.ALL,
            "interactive": False,
            "config": config,
        }
        return Launch(**(given | changes))

    return make


@pytest.fixture
def session(launch_of: MakeLaunch) -> OpenSession:
    """`async with session(...) as core`: started, and stopped whatever happens."""

    @asynccontextmanager
    async def opened(**changes: Any) -> AsyncIterator[Core]:
        running = Session(launch_of(**changes))
        core = await running.start()
        try:
            yield core
        finally:
            await running.stop()

    return opened
