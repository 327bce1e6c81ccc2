"""The event loop of the window: asyncio on Qt, with precise timers and nested dialogs."""

from __future__ import annotations

from cockpit.ui.loop._loop import CockpitLoop

__all__ = ["CockpitLoop"]
