"""A property that is reckoned once: `functools.cached_property` without its lock (Python 3.11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 -- reads as a decorator, like property
    """The first look keeps the value in the instance, where later looks find it by themselves."""

    def __init__(self, reckon: Callable[[Any], T]) -> None:
        self._reckon = reckon
        self._name = reckon.__name__
        self.__doc__ = reckon.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        """Reckon it; an instance that knows it already is not asked here."""
        value = instance.__dict__[self._name] = self._reckon(instance)
        return value
