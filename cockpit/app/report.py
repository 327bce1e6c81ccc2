"""What a finished replay did, as plain data: same input and seed, same bytes but `timings`."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from cockpit import __version__
from cockpit.app.core import Core
from cockpit.app.errors import AppError
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order
from cockpit.domain.position import Position
from cockpit.domain.values import to_cents, utc
from cockpit.ports.store import StoredRecap

SCHEMA = 1


def build_report(
    core: Core, fills: Sequence[Fill], journal: Mapping[str, Any], recap: StoredRecap | None
) -> dict[str, Any]:
    """Everything but `timings`. Money as exact decimal text, times as ISO 8601 UTC."""
    orders = core.orders.all()
    return {
        "schema": SCHEMA,
        "program": f"cockpit {__version__}",
        "mode": core.mode.value,
        "source": core.feed_label,
        "events": _events(core),
        "orders": _orders(orders),
        "fills": {"count": len(fills), "all": [_fill(core, fill) for fill in fills]},
        "pnl": _pnl(core),
        "positions": [_position(core, p) for p in core.portfolio.open_positions()],
        "journal": journal,
        "recap": _recap(core, recap),
    }


def timings(wall_seconds: float, peak_memory_bytes: int) -> dict[str, Any]:
    """The part of a report that differs from run to run."""
    return {
        "wall_seconds": round(wall_seconds, 3),
        "peak_memory_mb": round(peak_memory_bytes / 1e6, 1),
    }


def write_report(report: Mapping[str, Any], path: Path) -> None:
    """Write atomically as sorted JSON. Raises AppError when the path can't be written."""
    text = json.dumps(report, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError as error:
        raise AppError(
            f"report {path}: {error}",
            user_text=f"The report can't be written to {path}: {error.strerror or error}. "
            "The session itself is in the data folder and nothing of it was lost.",
            code="REPORT_WRITE",
        ) from error


def _events(core: Core) -> dict[str, Any]:
    quality = core.ingest.quality
    return {
        "read": core.ingest.rows,
        "accepted": quality.accepted,
        "quarantined": dict(sorted(quality.counts.items())),
        "skipped": dict(sorted(core.feed.skipped.items())),
    }


def _orders(orders: Sequence[Order]) -> dict[str, Any]:
    states = Counter(order.state.value for order in orders)
    reasons = Counter(order.reason_code for order in orders if order.reason_code)
    return {
        "count": len(orders),
        "by_state": dict(sorted(states.items())),
        "by_reason": dict(sorted(reasons.items())),
    }


def _fill(core: Core, fill: Fill) -> dict[str, str]:
    return {
        "id": fill.execution_id.removeprefix(f"{core.account_id}-"),
        "time": utc(fill.ts_event).isoformat(),
        "symbol": fill.symbol,
        "side": fill.side.value,
        "quantity": _exact(fill.quantity),
        "price": _exact(fill.price),
        "fee": _exact(fill.fee),
        "strategy": fill.strategy,
    }


def _pnl(core: Core) -> dict[str, str]:
    portfolio = core.portfolio
    unrealised = to_cents(Decimal(repr(round(portfolio.unrealised, 6))))
    return {
        "realised": _exact(portfolio.realised),
        "unrealised": _exact(unrealised),
        "fees": _exact(portfolio.fees),
        "net": _exact(portfolio.realised - portfolio.fees + unrealised),
    }


def _position(core: Core, position: Position) -> dict[str, str]:
    mark = core.portfolio.mark_of(position.symbol)
    return {
        "symbol": position.symbol,
        "quantity": _exact(position.quantity),
        "average_cost": _exact(position.average_cost),
        "mark": "" if mark is None else repr(mark),
    }


def _recap(core: Core, recap: StoredRecap | None) -> dict[str, Any] | None:
    if recap is None:
        return None
    # The account's number counts runs, so it would differ between two equal ones.
    facts = recap.facts_json.replace(f'"{core.account_id}-', '"')
    return {
        "kind": recap.kind,
        "day": recap.day,
        "title": recap.title,
        "writer": recap.writer,
        "facts": json.loads(facts),
    }


def _exact(value: Decimal) -> str:
    return f"{value:f}"
