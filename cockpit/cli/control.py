"""`cockpit halt`, `cancel-all`, `flatten`, `status` and `resume`: from a second terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from cockpit.cli.asking import asked, expect, tell
from cockpit.cli.exits import Exit, fail, plain_errors
from cockpit.cli.options import Config, DataDir
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.control.messages import Cleared, Final

T = TypeVar("T")
GOES_ON = "Interrupted. What was asked for goes on; `cockpit status` says how it stands."
LATCHED = "Interrupted. Trading is halted for the next start; orders may be open at the broker."


def halt(
    reason: Annotated[
        str,
        typer.Option(
            help="Why, for the screen and the audit log.", metavar="TEXT", show_default=False
        ),
    ] = "",
    data_dir: DataDir = None,
) -> None:
    """Let nothing new out, now; working orders stay.

    A running cockpit halts at once and says so when it holds. Without one, or when it
    does not answer, the halt is left in the data folder: the next start begins halted.
    It stays so until `cockpit resume`, or Resume in the window.
    """
    from cockpit.app.control.messages import Halted, HaltRequest

    folder, text = data_dir or default_data_dir(), reason.strip() or "Halted from a terminal."
    with plain_errors(), _interrupted("Interrupted. A halt that was not answered may hold."):
        answer = asked(folder, HaltRequest(reason=text), unheard_halt=text)
        if answer is None:
            _halt_cold(folder, text)
            return
        halted = expect(answer, Halted)
        kept = [
            word
            for word, yes in (
                ("the ledger", halted.in_ledger),
                ("a file in the data folder", halted.in_file),
            )
            if yes
        ]
        where = " and ".join(kept) or "memory so far: the ledger can't be written now"
        before = "was HALTED already" if halted.already else "is HALTED"
        why = halted.reason.rstrip(".")
        typer.echo(f"{halted.account_id} {before}: {why}. Kept in {where}.")


def _halt_cold(folder: Path, reason: str) -> None:
    from cockpit.app.control import cold
    from cockpit.kernel.instance import InstanceError

    try:
        left = asyncio.run(cold.halt(folder, reason, _me(), tell))
    except InstanceError:
        _unheard(folder)
    if not left.holds:
        fail(
            f"No cockpit runs on {folder}, and the halt could not be left there. {left.problem} "
            "The next start is not halted; free the disk and try again.",
            Exit.DATA_FOLDER,
        )
    accounts = ", ".join(left.accounts)
    typer.echo(
        f"No cockpit runs on {folder}. The next start of a lasting account begins HALTED"
        + (f" ({accounts})." if accounts else ".")
    )
    if left.problem:
        typer.echo(f"Kept in a file there, for the ledger refused it: {left.problem}")


def cancel_all(data_dir: DataDir = None, config: Config = None) -> None:
    """Cancel every open order and kill every proposal; the broker is asked what is left.

    Trading goes on afterwards; `cockpit halt` first, if it should not. Without a running
    cockpit it signs in at the broker, does it, verifies and leaves.
    """
    from cockpit.app.control.messages import CancelAllRequest

    _clear(data_dir or default_data_dir(), config, CancelAllRequest())


def flatten(
    symbols: Annotated[
        list[str] | None,
        typer.Argument(metavar="SYMBOL", help="What to close.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Halt, cancel everything, then close everything.")
    ] = False,
) -> None:
    """Cancel what works on these symbols and close their positions at the market.

    With --all it is the kill switch: trading is halted first and stays so, everything is
    cancelled, everything is closed. The broker is asked what is left either way.
    """
    from cockpit.app.control.messages import FlattenRequest

    named = tuple(symbol.strip().upper() for symbol in symbols or ())
    if bool(named) == everything:
        fail("Name what to close: cockpit flatten SYMBOL, or cockpit flatten --all.", Exit.USAGE)
    request = FlattenRequest(symbols=named, everything=everything)
    _clear(data_dir or default_data_dir(), config, request)


def _clear(folder: Path, config: Path | None, request: Any) -> None:
    from cockpit.app.control import cold

    with plain_errors():
        with _interrupted(GOES_ON):
            answer = asked(folder, request)
        if answer is not None:
            _report((answer,))
            return
        latched = getattr(request, "everything", False)
        with _interrupted(LATCHED if latched else "Interrupted; orders may still be open."):
            _report(_cold(folder, cold.clear(folder, config, request, tell, _me())))


def _report(answers: Sequence[Final]) -> None:
    """All accounts, then the worst of their exit codes."""
    from cockpit.app.control.messages import Cleared, Refused

    good = True
    for answer in answers:
        if isinstance(answer, Cleared):
            good &= _told(answer)
        elif len(answers) > 1 and isinstance(answer, Refused):
            typer.echo(f"problem     {answer.text}")
            good = False
        else:
            expect(answer, Cleared)
    if not good:
        fail(
            "Not everything is confirmed; the lines above say what is left. Look at it in the "
            "cockpit or at the broker, and try again.",
            Exit.NOT_CONFIRMED,
        )


def _told(cleared: Cleared) -> bool:
    """What is left of one account; True when the broker confirms that nothing is."""
    from cockpit.cli.standing import order_line, position_line

    for order in cleared.still_open:
        typer.echo(f"still open  {order_line(order)}")
    for position in cleared.still_held if cleared.flattened else ():
        typer.echo(f"still held  {position_line(position)}")
    for problem in cleared.problems:
        typer.echo(f"problem     {problem}")
    if cleared.aside:
        typer.echo(f"recorded    in {cleared.aside}: the ledger can't be written now")
    if not cleared.confirmed:
        return False
    what = "nothing of it is held" if cleared.flattened else "no order is open"
    typer.echo(f"{cleared.account_id}: the broker confirms that {what}. {_trading(cleared.state)}")
    return True


def _trading(state: str) -> str:
    return f"Trading is {state.upper() if state != 'active' else 'active'}."


def status(
    data_dir: DataDir = None,
    config: Config = None,
    *,
    ask_broker: Annotated[
        bool,
        typer.Option("--ask-broker", help="With no cockpit running, sign in and ask the broker."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object an account.")
    ] = False,
) -> None:
    """Show how it stands: trading state, positions, orders, day P&L, connections.

    Without a running cockpit it shows what the ledger last knew, and says so; the broker
    is asked with --ask-broker only.
    """
    from cockpit.app.control import cold
    from cockpit.app.control.messages import StatusReport, StatusRequest
    from cockpit.cli.standing import as_lines

    folder = data_dir or default_data_dir()
    with plain_errors():
        answer = asked(folder, StatusRequest())
        if answer is None:
            cold_look = (
                cold.asked_status(folder, config, tell) if ask_broker else cold.status(folder)
            )
            reports = _cold(folder, cold_look)
        else:
            reports = (expect(answer, StatusReport),)
    for report in reports:
        if as_json:
            import msgspec

            typer.echo(msgspec.json.encode(report).decode())
        else:
            typer.echo("\n".join(as_lines(report)))


def resume(
    confirm: Annotated[
        str,
        typer.Option(
            help='The words "RESUME" and the account. [default: asks you to type the account]',
            metavar='"RESUME ACCOUNT"',
            show_default=False,
        ),
    ] = "",
    data_dir: DataDir = None,
) -> None:
    """Trade again after a halt; needs the account's name, typed.

    Says first what it resumes from. Automation that was switched off stays off.
    """
    from cockpit.app.control import cold
    from cockpit.app.control.messages import Resumed, ResumeRequest

    folder = data_dir or default_data_dir()
    with plain_errors():
        confirm = confirm or _typed(folder)
        answer = asked(folder, ResumeRequest(confirm=confirm))
        if answer is None:
            answer = _cold(folder, cold.resume(folder, confirm, _me()))
        resumed = expect(answer, Resumed)
        if resumed.already:
            typer.echo(f"{resumed.account_id}: trading was active already.")
            return
        wait = f" Orders must still wait: {resumed.not_ready}" if resumed.not_ready else ""
        typer.echo(f"{resumed.account_id}: trading is active again.{wait}")


def _typed(folder: Path) -> str:
    """Say what it resumes from, and let a person type the account."""
    from cockpit.app.control import cold
    from cockpit.app.control.messages import StatusReport, StatusRequest

    if not sys.stdin.isatty():
        fail('Nobody can be asked here: give --confirm "RESUME ACCOUNT".', Exit.USAGE)
    answer = asked(folder, StatusRequest())
    reports = (
        _cold(folder, cold.status(folder)) if answer is None else (expect(answer, StatusReport),)
    )
    for report in reports:
        reason = f": {report.reason}" if report.reason else ""
        typer.echo(f"{report.account_id} is {report.state.value.upper()}{reason}")
        if report.locked:
            typer.echo(report.locked)
    return f"RESUME {typer.prompt('Type the account to resume it').strip()}"


def _cold(folder: Path, body: Coroutine[Any, Any, T]) -> T:
    """Run what needs the folder for itself; a silent cockpit that holds it is told as that."""
    from cockpit.kernel.instance import InstanceError

    try:
        return asyncio.run(body)
    except InstanceError:
        _unheard(folder, halted=False)


def _unheard(folder: Path, *, halted: bool = True) -> NoReturn:
    left = (
        "The halt is left there: it takes it up as soon as it moves again, and so does the next "
        "start. Nothing proves that it holds now: "
        if halted
        else "Nothing was changed: "
    )
    fail(
        f"A cockpit holds {folder} but does not answer. {left}look at its window, and at the "
        "broker for open orders.",
        Exit.NO_ANSWER,
    )


def _me() -> str:
    import getpass
    import os

    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "somebody"
    return f"{name}, process {os.getpid()}"


@contextmanager
def _interrupted(text: str) -> Generator[None]:
    """Ctrl+C says what holds."""
    try:
        yield
    except KeyboardInterrupt:
        fail(text, Exit.INTERRUPTED)
