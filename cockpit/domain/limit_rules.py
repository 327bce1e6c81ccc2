"""Which limit holds for whom: values for all, narrowed by account, strategy and symbol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum, StrEnum
from typing import NamedTuple

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.limits import WHOLE_LIMITS, Limits

PERMITTED = "permitted_symbols"
RESTRICTED = "restricted_symbols"

LimitValue = Decimal | int | frozenset[str]
"""A number, or the symbols of PERMITTED and RESTRICTED."""


class Scope(StrEnum):
    """For whom a value is set; each but EVERYWHERE needs a key: an id, a name, a symbol."""

    EVERYWHERE = ""
    ACCOUNTS = "accounts"
    STRATEGIES = "strategies"
    SYMBOLS = "symbols"


class Stricter(Enum):
    """Which of two values is the stricter one."""

    LOWER = "lower"
    HIGHER = "higher"
    FEWER = "fewer"
    MORE = "more"


class Spec(NamedTuple):
    """What a limit is: its unit, where strict lies, and whether it is of the whole account."""

    unit: str
    stricter: Stricter = Stricter.LOWER
    account_wide: bool = False


_S = Stricter
SPECS: Mapping[str, Spec] = {
    "max_clock_skew_s": Spec("seconds", account_wide=True),
    "max_quote_age_s": Spec("seconds"),
    "max_spread_fraction": Spec("fraction of the mid"),
    "collar_warn_fraction": Spec("fraction of the far touch"),
    "collar_block_fraction": Spec("fraction of the far touch"),
    "max_order_quantity": Spec("shares"),
    "max_order_adv_fraction": Spec("fraction of the average daily volume"),
    "max_order_value": Spec("money"),
    "max_order_equity_fraction": Spec("fraction of equity"),
    "max_position_fraction": Spec("fraction of equity"),
    "max_gross_fraction": Spec("fraction of equity", account_wide=True),
    "max_net_fraction": Spec("fraction of equity", account_wide=True),
    "max_active_orders": Spec("orders", account_wide=True),
    "max_orders_per_day": Spec("orders", account_wide=True),
    "max_messages_per_second": Spec("messages", account_wide=True),
    "max_messages_per_minute": Spec("messages", account_wide=True),
    "duplicate_window_s": Spec("seconds", _S.HIGHER),
    "max_strategy_entries": Spec("entries"),
    "strategy_window_s": Spec("seconds", _S.HIGHER),
    "day_loss_reducing_fraction": Spec("fraction of the start equity", account_wide=True),
    "day_loss_halted_fraction": Spec("fraction of the start equity", account_wide=True),
    "max_drawdown_fraction": Spec("fraction of the equity at the day's peak", account_wide=True),
    "max_consecutive_losses": Spec("trades", account_wide=True),
    "loss_cooldown_s": Spec("seconds", _S.HIGHER, account_wide=True),
    "max_order_age_s": Spec("seconds", account_wide=True),
    "stop_grace_s": Spec("seconds", account_wide=True),
    "approval_seconds": Spec("seconds"),
    PERMITTED: Spec("symbols", _S.FEWER),
    RESTRICTED: Spec("symbols", _S.MORE),
}


def strictest(name: str, one: LimitValue, other: LimitValue) -> LimitValue:
    """The stricter of two values of one limit."""
    way = SPECS[name].stricter
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return one & other if way is Stricter.FEWER else one | other
    if isinstance(one, frozenset) or isinstance(other, frozenset):
        raise DomainError(f"{name}: {one} and {other} can't be compared")
    return min(one, other) if way is Stricter.LOWER else max(one, other)


class Place(NamedTuple):
    """Where a value is set, e.g. `symbols.AAPL.max_order_value`."""

    name: str
    scope: Scope = Scope.EVERYWHERE
    key: str = ""

    def __str__(self) -> str:
        """As it is written in the settings file, below `limits`."""
        return ".".join(filter(None, (self.scope.value, self.key, self.name)))

    @staticmethod
    def of(text: str) -> Place:
        """The place written so; a key may have dots in it. Raises DomainError."""
        scope, _, rest = text.rpartition(".")[0].partition(".")
        try:
            return Place(text.rpartition(".")[2], Scope(scope), rest)
        except ValueError as error:
            raise DomainError(f"{text} is no place of a limit") from error


class LimitRules(msgspec.Struct, frozen=True):
    """Every value that was set, by its place. What holds for an order is the strictest of them.

    Refuses an unknown limit, one of the whole account set for a part of it, a value that
    limits nothing, and values that contradict each other.
    """

    values: Mapping[Place, LimitValue]

    def __post_init__(self) -> None:
        """Refuse what can't be meant; the error names the place."""
        for place, value in self.values.items():
            _check(place, value)
        missing = [n for n in Limits.__struct_fields__ if Place(n) not in self.values]
        if missing:
            raise DomainError(f"{missing[0]} is not set")
        for scope, key in {(place.scope, place.key) for place in self.values}:
            try:
                self._narrowed({scope: key})
            except DomainError as error:
                where = ".".join(filter(None, (scope.value, key)))
                raise DomainError(f"{where}: {error}" if where else str(error)) from error

    @staticmethod
    def of(limits: Limits) -> LimitRules:
        """The same limits for everything."""
        return LimitRules({Place(n): getattr(limits, n) for n in Limits.__struct_fields__})

    def limits(self, account_id: str, strategy: str = "", symbol: str = "") -> Limits:
        """The strictest of all that is set for these; empty names are of nobody."""
        return self._narrowed(_keys(account_id, strategy, symbol))

    def symbols(
        self, account_id: str, strategy: str = ""
    ) -> tuple[frozenset[str] | None, frozenset[str]]:
        """Permitted symbols, None when all are, and restricted ones."""
        values = self._strictest(_keys(account_id, strategy, ""))
        permitted, restricted = values.get(PERMITTED), values.get(RESTRICTED, frozenset[str]())
        assert permitted is None or isinstance(permitted, frozenset)  # noqa: S101 -- as checked
        assert isinstance(restricted, frozenset)  # noqa: S101 -- as checked
        return permitted, restricted

    def changed(self, place: Place, value: LimitValue) -> LimitRules:
        """With `value` at `place`. Raises DomainError."""
        return LimitRules({**self.values, place: value})

    def stricter_with(self, other: LimitRules) -> LimitRules:
        """At each place the stricter of both."""
        both = dict(self.values)
        for place, value in other.values.items():
            mine = both.get(place)
            both[place] = value if mine is None else strictest(place.name, mine, value)
        return LimitRules(both)

    def looser_than(self, other: LimitRules) -> Iterator[Place]:
        """Places where these rules are looser than `other`, a value left out among them."""
        for place, theirs in other.values.items():
            mine = self.values.get(place)
            if mine is None or strictest(place.name, mine, theirs) != mine:
                yield place

    def as_text(self) -> dict[str, str | list[str]]:
        """Value by place, to be stored and shown; `from_text` is the way back."""
        return {
            str(place): sorted(value) if isinstance(value, frozenset) else str(value)
            for place, value in self.values.items()
        }

    @staticmethod
    def from_text(texts: Mapping[str, object]) -> LimitRules:
        """What `as_text` wrote; what this version doesn't know is left out.

        A limit that was not there yet has its default. Raises DomainError.
        """
        values = dict(LimitRules.of(Limits()).values)
        for text, value in texts.items():
            place = Place.of(text)
            if place.name in SPECS:
                values[place] = _read(place.name, value)
        return LimitRules(values)

    def _narrowed(self, keys: Mapping[Scope, str]) -> Limits:
        values = self._strictest(keys)
        return Limits(**{n: values[n] for n in Limits.__struct_fields__})  # pyright: ignore[reportArgumentType] -- as checked

    def _strictest(self, keys: Mapping[Scope, str]) -> dict[str, LimitValue]:
        found: dict[str, LimitValue] = {}
        for place, value in self.values.items():
            if place.scope is Scope.EVERYWHERE or keys.get(place.scope) == place.key:
                known = found.get(place.name)
                found[place.name] = value if known is None else strictest(place.name, known, value)
        return found


def _keys(account_id: str, strategy: str, symbol: str) -> Mapping[Scope, str]:
    named = {Scope.ACCOUNTS: account_id, Scope.STRATEGIES: strategy, Scope.SYMBOLS: symbol}
    return {scope: key for scope, key in named.items() if key}


def _check(place: Place, value: LimitValue) -> None:
    spec = SPECS.get(place.name)
    if spec is None:
        raise DomainError(f"{place} is not a limit")
    if (place.scope is Scope.EVERYWHERE) != (not place.key):
        raise DomainError(f"{place} must name one of {place.scope.value or 'nothing'}")
    if spec.account_wide and place.scope in (Scope.STRATEGIES, Scope.SYMBOLS):
        raise DomainError(f"{place}: this limit is of the whole account")
    if isinstance(value, frozenset) != (place.name in (PERMITTED, RESTRICTED)):
        raise DomainError(f"{place} can't be {value}")
    if isinstance(value, frozenset):
        _check_symbols(place, value)
    else:
        Limits.check(str(place), place.name, value)


def _check_symbols(place: Place, symbols: frozenset[str]) -> None:
    if place.scope is Scope.SYMBOLS:
        raise DomainError(f"{place}: a list of symbols is not of one symbol")
    if place.name == PERMITTED and not symbols:
        raise DomainError(f"{place} permits nothing")
    for symbol in symbols:
        if not is_symbol(symbol):
            raise DomainError(f"{place}: {symbol!r} is not written as a symbol")


def is_symbol(text: str) -> bool:
    """As venues write it: no small letters, nothing blank. Anything else would match nothing."""
    return bool(text) and text == text.upper() and not any(c.isspace() for c in text)


def _read(name: str, value: object) -> LimitValue:
    if isinstance(value, list):
        return frozenset(map(str, value))  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType] -- JSON
    number = Decimal(str(value))
    return int(number) if name in WHOLE_LIMITS else number
