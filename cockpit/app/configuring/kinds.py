"""What a setting's values look like: read from the type that its settings class declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

import msgspec
from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo


class Kind(StrEnum):
    """How a value is typed: one of few, yes or no, a number, words, or one word a line."""

    CHOICE = "choice"
    YES_NO = "yes_no"
    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    LINES = "lines"


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A kind with what is allowed: `choices` of a CHOICE, `range` in words, empty for any."""

    kind: Kind
    choices: tuple[str, ...] = ()
    range: str = ""


def shape_of(field: FieldInfo) -> Shape:
    """The shape of a field of a settings class."""
    parts = [part for part in _parts(field.annotation) if part is not NoneType]
    marks = [*field.metadata, *_marks(field.annotation)]
    return _shape(parts, _range(marks))


def shape_of_type(annotation: Any) -> Shape:
    """The shape of values of this type, e.g. of those of a table."""
    parts = [part for part in _parts(annotation) if part is not NoneType]
    return _shape(parts, _range([*_marks(annotation)]))


def _shape(parts: list[Any], span: str) -> Shape:
    words = tuple(word for part in parts for word in _choices(part))
    plain = [part for part in parts if not _choices(part)]
    if words and not plain:
        return Shape(kind=Kind.CHOICE, choices=words)
    if words:  # a number, or a word instead of it
        return Shape(kind=Kind.TEXT, range=" or ".join(filter(None, (span, *words))))
    if any(get_origin(part) in (tuple, list, frozenset, set) for part in plain):
        return Shape(kind=Kind.LINES, range="one a line")
    for type_, kind in (
        (bool, Kind.YES_NO),
        (int, Kind.WHOLE),
        (float, Kind.NUMBER),
        (Decimal, Kind.NUMBER),
    ):
        if type_ in plain:
            yes_no = ("yes", "no") if kind is Kind.YES_NO else ()
            return Shape(kind=kind, choices=yes_no, range=span)
    return Shape(kind=Kind.TEXT, range=span)


def _choices(part: Any) -> tuple[str, ...]:
    if get_origin(part) is Literal:
        return tuple(map(str, get_args(part)))
    if isinstance(part, type) and issubclass(part, Enum):
        return tuple(str(member.value) for member in part)
    return ()


def _parts(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from _parts(part)
    elif origin is Annotated:
        yield from _parts(get_args(annotation)[0])
    else:
        yield annotation


def _marks(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from _marks(part)
    elif origin is Annotated:
        for mark in get_args(annotation)[1:]:
            yield from mark.metadata if isinstance(mark, FieldInfo) else (mark,)


def _range(marks: list[Any]) -> str:
    low = next((f"{m.ge}" for m in marks if isinstance(m, Ge)), "")
    above = next((f"{m.gt}" for m in marks if isinstance(m, Gt)), "")
    high = next((f"{m.le}" for m in marks if isinstance(m, Le)), "")
    below = next((f"{m.lt}" for m in marks if isinstance(m, Lt)), "")
    if low and high:
        return f"{low} to {high}"
    words = (
        (low, "at least {}"),
        (above, "more than {}"),
        (high, "at most {}"),
        (below, "less than {}"),
    )
    return ", ".join(text.format(number) for number, text in words if number)


def as_toml(shape: Shape, text: str) -> Any:
    """What a person typed, as it stands in the file; None means to take the key out.

    Whether the value can be used is for the settings class to say. Raises ValueError in words
    for what can't even be written.
    """
    text = text.strip()
    if shape.kind is Kind.LINES:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if not text:
        return None
    if shape.kind is Kind.YES_NO:
        if text.lower() not in shape.choices:
            raise ValueError("It is yes or no.")
        return text.lower() == "yes"
    if shape.kind in (Kind.WHOLE, Kind.NUMBER):
        return _number(text, whole=shape.kind is Kind.WHOLE)
    if shape.kind is Kind.TEXT and shape.range:
        try:
            return _number(text, whole=False)
        except ValueError:
            return text
    return text


def _number(text: str, *, whole: bool) -> int | float | str:
    plain = text.replace("_", "").replace(" ", "")
    if "," in plain:
        raise ValueError("Write a point, not a comma, and nothing between thousands.")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise ValueError("It must be a number.") from None
    if not number.is_finite():
        raise ValueError("It must be a finite number.")
    if number == number.to_integral_value():
        return int(number)
    if whole:
        raise ValueError("It must be a whole number.")
    near = float(number)
    return near if Decimal(repr(near)) == number else plain  # more digits than a float has


def as_text(value: object) -> str:
    """A value as a person reads and types it; empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (tuple, list)):
        return "\n".join(map(as_text, cast("Iterable[object]", value)))
    if isinstance(value, (frozenset, set)):
        return "\n".join(sorted(map(as_text, cast("Iterable[object]", value))))
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return ", ".join(f"{as_text(key)} = {as_text(item)}" for key, item in pairs)
    if isinstance(value, (Decimal, float)):
        return f"{Decimal(str(value)).normalize():f}"
    return str(value)
