import ast
import re
import tomllib
from decimal import Decimal
from pathlib import Path

import msgspec

from cockpit import ports, risk, trading
from cockpit.app import registry
from cockpit.app.limits.file import load_limits
from cockpit.domain.limit_rules import SPECS, Stricter
from cockpit.domain.limits import Limits, TradingState
from cockpit.risk.controls import CONTROLS, SIZE_AND_LOSS
from cockpit.risk.rules import RULES
from tests.unit.docs.pages import blocks, page, rows, section

PAGE = page("docs/limits.md")
TABLE = rows(section(PAGE, "## The controls, in order"))
WATCHED = rows(section(PAGE, "## What is watched all the time"))
OTHERS = rows(section(PAGE, "## Codes that don't come from a control"))
STEPS = rows(section(PAGE, "## What to do when it denies"))
CONTROL_FILES = ("admission.py", "amounts.py", "conduct.py")
CODE = re.compile(r"[A-Z]+(_[A-Z]+)+")


def words(cell: str) -> set[str]:
    return set(re.findall(r"[A-Z][A-Z_]+", cell))


def limits_named(table: list[list[str]]) -> set[str]:
    """Every limit that a table puts between backticks."""
    text = " ".join(" ".join(row) for row in table)
    return set(re.findall(r"`([a-z_]+)`", text)) & set(Limits.__struct_fields__)


def limits_used(file: str) -> set[str]:
    """Every limit that a file of the risk room asks for, as a fraction or in percent."""
    source = (folder(risk) / file).read_text(encoding="utf-8").replace("_percent", "_fraction")
    return {limit for limit in Limits.__struct_fields__ if re.search(rf"\.{limit}\b", source)}


def codes_in(package: Path) -> set[str]:
    """Every literal of a package that is a code."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in package.rglob("*.py")]
    literals = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {n.value for n in literals if isinstance(n.value, str) and CODE.fullmatch(n.value)}


def folder(package: object) -> Path:
    return Path(str(getattr(package, "__file__", ""))).parent


def test_controls_stand_in_their_order() -> None:
    assert [name for _, name, *_ in TABLE] == [control.__name__ for control in CONTROLS]
    for (number, name, *_), control in zip(TABLE, CONTROLS, strict=True):
        assert (control.__doc__ or "").startswith(f"{number}:"), name


def test_controls_that_spare_what_closes() -> None:
    spared = {name for _, name, orders, *_ in TABLE if orders == "openings"}
    assert spared == {control.__name__ for control in SIZE_AND_LOSS}
    assert {orders for _, _, orders, *_ in TABLE} == {"always", "openings"}


def test_each_code_of_a_control_is_told_beside_it() -> None:
    modules = [
        ast.parse((folder(risk) / name).read_text(encoding="utf-8")) for name in CONTROL_FILES
    ]
    functions = [f for module in modules for f in module.body if isinstance(f, ast.FunctionDef)]
    bodies = {f.name: ast.dump(f) for f in functions}
    for _, name, _, _, told in TABLE:
        raised = {m.group() for m in re.finditer(r"(?<=')[A-Z]+(_[A-Z]+)+(?=')", bodies[name])}
        assert words(told) == raised, name
    assert set().union(*(words(row[4]) for row in TABLE)) == codes_in(folder(risk))


def test_no_other_code_is_missing() -> None:
    told = {row[0] for row in OTHERS} | {"CONTROL_FAILED"}
    raised = codes_in(folder(trading)) | {"GATE_TOKEN", "SUBMIT_UNKNOWN", "VENUE_REJECTED"}
    assert raised <= codes_in(folder(trading)) | codes_in(folder(ports))
    internal = {"TRADING_ERROR", "GATE_EMPTY"}  # roots and faults of ours that nobody should meet
    venue = {code for code in raised if code.startswith("VENUE_")}
    controls = set().union(*(words(row[4]) for row in TABLE))
    assert told - {"VENUE_..."} == raised - venue - internal - controls


def test_each_code_has_a_next_step() -> None:
    families = set().union(*(words(row[0]) for row in STEPS))
    codes = set().union(*(words(row[4]) for row in TABLE)) | {"CONTROL_FAILED"}
    assert families == {code.partition("_")[0] for code in codes}


def test_limits_and_defaults() -> None:
    told = {name: Decimal(default) for name, default, _ in rows(
        section(PAGE, "## The limits and their defaults"))}  # fmt: skip
    defaults = msgspec.structs.asdict(Limits())
    assert list(told) == list(defaults)
    assert told == defaults
    units = {
        name: unit for name, _, unit in rows(section(PAGE, "## The limits and their defaults"))
    }
    assert units == {name: spec.unit for name, spec in SPECS.items() if name in defaults}


def test_scoped_limits() -> None:
    text = section(PAGE, "### For an account, a strategy or a symbol")
    (example,) = blocks(text, "toml")
    load_limits(tomllib.loads(example), registry.names("strategies"))
    wide = {name for name, spec in SPECS.items() if spec.account_wide}
    assert set(re.findall(r"`(\w+)`", text.partition("whole account")[2])) == wide
    longer = {name for name, spec in SPECS.items() if spec.stricter is Stricter.HIGHER}
    sentence = re.search(r"A longer (.*) is stricter", text)
    assert sentence is not None
    assert set(re.findall(r"`(\w+)`", sentence.group(1))) == longer


def test_every_limit_is_named_where_it_works() -> None:
    named, every = limits_named(TABLE) | limits_named(WATCHED), set(Limits.__struct_fields__)
    assert named == every - {"approval_seconds"}  # a proposal's own clock
    gate = set[str]().union(*map(limits_used, CONTROL_FILES))
    # applied where entries and losses are counted, and at the lamps
    elsewhere = {"strategy_window_s", "max_clock_skew_s", "max_consecutive_losses"}
    assert limits_named(TABLE) == gate | elsewhere
    watching = ("monitor.py", "vigil.py", "streak.py")
    assert limits_named(WATCHED) == set[str]().union(*map(limits_used, watching))


def test_each_measure_of_the_monitor_is_told() -> None:
    states = {TradingState.HALTED: "halted", TradingState.REDUCING: "reducing", None: "as it was"}
    told = [(name, becomes) for name, _, becomes in WATCHED]
    locked = ", and locked until the day is over"
    assert told == [(rule.key, states[rule.tightens] + locked * rule.locks_out) for rule in RULES]
