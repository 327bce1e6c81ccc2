"""The root of all errors a trader may see; each package has its own below it."""

from __future__ import annotations


class CockpitError(Exception):
    """Root of all errors above the kernel.

    The message is for the log; `user_text` says what happened, what was not lost
    and what to do next. `code` is CATEGORY_CONDITION and stable.
    """

    code = "COCKPIT_ERROR"

    def __init__(self, internal: str, *, user_text: str, code: str | None = None) -> None:
        super().__init__(internal)
        self.user_text = user_text
        if code is not None:
            self.code = code


class DomainError(CockpitError, ValueError):
    """A value that would be nonsense in a market was about to be made."""

    code = "DOMAIN_VALUE"

    def __init__(self, internal: str) -> None:
        super().__init__(internal, user_text=f"That can't be: {internal}.")


class IllegalTransitionError(CockpitError):
    """An order was told to go where the table of transitions has no road."""

    code = "ORDER_TRANSITION"
