"""Who holds the exits of an order: the core, or the broker, as far as it offers that."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QWidget

from cockpit.domain.errors import DomainError
from cockpit.domain.order import Side
from cockpit.domain.protection import Protection
from cockpit.domain.venue_terms import Feature, OrderClass, VenueTerms
from cockpit.ui.dialogs.exit_fields import ExitFields
from cockpit.ui.models.exits import words_of
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import number, percent
from cockpit.ui.widgets.labels import Lines, label


class Holder(StrEnum):
    """Who holds the exits, and how they hang together there."""

    CORE = "core"
    BRACKET = "bracket"
    OTO = "oto"
    OCO = "oco"
    TRAILING = "trailing"


_WORDS = {
    Holder.CORE: "Held by the core",
    Holder.BRACKET: "Broker: bracket, stop and target",
    Holder.OTO: "Broker: OTO, a stop or a target",
    Holder.OCO: "Broker: OCO, this limit or a stop",
    Holder.TRAILING: "Broker: trailing stop",
}
_NEEDS = {
    Holder.BRACKET: Feature.BRACKET,
    Holder.OTO: Feature.OTO,
    Holder.OCO: Feature.OCO,
    Holder.TRAILING: Feature.TRAILING,
}
_FIELDS = {  # which of stop, target, trail and the limit of the stop it takes
    Holder.CORE: (True, True, True, True),
    Holder.BRACKET: (True, True, False, True),
    Holder.OTO: (True, True, False, True),
    Holder.OCO: (True, False, False, True),
    Holder.TRAILING: (False, False, True, False),
}
_CLASSES = {
    Holder.BRACKET: OrderClass.BRACKET,
    Holder.OTO: OrderClass.OTO,
    Holder.OCO: OrderClass.OCO,
}
_BY_ITSELF = (Feature.BRACKET, Feature.OTO, Feature.OCO, Feature.TRAILING)
_ABSENT_LINES = 2
_CORE_DOES = "As a bracket or a trailing stop."
_SHORT = {
    Feature.BRACKET: "brackets",
    Feature.OCO: "OCO",
    Feature.OTO: "OTO",
    Feature.TRAILING: "trailing stops",
    Feature.EXTENDED_HOURS: "extended hours",
}
_THERE = "It works at the broker while this program is off."


class VenueFields(QWidget):
    """`changed` after each choice.

    What the broker does not offer is not there to choose, and a sentence says what that is.
    """

    changed = Signal()

    def __init__(self, theme: Theme, exits: ExitFields, offers: Collection[Feature]) -> None:
        super().__init__()
        self._exits = exits
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(label(theme, "Exits", FontRole.CAPTION, "muted"))
        self.holder = QComboBox()
        self.holder.setAccessibleName("Who holds the exits")
        for holder, words in _WORDS.items():
            if holder is Holder.CORE or _NEEDS[holder] in offers:
                self.holder.addItem(words, holder)
        self.holder.setEnabled(self.holder.count() > 1)
        row.addWidget(self.holder)
        self.extended = QCheckBox("Also before and after the session")
        self.extended.setAccessibleName("Also before and after the session")
        self.extended.setToolTip("Only a limit order of the day is taken there")
        self.extended.setVisible(Feature.EXTENDED_HOURS in offers)
        row.addWidget(self.extended)
        self.absent = Lines(theme, _ABSENT_LINES, FontRole.CAPTION, "muted")
        self.absent.setText(absent_words(offers))
        row.addWidget(self.absent, 1)
        self.holder.currentIndexChanged.connect(self._chosen_changed)
        self.extended.toggled.connect(lambda _on=False: self.changed.emit())

    @property
    def chosen(self) -> Holder:
        """Who shall hold them."""
        return Holder(self.holder.currentData())

    def choose(self, holder: Holder) -> None:
        """Choose, as a click does; what is not offered changes nothing."""
        place = self.holder.findData(holder)
        if place >= 0:
            self.holder.setCurrentIndex(place)

    def _chosen_changed(self) -> None:
        for field, taken in zip(self._exits.fields, _FIELDS[self.chosen], strict=True):
            field.setEnabled(taken)
            if not taken:  # a price that stands there would be taken for one that holds
                field.clear()
        self.changed.emit()

    def read(self, side: Side) -> tuple[Protection | None, VenueTerms | None]:
        """The exits of an order of this side, as they shall be held. Raises ValueError in words."""
        holder, extended = self.chosen, self.extended.isChecked()
        if holder is Holder.CORE:
            terms = VenueTerms(extended_hours=True) if extended else None
            return self._exits.plan(side.sign), terms
        stop, target, trail = self._exits.amounts()
        takes_stop, takes_target, takes_trail, takes_limit = _FIELDS[holder]
        stop = stop if takes_stop else None
        target = target if takes_target else None
        money, fraction = trail if takes_trail and trail is not None else (None, None)
        self._miss(holder, stop=stop, target=target, trail=money or fraction)
        way = -side.sign if holder is Holder.OCO else side.sign  # an OCO order is an exit itself
        limit = self._exits.limit_of(stop, way) if takes_limit else None
        try:
            return None, VenueTerms(
                order_class=_CLASSES.get(holder, OrderClass.SIMPLE),
                take_profit=target,
                stop_loss=stop,
                stop_loss_limit=limit,
                trail=money,
                trail_fraction=fraction,
                extended_hours=extended,
            )
        except DomainError as error:
            raise ValueError(error.user_text) from None

    @staticmethod
    def _miss(holder: Holder, *, stop: object, target: object, trail: object) -> None:
        """Raise ValueError naming what this kind still needs."""
        if holder is Holder.BRACKET and (stop is None or target is None):
            raise ValueError("A bracket needs a stop and a target.")
        if holder is Holder.OTO and (stop is None) == (target is None):
            raise ValueError("An OTO order needs a stop or a target, and not both.")
        if holder is Holder.OCO and stop is None:
            raise ValueError("An OCO order needs a stop beside its limit.")
        if holder is Holder.TRAILING and trail is None:
            raise ValueError("A trailing stop needs a trail, like 0.50 or 1%.")


def absent_words(offers: Collection[Feature]) -> str:
    """What the broker does not do itself, and who does it; empty when it offers everything."""
    missing = [word for feature, word in _SHORT.items() if feature not in offers]
    if not missing:
        return ""
    listed = " or ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
    core = _CORE_DOES if not set(_BY_ITSELF) & set(offers) else ""
    return f"{core} This broker itself offers no {listed}.".strip()


def terms_words(plan: Protection | None, terms: VenueTerms | None, *, closes: bool = False) -> str:
    """What becomes of the order's exits, in a sentence or two; one that `closes` needs none."""
    early = " It may trade before and after the session." if _early(terms) else ""
    if terms is not None and terms.trails:
        trail = percent(terms.trail_fraction) if terms.trail is None else number(terms.trail)
        return f"The broker trails the stop by {trail}. {_THERE}"
    if terms is not None and terms.order_class is not OrderClass.SIMPLE:
        prices = (
            ("target", terms.take_profit),
            ("stop", terms.stop_loss),
            ("limit of the stop", terms.stop_loss_limit),
        )
        said = ", ".join(f"{name} {number(value)}" for name, value in prices if value is not None)
        return f"The broker holds its exits: {said}. {_THERE}"
    bare = "" if closes else "No exits: nothing will protect it."
    exits = f"Exits: {words_of(plan)}." if plan else bare
    return f"{exits}{early}".strip()


def _early(terms: VenueTerms | None) -> bool:
    return terms is not None and terms.extended_hours
