"""Each guard must bite: a small project of bad and good tests runs in a process of its own."""

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.support.needs import ROOT

SAMPLES = Path(__file__).with_name("guard_samples.py")

BITES = {
    "test_leaks_a_task": "leaked tasks: .*lost-task",
    "test_leaks_a_task_on_the_qt_loop": "leaked tasks: .*lost-qt-task",
    "test_orphan_raises": "handled by nobody: .*orphan",
    "test_callback_raises": "handled by nobody: .*callback",
    "test_async_fixture_leaks_a_task": "leaked tasks: .*fixture-task",
    "test_leaks_a_thread": "left behind: thread lost-thread",
    "test_leaks_a_thread_timer": "left behind: thread lost-thread-timer",
    "test_leaks_a_qt_timer": "left behind: Qt timer of 60000 ms lost-qt-timer",
    "test_leaks_a_single_shot": "left behind: Qt timer of 61000 ms",
    "test_connects_outside": "socket.connect to '203.0.113.7'",
    "test_swallows_the_refusal": "left this machine: socket.connect to '203.0.113.8'",
    "test_sends_outside": "socket.sendto to '203.0.113.9'",
    "test_looks_a_name_up": "socket.getaddrinfo to 'example.org'",
    "test_connects_outside_on_the_loop": "socket.connect to '203.0.113.10'",
    "test_warns": "DeprecationWarning: an old way",
    "test_coroutine_never_awaited": "was never awaited",
    "test_thread_raises": "raised in a thread",
    "test_qt_warns": "Qt warned in the call",
    "test_qt_warns_in_tear_down": "Qt complained in tear-down: Qt warned in tear-down",
    "test_slot_raises": "raised in a slot",
    "test_window_is_skipped": "must run in CI, but was skipped: .*no display",
    "test_data_is_missing": "must run in CI, but was skipped: .*no recorded market data",
}
GOOD = {
    "test_good_task",
    "test_good_thread",
    "test_good_timer",
    "test_good_loopback",
    "test_good_unix_socket",
    "test_good_executor",
    "test_good_deferred_delete",
}


def _run(folder: Path) -> dict[str, tuple[str, str]]:
    """Run the samples under the project's own settings and guards: name -> (outcome, text)."""
    (folder / "samples").mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "samples")
    shutil.copy(SAMPLES, folder / "samples" / "test_samples.py")
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'packaging'}",
        "CI": "true",
        "COCKPIT_SHARED_DATA": str(folder / "nothing"),
    }
    command = [sys.executable, "-m", "pytest", "samples", "--junitxml=out.xml"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert (folder / "out.xml").exists(), done.stdout + done.stderr
    outcomes: dict[str, tuple[str, str]] = {}
    for case in ET.parse(folder / "out.xml").iter("testcase"):
        problems = [e for e in case if e.tag in {"failure", "error", "skipped"}]
        text = "\n".join(f"{e.get('message')}\n{e.text}" for e in problems)
        name = str(case.get("name"))
        if name not in outcomes or problems:
            outcomes[name] = (problems[0].tag if problems else "passed", text)
    return outcomes


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    return _run(tmp_path_factory.mktemp("guarded"))


@pytest.mark.parametrize("name", sorted(BITES))
def test_guard_bites(outcomes: dict[str, tuple[str, str]], name: str) -> None:
    outcome, text = outcomes[name]
    assert outcome in {"failure", "error"}
    assert re.search(BITES[name], text), text


@pytest.mark.parametrize("name", sorted(GOOD))
def test_guard_lets_good_tests_pass(outcomes: dict[str, tuple[str, str]], name: str) -> None:
    assert outcomes[name] == ("passed", "")


def test_every_sample_is_judged(outcomes: dict[str, tuple[str, str]]) -> None:
    assert set(outcomes) == set(BITES) | GOOD
