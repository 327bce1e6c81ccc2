"""Which kind of statement a file is, by its content, and what it says."""

from __future__ import annotations

from cockpit.journal.statements import (
    alpaca,
    fidelity,
    ibkr,
    ibkr_flex,
    mapped,
    ofx,
    robinhood,
    schwab,
    tastytrade,
    thinkorswim,
    tradezero,
)
from cockpit.journal.statements.format import Format
from cockpit.journal.statements.statement import Statement
from cockpit.journal.statements.table import Source

FORMATS: tuple[Format, ...] = (
    alpaca.FORMAT,
    ibkr_flex.XML,
    ofx.FORMAT,
    thinkorswim.FORMAT,
    tradezero.FORMAT,
    tastytrade.FORMAT,
    schwab.POSITIONS,
    schwab.BANK,
    schwab.FORMAT,
    fidelity.FORMAT,
    ibkr_flex.FORMAT,
    ibkr.FORMAT,
    robinhood.FORMAT,
)
"""In the order they are tried; a file that fits none is read as a table of trades."""


def detect(source: Source) -> Format | None:
    """The kind of statement; None when its content fits none."""
    return next((known for known in FORMATS if known.fits(source)), None)


def read_statement(raw: bytes, mapping: mapped.Mapped | None = None) -> Statement:
    """What a file says. Raises StatementError when it is no statement at all.

    `mapping` says which column means what; with one the file is read as a table of trades,
    whatever else it fits.
    """
    source = Source(raw)
    known = None if mapping else detect(source)
    if known is not None:
        return known.read(source)
    return mapped.read(source, mapping or mapped.guessed(mapped.heading_of(source)))
