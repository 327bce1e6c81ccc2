"""Tables with cells that flash, are stale, marked, selected; and one with nothing in it."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.domain.order import OrderState
from cockpit.ui.gallery.board import Section, Specimen
from cockpit.ui.models.columns import Align, Column, Look, Mark, Row, muted, signed_role
from cockpit.ui.models.orders import STATE_LOOKS
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import number, percent, quantity, signed_money
from cockpit.ui.widgets.blotter import Blotter, RowAction

_FOREVER_MS = 1_000_000_000
"""A flash of this length does not fade while somebody looks."""
_HEIGHT = 220


class _Prices:
    """A few rows as a watchlist has them; `shift` moves those that flash."""

    def __init__(self) -> None:
        self.shift = 0.0

    def keys(self) -> list[str]:
        return ["KORVA", "VELLM", "TALVO", "BRYTE", "MERID"]

    def row(self, key: str) -> Row:
        moved = {"KORVA": 0.02, "VELLM": -0.03}.get(key, 0.0) * self.shift
        last, change, pnl, size = {
            "KORVA": (312.43, -0.0199, -12.5, 30), "VELLM": (1471.55, 0.0175, 1204.0, -5),
            "TALVO": (165.19, 0.0, 0.0, 0), "BRYTE": (None, None, None, None),
            "MERID": (24.67, 0.0262, 3.1, 1200),
        }[key]  # fmt: skip
        last = None if last is None else last + moved
        return Row((key, last, change, size, pnl), stale=key == "MERID")


class _States:
    """Each state of an order, as its word and shape."""

    def keys(self) -> list[str]:
        return [state.value for state in OrderState]

    def row(self, key: str) -> Row:
        return Row((STATE_LOOKS[OrderState(key)],))


class _Nothing:
    """A table before anything happened."""

    def keys(self) -> list[str]:
        return []

    def row(self, key: str) -> Row:
        raise KeyError(key)


def _price(value: float | None) -> str:
    return number(value, places=2)


def _change(value: float | None) -> str:
    return percent(value, signed=True)


def _columns() -> tuple[Column, ...]:
    return (
        Column("symbol", "Symbol", sample="KORVA", align=Align.LEFT, font=FontRole.STRONG,
               stretch=True),
        Column("last", "Last", _price, "0,000.00", flash=True, marks_stale=True,
               font=FontRole.STRONG),
        Column("change", "Chg %", _change, "+00.00%", role=signed_role, marks_stale=True),
        Column("quantity", "Qty", quantity, "0,000", role=muted),
        Column("pnl", "Day P&L", signed_money, "+$0,000.00", role=signed_role, marks_stale=True),
    )  # fmt: skip


def _word(look: Look) -> str:
    return look.text


def _role(look: Look) -> str:
    return look.role


def _mark(look: Look) -> Mark | None:
    return look.mark


def _prices(theme: Theme) -> Blotter:
    source = _Prices()
    actions = [RowAction("flatten", "Flatten", lambda _key: True)]
    made = Blotter(_columns(), source, theme, title="Prices", empty="", actions=actions)
    made.table.flash_ms = _FOREVER_MS
    made.setFixedHeight(_HEIGHT)
    made.table.sync()
    made.table.pull(0, 5, 0)
    source.shift = 1.0
    made.table.pull(0, 5, 0)
    made.select("TALVO")
    return made


def _sorted(theme: Theme) -> Blotter:
    made = Blotter(_columns(), _Prices(), theme, title="Sorted prices", empty="")
    made.setFixedHeight(_HEIGHT)
    made.sort_by("pnl", descending=True)
    return made


def _states(theme: Theme) -> Blotter:
    column = Column(
        "state", "State", _word, "Waits for you", Align.LEFT, _role, _mark, stretch=True
    )
    made = Blotter((column,), _States(), theme, title="Order states", empty="")
    made.setFixedHeight(2 * _HEIGHT)
    return made


def _empty(theme: Theme) -> Blotter:
    text = "No positions. A filled order appears here at once."
    made = Blotter(_columns(), _Nothing(), theme, title="Positions", empty=text)
    made.setFixedHeight(_HEIGHT)
    return made


def _specimens(theme: Theme) -> Iterator[Specimen]:
    yield "Flashing up and down, selected, missing, stale", _prices(theme)
    yield "Sorted by day P&L, the missing last", _sorted(theme)
    yield "The states of an order: word and shape", _states(theme)
    yield "Nothing in it", _empty(theme)


TABLES = Section("tables", "Tables", _specimens)
