"""Which checks there are: those of a machine at rest, and those of a running session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cockpit.app import registry
from cockpit.app.core import Core
from cockpit.app.health import machine, program
from cockpit.app.health.ledger import AuditTrail, Integrity
from cockpit.app.health.machine import Disk, Free, Pace, free_bytes
from cockpit.app.health.market_day import exchange_calendar
from cockpit.app.health.probe import Probe, at_once, beside
from cockpit.app.health.session import LedgerWriter, SessionChecks
from cockpit.app.settings import settings_file
from cockpit.app.signing.accounts import AccountBook, AccountError
from cockpit.app.signing.vaults import vault_of
from cockpit.kernel.errors import KernelError
from cockpit.market.session import SessionCalendar
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, Checked, CheckState

HOUR_S = 3600.0
PROGRAM = "program"
MACHINE = "machine"
LEDGER = "ledger"
MARKET = "market"
SESSION = "session"
VAULT = "vault"


def program_probes(config: Path | None) -> tuple[Probe, ...]:
    """Versions, settings, plug-ins: what changes when something is installed."""
    parts = {
        "program": program.python,
        "SQLite": program.database_library,
        "libraries": program.libraries,
        "screen": program.screen,
        "settings": lambda: program.settings_in(config),
    }
    kinds = {
        f"plug-ins: {kind}": lambda kind=kind: program.plugins(kind) for kind in registry.KINDS
    }
    optional = {"screen", "libraries", *kinds}
    return tuple(
        Probe(
            group=PROGRAM,
            name=name,
            ask=beside("program", make),
            every_s=HOUR_S,
            within_s=20.0,
            required=name not in optional,
        )
        for name, make in (parts | kinds).items()
    )


def ledger_probes(ledger: Path) -> tuple[Probe, ...]:
    """The file and its audit log."""
    return (
        Probe(group=LEDGER, name="ledger", ask=Integrity(ledger).ask, every_s=900.0, within_s=60.0),
        Probe(
            group=LEDGER, name="audit log", ask=AuditTrail(ledger).ask, every_s=60.0, within_s=30.0
        ),
    )


def cold_probes(
    data_dir: Path, ledger: Path, config: Path | None, clock: Clock, free: Free = free_bytes
) -> tuple[Probe, ...]:
    """All that can be asked while no cockpit runs on the data folder."""
    calendar = SessionCalendar()
    disk = Disk(data_dir, clock.now_ns, free)
    return (
        *program_probes(config),
        *_vault_probes(data_dir, config, clock),
        Probe(
            group=MACHINE,
            name="data folder",
            ask=beside("folder", lambda: machine.folder(data_dir)),
        ),
        Probe(group=MACHINE, name="disk", ask=beside("disk", disk.check)),
        *ledger_probes(ledger),
        Probe(
            group=MARKET,
            name="exchange calendar",
            ask=beside("calendar", lambda: exchange_calendar(calendar, clock.now_ns())),
            within_s=20.0,
        ),
    )


def _vault_probes(data_dir: Path, config: Path | None, clock: Clock) -> tuple[Probe, ...]:
    """The keeper of the keys, where an account is stored; nobody is asked for a passphrase."""
    try:
        if not AccountBook(data_dir).records():
            return ()
        vault = vault_of(settings_file(config), data_dir, clock)
    except KernelError:  # the settings have a check of their own
        return ()
    except AccountError as error:
        broken = Check(
            name="accounts", state=CheckState.FAILED, found=error.user_text, required=True
        )
        return (Probe(group=VAULT, name="accounts", ask=at_once(lambda: broken)),)
    return (Probe(group=VAULT, name="keys", ask=vault.checks, within_s=15.0),)


def session_probes(
    core: Core,
    ledger: Path,
    config: Path | None,
    clock: Clock,
    *,
    parts: Mapping[str, object],
    free: Free = free_bytes,
) -> tuple[Probe, ...]:
    """All that goes on being asked while a session runs.

    `parts` are brokers, feeds and the like by what stands above their checks, e.g.
    "broker alpaca"; those that are `Checked` are asked.
    """
    now = SessionChecks(core)
    disk = Disk(core.data_dir, clock.now_ns, free)
    writer = LedgerWriter(core.store, core.account_id)
    pace = Pace(core.watchdog, core.pauses)
    return (
        Probe(
            group=SESSION, name="connections", ask=at_once(now.connections), every_s=5.0, eager=True
        ),
        Probe(
            group=SESSION,
            name="books",
            ask=at_once(now.books),
            every_s=5.0,
            eager=True,
            alerts=False,
        ),
        Probe(
            group=SESSION,
            name="trading",
            ask=at_once(now.trading),
            every_s=5.0,
            required=False,
            alerts=False,
        ),
        Probe(group=MARKET, name="prices", ask=at_once(now.prices), every_s=5.0, required=False),
        Probe(
            group=MARKET,
            name="exchange calendar",
            ask=beside("calendar", lambda: exchange_calendar(core.calendar, core.clock.now_ns())),
            every_s=300.0,
            within_s=20.0,
        ),
        *checked_probes(parts),
        Probe(group=LEDGER, name="ledger writer", ask=writer.ask, every_s=15.0),
        *ledger_probes(ledger),
        Probe(group=MACHINE, name="disk", ask=beside("disk", disk.check), every_s=60.0),
        Probe(
            group=MACHINE,
            name="pace",
            ask=at_once(pace.check),
            every_s=10.0,
            required=False,
            alerts=False,
        ),
        *program_probes(config),
    )


def checked_probes(parts: Mapping[str, object]) -> Sequence[Probe]:
    """Those of the parts that can be asked how they are."""
    return [
        Probe(group=group, name=group, ask=part.checks, every_s=30.0, within_s=10.0, eager=True)
        for group, part in parts.items()
        if isinstance(part, Checked)
    ]
