"""The faults a simulation knows, as one table; docs and `cockpit simulate` are drawn from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from cockpit.kernel.chance import Chance


class FaultKind(StrEnum):
    """One kind of trouble, by the name a person gives on the command line."""

    LOST_REQUEST = "lost-request"
    LOST_RESPONSE = "lost-response"
    ERROR_AFTER_ACCEPT = "error-after-accept"
    LATE_ACCEPT = "late-accept"
    RATE_LIMIT = "rate-limit"
    QUERY_ERROR = "query-error"
    DUPLICATE_EVENT = "duplicate-event"
    REORDERED_EVENT = "reordered-event"
    DROPPED_EVENT = "dropped-event"
    UNKNOWN_STATUS = "unknown-status"
    PARTIAL_THEN_CANCEL = "partial-then-cancel"
    FILL_DURING_REPLACE = "fill-during-replace"
    OVERFILL = "overfill"
    BUST = "bust"
    ELSEWHERE = "elsewhere"
    HALT = "halt"
    SPLIT = "split"
    DISCONNECT = "disconnect"
    CLOCK_STEP = "clock-step"
    SLEEP = "sleep"
    FEED_GARBAGE = "feed-garbage"
    FEED_SILENCE = "feed-silence"
    STORE_FULL = "store-full"
    STORE_LOCKED = "store-locked"
    STORE_SLOW = "store-slow"
    STORE_AT_KILL = "store-at-kill"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Fault:
    """What one kind does, and to whom."""

    kind: FaultKind
    where: str
    text: str


_F = FaultKind
FAULTS: tuple[Fault, ...] = (
    Fault(_F.LOST_REQUEST, "line", "a request never reaches the venue; the caller times out"),
    Fault(_F.LOST_RESPONSE, "line", "the venue acts, its answer never comes"),
    Fault(_F.ERROR_AFTER_ACCEPT, "line", "the venue acts, and answers with a server error"),
    Fault(_F.LATE_ACCEPT, "line", "a request times out, and reaches the venue up to 60 s later"),
    Fault(_F.RATE_LIMIT, "line", "for a while every request is refused as too many"),
    Fault(_F.QUERY_ERROR, "line", "a question fails: no answer, which is not an empty one"),
    Fault(_F.DUPLICATE_EVENT, "events", "an event comes twice or three times"),
    Fault(_F.REORDERED_EVENT, "events", "an event is overtaken by later ones"),
    Fault(_F.DROPPED_EVENT, "events", "an event is lost while the session stays up"),
    Fault(_F.UNKNOWN_STATUS, "events", "the venue reports a status that nobody knows"),
    Fault(_F.PARTIAL_THEN_CANCEL, "venue", "the venue fills a part and cancels the rest by itself"),
    Fault(_F.FILL_DURING_REPLACE, "venue", "an order fills while its replacement is on the way"),
    Fault(_F.OVERFILL, "venue", "more is filled than was ordered"),
    Fault(_F.BUST, "venue", "an execution is taken back minutes after it was reported"),
    Fault(_F.ELSEWHERE, "venue", "orders are placed and cancelled on the broker's web page"),
    Fault(_F.HALT, "venue", "a symbol is halted for some minutes"),
    Fault(_F.SPLIT, "venue", "a held stock is split, two for one"),
    Fault(_F.DISCONNECT, "session", "the session breaks, what was on its way is lost"),
    Fault(_F.CLOCK_STEP, "process", "this machine's clock jumps forwards or back"),
    Fault(_F.SLEEP, "process", "the machine sleeps, up to 8 hours, while the venue goes on"),
    Fault(
        _F.FEED_GARBAGE, "feed", "quotes that are crossed, negative, no number or from yesterday"
    ),
    Fault(_F.FEED_SILENCE, "feed", "no quotes for a minute or two, while the venue trades on"),
    Fault(_F.STORE_FULL, "store", "the disk is full: each write is refused"),
    Fault(_F.STORE_LOCKED, "store", "another program holds the ledger: a write waits, then fails"),
    Fault(_F.STORE_SLOW, "store", "each write takes up to three seconds"),
    Fault(
        _F.STORE_AT_KILL,
        "store",
        "the disk is full or the ledger locked, and just then a person closes everything",
    ),
    Fault(_F.CRASH, "process", "the program dies between any two steps, and is started again"),
)


class Plan:
    """Draws from a seed whether a fault strikes; none does once it is `quiet`."""

    def __init__(self, kinds: Collection[FaultKind], chance: Chance) -> None:
        self.kinds = frozenset(kinds)
        self.quiet = False
        self._chance = chance
        self._storms: dict[FaultKind, int] = {}

    def strikes(self, kind: FaultKind, rate: float) -> bool:
        """Whether `kind` strikes now, with the probability `rate`."""
        return kind in self.kinds and not self.quiet and self._chance.random() < rate

    def begin(self, kind: FaultKind, until_ns: int) -> None:
        """Let `kind` last until `until_ns`."""
        self._storms[kind] = until_ns

    def lasts(self, kind: FaultKind, now_ns: int) -> bool:
        """Whether `kind` is under way."""
        return bool(self._storms) and not self.quiet and self._storms.get(kind, 0) > now_ns
