"""A language model as the writer: any server that speaks OpenAI's chat completions."""

from __future__ import annotations

from pathlib import Path

from cockpit.adapters.writers.openai.budget import Budget
from cockpit.adapters.writers.openai.settings import OpenAiSettings
from cockpit.adapters.writers.openai.writer import OpenAiWriter
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Credential, Plugin
from cockpit.ports.vault import Vault
from cockpit.ports.writer import StreamingWriter

__all__ = ["OpenAiSettings", "OpenAiWriter", "build", "plugin"]


def build(
    settings: OpenAiSettings, *, clock: Clock, vault: Vault | None = None, folder: Path | None
) -> OpenAiWriter:
    """A writer that has not asked yet. `clock` tells the real day, whatever the session keeps."""
    budget = Budget(settings, folder, clock)
    return OpenAiWriter(settings, vault=vault, budget=budget, clock=clock)


_writer: type[StreamingWriter] = OpenAiWriter

plugin = Plugin(
    name="openai",
    settings=OpenAiSettings,
    build=build,
    credentials=(Credential("key", "API key"),),
)
