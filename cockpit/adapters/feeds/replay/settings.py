"""What a user may choose about a replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from cockpit.adapters.feeds.settings import PlayedSettings


class ReplaySettings(PlayedSettings):
    """`files` are recorded quotes and trades, told apart by their headers, in any number.

    `exchange` makes the book; empty takes, for each symbol, the exchange with most quotes.
    `quote_lot` is the number of shares that one unit of a recorded quote size stands for:
    US tapes of the time count round lots of 100.
    """

    files: tuple[Path, ...] = ()
    exchange: str = ""
    quote_lot: Annotated[int, Field(gt=0)] = 100
