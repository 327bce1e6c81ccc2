"""What is the same for all vendors: the key, one metered request, and how they fared so far."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cockpit.adapters.sources.reading import words
from cockpit.adapters.sources.rest import Reply, Rest
from cockpit.adapters.sources.settings import RestSettings
from cockpit.kernel.clock import MILLISECOND
from cockpit.kernel.log import REDACTOR
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, CheckState
from cockpit.ports.source import (
    ActionsAsk,
    Answer,
    Ask,
    BarsAsk,
    DownError,
    FundamentalsAsk,
    KeyRefusedError,
    MalformedError,
    Meter,
    NewsAsk,
    NotEntitledError,
    QuoteAsk,
    Row,
    SourceError,
    UnknownSymbolError,
)
from cockpit.ports.vault import Vault, VaultError, vendor_secret

_SLOW_MS = 5_000.0
_BAD_WORDS = (DownError, MalformedError)
_OF_THE_ASK = (UnknownSymbolError, NotEntitledError)


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who it is: the plug-in's name, and how a person and a web browser know it."""

    name: str
    title: str
    home: str


class Door:
    """The way to one vendor: finds the key when it is first needed, asks within the meter.

    A key that was refused is looked up anew at the next request: a person may have stored
    another meanwhile.
    """

    def __init__(
        self, vendor: Vendor, url: str, settings: RestSettings, vault: Vault | None, clock: Clock
    ) -> None:
        self.vendor = vendor
        self.diary = Diary(vendor)
        self._rest = Rest(vendor.name, url, settings)
        self._vault = vault
        self._clock = clock
        self._key = ""

    async def key(self) -> str:
        """The key. Raises KeyRefusedError."""
        if not self._key:
            name = self.vendor.name
            try:
                stored = None if self._vault is None else await self._vault.get(vendor_secret(name))
            except VaultError as error:
                raise KeyRefusedError(
                    name, f"its key could not be read: {error.user_text}"
                ) from error
            if not stored:
                raise KeyRefusedError(
                    name, f"no key is stored (store one: cockpit data keys add {name})"
                )
            REDACTOR.hide(stored)
            self._key = stored
        return self._key

    async def get(
        self,
        meter: Meter,
        path: str,
        params: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request. Raises SourceError, of a status only for what all vendors mean alike."""
        async with meter.request():
            began = self._clock.elapsed_ns()
            reply = await self._rest.get(path, params, headers or {})
            self.diary.latency_ms = (self._clock.elapsed_ns() - began) / MILLISECOND
        if 300 <= reply.status < 400:
            raise DownError(self.vendor.name, f"it sends us elsewhere (HTTP {reply.status})")
        if reply.status >= 500:
            raise DownError(self.vendor.name, f"HTTP {reply.status}")
        return reply

    def told(self, text: object) -> str:
        """The vendor's own words, fit to be shown."""
        return words(text, self._key)

    def note(self, error: SourceError | None) -> None:
        """How a fetch went, for `checks`."""
        if isinstance(error, KeyRefusedError):
            self._key = ""
        self.diary.note(error)

    async def close(self) -> None:
        """Hang up."""
        await self._rest.close()


class VendorSource(ABC):
    """The half of `Source` and `Checked` that is the same for all vendors."""

    def __init__(self, door: Door, clock: Clock) -> None:
        self._door = door
        self._clock = clock
        self._known: set[str] = set()

    @property
    def name(self) -> str:
        """The plug-in's name."""
        return self._door.vendor.name

    async def fetch(self, ask: Ask, meter: Meter) -> Answer:
        """Ask once. Raises SourceError."""
        try:
            answer = await self._fetch(ask, meter)
        except SourceError as error:
            self._door.note(error)
            raise
        self._door.note(None)
        return answer

    async def key(self) -> str:
        """The key, for the vendor's stream. Raises KeyRefusedError."""
        return await self._door.key()

    async def close(self) -> None:
        """Hang up."""
        await self._door.close()

    async def checks(self) -> Sequence[Check]:
        """How it fared so far; asks nobody."""
        return self._door.diary.checks()

    async def _fetch(self, ask: Ask, meter: Meter) -> Answer:
        match ask:
            case QuoteAsk():
                return await self._quote(ask, meter)
            case BarsAsk():
                return await self._bars(ask, meter)
            case FundamentalsAsk():
                return await self._fundamentals(ask, meter)
            case NewsAsk():
                return await self._news(ask, meter)
            case ActionsAsk():
                return await self._actions(ask, meter)

    @abstractmethod
    async def _quote(self, ask: QuoteAsk, meter: Meter) -> Answer: ...

    @abstractmethod
    async def _bars(self, ask: BarsAsk, meter: Meter) -> Answer: ...

    @abstractmethod
    async def _fundamentals(self, ask: FundamentalsAsk, meter: Meter) -> Answer: ...

    @abstractmethod
    async def _news(self, ask: NewsAsk, meter: Meter) -> Answer: ...

    @abstractmethod
    async def _actions(self, ask: ActionsAsk, meter: Meter) -> Answer: ...

    def _answer(self, rows: Sequence[Row], delay_s: int, *, complete: bool = True) -> Answer:
        return Answer(
            source=self.name,
            fetched_ns=self._clock.now_ns(),
            rows=tuple(rows),
            delay_s=delay_s,
            complete=complete,
        )

    def _check(self, wanted: str, got: str) -> None:
        """Raise MalformedError for an answer about somebody else."""
        if got != wanted:
            raise MalformedError(self.name, f"{self._door.told(got) or 'nobody'} for {wanted}")

    def _not_offered(self, what: str) -> NotEntitledError:
        return NotEntitledError(self.name, f"it has no {what} on this plan")


class Diary:
    """How the last requests fared; says so when asked, without asking the vendor again."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self.latency_ms = 0.0
        self._seen = self._answered = False
        self._failed: SourceError | None = None
        self._key: KeyRefusedError | None = None
        self._plan: dict[str, NotEntitledError] = {}

    def note(self, error: SourceError | None) -> None:
        """The end of a fetch: None for an answer."""
        self._seen = True
        if error is None or isinstance(error, _OF_THE_ASK):
            self._answered, self._failed, self._key = True, None, None
        if isinstance(error, KeyRefusedError):
            self._key = error
        elif isinstance(error, NotEntitledError):
            self._plan[error.why] = error
        elif isinstance(error, _BAD_WORDS):
            self._failed = error

    def checks(self) -> Sequence[Check]:
        """Key, plan and latency, by what was seen since the start; nothing before that."""
        return (self._of_key(), self._of_plan(), self._of_answers()) if self._seen else ()

    def _of_key(self) -> Check:
        if self._key is not None:
            return self._check("key", CheckState.FAILED, f"Refused: {self._key.why}.", self._mend())
        if not self._answered:
            return self._check("key", CheckState.UNKNOWN, "Nobody has said yet whether it is good.")
        return self._check("key", CheckState.OK, f"{self._vendor.title} takes it.")

    def _of_plan(self) -> Check:
        if not self._plan:
            return self._check("plan", CheckState.OK, "It covered all that was asked for.")
        whys = "; ".join(list(self._plan)[:3])
        step = f"Ask others for it, or take another plan: {self._vendor.home}"
        return self._check("plan", CheckState.WARNING, f"It does not cover: {whys}.", step)

    def _of_answers(self) -> Check:
        if self._failed is not None:
            found = f"The last request failed: {self._failed.why}."
            return self._check("answers", CheckState.WARNING, found, "It is asked again as needed.")
        if not self._answered:
            return self._check("answers", CheckState.UNKNOWN, "None has come yet.")
        slow = self.latency_ms > _SLOW_MS
        found = f"The last answer took {self.latency_ms:,.0f} ms."
        return self._check("answers", CheckState.WARNING if slow else CheckState.OK, found)

    def _mend(self) -> str:
        return f"Store another: cockpit data keys add {self._vendor.name}"

    @staticmethod
    def _check(name: str, state: CheckState, found: str, next_step: str = "") -> Check:
        return Check(name=name, state=state, found=found, next_step=next_step)
