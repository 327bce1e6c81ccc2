"""Client order ids: never one twice at a venue, whatever became of the ledger that gave them."""

from __future__ import annotations

from cockpit.ports.broker import Broker, MarketAware


class OrderNames:
    """The ids of one account's orders.

    `began_ns` is when the account's ledger was begun, 0 where the venue begins with it. A real
    venue outlives a lost ledger, and keeps what a second one sent: the time, in base 36, sets
    the ids of each apart. Ids made without it are read all the same.
    """

    def __init__(self, account_id: str, began_ns: int = 0) -> None:
        part = base36(began_ns)
        self._plain = f"{account_id}-"
        self._stem = f"{account_id}-{part}-" if part else self._plain

    @classmethod
    def at(cls, broker: Broker, account_id: str, began_ns: int) -> OrderNames:
        """As the broker needs them: a simulated venue's are the same however often it is run."""
        return cls(account_id, 0 if isinstance(broker, MarketAware) else began_ns)

    def nth(self, number: int) -> str:
        """The id of the account's order of that number."""
        return f"{self._stem}{number:05d}"

    def closing(self, kill: str, symbol: str, attempt: int) -> str:
        """The id of an order that closes a position without the ledger."""
        return f"{self._stem}K{kill}-{symbol}-{attempt}"

    def number_of(self, client_order_id: str) -> int:
        """The number of an order with an id of this ledger; 0 for any other."""
        for stem in (self._stem, self._plain):
            number = client_order_id.removeprefix(stem)
            if number != client_order_id and number.isdecimal():
                return int(number)
        return 0


def base36(number: int) -> str:
    """A number above 0 in digits and capital letters; empty for 0."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return text
