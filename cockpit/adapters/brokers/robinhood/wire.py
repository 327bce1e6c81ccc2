"""Robinhood's bodies as they come: numbers as exact decimals, words as text, the rest left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list, and where the next one is."""

    results: list[T]
    next: str | None = None


class WireAccount(msgspec.Struct, frozen=True):
    """One account of the person who signed in."""

    account_number: str
    buying_power: Decimal
    portfolio_cash: Decimal
    type: str = ""
    deactivated: bool = False


class WirePortfolio(msgspec.Struct, frozen=True):
    """What an account is worth; `extended_hours_equity` while the market is closed."""

    equity: Decimal
    extended_hours_equity: Decimal | None = None


class WireContract(msgspec.Struct, frozen=True):
    """Contracts of one option that are held."""

    quantity: Decimal
    chain_symbol: str = ""


class WirePosition(msgspec.Struct, frozen=True):
    """What is held of one instrument."""

    instrument: str
    quantity: Decimal
    average_buy_price: Decimal


class WireInstrument(msgspec.Struct, frozen=True):
    """A listed instrument; orders and positions name it by its address only."""

    symbol: str


class WireExecution(msgspec.Struct, frozen=True):
    """A part of an order that was traded."""

    id: str
    price: Decimal
    quantity: Decimal
    timestamp: str


class WireMoney(msgspec.Struct, frozen=True):
    """A sum of money, as of an order by money."""

    amount: Decimal


class WireOrder(msgspec.Struct, frozen=True):
    """An order with all that was traded of it. `type` and `trigger` together are its kind."""

    id: str
    instrument: str
    side: str
    type: str
    state: str
    time_in_force: str
    created_at: str
    updated_at: str
    trigger: str = "immediate"
    quantity: Decimal | None = None
    cumulative_quantity: Decimal | None = None
    average_price: Decimal | None = None
    price: Decimal | None = None
    stop_price: Decimal | None = None
    fees: Decimal | None = None
    reject_reason: str | None = None
    dollar_based_amount: WireMoney | None = None
    executions: list[WireExecution] = []


class WireQuote(msgspec.Struct, frozen=True):
    """Bid and ask, and when they were so."""

    symbol: str
    updated_at: str
    bid_price: Decimal | None = None
    ask_price: Decimal | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    last_trade_price: Decimal | None = None
    previous_close: Decimal | None = None
    trading_halted: bool = False


class WireQuotes(msgspec.Struct, frozen=True):
    """An entry is null for a symbol that Robinhood does not know."""

    results: list[WireQuote | None]


class WireBar(msgspec.Struct, frozen=True):
    """One interval; an `interpolated` one was made up between two others."""

    begins_at: str
    open_price: Decimal
    high_price: Decimal
    low_price: Decimal
    close_price: Decimal
    volume: Decimal
    interpolated: bool = False


class WireHistory(msgspec.Struct, frozen=True):
    """The bars of one symbol."""

    symbol: str
    historicals: list[WireBar]


class WireHistories(msgspec.Struct, frozen=True):
    """What a question about history is answered."""

    results: list[WireHistory]


class WireToken(msgspec.Struct, frozen=True):
    """A sign-in that worked."""

    access_token: str
    refresh_token: str
    expires_in: float


class WireWorkflow(msgspec.Struct, frozen=True):
    """A sign-in that waits for a person."""

    id: str


class WireSignIn(msgspec.Struct, frozen=True):
    """All that a post to the token address may be answered with."""

    access_token: str | None = None
    refresh_token: str | None = None
    expires_in: float | None = None
    mfa_required: bool = False
    mfa_type: str = ""
    verification_workflow: WireWorkflow | None = None
    detail: str | None = None


class WireMachine(msgspec.Struct, frozen=True):
    """The question to a person, as Robinhood keeps it."""

    id: str


class WireChallenge(msgspec.Struct, frozen=True):
    """How the person is asked."""

    id: str
    type: str
    status: str = ""


class WireContext(msgspec.Struct, frozen=True):
    """Around a challenge."""

    sheriff_challenge: WireChallenge | None = None


class WireResult(msgspec.Struct, frozen=True):
    """How the question to the person came out."""

    result: str = ""


class WireInquiry(msgspec.Struct, frozen=True):
    """Where the question to the person stands."""

    context: WireContext | None = None
    type_context: WireResult | None = None


class WirePrompt(msgspec.Struct, frozen=True):
    """Where the question in Robinhood's app stands."""

    challenge_status: str
