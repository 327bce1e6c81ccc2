"""Between values and rows: decimals as exact text, enums as their words, JSON by msgspec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from cockpit.domain.account import Mode
from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderIntent, OrderState, Side
from cockpit.ports.entries import Attachment, AttachmentKind, JournalEntry, Tick
from cockpit.ports.store import Run, StoredRecap

_encode = msgspec.json.Encoder().encode
_intents = msgspec.json.Decoder(OrderIntent)
_orders = msgspec.json.Decoder(Order)
_words = msgspec.json.Decoder(tuple[str, ...])
_ticks = msgspec.json.Decoder(tuple[Tick, ...])


def order_values(order: Order) -> dict[str, Any]:
    """The columns of `orders`."""
    intent = order.intent
    return {
        "account_id": intent.account_id,
        "client_order_id": order.client_order_id,
        "symbol": intent.symbol,
        "strategy": intent.strategy,
        "side": intent.side.value,
        "type": intent.type.value,
        "quantity": str(intent.quantity),
        "state": order.state.value,
        "venue_order_id": order.venue_order_id,
        "filled": str(order.filled),
        "average_price": _text(order.average_price),
        "reason_code": order.reason_code,
        "reason_text": order.reason_text,
        "replaces": order.replaces,
        "created_ns": order.created_ns,
        "updated_ns": order.updated_ns,
        "version": order.version,
        "intent_json": _encode(intent).decode(),
    }


def history_values(order: Order) -> dict[str, Any]:
    """The columns of `order_history`."""
    return {
        "account_id": order.intent.account_id,
        "client_order_id": order.client_order_id,
        "version": order.version,
        "state": order.state.value,
        "updated_ns": order.updated_ns,
        "order_json": _encode(order).decode(),
    }


def fill_values(fill: Fill) -> dict[str, Any]:
    """The columns of `fill`."""
    return {
        "account_id": fill.account_id,
        "execution_id": fill.execution_id,
        "client_order_id": fill.client_order_id,
        "symbol": fill.symbol,
        "side": fill.side.value,
        "quantity": str(fill.quantity),
        "price": str(fill.price),
        "fee": str(fill.fee),
        "ts_event": fill.ts_event,
        "ts_init": fill.ts_init,
        "strategy": fill.strategy,
        "venue_order_id": fill.venue_order_id,
        "planned_stop": _text(fill.planned_stop),
        "planned_target": _text(fill.planned_target),
        "cumulative": _text(fill.cumulative),
    }


def adjustment_values(adjustment: Adjustment) -> dict[str, Any]:
    """The columns of `adjustment`."""
    return {
        "account_id": adjustment.account_id,
        "adjustment_id": adjustment.adjustment_id,
        "symbol": adjustment.symbol,
        "quantity": str(adjustment.quantity),
        "average_cost": str(adjustment.average_cost),
        "kind": adjustment.kind.value,
        "reason": adjustment.reason,
        "ts_event": adjustment.ts_event,
        "ts_init": adjustment.ts_init,
        "fee": str(adjustment.fee),
    }


def order_of(row: Mapping[str, Any]) -> Order:
    """An order from its latest row."""
    return Order(
        client_order_id=row["client_order_id"],
        intent=_intents.decode(row["intent_json"]),
        state=OrderState(row["state"]),
        venue_order_id=row["venue_order_id"],
        filled=Decimal(row["filled"]),
        average_price=_decimal(row["average_price"]),
        reason_code=row["reason_code"],
        reason_text=row["reason_text"],
        replaces=row["replaces"],
        created_ns=row["created_ns"],
        updated_ns=row["updated_ns"],
        version=row["version"],
    )


def orders_of(documents: Sequence[str]) -> list[Order]:
    """Orders from the JSON of `order_history`."""
    return [_orders.decode(document) for document in documents]


def fill_of(row: Mapping[str, Any]) -> Fill:
    """A fill from its row."""
    return Fill(
        execution_id=row["execution_id"],
        account_id=row["account_id"],
        client_order_id=row["client_order_id"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        quantity=Decimal(row["quantity"]),
        price=Decimal(row["price"]),
        fee=Decimal(row["fee"]),
        ts_event=row["ts_event"],
        ts_init=row["ts_init"],
        strategy=row["strategy"],
        venue_order_id=row["venue_order_id"],
        planned_stop=_decimal(row["planned_stop"]),
        planned_target=_decimal(row["planned_target"]),
        cumulative=_decimal(row["cumulative"]),
    )


def adjustment_of(row: Mapping[str, Any]) -> Adjustment:
    """An adjustment from its row."""
    return Adjustment(
        adjustment_id=row["adjustment_id"],
        account_id=row["account_id"],
        symbol=row["symbol"],
        quantity=Decimal(row["quantity"]),
        average_cost=Decimal(row["average_cost"]),
        kind=AdjustmentKind(row["kind"]),
        reason=row["reason"],
        ts_event=row["ts_event"],
        ts_init=row["ts_init"],
        fee=Decimal(row.get("fee", "0")),  # a file that was not brought up to date lacks it
    )


def run_values(run: Run, number: int) -> dict[str, Any]:
    """The columns of `run`."""
    values = {name: getattr(run, name) for name in Run.__struct_fields__}
    return {**values, "mode": run.mode.value, "number": number}


def run_of(row: Mapping[str, Any]) -> Run:
    """A run from its row."""
    return Run(
        account_id=row["account_id"],
        mode=Mode(row["mode"]),
        label=row["label"],
        source=row["source"],
        started_ns=row["started_ns"],
    )


def entry_values(entry: JournalEntry, version: int) -> dict[str, Any]:
    """The columns of `journal_entry`."""
    return {
        "account_id": entry.account_id,
        "day": entry.day,
        "trade_id": entry.trade_id,
        "version": version,
        "drafted": entry.drafted,
        "note": entry.note,
        "tags": _encode(entry.tags).decode(),
        "rating": entry.rating,
        "mistakes": _encode(entry.mistakes).decode(),
        "rules": _encode(entry.rules).decode(),
        "checklist": _encode(entry.checklist).decode(),
        "updated_ns": entry.updated_ns,
    }


def entry_of(row: Mapping[str, Any]) -> JournalEntry:
    """A journal entry from its row."""
    return JournalEntry(
        account_id=row["account_id"],
        day=row["day"],
        trade_id=row["trade_id"],
        drafted=row["drafted"],
        note=row["note"],
        tags=_words.decode(row["tags"]),
        rating=row["rating"],
        mistakes=_words.decode(row["mistakes"]),
        rules=_ticks.decode(row["rules"]),
        checklist=_ticks.decode(row["checklist"]),
        updated_ns=row["updated_ns"],
        version=row["version"],
    )


def attachment_values(attachment: Attachment) -> dict[str, Any]:
    """The columns of `attachment`."""
    values = {name: getattr(attachment, name) for name in Attachment.__struct_fields__}
    del values["attachment_id"]
    return {**values, "kind": attachment.kind.value, "withdrawn_ns": None}


def attachment_of(row: Mapping[str, Any]) -> Attachment:
    """An attachment from its row."""
    values = {n: row[n] for n in Attachment.__struct_fields__ if n not in ("attachment_id", "kind")}
    return Attachment(attachment_id=row["id"], kind=AttachmentKind(row["kind"]), **values)


def recap_values(recap: StoredRecap) -> dict[str, Any]:
    """The columns of `recap`, without the id that the table gives."""
    return {name: getattr(recap, name) for name in StoredRecap.__struct_fields__ if name != _ID}


def recap_of(row: Mapping[str, Any]) -> StoredRecap:
    """A recap from its row."""
    values: dict[str, Any] = {n: row[n] for n in StoredRecap.__struct_fields__ if n != _ID}
    values["stale"] = bool(values["stale"])
    return StoredRecap(recap_id=row["id"], **values)


_ID = "recap_id"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
