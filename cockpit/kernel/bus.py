"""A typed event bus: the class of an event is its topic.

Dispatch is synchronous and in the loop's thread. Events published while another
event is being dispatched wait in line, so every subscriber sees the same order.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import structlog

E = TypeVar("E")
Unsubscribe = Callable[[], None]
Handler = Callable[[Any], None]

_log = structlog.get_logger(__name__)


class HandlerFailed(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber raised; the others were still served.

    `count` is how often this handler has failed since the start.
    """

    handler: str
    topic: str
    error: str
    count: int


class _Subscription:
    __slots__ = ("handler", "live", "many", "name")

    def __init__(self, handler: Handler, many: Handler | None, name: str) -> None:
        self.handler = handler
        self.many = many
        self.name = name
        self.live = True


class Bus:
    """Hands each published event to the subscribers of exactly its class."""

    def __init__(self) -> None:
        self._handlers: dict[type, tuple[_Subscription, ...]] = {}
        self._waiting: deque[object] = deque()
        self._dispatching = False
        self._failures: Counter[str] = Counter()

    @property
    def failures(self) -> Mapping[str, int]:
        """Failures so far by handler name, for the Health panel."""
        return dict(self._failures)

    def subscribe(
        self,
        topic: type[E],
        handler: Callable[[E], None],
        *,
        many: Callable[[Sequence[E]], None] | None = None,
        name: str | None = None,
    ) -> Unsubscribe:
        """Call `handler` for every event of class `topic`; the result ends that.

        `many`, if given, takes the place of the calls for events that were published together.
        Once it returned, `handler` is never called again, not even by the dispatch that
        is under way. Calling the result twice is harmless.
        """
        subscription = _Subscription(handler, many, name or _name_of(handler))
        self._handlers[topic] = (*self._handlers.get(topic, ()), subscription)

        def unsubscribe() -> None:
            subscription.live = False
            left = self._handlers.get(topic, ())
            self._handlers[topic] = tuple(s for s in left if s is not subscription)

        return unsubscribe

    def publish(self, event: object) -> None:
        """Dispatch `event`, or queue it behind the one being dispatched now."""
        if self._dispatching or self._waiting:
            self._waiting.append(event)
            if self._dispatching:
                return
            event = self._waiting.popleft()
        self._dispatching = True
        try:
            self._dispatch(event)
            while self._waiting:
                self._dispatch(self._waiting.popleft())
        finally:
            self._dispatching = False

    def publish_all(self, events: Sequence[object]) -> None:
        """Dispatch events of one class, each subscriber getting them all before the next does.

        What a handler publishes meanwhile comes after them.
        """
        if self._dispatching or self._waiting:
            for event in events:
                self.publish(event)
            return
        self._dispatching = True
        try:
            self._dispatch_all(events)
            while self._waiting:
                self._dispatch(self._waiting.popleft())
        finally:
            self._dispatching = False

    def _dispatch_all(self, events: Sequence[object]) -> None:
        for subscription in self._handlers.get(type(events[0]), ()) if events else ():
            if subscription.many is None:
                self._one_by_one(subscription, events)
            elif subscription.live:
                try:
                    subscription.many(events)
                except Exception as error:  # noqa: BLE001 -- as for a single event
                    self._report(subscription.name, events[-1], error)

    def _one_by_one(self, subscription: _Subscription, events: Sequence[object]) -> None:
        for event in events:
            if not subscription.live:
                return
            try:
                subscription.handler(event)
            except Exception as error:  # noqa: BLE001 -- as for a single event
                self._report(subscription.name, event, error)

    def _dispatch(self, event: object) -> None:
        for subscription in self._handlers.get(type(event), ()):
            if not subscription.live:  # ended by a handler before it
                continue
            try:
                subscription.handler(event)
            except Exception as error:  # noqa: BLE001 -- one bad handler must not stop the rest
                self._report(subscription.name, event, error)

    def _report(self, name: str, event: object, error: Exception) -> None:
        self._failures[name] += 1
        count = self._failures[name]
        topic = type(event).__name__
        if count == 1:  # the first with its stack, the rest as a count
            _log.error("handler_failed", handler=name, topic=topic, exc_info=error)
        if not isinstance(event, HandlerFailed):  # a broken listener must not feed itself
            self._waiting.append(
                HandlerFailed(handler=name, topic=topic, error=repr(error), count=count)
            )


def _name_of(handler: Callable[..., object]) -> str:
    module = getattr(handler, "__module__", "?")
    return f"{module}.{getattr(handler, '__qualname__', repr(handler))}"
