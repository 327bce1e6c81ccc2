"""Removes or inverts each control of the gate, one at a time, and names the test that notices.

    python tests/mutation/gate.py             all mutants; writes docs/gate-mutants.md
    python tests/mutation/gate.py --sample N  every Nth of them, writes nothing

Each mutant is one edit of the syntax tree in a copy of the program; the gate's tests run against it
in a process of its own. A copy is used again, so that only what was edited is compiled anew. Exit
code 1 when a mutant lives.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import cache_from_source
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "gate-mutants.md"
CONTROLS = "cockpit/risk/controls.py"
BODIES = ("cockpit/risk/admission.py", "cockpit/risk/amounts.py", "cockpit/risk/conduct.py")
FAST = ("tests/unit/risk/test_controls.py", "tests/unit/trading/test_gate.py")
WHOLE_PATH = ("tests/unit/trading/test_no_way_round.py", "tests/unit/trading/test_order_path.py")
FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.LtE: ast.Lt, ast.Lt: ast.LtE, ast.GtE: ast.Gt, ast.Gt: ast.GtE,
}  # fmt: skip
WORKERS = 2


class Mutant(NamedTuple):
    """One edit: of which control, what, where, and the text of the file with it."""

    control: str
    what: str
    where: str
    file: str
    text: str


def read(file: str) -> ast.Module:
    """A file's syntax tree, to be edited."""
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Public functions by name."""
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name[0] != "_"]
    return {f.name: f for f in found}


def edited(file: str, name: str, edit: Callable[[ast.FunctionDef], tuple[str, str]]) -> Mutant:
    """The file with `edit` made to one function; it returns what and where."""
    tree = read(file)
    what, where = edit(functions(tree)[name])
    return Mutant(name, what, where, file, ast.unparse(ast.fix_missing_locations(tree)))


def of_bodies() -> Iterator[Mutant]:
    """Every control that always passes, every condition inverted, every bound moved."""
    for file in BODIES:
        for name, function in functions(read(file)).items():
            yield edited(file, name, _always_passes)
            for index, node in enumerate(ast.walk(function)):
                for edit in _edits(node):
                    yield edited(file, name, _at(index, edit))


def _edits(node: ast.AST) -> list[Callable[[ast.AST], tuple[str, str]]]:
    if isinstance(node, ast.If):
        return [_inverted]
    if isinstance(node, ast.Compare):
        return [_bound(i) for i, operator in enumerate(node.ops) if type(operator) in FLIPPED]
    return [_looser] if isinstance(node, ast.Attribute) and _is_limit(node) else []


def _always_passes(function: ast.FunctionDef) -> tuple[str, str]:
    function.body = ast.parse(f"return passed({function.name!r})").body
    return "always passes", ""


def _at(
    index: int, edit: Callable[[ast.AST], tuple[str, str]]
) -> Callable[[ast.FunctionDef], tuple[str, str]]:
    return lambda function: edit(list(ast.walk(function))[index])


def _inverted(node: ast.AST) -> tuple[str, str]:
    assert isinstance(node, ast.If)
    where = ast.unparse(node.test)
    node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)
    return "condition inverted", where


def _bound(place: int) -> Callable[[ast.AST], tuple[str, str]]:
    def edit(node: ast.AST) -> tuple[str, str]:
        assert isinstance(node, ast.Compare)
        where, old = ast.unparse(node), node.ops[place]
        node.ops[place] = FLIPPED[type(old)]()
        return f"{_sign(old)} to {_sign(node.ops[place])}", where

    return edit


def _sign(operator: ast.cmpop) -> str:
    return ast.unparse(ast.Compare(ast.Name("a"), [operator], [ast.Name("b")]))[2:-2]


def _is_limit(node: ast.Attribute) -> bool:
    from cockpit.domain.limits import Limits

    fraction = node.attr.replace("_percent", "_fraction")
    return fraction in Limits.__struct_fields__


def _looser(node: ast.AST) -> tuple[str, str]:
    """One more of what is counted, a millionth more of what is measured."""
    from cockpit.domain.limits import WHOLE_LIMITS

    assert isinstance(node, ast.Attribute)
    plain, name = ast.Attribute(node.value, node.attr, node.ctx), node.attr
    more = "x + 1" if name in WHOLE_LIMITS else "x * __import__('decimal').Decimal('1.000001')"
    shape = ast.parse(more, mode="eval").body
    assert isinstance(shape, ast.BinOp)
    # The parent can't be reached from here: `(limits.x + 1).real` is an attribute, too.
    node.value, node.attr = ast.BinOp(plain, shape.op, shape.right), "real"
    return "limit one unit looser", name


def _names(tree: ast.Module, name: str) -> list[ast.expr]:
    """The elements of CONTROLS or SIZE_AND_LOSS."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name:
            value = node.value
            if isinstance(value, ast.Call):
                value = value.args[0]
            assert isinstance(value, (ast.Tuple, ast.Set))
            return value.elts
    raise AssertionError(name)


def of_the_order() -> Iterator[Mutant]:
    """Each control taken out, swapped with the next, and moved over the line of what is spared."""
    count = len(_names(read(CONTROLS), "CONTROLS"))
    for index in range(count):
        yield _listed(index, "removed from CONTROLS", lambda e, _s, i: e.pop(i))
        if index + 1 < count:
            yield _listed(index, "swapped with the next", _swap)
        yield _listed(index, "moved into or out of SIZE_AND_LOSS", _toggle)


def _swap(controls: list[ast.expr], _spared: list[ast.expr], index: int) -> None:
    controls.insert(index, controls.pop(index + 1))


def _toggle(controls: list[ast.expr], spared: list[ast.expr], index: int) -> None:
    name = ast.unparse(controls[index])
    known = [e for e in spared if ast.unparse(e) == name]
    if known:
        spared.remove(known[0])
    else:
        spared.append(controls[index])


def _listed(
    index: int, what: str, edit: Callable[[list[ast.expr], list[ast.expr], int], object]
) -> Mutant:
    tree = read(CONTROLS)
    controls = _names(tree, "CONTROLS")
    name = ast.unparse(controls[index])
    edit(controls, _names(tree, "SIZE_AND_LOSS"), index)
    return Mutant(name, what, "", CONTROLS, ast.unparse(ast.fix_missing_locations(tree)))


LINES = (
    ("the gate", "reduces exemption inverted", "cockpit/trading/gate/gate.py",
     "if view.reduces else CONTROLS", "if not view.reduces else CONTROLS"),
    ("the gate", "goes on after a denial", "cockpit/trading/gate/gate.py",
     "            if not result.passed:\n                break\n", ""),
    ("the gate", "a control that fails passes", "cockpit/trading/gate/gate.py",
     "passed=False,\n        code=CONTROL_FAILED", "passed=True,\n        code=CONTROL_FAILED"),
    ("the gate", "token for what was denied", "cockpit/trading/gate/gate.py",
     "if not verdict.passed:", "if False:"),
    ("the gate", "what goes out is not counted", "cockpit/trading/gate/gate.py",
     "        self.traffic.order_released(order, now_ns, entry=entry)\n", ""),
    ("validity", "exits off the grid", "cockpit/risk/admission.py",
     "(terms is not None and any(price % tick for price in terms.prices))", "False"),
    ("validity", "entries with exits beside a position", "cockpit/risk/admission.py",
     "view.position * intent.side.sign < ZERO:", "view.position * intent.side.sign > ZERO:"),
    ("validity", "exits against a position", "cockpit/risk/admission.py",
     "if terms is not None and terms.exits_follow and", "if terms is not None and"),
    ("the view", "reduces inverted", "cockpit/risk/view.py",
     "self._claimed()) <= abs(position)", "self._claimed()) > abs(position)"),
    ("the view", "all of a group counts", "cockpit/risk/view.py",
     "return claimed([self.order, *on_side], self.lines.get)",
     "return sum([o.remaining for o in [self.order, *on_side]], ZERO)"),
    ("the view", "orders that the venue keeps count as plain", "cockpit/risk/view.py",
     "plain = plain and other.intent.venue is None", "pass"),
    ("the view", "reduces without the other orders", "cockpit/risk/view.py",
     "all_of_side += other.remaining", "pass"),
    ("the view", "reduces with the orders of other symbols", "cockpit/trading/gate/situation.py",
     "[other for other in others if other.intent.symbol == symbol]", "others"),
    ("the view", "no open order is counted", "cockpit/trading/gate/situation.py",
     "open_count=len(others),", "open_count=0,"),
    ("the view", "reduces with the orders of the other side", "cockpit/risk/view.py",
     "            if other.intent.side is side:\n", "            if True:\n"),
    ("the view", "open orders of others cost nothing", "cockpit/risk/view.py",
     "sum([row.notional for row in rows], ZERO)", "ZERO"),
    ("the view", "what has no price costs nothing", "cockpit/risk/view.py",
     "for row in rows if not row.priced", "for row in rows if False"),
    ("the view", "open orders beside it are not counted", "cockpit/risk/view.py",
     "beside += row.notional", "pass"),
    ("the view", "open orders of the other side are beside it", "cockpit/risk/view.py",
     "if row.symbol == symbol and row.side is side:", "if row.symbol == symbol:"),
    ("the view", "open orders of other symbols are beside it", "cockpit/risk/view.py",
     "if row.symbol == symbol and row.side is side:", "if row.side is side:"),
    ("the view", "what is held is not counted", "cockpit/risk/view.py",
     "held = held * worst * unit if held > ZERO else ZERO", "held = ZERO"),
    ("the view", "what is held is counted on the other side", "cockpit/risk/view.py",
     "self.position if buys else -self.position", "self.position"),
    ("the view", "a sale is worth its limit", "cockpit/risk/view.py",
     "bound if buys else worst_price_of(intent, touch)", "bound"),
    ("the view", "the near touch", "cockpit/risk/view.py",
     "to_price(quote.ask if buys else quote.bid)", "to_price(quote.bid if buys else quote.ask)"),
    ("every count", "one more passes", "cockpit/risk/results.py",
     "0 <= count < limit", "0 <= count <= limit"),
    ("every count", "none is refused", "cockpit/risk/results.py",
     "0 <= count < limit", "0 < count < limit"),
    ("every count", "below zero passes", "cockpit/risk/results.py",
     "0 <= count < limit", "count < limit"),
    ("the token", "used twice", "cockpit/trading/gate/turnstile.py",
     "self._outstanding.pop(token.secret, None)", "self._outstanding.get(token.secret)"),
    ("the token", "not checked", "cockpit/trading/gate/turnstile.py",
     "if bound_to is None or bound_to != order.fingerprint or token.fingerprint != bound_to:",
     "if False:"),
    ("the token", "of another order", "cockpit/trading/gate/turnstile.py",
     "bound_to != order.fingerprint or token.fingerprint != bound_to", "False"),
    ("the token", "goes on after a halt", "cockpit/trading/gate/turnstile.py",
     "if issued is not None and issued.stopped:", "if False:"),
    ("the token", "never lapses", "cockpit/trading/gate/turnstile.py",
     "issued.entry and self._is_late(issued)", "False"),
    ("the token", "lapses for what reduces", "cockpit/trading/gate/turnstile.py",
     "issued.entry and self._is_late(issued)", "self._is_late(issued)"),
    ("the token", "<= to <", "cockpit/trading/gate/turnstile.py",
     "issued.ts_ns <= self.LASTS_NS", "issued.ts_ns < self.LASTS_NS"),
    ("the reservation", "removed", "cockpit/trading/oms.py",
     "        self._log.orders.reserve(order)\n", ""),
    ("the adapter", "sends without a token", "cockpit/adapters/brokers/paper/broker.py",
     "        self._redeem(token, order)\n", ""),
    ("the adapter", "replaces without a token", "cockpit/adapters/brokers/paper/broker.py",
     "        self._redeem(token, replacement)\n", ""),
)  # fmt: skip
"""What stands round the controls: who, what, file, text, and what stands there instead."""


def of_lines() -> Iterator[Mutant]:
    """Edits of single lines outside the controls."""
    for control, what, file, old, new in LINES:
        text = (ROOT / file).read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise SystemExit(f"{file} no longer has once: {old!r}; mend LINES")
        where = " ".join(old.split())
        yield Mutant(control, what, where, file, text.replace(old, new))


class Copies:
    """Copies of the program, one for each of those who work on mutants at the same time."""

    def __init__(self, folder: Path) -> None:
        self._free: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            self._free.put(_copied_to(folder / str(number)))

    def killed_by(self, mutant: Mutant) -> str:
        """The first test that fails with it; empty when it lives. In a process of its own."""
        whole = mutant.file not in {CONTROLS, *BODIES}
        copy = self._free.get()
        original = (copy / mutant.file).read_text(encoding="utf-8")
        try:
            _put(copy / mutant.file, mutant.text)
            tests = (*FAST, *WHOLE_PATH) if whole else FAST
            return next(filter(None, (_failing(copy, file) for file in tests)), "")
        finally:
            _put(copy / mutant.file, original)
            self._free.put(copy)


def _copied_to(copy: Path) -> Path:
    for part in ("cockpit", "tests", "packaging", "resources"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def _put(file: Path, text: str) -> None:
    """Write a module and forget what was compiled of it: two edits may be of one second."""
    file.write_text(text, encoding="utf-8")
    Path(cache_from_source(str(file))).unlink(missing_ok=True)


def load_libraries() -> None:
    """Load what the tests use of others, once before the forks; our own is loaded in each."""
    for file in (*FAST, *WHOLE_PATH):
        import_module(file.removesuffix(".py").replace("/", "."))


def _failing(copy: Path, tests: str) -> str:
    answer, tell = os.pipe()
    child = os.fork()
    if child == 0:
        _run_in(copy, tests, tell)
    os.close(tell)
    with os.fdopen(answer, encoding="utf-8") as told:
        name = told.read()
    os.waitpid(child, 0)
    return name


def _run_in(copy: Path, tests: str, tell: int) -> None:
    """Run one file of a copy's tests and tell the first that fails; never returns."""
    import pytest

    class First:
        name = ""

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed and not self.name:
                self.name = report.nodeid.replace("tests/unit/", "")

        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            if report.failed and not self.name:
                self.name = f"{report.nodeid.replace('tests/unit/', '')} (does not load)"

    os.chdir(copy)
    sys.path[:] = [str(copy), *(p for p in sys.path if Path(p or ".").resolve() != ROOT)]
    for name in [n for n in sys.modules if n.partition(".")[0] in ("cockpit", "tests")]:
        del sys.modules[name]
    first, options = First(), ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of plugins loaded before
    code = 1
    with contextlib.suppress(BaseException), contextlib.redirect_stdout(io.StringIO()):
        code = int(pytest.main([*options, tests], plugins=[first]))
    with os.fdopen(tell, "w", encoding="utf-8") as out:
        out.write(first.name or ("" if code == 0 else f"pytest ended with {code}"))
    os._exit(0)


def page(mutants: list[Mutant], killers: list[str]) -> str:
    """The list as a page of the docs."""
    lines = [
        "# Mutants of the gate",
        "",
        "Made by `python tests/mutation/gate.py`: each row is one edit of the program, and the",
        "first test that failed with it. Without a test there it would be a control nobody misses.",
        "",
        f"{len(mutants)} mutants, {sum(1 for k in killers if k)} noticed.",
        "",
        "| of | edit | where | noticed by |",
        "|---|---|---|---|",
    ]
    for mutant, killer in zip(mutants, killers, strict=True):
        where = f"`{mutant.where}`" if mutant.where else ""
        cells = (f"`{mutant.control}`", mutant.what, where, f"`{killer}`" if killer else "NOBODY")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _told(mutant: Mutant, killer: str) -> str:
    print(f"{mutant.control}: {mutant.what} {mutant.where}: {killer or 'LIVES'}", flush=True)
    return killer


def main() -> int:
    """Make the mutants, run them, tell who lives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=1, metavar="N")
    sample = parser.parse_args().sample
    sys.path.insert(0, str(ROOT))
    load_libraries()
    mutants = [*of_the_order(), *of_bodies(), *of_lines()][::sample]
    unchanged = Mutant("nothing", "", "", LINES[0][2], (ROOT / LINES[0][2]).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        copies = Copies(Path(folder))
        if broken := copies.killed_by(unchanged):
            print(f"{broken} fails without any change: mend it first")
            return 1
        found = pool.map(copies.killed_by, mutants)
        killers = [_told(m, k) for m, k in zip(mutants, found, strict=True)]
    living = [m for m, killer in zip(mutants, killers, strict=True) if not killer]
    print(f"{len(mutants)} mutants, {len(living)} live")
    if sample == 1:
        PAGE.write_text(page(mutants, killers), encoding="utf-8")
    return 1 if living else 0


if __name__ == "__main__":
    sys.exit(main())
