"""The kernel's error root: internals for the log, `user_text` for the screen."""

from __future__ import annotations


class KernelError(Exception):
    """Root of all errors of this package.

    `user_text` says what happened, what was not lost and what to do next.
    """

    def __init__(self, internal: str, *, user_text: str) -> None:
        super().__init__(internal)
        self.user_text = user_text
