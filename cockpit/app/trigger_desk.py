"""Keeps triggers in the data folder, and makes alerts of what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVarTuple, Unpack

import msgspec

from cockpit.app.core import Core
from cockpit.app.errors import AppError
from cockpit.domain.alert import Severity
from cockpit.domain.errors import DomainError
from cockpit.domain.events import TriggersChanged
from cockpit.domain.market import TriggerFired
from cockpit.kernel.private_files import private_folder, write_private
from cockpit.kernel.supervisor import SupervisorStoppedError
from cockpit.market.errors import MarketError
from cockpit.market.triggers import Trigger, Triggers

FILE = "triggers.json"
Ts = TypeVarTuple("Ts")


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


class TriggerDesk:
    """The triggers of one session, watched and kept; changes hold at once.

    In a session that isn't of today's market they speak, but what they said is not kept. One
    that speaks is told at once and noted behind it: a crash in between lets it speak once more.
    """

    def __init__(self, core: Core, known: Sequence[Trigger]) -> None:
        self._core = core
        self._known = {trigger.name: trigger for trigger in known}
        self._engine = Triggers(core.bus, core.book, known, lambda _spent: None, bars=core.bars)
        self._one_at_a_time = asyncio.Lock()
        self._unkept: dict[str, Trigger] = {}
        core.bus.subscribe(TriggerFired, self._on_fired, name="trigger-alerts")
        core.ingest.watch_closely(self._engine.symbols)

    def all(self) -> list[Trigger]:
        """Every one, by name."""
        return [self._known[name] for name in sorted(self._known)]

    def in_session(self, trigger: Trigger) -> bool:
        """True when its symbol has prices in this session."""
        return trigger.symbol in self._core.book.symbols

    async def put(self, trigger: Trigger, *, replaces: str = "") -> None:
        """Keep it, in the place of the one of its name, and watch it afresh from now on.

        `replaces` names the one that it was before it got another name. Raises TriggerError.
        """
        async with self._one_at_a_time:
            if trigger.name != replaces and trigger.name in self._known:
                raise TriggerError(
                    f"{trigger.name} is there",
                    user_text=f"There is a trigger {trigger.name!r} already. Nothing was changed; "
                    "choose another name.",
                )
            folder = self._core.data_dir
            await _to_its_end(_swap, folder, replaces, trigger)
            for name in (replaces, trigger.name):
                self._known.pop(name, None)
                self._unkept.pop(name, None)  # what it said before counts no more
            self._known[trigger.name] = trigger
            self._engine.remove(replaces)
            self._engine.put(trigger)
        self._tell_changed(trigger.name)

    async def switch(self, name: str, *, on: bool) -> None:
        """Turn it on or off; one that was spent is armed again. Raises TriggerError."""
        known = self._known[name]
        await self.put(msgspec.structs.replace(known, on=on, spent=False), replaces=name)

    async def remove(self, name: str) -> Trigger:
        """Take it out; what is returned can be `put` back. Raises TriggerError."""
        async with self._one_at_a_time:
            await _to_its_end(remove_trigger, self._core.data_dir, name)
            self._engine.remove(name)
            self._unkept.pop(name, None)
            removed = self._known.pop(name)
        self._tell_changed(name)
        return removed

    async def close(self) -> None:
        """Stop watching, and note what was said last."""
        self._engine.close()
        await self._keep()

    def _on_fired(self, fired: TriggerFired) -> None:
        core, known = self._core, self._known.get(fired.name)
        _tell(core, fired)
        if known is None:
            return
        spoken = msgspec.structs.replace(known, fired_ns=fired.ts_event, spent=not known.again)
        self._known[fired.name] = spoken
        if not core.mode.simulated:
            self._unkept[fired.name] = spoken
            with suppress(SupervisorStoppedError):  # `close` does it then
                core.supervisor.work(self._keep(), name="trigger-spoke", owner="market")
        self._tell_changed(fired.name)

    async def _keep(self) -> None:
        """Note those that have spoken; what can't be noted now is tried again with the next."""
        async with self._one_at_a_time:
            for name, spoken in tuple(self._unkept.items()):
                try:
                    await _to_its_end(mark_spoken, self._core.data_dir, spoken)
                except (TriggerError, OSError) as error:
                    _warn(self._core, f"{name} has spoken but could not be marked so: {error}.")
                else:
                    if self._unkept.get(name) is spoken:  # else it has spoken again since
                        del self._unkept[name]

    def _tell_changed(self, name: str) -> None:
        now = self._core.clock.now_ns()
        self._core.bus.publish(TriggersChanged(name=name, ts_event=now, ts_init=now))


async def watch_triggers(core: Core) -> TriggerDesk | None:
    """Watch the data folder's triggers over this session; with an alert, none, if unreadable."""
    try:
        known: Sequence[Trigger] = await asyncio.to_thread(load_triggers, core.data_dir)
    except TriggerError as error:
        _warn(core, error.user_text)
        return None
    return TriggerDesk(core, known)


async def _to_its_end(change: Callable[[Unpack[Ts]], None], *of: *Ts) -> None:
    """Change the file in a thread; who is called off still waits for it.

    Else the next change could be overtaken by this one. Raises TriggerError and OSError.
    """
    job = asyncio.get_running_loop().run_in_executor(None, change, *of)
    try:
        await asyncio.shield(job)
    except asyncio.CancelledError:
        await asyncio.wait((job,))
        raise


def mark_spoken(data_dir: Path, spoken: Trigger) -> None:
    """Note that a trigger has spoken, if it is still there: a command may have changed the file.

    Raises TriggerError.
    """
    known = _by_name(data_dir).get(spoken.name)
    if known is not None:
        said = {"fired_ns": spoken.fired_ns, "spent": not known.again}
        save_trigger(data_dir, msgspec.structs.replace(known, **said))


def _swap(data_dir: Path, before: str, trigger: Trigger) -> None:
    known = _by_name(data_dir)
    known.pop(before, None)
    _write(data_dir, {**known, trigger.name: trigger})


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
