"""What a viewer answers to whoever wants it to do something."""

from __future__ import annotations

from cockpit.app.errors import AppError


class ViewerError(AppError):
    """A command was given in a window that only watches."""

    code = "VIEWER_ONLY"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} in a viewer",
            user_text="This window only watches: nothing was done. Use the cockpit's own window, "
            "or a terminal: cockpit halt, cancel-all, flatten.",
        )
