"""The limits in force, looked up for an order without reckoning them anew."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits


class Permission(StrEnum):
    """Whether a symbol may be opened."""

    PERMITTED = "permitted"
    RESTRICTED = "restricted"
    NOT_PERMITTED = "not permitted"


class LimitBook:
    """One account's rules, resolved once for each strategy and symbol.

    `account` is what holds for the account as a whole. All who measure against limits ask
    here each time, or hear of a change: then it holds at once.
    """

    def __init__(self, rules: LimitRules, account_id: str) -> None:
        self.account_id = account_id
        self._on_change: list[Callable[[], None]] = []
        self._take(rules)

    def of(self, strategy: str, symbol: str) -> Limits:
        """The strictest of all that is set for an order."""
        known = self._known.get((strategy, symbol))
        if known is None:
            known = self.rules.limits(self.account_id, strategy, symbol)
            self._known[strategy, symbol] = known
        return known

    def permission(self, strategy: str, symbol: str) -> Permission:
        """Whether `strategy` may open a position in `symbol`."""
        lists = self._lists.get(strategy)
        if lists is None:
            lists = self._lists[strategy] = self.rules.symbols(self.account_id, strategy)
        permitted, restricted = lists
        if symbol in restricted:
            return Permission.RESTRICTED
        if permitted is not None and symbol not in permitted:
            return Permission.NOT_PERMITTED
        return Permission.PERMITTED

    def on_change(self, act: Callable[[], None]) -> None:
        """Call `act` whenever other rules hold."""
        self._on_change.append(act)

    def put(self, rules: LimitRules) -> None:
        """Let other rules hold from now on."""
        self._take(rules)
        for act in self._on_change:
            act()

    def _take(self, rules: LimitRules) -> None:
        self.rules = rules
        self.account = rules.limits(self.account_id)
        self._known: dict[tuple[str, str], Limits] = {}
        self._lists: dict[str, tuple[frozenset[str] | None, frozenset[str]]] = {}
