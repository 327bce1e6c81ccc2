"""From which version of SQLite on a checkpoint beside a writer is safe."""

from __future__ import annotations

CHECKPOINT_FIXED = (3, 51, 3)
"""Older ones can lose pages then: docs/adr/0005-one-writer-thread.md."""
