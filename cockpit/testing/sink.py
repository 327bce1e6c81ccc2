"""A broker's sink that keeps everything it is told, in the order it came."""

from __future__ import annotations

from typing import TypeVar

from cockpit.domain.account import Account
from cockpit.domain.connection import Connection
from cockpit.ports.broker import BrokerSink, BustReport, ExecutionReport, OrderReport

Told = OrderReport | ExecutionReport | BustReport | Account | Connection
T = TypeVar("T")


class RecordingSink:
    """Implements `BrokerSink`; `heard` holds all of it."""

    def __init__(self) -> None:
        self.heard: list[Told] = []

    def on_order(self, report: OrderReport) -> None:
        """Keep it."""
        self.heard.append(report)

    def on_execution(self, report: ExecutionReport) -> None:
        """Keep it."""
        self.heard.append(report)

    def on_bust(self, report: BustReport) -> None:
        """Keep it."""
        self.heard.append(report)

    def on_account(self, account: Account) -> None:
        """Keep it."""
        self.heard.append(account)

    def on_connection(self, connection: Connection) -> None:
        """Keep it."""
        self.heard.append(connection)

    def of(self, kind: type[T]) -> list[T]:
        """All of one kind."""
        return [told for told in self.heard if isinstance(told, kind)]

    def states(self, client_order_id: str) -> list[str]:
        """Where an order was said to stand, one after the other."""
        reports = self.of(OrderReport)
        return [r.state.value for r in reports if r.client_order_id == client_order_id]

    @property
    def executions(self) -> list[ExecutionReport]:
        """All executions."""
        return self.of(ExecutionReport)

    @property
    def lamps(self) -> list[Connection]:
        """All states of the session's lamp."""
        return self.of(Connection)


_sink: type[BrokerSink] = RecordingSink
