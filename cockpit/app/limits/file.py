"""The `[limits]` of the settings file: for all, and narrower by account, strategy and symbol."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from cockpit.domain.errors import DomainError
from cockpit.domain.limit_rules import (
    PERMITTED,
    RESTRICTED,
    SPECS,
    LimitRules,
    LimitValue,
    Place,
    Scope,
    is_symbol,
)
from cockpit.domain.limits import WHOLE_LIMITS, Limits
from cockpit.domain.order import FLATTEN, MANUAL
from cockpit.kernel.settings import SettingsError

_SCOPES = (Scope.ACCOUNTS, Scope.STRATEGIES, Scope.SYMBOLS)


def load_limits(toml: Mapping[str, Any], strategies: Collection[str] = ()) -> LimitRules:
    """The section over the defaults. Raises SettingsError naming what can't be used.

    `strategies` are the names that are known; a misspelt one would limit nobody.
    """
    section = _table(toml.get("limits", {}), "[limits]")
    values = dict(LimitRules.of(Limits()).values)
    here = {key: value for key, value in section.items() if key not in _SCOPES}
    values |= _values(here, Scope.EVERYWHERE, "")
    for scope in _SCOPES:
        for key, value in _table(section.get(scope.value, {}), f"[limits.{scope.value}]").items():
            where = f"[limits.{scope.value}.{key}]"
            table = _table(value, where)
            _check_key(scope, key, strategies, where)
            if not table:
                raise _refused(f"{where} sets nothing")
            values |= _values(table, scope, key)
    try:
        return LimitRules(values)
    except DomainError as error:
        raise _refused(f"limits.{error}" if _is_place(error) else str(error)) from error


def _is_place(error: DomainError) -> bool:
    return str(error).startswith(tuple(f"{scope.value}." for scope in _SCOPES))


def _check_key(scope: Scope, key: str, strategies: Collection[str], where: str) -> None:
    if scope is Scope.SYMBOLS and not is_symbol(key):
        raise _refused(f"{where}: {key} is not written as a symbol")
    if scope is not Scope.STRATEGIES:
        return
    if key == FLATTEN:
        raise _refused(f"{where}: closing a position is never limited")
    if strategies and key not in (*strategies, MANUAL):
        raise _refused(f"{where}: there is no strategy {key}")


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _refused(f"{where} must be a section")
    return cast("Mapping[str, Any]", value)


def _values(table: Mapping[str, Any], scope: Scope, key: str) -> dict[Place, LimitValue]:
    return dict(_each(table, scope, key))


def _each(table: Mapping[str, Any], scope: Scope, key: str) -> Iterator[tuple[Place, LimitValue]]:
    for name, value in table.items():
        place = Place(name, scope, key)
        if name not in SPECS:
            raise _refused(f"limits.{place} is not a limit")
        if name in (PERMITTED, RESTRICTED):
            yield place, _symbols(place, value)
        else:
            yield place, _number(place, value)


def _symbols(place: Place, value: object) -> frozenset[str]:
    symbols = cast("list[object]", value) if isinstance(value, list) else None
    if symbols is None or not all(isinstance(symbol, str) for symbol in symbols):
        raise _refused(f"limits.{place} must be a list of symbols, not {value}")
    return frozenset(map(str, symbols))


def _number(place: Place, value: object) -> Decimal | int:
    whole = place.name in WHOLE_LIMITS
    try:
        number = Decimal(str(value))
        fits = number.is_finite() and (not whole or number == int(number))
    except InvalidOperation:
        fits, number = False, Decimal(0)
    if not fits or isinstance(value, bool):
        raise _refused(f"limits.{place} is not a number that can be used: {value}")
    return int(number) if whole else number


def _refused(why: str) -> SettingsError:
    return SettingsError(why, user_text=f"A limit can't be used: {why}. Trading was not started.")
