"""One request on its way to the venue and its answer on the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from cockpit.adapters.brokers.paper.venue import Message
from cockpit.adapters.brokers.paper.wire import Answer, Wire
from cockpit.ports.broker import BrokerError

T = TypeVar("T")


class Request(Generic[T]):
    """Acts at the venue exactly once, whether or not somebody still waits for the answer."""

    def __init__(
        self,
        act: Callable[[int], tuple[T, Sequence[Message]]],
        wire: Wire,
        deliver: Callable[[Sequence[Message]], None],
        extra_ns: int,
    ) -> None:
        self._act = act
        self._wire = wire
        self._deliver = deliver
        self._extra_ns = extra_ns
        self._arrived = False
        self._abandoned = False
        self._answer: Answer | None = None
        self._error: BrokerError | None = None
        self._values: list[T] = []

    def arrive(self, now_ns: int) -> int:
        """Act, unless that was done; returns when the answer is due, by `elapsed_ns`."""
        if not self._arrived:
            self._arrived = True
            self._run(now_ns)
        return self._answer.due_ns if self._answer is not None else 0

    def on_arrival(self, now_ns: Callable[[], int]) -> None:
        """Act when the time has come, as a timer's callback."""
        self.arrive(now_ns())

    def close(self) -> None:
        """The asker has its answer or has gone: let the events behind it through."""
        self._abandoned = True
        if self._answer is not None:
            self._wire.take(self._answer)

    def result(self) -> T:
        """The venue's answer; raises its refusal."""
        if self._error is not None:
            raise self._error
        return self._values[0]

    def _run(self, now_ns: int) -> None:
        messages: Sequence[Message] = ()
        try:
            value, messages = self._act(now_ns)
            self._values.append(value)
        except BrokerError as error:
            self._error = error
        if not self._abandoned:
            self._answer = self._wire.answer(self._extra_ns)
        self._deliver(messages)
