import os
import subprocess
import sys
from pathlib import Path

import pytest
from provision import environment, tools
from provision.environment import Environment, create, ensure_parts, missing_parts, only_one
from provision.tools import SetupError

from tests.support import wait_until

PACKAGING = Path(environment.__file__).parents[1]


def answer(env: Environment) -> str:
    done = subprocess.run(
        [env.python, "-c", "import tiny; print(tiny.ANSWER)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


@pytest.fixture
def borrowed_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python without ensurepip and uv, as Debian's is; also the fastest way here."""
    command = [tools.base_python(), "-m", "pip", "--version"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("the base Python has no pip to borrow")
    found = {"ensurepip": None, "pip": "yes"}
    monkeypatch.setattr(environment.importlib.util, "find_spec", found.get)
    monkeypatch.setattr(environment, "uv", lambda: None)


def test_a_set_is_installed_once_and_again_when_its_lock_changes(
    env: Environment, tiny_lock: Path
) -> None:
    assert missing_parts(env, ["runtime", "test"]) == ["runtime", "test"]
    ensure_parts(env, ["runtime"])
    assert answer(env) == "42"
    assert missing_parts(env, ["runtime", "test"]) == ["test"]
    tiny_lock.write_text(tiny_lock.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert missing_parts(env, ["runtime", "test"]) == ["runtime", "test"]


def test_an_interrupted_set_up_is_made_anew(
    env: Environment, tiny_lock: Path, borrowed_pip: None
) -> None:
    ensure_parts(env, ["runtime"])
    (env.packages / "tiny.py").write_text("half a fi", encoding="utf-8")
    env.begin()  # and there it was killed
    assert missing_parts(env, ["runtime"]) == ["runtime"]
    ensure_parts(env, ["runtime"])
    assert answer(env) == "42"


def test_a_file_with_another_hash_is_refused_and_nothing_is_stamped(
    env: Environment, tiny_lock: Path, borrowed_pip: None
) -> None:
    tiny_lock.write_text(f"tiny==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    with pytest.raises(SetupError, match="installing 1 runtime packages failed"):
        ensure_parts(env, ["runtime"])
    assert missing_parts(env, ["runtime"]) == ["runtime"]
    assert answer(env) == ""


def test_pip_of_the_system_serves_a_python_without_ensurepip(
    env: Environment, tiny_lock: Path, borrowed_pip: None
) -> None:
    ensure_parts(env, ["runtime"])
    assert not (env.packages / "pip").exists()
    assert answer(env) == "42"


def test_without_pip_and_ensurepip_the_way_out_is_named(
    env: Environment, tiny_lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(environment, "uv", lambda: None)
    monkeypatch.setattr(environment, "may_apt", lambda: False)
    with pytest.raises(SetupError, match=r"neither pip nor ensurepip; (run: sudo apt-get|install)"):
        ensure_parts(env, ["runtime"])


def test_a_folder_of_somebody_else_is_left_alone(env: Environment) -> None:
    env.folder.mkdir()
    (env.folder / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(SetupError, match="holds something else"):
        create(env)
    assert (env.folder / "thesis.txt").exists()


def test_a_second_start_waits_even_for_the_orphan_of_a_killed_first(
    env: Environment, tmp_path: Path
) -> None:
    started, released = tmp_path / "started", tmp_path / "released"
    orphan = (
        f"import os, threading; open({str(started)!r}, 'w').close()\n"
        f"while not os.path.exists({str(released)!r}): threading.Event().wait(0.01)"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD_AND_RUN, str(env.folder), orphan],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PACKAGING)},
    )
    assert first.stdout
    assert first.stdout.readline() == b"holding\n"
    wait_until(started.exists, what="the installer")
    first.kill()
    first.wait()
    first.stdout.close()
    with env.lock.open("a+b") as handle:
        assert not environment._try_lock(handle)
        released.touch()
        wait_until(lambda: environment._try_lock(handle), what="the orphan's end")
    with only_one(env):
        pass


HOLD_AND_RUN = """
import sys
from pathlib import Path
from provision.environment import Environment, only_one
from provision.tools import run
env = Environment(Path(sys.argv[1]))
env.folder.mkdir()
with only_one(env):
    print("holding", flush=True)
    run([sys.executable, "-c", sys.argv[2]], env.log, "installing")
"""
