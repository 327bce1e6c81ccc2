"""Makes facts of one period, each with its text in the house's format."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cockpit.domain.fact import Fact, Unit
from cockpit.journal import words
from cockpit.journal.definitions import NO_TIME


class FactMaker:
    """One method a kind of fact; `source` holds the execution ids it rests on."""

    def __init__(
        self, period: str, *, dated: bool = False, currencies: Sequence[str] = ("USD",)
    ) -> None:
        self._period = period
        self._currencies = currencies
        self._dated = dated

    @property
    def dated(self) -> bool:
        """Whether a time of day needs its date beside it: the period is more than a day."""
        return self._dated

    @property
    def several(self) -> bool:
        """Whether there is money in more than one currency."""
        return len(self._currencies) > 1

    def of(self, period: str) -> FactMaker:
        """Makes facts of a part of the period."""
        return FactMaker(period, currencies=self._currencies)

    def within(self, currencies: Sequence[str]) -> FactMaker:
        """Makes facts of trades in these currencies; several can't be added up."""
        return FactMaker(self._period, dated=self._dated, currencies=currencies)

    def fact(  # noqa: PLR0917  # facts are rows of a table and read best as such
        self,
        id_: str,
        label: str,
        unit: Unit,
        value: Decimal | None,
        text: str,
        definition: str,
        source: tuple[str, ...] = (),
        *,
        required: bool = False,
        undefined: str = "",
    ) -> Fact:
        """Any fact, with its text given."""
        return Fact(
            id=id_,
            label=label,
            unit=unit,
            value=value,
            text=text,
            period=self._period,
            definition=definition,
            provenance=source,
            required=required,
            undefined=undefined,
        )

    def money(
        self,
        id_: str,
        label: str,
        value: Decimal,
        definition: str,
        source: tuple[str, ...] = (),
        *,
        required: bool = False,
    ) -> Fact:
        """Money won or lost, its sign always shown; undefined in several currencies."""
        text = words.signed_money(value, self._currencies[0])
        return self._sum(id_, label, value, text, definition, source, required=required)

    def paid(
        self,
        id_: str,
        label: str,
        value: Decimal,
        definition: str,
        source: tuple[str, ...] = (),
        *,
        required: bool = False,
    ) -> Fact:
        """Money without a plus, as fees are; undefined in several currencies."""
        text = words.money(value, self._currencies[0])
        return self._sum(id_, label, value, text, definition, source, required=required)

    def signed_money(self, value: Decimal) -> str:
        """Money won or lost in the currency of these facts."""
        return words.signed_money(value, self._currencies[0])

    def _sum(  # noqa: PLR0917  # as above
        self,
        id_: str,
        label: str,
        value: Decimal,
        text: str,
        definition: str,
        source: tuple[str, ...],
        *,
        required: bool,
    ) -> Fact:
        why = words.not_added_up(self._currencies)
        shown = f"undefined ({' and '.join(self._currencies)})" if why else text
        return self.fact(
            id_, label, Unit.MONEY, None if why else value, shown,
            definition, source, required=required, undefined=why,
        )  # fmt: skip

    def count(  # noqa: PLR0917  # as above
        self,
        id_: str,
        label: str,
        value: int,
        one: str,
        many: str,
        definition: str,
        source: tuple[str, ...] = (),
        *,
        required: bool = False,
    ) -> Fact:
        """A count with its noun: the figure can't be put beside another one."""
        text = f"{value} {one if value == 1 else many}"
        return self.fact(
            id_, label, Unit.COUNT, Decimal(value), text, definition, source, required=required
        )

    def text(
        self,
        id_: str,
        label: str,
        text: str,
        definition: str,
        source: tuple[str, ...] = (),
        *,
        required: bool = False,
    ) -> Fact:
        """A name."""
        return self.fact(id_, label, Unit.TEXT, None, text, definition, source, required=required)

    def time(  # as above
        self,
        id_: str,
        label: str,
        ts_ns: int,
        definition: str,
        source: tuple[str, ...] = (),
        *,
        timed: bool = True,
    ) -> Fact:
        """A time of day in New York; the value is in ns since the epoch.

        Undefined where a statement knows the day only.
        """
        text = words.time_told(ts_ns, timed=timed)
        value, why = (Decimal(ts_ns), "") if timed else (None, NO_TIME)
        return self.fact(id_, label, Unit.TIME, value, text, definition, source, undefined=why)

    def date(
        self, id_: str, label: str, day: str, definition: str, source: tuple[str, ...] = ()
    ) -> Fact:
        """A New York day, in words."""
        return self.fact(id_, label, Unit.DATE, None, words.long_date(day), definition, source)

    def percent(  # as above
        self,
        id_: str,
        label: str,
        fraction: Decimal,
        definition: str,
        source: tuple[str, ...] = (),
        *,
        required: bool = False,
    ) -> Fact:
        """A change as a part of what it began at, its sign always shown."""
        text = words.signed_percent(fraction)
        return self.fact(
            id_, label, Unit.PERCENT, fraction, text, definition, source, required=required
        )

    def price(
        self, id_: str, label: str, value: Decimal, definition: str, source: tuple[str, ...] = ()
    ) -> Fact:
        """What a unit of an instrument cost."""
        return self.fact(id_, label, Unit.PRICE, value, words.price(value), definition, source)
