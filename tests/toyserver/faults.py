"""What the toy venue may do wrong: planned one by one, or by seeded chance."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import Enum
from random import Random


class RefusedError(Exception):
    """The venue refuses, with an HTTP status and a code and message of its own."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Fault(Enum):
    """What happens to one request. The ACCEPTED ones do what was asked before they fail."""

    LOST_REQUEST = "the line breaks before anything was done"
    LOST_ANSWER = "accepted, then the line is reset"
    ACCEPTED_504 = "accepted, then 504"
    ACCEPTED_HTML = "accepted, then a proxy's page with status 200"
    ACCEPTED_ODD = "accepted, then JSON of another shape"
    ACCEPTED_CUT = "accepted, then half of the body"
    STALLED = "nothing is done and no answer comes"
    HTML_403 = "a proxy's page with status 403"
    BUSY_500 = "500 with the venue's own words, nothing done"
    TOO_MANY = "429 with Retry-After"
    REDIRECT = "301 to elsewhere"


ACCEPTED = frozenset(
    {
        Fault.LOST_ANSWER,
        Fault.ACCEPTED_504,
        Fault.ACCEPTED_HTML,
        Fault.ACCEPTED_ODD,
        Fault.ACCEPTED_CUT,
    }
)


@dataclass
class Faults:
    """Asked once for each request, by method and path, e.g. "POST /v2/orders"."""

    seed: int = 1
    planned: dict[str, deque[Fault | None]] = field(default_factory=dict)
    rates: dict[str, list[tuple[Fault, float]]] = field(default_factory=dict)
    made: Counter[Fault] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)

    def plan(self, request: str, *faults: Fault | None) -> None:
        """Let the next requests of that kind go wrong, one fault each; None spares one."""
        self.planned.setdefault(request, deque()).extend(faults)

    def rate(self, request: str, **rates: float) -> None:
        """Let a part of the requests of that kind go wrong; keys are names of `Fault`."""
        self.rates[request] = [(Fault[name.upper()], part) for name, part in rates.items()]

    def next(self, method: str, path: str) -> Fault | None:
        """What happens to this request; None for nothing."""
        request = f"{method} {path}"
        fault = self._planned(request) or self._by_chance(request)
        if fault is not None:
            self.made[fault] += 1
        return fault

    def _planned(self, request: str) -> Fault | None:
        waiting = self.planned.get(request)
        return waiting.popleft() if waiting else None

    def _by_chance(self, request: str) -> Fault | None:
        draw = self._chance.random()
        for fault, part in self.rates.get(request, ()):
            if draw < part:
                return fault
            draw -= part
        return None


@dataclass
class StreamFaults:
    """How the stream of order updates misbehaves.

    `mute_at` names the step after which nothing more is said: "hello", "auth" or "listen".
    `frozen` answers no ping either. `limit` refuses with the connection limit, in words or
    with HTTP `refuse_status`. Rates are of updates.
    """

    mute_at: str = ""
    frozen: bool = False
    limit: bool = False
    refuse_status: int = 0
    drop_rate: float = 0.0
    duplicate_rate: float = 0.0
    reorder_rate: float = 0.0
    odd_rate: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)
        self._kept_back: bytes | None = None

    def spoil(self, message: bytes) -> list[bytes]:
        """What goes out instead of `message`."""
        if self._hit(self.drop_rate):
            return []
        out = [message, message] if self._hit(self.duplicate_rate) else [message]
        if self._hit(self.odd_rate):
            out.append(message.replace(b'"status":"', b'"status":"odd_'))
        if self._kept_back is not None:
            out, self._kept_back = [*out, self._kept_back], None
        elif self._hit(self.reorder_rate):
            self._kept_back = out.pop()
        return out

    def _hit(self, rate: float) -> bool:
        return rate > 0 and self._chance.random() < rate
