import json
import subprocess
import tomllib
import venv
from pathlib import Path

import pytest
from provision import project
from provision.environment import ROOT, Environment
from provision.project import install_project, project_is_current

LIST_PLUGINS = """
import json
from importlib.metadata import distribution, entry_points
points = {g: sorted(entry_points(group=g).names) for g in entry_points().groups}
files = [str(f.locate()) for f in distribution("cockpit").files]
print(json.dumps([points, files]))
"""


@pytest.fixture
def bare(env: Environment) -> Environment:
    venv.EnvBuilder(symlinks=True).create(env.folder)
    return env


def look_inside(env: Environment, folder: Path) -> tuple[dict[str, list[str]], list[str]]:
    output = subprocess.check_output([env.python, "-c", LIST_PLUGINS], text=True, cwd=folder)
    points, files = json.loads(output)
    return points, files


def test_plug_ins_are_found_as_pyproject_names_them(bare: Environment, tmp_path: Path) -> None:
    install_project(bare)
    points, files = look_inside(bare, tmp_path)
    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for group, entries in named["entry-points"].items():
        assert points[group] == sorted(entries)
    assert points["console_scripts"] == ["cockpit"]
    assert all(Path(file).exists() for file in files)


def test_a_new_entry_point_makes_the_metadata_anew(
    bare: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_project(bare)
    assert project_is_current(bare)
    named = project._project()
    newer = {**named, "version": "9.9", "entry-points": {"cockpit.brokers": {"mine": "a:b"}}}
    monkeypatch.setattr(project, "_project", lambda: newer)
    assert not project_is_current(bare)
    install_project(bare)
    points, _files = look_inside(bare, tmp_path)
    assert points["cockpit.brokers"] == ["mine"]
    assert len(list(bare.packages.glob("cockpit-*.dist-info"))) == 1


def test_the_program_runs_the_checkout_from_any_folder(bare: Environment, tmp_path: Path) -> None:
    install_project(bare)
    (tmp_path / "cockpit.py").write_text("raise SystemExit('shadowed')", encoding="utf-8")
    code = "import cockpit; print(cockpit.__file__)"
    output = subprocess.check_output([bare.python, "-P", "-c", code], text=True, cwd=tmp_path)
    assert Path(output.strip()).parent == ROOT / "cockpit"
    program = (bare.scripts / "cockpit").read_text(encoding="utf-8")
    assert f"'{bare.python}' -P -m cockpit \"$@\"" in program  # quoted: the folder has a space
