"""What can be set for a language model that writes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from cockpit.adapters.addresses import encrypted
from cockpit.kernel.settings import SettingsModel


class OpenAiSettings(SettingsModel):
    """Where the model is, how patient we are, and how much it may use in a day.

    `base_url` is the address up to and with `/v1`; a server on this machine may speak http and
    needs no key. A whole answer is waited for `answer_timeout_s`, its next piece for
    `silence_timeout_s`. Nothing is asked that could take a New York day beyond `daily_tokens`
    or `daily_cost`; the cost is reckoned from the prices per million tokens, and is not limited
    where those are 0. `ca_file` names authorities (PEM) believed besides the usual ones.
    """

    base_url: Annotated[str, AfterValidator(encrypted)] = "https://api.openai.com/v1"
    model: str = Field(default="gpt-5-mini", min_length=1)
    stream: bool = True
    max_answer_tokens: int = Field(default=4_000, gt=0)
    connect_timeout_s: float = Field(default=5.0, gt=0)
    silence_timeout_s: float = Field(default=30.0, gt=0)
    answer_timeout_s: float = Field(default=120.0, gt=0)
    daily_tokens: int = Field(default=200_000, ge=0)
    daily_cost: Decimal = Field(default=Decimal(1), ge=0)
    price_in: Decimal = Field(default=Decimal(0), ge=0)
    price_out: Decimal = Field(default=Decimal(0), ge=0)
    ca_file: Path | None = None
