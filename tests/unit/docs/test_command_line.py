import json
import re
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cockpit.cli.exits import EXIT_CODES, Exit
from cockpit.cli.main import app
from tests.unit.docs.pages import page, rows, section

PAGE = page("docs/command-line.md")
PROGRAM: Any = typer.main.get_command(app)


def _leaves(group: Any, prefix: str = "") -> dict[str, Any]:
    """Commands by the words that call them, those of a group under its name."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        inner = hasattr(command, "commands")
        found |= _leaves(command, f"{prefix}{name} ") if inner else {f"{prefix}{name}": command}
    return found


COMMANDS = _leaves(PROGRAM)
EVERYWHERE = {"--help"}


def options(command: Any) -> dict[str, Any]:
    """Long names of a command's options, with what declares them."""
    found = {name: p for p in command.params for name in p.opts if name.startswith("--")}
    return {name: p for name, p in found.items() if name not in EVERYWHERE}


def table(name: str) -> dict[str, str]:
    """Options told of a command, with the defaults told."""
    return {row[0]: row[1] for row in option_rows(name)}


def option_rows(name: str) -> list[list[str]]:
    """The rows of a command's section that begin with an option."""
    text = section(PAGE, f"## cockpit {name}")
    lines = re.findall(r"^\| `--.*\|$", text, re.MULTILINE)
    return rows("| | |\n|---|---|\n" + "\n".join(lines) + "\n")


def test_every_command_is_told() -> None:
    assert [row[0] for row in rows(PAGE)] == list(COMMANDS)
    assert re.findall(r"^## cockpit ([\w -]+)$", PAGE, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_told_and_no_other(name: str) -> None:
    assert set(table(name)) == set(options(COMMANDS[name]))


@pytest.mark.parametrize("name", COMMANDS)
def test_plain_defaults_are_told(name: str) -> None:
    told = table(name)
    for option, declared in options(COMMANDS[name]).items():
        default = declared.default
        if declared.required:
            assert told[option] == "must be given"
        elif default is False:
            assert told[option] == "off"
        elif default not in {None, ""}:
            assert told[option] == str(getattr(default, "value", default)), option


def test_the_program_s_own_options() -> None:
    assert set(options(PROGRAM)) == {"--version"}
    assert "`cockpit --version`" in PAGE
    assert PROGRAM.context_settings["help_option_names"] == ["-h", "--help"]


def test_shared_options_are_explained_once() -> None:
    shared = {row[0] for row in rows(section(PAGE, "## Options of several commands"))}
    pointing = {row[0] for name in COMMANDS for row in option_rows(name) if row[-1] == "see below"}
    assert pointing == shared
    variables = {name for c in COMMANDS.values() for p in c.params for name in _variables(p)}
    assert variables == {"COCKPIT_DATA_DIR", "COCKPIT_CONFIG"}
    assert all(f"`{variable}` does the same" in PAGE for variable in variables)


def _variables(declared: Any) -> list[str]:
    variable = declared.envvar
    return [variable] if isinstance(variable, str) else list(variable or ())


def test_exit_codes() -> None:
    told = rows(section(PAGE, "## Exit codes"))
    assert {name: int(code) for code, name, _ in told} == {e.name: e.value for e in Exit}
    for code, _, text in told:
        assert re.search(rf"^  {code}  {re.escape(text)}$", EXIT_CODES, re.MULTILINE), code


def test_doctor_examines_what_is_told(tmp_path) -> None:
    result = CliRunner().invoke(app, ["doctor", "--json", "--data-dir", str(tmp_path)])
    checks = json.loads(result.stdout)["checks"]
    names = {check["name"].partition(":")[0] for check in checks}
    text = section(PAGE, "## cockpit doctor").replace("\n", " ")
    assert len(names) == 11
    assert all(name in text for name in names), names
