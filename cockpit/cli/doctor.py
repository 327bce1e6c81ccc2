"""`cockpit doctor`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli.exits import Exit, plain_errors
from cockpit.cli.options import Config, DataDir
from cockpit.kernel.folders import default_data_dir
from cockpit.ports.health import CheckState

if TYPE_CHECKING:
    from cockpit.app.control.messages import HealthReport
    from cockpit.app.health.findings import Finding

_MARKS = {"ok": "ok", "warning": "WARN", "failed": "FAIL", "unknown": "?"}
_NAME, _WIDTH = 20, 100
_INDENT = " " * (8 + _NAME + 1)


def doctor(
    data_dir: DataDir = None,
    config: Config = None,
    account: Annotated[
        str,
        typer.Option(
            help="Also sign in with this stored account, look, and sign out.",
            metavar="NAME",
            show_default=False,
        ),
    ] = "",
    within: Annotated[
        float, typer.Option(help="Seconds to wait for the account's broker.", metavar="S", min=1.0)
    ] = 30.0,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check what would keep the cockpit from working today.

    Asks the cockpit that runs on the data folder to make all its checks now; without one it
    looks itself: at the program, settings, plug-ins, data folder, disk, ledger, audit log and
    exchange calendar. With --account it also signs in at that account's broker, unless the
    running cockpit is signed in with it already. Changes nothing. Exit code 0 when every required
    check is green and no other has failed, else 1.
    """
    folder = data_dir or default_data_dir()
    with plain_errors():
        running = _asked(folder)
        findings = list(running.findings) if running else _cold(folder, config)
        if account and not any(f.group == f"account {account}" for f in findings):
            findings += _of_account(folder, config, account, within)
    good = not any(f.check.hinders or f.check.state is CheckState.FAILED for f in findings)
    if as_json:
        typer.echo(_json(findings, running, good=good))
    else:
        typer.echo("\n".join(_lines(findings, running, good=good)))
    raise typer.Exit(Exit.OK if good else Exit.FAILED)


def _asked(folder: Path) -> HealthReport | None:
    """What the running cockpit says; None without one, or when it does not answer."""
    from cockpit.app.control.calling import call
    from cockpit.app.control.messages import HealthReport, HealthRequest
    from cockpit.cli.asking import tell
    from cockpit.kernel.ipc import ChannelError, NobodyThereError

    try:
        answer = asyncio.run(call(folder, HealthRequest(), lambda _text: None))
    except NobodyThereError:
        return None
    except ChannelError as error:
        tell(f"A cockpit runs on {folder} but does not answer ({error}); looked from outside.")
        return None
    return answer if isinstance(answer, HealthReport) else None


def _cold(folder: Path, config: Path | None) -> list[Finding]:
    from cockpit.app.doctor import examine

    return asyncio.run(examine(folder, config))


def _of_account(folder: Path, config: Path | None, name: str, within_s: float) -> list[Finding]:
    from cockpit.app.doctor import examine_account
    from cockpit.cli.asking import tell

    return asyncio.run(examine_account(folder, config, name, within_s, tell))


def _json(findings: Sequence[Finding], running: HealthReport | None, *, good: bool) -> str:
    import msgspec

    told = {
        "ok": good,
        "running": running is not None,
        "account": running.account_id if running else "",
        "armed": running.armed if running else False,
        "checks": [{"group": f.group, **msgspec.structs.asdict(f.check)} for f in findings],
    }
    return msgspec.json.format(msgspec.json.encode(told)).decode()


def _lines(
    findings: Sequence[Finding], running: HealthReport | None, *, good: bool
) -> Iterator[str]:
    if running is not None:
        state = "ARMED" if running.armed else "DISARMED"
        yield f"As the running cockpit says: {running.account_id}, {state}"
    else:
        yield "No cockpit runs there; looked from outside"
    for group, members in groupby(findings, key=lambda finding: finding.group):
        yield ""
        yield group.capitalize()
        for finding in members:
            yield from _of_one(finding)
    yield ""
    yield _sum(findings, good=good)


def _of_one(finding: Finding) -> Iterator[str]:
    check = finding.check
    first, *more = _wrapped(check.found) or [""]
    yield f"  {_MARKS[check.state]:<5} {check.name:<{_NAME}} {first}"
    steps = _wrapped(f"-> {check.next_step}") if check.next_step else []
    yield from (_INDENT + line for line in [*more, *steps])


def _wrapped(text: str) -> list[str]:
    return wrap(text, _WIDTH - len(_INDENT), break_on_hyphens=False)


def _sum(findings: Sequence[Finding], *, good: bool) -> str:
    if good:
        return f"All is green that must be ({len(findings)} checks made)."
    hindering = _names(f for f in findings if f.check.hinders)
    if hindering:
        return f"Not green, so it can't be armed: {hindering}."
    failed = _names(f for f in findings if f.check.state is CheckState.FAILED)
    return f"Nothing hinders arming, but these failed: {failed}."


def _names(findings: Iterable[Finding]) -> str:
    return ", ".join(f"{finding.group}: {finding.check.name}" for finding in findings)
