"""Which symbols a live feed asks for, unless the settings say otherwise."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z.]{0,9}$")]
LIQUID = ("SPY", "QQQ", "AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "TSLA", "AMD")
