"""The settings desk: what is set and why, and the one way to change the file while it runs."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import structlog

from cockpit.app import registry
from cockpit.app.configuring.catalogue import LIMITS, TOP, Known, known_settings, models
from cockpit.app.configuring.file import changed_text, text_of, with_value, write_text
from cockpit.app.configuring.kinds import as_text, as_toml
from cockpit.app.configuring.layers import (
    Layer,
    given_by_command,
    in_environment,
    written_at,
)
from cockpit.app.errors import AppError
from cockpit.app.launch import Launch
from cockpit.app.limits.desk import LimitDesk
from cockpit.app.limits.file import load_limits
from cockpit.app.signing.choosing import missing_limits
from cockpit.domain.limit_rules import LimitRules, LimitValue, Place
from cockpit.kernel import settings
from cockpit.kernel.folders import config_file
from cockpit.kernel.settings import SettingsError

_log = structlog.get_logger(__name__)


class SettingRefusedError(AppError):
    """A setting was not changed; `user_text` says why."""

    code = "SETTING"


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting as it stands.

    `value` is what holds in this session and `layer` where that comes from; `written` is what the
    file says, None for nothing; `next` is what the next start will take. `note` says what a
    person should know about it, e.g. a variable that decides it.
    """

    known: Known
    value: str
    layer: Layer
    written: str | None
    next: str
    note: str = ""

    @property
    def waits(self) -> bool:
        """True when the next start will take another value than the one that holds."""
        return self.next != self.value and self.layer is not Layer.COMMAND

    @property
    def at_once(self) -> bool:
        """True for what a change of takes effect while the session runs."""
        return self.known.section == LIMITS


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What a change would do: `refused` says why it can't be; `phrase` is what must be typed."""

    refused: str = ""
    same: bool = False
    looser: bool = False
    phrase: str = ""
    at_once: bool = False


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A change that was made: the text the file had at `known`, and has now; None for no line."""

    known: Known
    before: Any
    after: Any


class SettingsDesk:
    """Settings of one session: `started` is the file as it was read at the start.

    Each change reads the file anew, changes one key, is held to all that a start holds it to, and
    is written whole. Limits go by way of the limit desk first: it has the last word.
    """

    def __init__(
        self, launch: Launch, broker: str, started: Mapping[str, Any], limits: LimitDesk
    ) -> None:
        self.file: Path = launch.config or config_file()
        self._given = given_by_command(launch, broker)
        self._started = started
        self._limits = limits
        self._toml: Mapping[str, Any] = started
        self._undone: list[Changed] = []
        self._one_at_a_time = asyncio.Lock()

    @property
    def last_change(self) -> Changed | None:
        """What `undo` would take back."""
        return self._undone[-1] if self._undone else None

    async def read(self) -> list[Setting]:
        """Every setting, with the file as it is now. Raises SettingsError."""
        text = await asyncio.to_thread(text_of, self.file)
        self._toml = tomllib.loads(text)
        await asyncio.to_thread(known_settings)  # the first time it imports every plug-in
        return self.settings()

    def settings(self) -> list[Setting]:
        """Every setting, with the file as it was last read."""
        narrower = dict.fromkeys((*self._limits.book.rules.values, *self._rules().values))
        return [self._setting(known) for known in known_settings(tuple(narrower))]

    def judge(self, known: Known, text: str | None) -> Judged:
        """What setting it to `text` would do; None takes it out of the file."""
        try:
            value = None if text is None else as_toml(known.shape, text)
            candidate = with_value(self._toml, known.path, value)
            self._check(known, candidate)
        except ValueError as error:
            return Judged(refused=str(error))
        except SettingsError as error:
            return Judged(refused=_short(error))
        same = written_at(self._toml, known.path) == value
        if known.section != LIMITS:
            return Judged(same=same)
        place, limit = _limit_in(candidate, known)
        return Judged(
            same=same and self._limits.book.rules.values.get(place) == limit,
            looser=self._limits.loosens(place, limit),
            phrase=self._limits.phrase(place, limit),
            at_once=True,
        )

    async def change(self, known: Known, text: str | None, *, typed: str = "") -> Changed:
        """Set it in the file; a limit holds from now on, too.

        Raises SettingRefusedError, SettingsError, LimitChangeError and StoreError; the file is
        changed only when nothing is raised.
        """
        try:
            value = None if text is None else as_toml(known.shape, text)
        except ValueError as error:
            raise _refused(known, str(error)) from error
        changed = await self._write(known, value, typed)
        if changed.before != changed.after:
            self._undone.append(changed)
        return changed

    async def undo(self, *, typed: str = "") -> Changed | None:
        """Take the last change of this session back, by the same way; None when there is none."""
        if not self._undone:
            return None
        last = self._undone[-1]
        changed = await self._write(last.known, last.before, typed)
        self._undone.pop()
        return changed

    def undo_phrase(self) -> str:
        """What must be typed to take the last change back; empty when nothing."""
        last = self.last_change
        if last is None or last.known.section != LIMITS:
            return ""
        place, limit = _limit_in(with_value(self._toml, last.known.path, last.before), last.known)
        return self._limits.phrase(place, limit)

    async def _write(self, known: Known, value: Any, typed: str) -> Changed:
        async with self._one_at_a_time:
            text = await asyncio.to_thread(text_of, self.file)
            before = written_at(tomllib.loads(text), known.path)
            after = changed_text(text, known.path, value)
            candidate = tomllib.loads(after)
            try:
                self._check(known, candidate)
            except SettingsError as error:
                raise _refused(known, _short(error)) from error
            if known.section == LIMITS:
                place, limit = _limit_in(candidate, known)
                await self._limits.change(place, limit, typed=typed)
            if after != text:
                await self._store(known, after, text)
            self._toml = candidate
        _log.info("setting_changed", setting=known.dotted, value=as_text(value))
        return Changed(known=known, before=before, after=value)

    async def _store(self, known: Known, after: str, before: str) -> None:
        try:
            await asyncio.to_thread(write_text, self.file, after, before)
        except SettingsError as error:
            if known.section != LIMITS:
                raise
            raise SettingRefusedError(
                f"{known.dotted}: {error}",
                user_text=f"{known.dotted} holds in this session, but not from the next start on: "
                f"{error.user_text}",
            ) from error

    def _check(self, known: Known, candidate: Mapping[str, Any]) -> None:
        """Hold the changed file to what a start holds it to. Raises SettingsError."""
        if known.section == LIMITS:
            load_limits(candidate, registry.names("strategies"))
            return
        model = models()[known.section]
        settings.load(model, section=known.section, toml=candidate)

    def _rules(self) -> LimitRules:
        return load_limits(self._toml, registry.names("strategies"))

    def _setting(self, known: Known) -> Setting:
        if known.section == LIMITS:
            return self._limit(known)
        started, now = written_at(self._started, known.path), written_at(self._toml, known.path)
        variable, given = in_environment(known), self._given.get(known.dotted)
        value, layer, note = _layered(known, started)
        upcoming, _, _ = _layered(known, now)
        if variable:
            value = upcoming = self._loaded(known)
            layer, note = Layer.ENVIRONMENT, f"{variable} is set and decides it, not the file."
        if given is not None and as_text(given) != value:
            value, layer = as_text(given), Layer.COMMAND
            note = "This session was started with it; the file decides where that is not given."
        return Setting(
            known=known,
            value=value,
            layer=layer,
            written=None if now is None else as_text(now),
            next=upcoming,
            note=note or self._live_note(known),
        )

    def _limit(self, known: Known) -> Setting:
        place, limit = _limit_in(self._toml, known)
        held = self._limits.book.rules.values.get(place)
        now = written_at(self._toml, known.path)
        layer = Layer.DEFAULT if now is None else Layer.FILE
        note = ""
        if held != limit:
            layer = Layer.SESSION
            note = "It holds in this session only; the file says otherwise."
        return Setting(
            known=known,
            value=as_text(held),
            layer=layer,
            written=None if now is None else as_text(now),
            next=as_text(limit),
            note=note,
        )

    def _loaded(self, known: Known) -> str:
        model = models()[known.section]
        whole = settings.load(model, section=known.section, toml=self._toml)
        head, _, rest = known.key.partition(".")
        value = getattr(whole, head)
        return as_text(value.get(rest, known.default) if rest else value)

    def _live_note(self, known: Known) -> str:
        if known.section == TOP and known.key == "mode" and missing_limits(self._toml):
            return "Live needs limits of your own in the file first."
        return ""


def _layered(known: Known, written: Any) -> tuple[str, Layer, str]:
    if written is None:
        return known.default, Layer.DEFAULT, ""
    return as_text(written), Layer.FILE, ""


def _limit_in(toml: Mapping[str, Any], known: Known) -> tuple[Place, LimitValue | None]:
    place = Place.of(known.key)
    return place, load_limits(toml).values.get(place)


def _short(error: SettingsError) -> str:
    """The fault without the words for a start."""
    return f"It can't be used: {error}."


def _refused(known: Known, why: str) -> SettingRefusedError:
    return SettingRefusedError(
        f"{known.dotted}: {why}",
        user_text=f"{known.dotted} was not changed. {why} The file is as it was.",
    )
