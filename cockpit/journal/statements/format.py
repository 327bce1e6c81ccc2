"""What each kind of statement gives: how it is recognised, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cockpit.journal.statements.statement import Statement
from cockpit.journal.statements.table import Source


@dataclass(frozen=True, slots=True)
class Format:
    """`fits` looks at the content alone, never at the file's name; `read` raises StatementError."""

    name: str
    title: str
    fits: Callable[[Source], bool]
    read: Callable[[Source], Statement]
