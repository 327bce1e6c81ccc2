"""`cockpit simulate`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cockpit.cli.exits import Exit, fail, plain_errors

if TYPE_CHECKING:
    from cockpit.app.simulation.runner import Faults
    from cockpit.app.simulation.simulation import Outcome
    from cockpit.app.simulation.summary import Summary

SHOWN = 400
"""Characters of a failure's text in the list; the replay shows all."""


def simulate(
    seeds: Annotated[
        str,
        typer.Option(help="Seeds to simulate, from A up to and without B.", metavar="A:B"),
    ] = "0:1000",
    seed: Annotated[
        int | None,
        typer.Option(help="Simulate this one seed only.", metavar="N", show_default=False, min=0),
    ] = None,
    faults: Annotated[
        str,
        typer.Option(
            help="What may go wrong: all, none, or names separated by commas; see "
            "docs/simulation.md.",
            metavar="NAMES",
        ),
    ] = "all",
    crash: Annotated[
        str,
        typer.Option(
            help="Where the program dies: seeded, as each seed draws it, or every, which "
            "repeats each seed with a crash at every step in turn.",
            metavar="WHERE",
        ),
    ] = "seeded",
    jobs: Annotated[
        int | None,
        typer.Option(
            help="Processes. [default: one for each processor]",
            metavar="N",
            min=1,
            show_default=False,
        ),
    ] = None,
    *,
    trace: Annotated[
        bool, typer.Option("--trace", help="With --seed: print all that happened.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Prove the trading core: whole days under seeded faults, on simulated time.

    Each seed is a day of its own: a venue, a line, a disk and a clock that go wrong, a
    person and strategies that trade, and a program that dies and starts again. What must
    always hold is checked all the while. The same seed gives the same day on every
    machine. Nothing real is touched: no file, no broker, no network.

    Prints each seed that failed. Exit code 0 when all held, 1 when one did not. Ctrl-C
    stops it and prints what was done so far.
    """
    kinds = _kinds(faults)
    chosen = range(seed, seed + 1) if seed is not None else _range(seeds)
    if crash not in {"seeded", "every"}:
        raise typer.BadParameter("must be seeded or every.", param_hint="'--crash'")
    if trace and seed is None:
        fail("A trace is printed of one seed: add --seed N.", Exit.USAGE)
    with plain_errors():
        if trace:
            _show_trace(chosen[0], kinds, as_json=as_json)
        outcomes = _outcomes(chosen, kinds, crash, jobs or os.cpu_count() or 1)
        _run(outcomes, len(chosen) if crash == "seeded" else 0, as_json=as_json)


def _kinds(text: str) -> Faults:
    from cockpit.app.simulation.runner import chosen_faults

    try:
        return chosen_faults(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="'--faults'") from error


def _range(text: str) -> range:
    first, colon, last = text.partition(":")
    if not (colon and first.isdecimal() and last.isdecimal() and int(first) < int(last)):
        raise typer.BadParameter(f"{text!r} is no range like 0:1000.", param_hint="'--seeds'")
    return range(int(first), int(last))


def _outcomes(seeds: range, kinds: Faults, crash: str, jobs: int) -> Generator[Outcome]:
    from cockpit.app.simulation import runner

    if crash == "seeded":
        yield from runner.run_seeds(seeds, kinds, jobs)
        return
    for seed in seeds:
        yield from runner.run_all(runner.dying_everywhere(seed, kinds), jobs)


def _show_trace(seed: int, kinds: Faults, *, as_json: bool) -> None:
    from cockpit.app.simulation.runner import replay

    outcome = replay(seed, kinds)
    if as_json:
        _print_json({"seed": seed, "failed": _failures([outcome]), "trace": list(outcome.trace)})
    else:
        for line in outcome.trace:
            typer.echo(line)
        verdict = f"FAILED  {outcome.invariant}: {outcome.text}" if not outcome.passed else "held"
        typer.echo(f"seed {seed}: {verdict}")
    raise typer.Exit(Exit.OK if outcome.passed else Exit.FAILED)


def _run(outcomes: Generator[Outcome], total: int, *, as_json: bool) -> None:
    from cockpit.app.simulation.summary import Summary

    started = time.perf_counter()
    summary = Summary(lambda: time.perf_counter() - started)
    interrupted = False
    with _progress(summary, total) as tell, closing(outcomes):
        try:
            for outcome in outcomes:
                summary.add(outcome)
                if not outcome.passed and not as_json:
                    typer.echo(_line(outcome))
                tell()
        except KeyboardInterrupt:
            interrupted = True
    if as_json:
        _print_json({**summary.as_json(), "interrupted": interrupted})
    else:
        typer.echo(("interrupted after " if interrupted else "") + summary.text)
    if interrupted:
        raise typer.Exit(Exit.INTERRUPTED)
    raise typer.Exit(Exit.FAILED if summary.failures else Exit.OK)


@contextmanager
def _progress(summary: Summary, total: int) -> Generator[Any]:
    """A line on stderr that is written anew on a terminal, now and then a new one elsewhere."""
    screen = sys.stderr.isatty()
    every, due = (0.5, 0.0) if screen else (60.0, 60.0)

    def tell() -> None:
        nonlocal due
        if summary.elapsed() >= due:
            due = summary.elapsed() + every
            of_all = f" of {total:,}" if total else ""
            text = f"{summary.seeds:,}{of_all} seeds, {len(summary.failures):,} failed"
            typer.echo(f"\r{text} " if screen else text, err=True, nl=not screen)

    try:
        yield tell
    finally:
        if screen:
            typer.echo("\r" + " " * 60 + "\r", err=True, nl=False)


def _line(outcome: Outcome) -> str:
    text = outcome.text if len(outcome.text) <= SHOWN else f"{outcome.text[:SHOWN]} ..."
    return f"FAILED  seed {outcome.seed}  {outcome.invariant}: {text}"


def _failures(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    from cockpit.app.simulation.summary import failure_json

    return [failure_json(outcome) for outcome in outcomes if not outcome.passed]


def _print_json(value: object) -> None:
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value)).decode())
