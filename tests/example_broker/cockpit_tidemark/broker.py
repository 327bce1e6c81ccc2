"""Tidemark under the broker port: what is sent once, what an answer means, what is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import structlog

from cockpit.domain.account import Account, Mode
from cockpit.domain.connection import Connection, Health
from cockpit.domain.errors import DomainError
from cockpit.domain.order import Order
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import (
    Ack,
    Broker,
    BrokerError,
    BrokerOrder,
    BrokerPosition,
    BrokerSink,
    DuplicateIdError,
    ExecutionReport,
    GateToken,
    NotSentError,
    OrderRejectedError,
    Redeem,
    SubmitUnknownError,
    hold_back_terms,
)
from cockpit.ports.clock import Clock
from cockpit.ports.vault import Vault, VaultError, account_secret
from cockpit_tidemark import words
from cockpit_tidemark.line import ClosedError, Line, NoAnswerError, RefusedError

_log = structlog.get_logger(__name__)
T = TypeVar("T")
_FIRST_WAIT_S = 0.1


class TidemarkBroker:
    """Implements `Broker` for one account."""

    name = "tidemark"

    def __init__(
        self,
        *,
        address: tuple[str, int],
        answer_timeout_s: float,
        reconnect_max_s: float,
        clock: Clock,
        redeem: Redeem,
        account_id: str,
        mode: Mode,
        supervisor: Supervisor,
        vault: Vault,
        account: str,
    ) -> None:
        self._address = address
        self._answer_timeout_s = answer_timeout_s
        self._reconnect_max_s = reconnect_max_s
        self._clock = clock
        self._redeem = redeem
        self._account_id = account_id
        self._mode = mode
        self._supervisor = supervisor
        self._vault = vault
        self._account = account
        self._sink: BrokerSink | None = None
        self._line: Line | None = None
        self._session: asyncio.Task[None] | None = None

    # the session

    async def connect(self, sink: BrokerSink) -> None:
        """Sign in; from then on the line is kept up by a task of the supervisor's."""
        self._sink = sink
        self._lamp(Health.CONNECTING)
        line = self._new_line()
        listening = asyncio.get_running_loop().create_future()
        self._session = self._supervisor.serve(
            lambda: self._kept_up(line, listening), name="session", owner=self.name
        )
        try:
            await listening
        except BrokerError as error:
            refused = error.code == "AUTH_FAILED"
            self._lamp(Health.AUTH_FAILED if refused else Health.DOWN, error.user_text)
            await self.close()
            raise

    async def close(self) -> None:
        """End the session; working orders stay at the venue."""
        session, self._session = self._session, None
        if session is not None:
            session.cancel()
            await asyncio.wait({session})
        if self._line is not None:
            self._line.close()
            await self._line.closed()
            self._line = None
        if self._sink is not None:
            self._lamp(Health.ENDED)
            self._sink = None

    async def _kept_up(self, line: Line, first: asyncio.Future[None]) -> None:
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                why = await self._one_session(line, first)
                wait_s = _FIRST_WAIT_S
            except BrokerError as error:
                if not first.done():
                    first.set_exception(error)
                    return
                why = error.user_text
            self._lamp(Health.DOWN, why)
            await self._clock.sleep(wait_s)
            wait_s = min(self._reconnect_max_s, wait_s * 2)
            line = self._new_line()

    async def _one_session(self, line: Line, first: asyncio.Future[None]) -> str:
        """From sign-in to the end of the line. The lamp's UP makes the core compare the books."""
        try:
            await line.open(*self._address)
        except NoAnswerError as error:
            raise _of_query(error, "the session") from error
        listening = asyncio.ensure_future(line.listen())
        try:
            await self._signed_in(line)
            self._line = line
            self._lamp(Health.UP)
            if not first.done():
                first.set_result(None)
            return await listening
        finally:
            self._line = None
            line.close()
            listening.cancel()
            await asyncio.wait({listening})
            await line.closed()

    async def _signed_in(self, line: Line) -> None:
        try:
            key = await self._vault.get(account_secret(self._account, "key"))
            told = await line.ask("sign_in", key=key or "")
        except VaultError as error:
            raise BrokerError(str(error), user_text=error.user_text, code="VAULT_ERROR") from error
        except RefusedError as error:
            raise BrokerError(
                str(error),
                user_text=f"Tidemark does not accept the stored key: {error.message}. Nothing was "
                "sent. Store another and start again.",
                code="AUTH_FAILED",
            ) from error
        except (NoAnswerError, ClosedError) as error:
            raise _of_query(error, "the session") from error
        if told.get("environment") != self._mode.value:
            raise BrokerError(
                f"the key is of {told.get('environment')}",
                user_text=f"The key kept for Tidemark is not one of a {self._mode.value} account. "
                "It was not used and nothing was sent.",
                code="AUTH_FAILED",
            )

    def _new_line(self) -> Line:
        return Line(self._answer_timeout_s, self._on_update)

    def _lamp(self, health: Health, detail: str = "") -> None:
        if self._sink is not None:
            self._sink.on_connection(
                Connection(
                    name=self.name,
                    kind="broker",
                    health=health,
                    label=self._mode.value.upper(),
                    detail=detail,
                    ts_ns=self._clock.now_ns(),
                )
            )

    def _on_update(self, said: dict[str, Any]) -> None:
        """What can't be read makes the core compare the books, instead of being guessed."""
        if self._sink is None:
            return
        try:
            if said.get("update") == "order":
                self._sink.on_order(words.report(said["order"]))
            elif said.get("update") == "execution":
                self._sink.on_execution(words.execution(said["execution"]))
            elif said.get("update") == "account":
                self._sink.on_account(words.account(said["account"], self._account_id, self._mode))
        except (words.UnreadableError, DomainError, KeyError) as error:
            _log.error("update_set_aside", error=str(error))
            self._lamp(Health.STALE, "an update could not be read; the books are compared")
            self._lamp(Health.UP)

    # sending: once, and three outcomes

    async def submit(self, order: Order, token: GateToken) -> Ack:
        """Send a new order, once."""
        self._redeem(token, order)
        hold_back_terms(order)
        return await self._send("submit", order=words.body(order))

    async def replace(self, order: Order, replacement: Order, token: GateToken) -> Ack:
        """Replace a working order, unless it was filled further than is known here."""
        self._redeem(token, replacement)
        hold_back_terms(replacement)
        return await self._send(
            "replace",
            old=order.client_order_id,
            if_filled=str(order.filled),
            order=words.body(replacement),
        )

    async def _send(self, do: str, **terms: Any) -> Ack:
        if self._line is None:
            raise _not_sent("there is no connection to the venue")
        try:
            said = await self._line.ask(do, **terms)
            report = words.report(said)
        except ClosedError as error:
            raise _not_sent(str(error)) from error
        except RefusedError as error:
            raise _rejected(error) from error
        except (NoAnswerError, words.UnreadableError) as error:
            raise SubmitUnknownError(
                str(error),
                user_text="Tidemark gave no usable answer. The order may or may not exist there; "
                "it is being looked for and never sent again.",
            ) from error
        return Ack(
            client_order_id=report.client_order_id,
            venue_order_id=report.venue_order_id,
            ts_event=report.ts_event,
        )

    async def cancel(self, order: Order) -> None:
        """Ask for cancellation; the outcome arrives as an event."""
        await self._asked("the cancel", "cancel", client_id=order.client_order_id)

    async def cancel_all(self) -> None:
        """Ask for cancellation of everything open."""
        await self._asked("the bulk cancel", "cancel_all")

    # asking: an answer, or an error; never less than there is

    async def account(self) -> Account:
        """Money now."""
        said = await self._asked("the account", "account")
        return _read("the account", lambda: words.account(said, self._account_id, self._mode))

    async def positions(self) -> Sequence[BrokerPosition]:
        """What is held now."""
        said = await self._asked("positions", "positions")
        return _read("positions", lambda: [words.position(one) for one in said])

    async def open_orders(self) -> Sequence[BrokerOrder]:
        """What is open now, made here or elsewhere."""
        said = await self._asked("open orders", "orders")
        return _read("open orders", lambda: [words.order(one) for one in said])

    async def find_order(self, client_order_id: str) -> BrokerOrder | None:
        """One order, open or ended; None when the venue does not know it."""
        said = await self._asked("an order", "order", client_id=client_order_id)
        return None if said is None else _read("an order", lambda: words.order(said))

    async def executions(self, since_ns: int) -> Sequence[ExecutionReport]:
        """What was traded since `since_ns`, oldest first."""
        said = await self._asked("executions", "executions", since=since_ns)
        return _read("executions", lambda: [words.execution(one) for one in said])

    async def _asked(self, what: str, do: str, **terms: Any) -> Any:
        if self._line is None:
            raise _of_query(ClosedError("there is no connection to the venue"), what)
        try:
            return await self._line.ask(do, **terms)
        except (RefusedError, NoAnswerError, ClosedError) as error:
            raise _of_query(error, what) from error


def _read(what: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except (words.UnreadableError, DomainError, TypeError) as error:
        raise _of_query(error, what) from error


def _of_query(error: Exception, what: str) -> BrokerError:
    return BrokerError(
        f"{what}: {error}",
        user_text=f"Tidemark could not be asked about {what}: {error}. What is known here stays "
        "as it is; it is asked again.",
        code="BROKER_NO_ANSWER",
    )


def _not_sent(why: str) -> NotSentError:
    return NotSentError(why, user_text=f"The order was not sent: {why}.")


def _rejected(error: RefusedError) -> OrderRejectedError:
    if error.code == "DUPLICATE_ID":
        return DuplicateIdError(
            str(error), user_text="The venue has an order of this id already; it is looked up."
        )
    return OrderRejectedError(
        str(error),
        user_text=f"Tidemark refused the order: {error.message}. Nothing of it is working.",
    )


_broker: type[Broker] = TidemarkBroker
