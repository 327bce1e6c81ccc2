"""Keeps triggers in the data folder, and makes alerts of what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cockpit.app.core import Core
from cockpit.app.errors import AppError
from cockpit.domain.alert import Severity
from cockpit.domain.errors import DomainError
from cockpit.domain.market import TriggerFired
from cockpit.kernel.private_files import private_folder, write_private
from cockpit.market.errors import MarketError
from cockpit.market.triggers import Trigger, Triggers

FILE = "triggers.json"


class TriggerError(AppError):
    """The file of triggers can't be used, or a trigger isn't there."""

    code = "TRIGGER"


def load_triggers(data_dir: Path) -> list[Trigger]:
    """The triggers of a data folder, by name. Raises TriggerError for a file that is none."""
    path = data_dir / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Trigger])
    except FileNotFoundError:
        return []
    except (OSError, ValueError, DomainError, MarketError) as error:
        raise TriggerError(
            f"{path}: {error}",
            user_text=f"The triggers in {path} can't be read: {error}. Nothing was changed; "
            "mend or remove the file. Until then no trigger watches.",
        ) from error


def save_trigger(data_dir: Path, trigger: Trigger) -> None:
    """Put `trigger` in, or in the place of the one of its name. Raises TriggerError."""
    _write(data_dir, {**_by_name(data_dir), trigger.name: trigger})


def remove_trigger(data_dir: Path, name: str) -> None:
    """Take a trigger out. Raises TriggerError when there is none of that name."""
    known = _by_name(data_dir)
    if name not in known:
        names = ", ".join(known) or "none"
        raise TriggerError(
            f"no trigger {name!r}",
            user_text=f"There is no trigger {name!r}. There are: {names}. Nothing was changed.",
        )
    del known[name]
    _write(data_dir, known)


async def watch_triggers(core: Core) -> Triggers | None:
    """Watch the data folder's triggers over this session; with an alert, none, if unreadable.

    In a session that isn't of today's market they speak, but none is spent by it.
    """
    try:
        known: Sequence[Trigger] = await asyncio.to_thread(load_triggers, core.data_dir)
    except TriggerError as error:
        _warn(core, error.user_text)
        return None

    def spent(trigger: Trigger) -> None:
        if not core.mode.simulated:
            core.supervisor.work(_spend(core, trigger), name="trigger-spent", owner="market")

    core.bus.subscribe(TriggerFired, lambda fired: _tell(core, fired), name="trigger-alerts")
    triggers = Triggers(core.bus, core.book, known, spent)
    core.ingest.watch_closely(triggers.symbols)
    return triggers


async def _spend(core: Core, trigger: Trigger) -> None:
    try:
        await asyncio.to_thread(mark_spent, core.data_dir, trigger.name)
    except (TriggerError, OSError) as error:
        _warn(core, f"{trigger.name} has spoken but could not be marked so: {error}.")


def mark_spent(data_dir: Path, name: str) -> None:
    """Note that a trigger has spoken, if it is still there: a command may have changed the file.

    Raises TriggerError.
    """
    known = _by_name(data_dir).get(name)
    if known is not None:
        save_trigger(data_dir, msgspec.structs.replace(known, spent=True))


def _tell(core: Core, fired: TriggerFired) -> None:
    at = "" if fired.price is None else f" at {fired.price:,.4f}".rstrip("0").rstrip(".")
    label = f" ({core.feed_label})" if core.feed_label else ""
    core.alerts.raise_(
        f"trigger.{fired.name}",
        Severity.NOTICE,
        f"{fired.symbol}: {fired.name}",
        f"{fired.symbol} {fired.when}{at}{label}.",
        "market",
    )


def _warn(core: Core, text: str) -> None:
    core.alerts.raise_("triggers", Severity.WARNING, "Triggers are not kept", text, "market")


def _by_name(data_dir: Path) -> dict[str, Trigger]:
    return {trigger.name: trigger for trigger in load_triggers(data_dir)}


def _write(data_dir: Path, triggers: dict[str, Trigger]) -> None:
    private_folder(data_dir)
    content = msgspec.json.encode([triggers[name] for name in sorted(triggers)])
    try:
        write_private(data_dir / FILE, msgspec.json.format(content, indent=2) + b"\n")
    except OSError as error:
        raise TriggerError(
            f"{data_dir / FILE}: {error}",
            user_text=f"The triggers can't be written: {error.strerror or error}. "
            "Those that were there are kept.",
        ) from error
