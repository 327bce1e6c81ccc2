"""Talk between two programs of one person on one machine: owner-only, length-prefixed, bounded."""

from __future__ import annotations

from cockpit.kernel.ipc.channel import Channel, ChannelError, Peer
from cockpit.kernel.ipc.client import NobodyThereError, connect
from cockpit.kernel.ipc.server import LocalServer

__all__ = ["Channel", "ChannelError", "LocalServer", "NobodyThereError", "Peer", "connect"]
