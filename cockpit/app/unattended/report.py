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
from cockpit.app.errors import ReportError
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


def check_report_path(path: Path) -> None:
    """Raise ReportError when a report can't be written there, before a whole session is played."""
    folder = path.absolute().parent
    why = ""
    if not folder.is_dir():
        why = f"there is no folder {folder}"
    elif path.is_dir():
        why = "that is a folder"
    elif not os.access(folder, os.W_OK):
        why = f"the folder {folder} is read-only"
    if why:
        raise ReportError(
            f"report {path}: {why}",
            user_text=f"The report can't be written to {path}: {why}. Nothing was played.",
        )


def write_report(report: Mapping[str, Any], path: Path) -> None:
    """Write atomically as sorted JSON. Raises ReportError when the path can't be written."""
    text = json.dumps(report, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    try:
        _replace(path, text)
    except OSError as error:
        raise ReportError(
            f"report {path}: {error}",
            user_text=f"The report can't be written to {path}: {error.strerror or error}. "
            "The session itself is in the data folder and nothing of it was lost.",
        ) from error


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


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
        "realised": _money(portfolio.realised),
        "unrealised": _money(unrealised),
        "fees": _money(portfolio.fees),
        "net": _money(portfolio.realised - portfolio.fees + unrealised),
    }


def _position(core: Core, position: Position) -> dict[str, str]:
    mark = core.portfolio.mark_of(position.symbol)
    return {
        "symbol": position.symbol,
        "quantity": _exact(position.quantity),
        "average_cost": _money(position.average_cost),
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


def _money(value: Decimal) -> str:
    """Exact to a millionth; an average cost may never end, and what it leaves is no money."""
    rounded = round(value, 6).normalize()
    exponent = rounded.as_tuple().exponent
    return f"{rounded:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{rounded:f}"


def _exact(value: Decimal) -> str:
    return f"{value:f}"
