"""What the SDK raises, as what a person can act on."""

from __future__ import annotations

from cockpit.adapters.trust import distrusted
from cockpit.ports.writer import WriterError

KEY_REFUSED = "its key was not accepted"
_BY_STATUS = {
    400: "it does not take the request; the model's name or a setting may be wrong",
    401: KEY_REFUSED,
    403: "its key may not use this model",
    404: "it does not know the model or the address",
    429: "it says that we ask too much, or that the account has no credit",
}


def refused(internal: str, why: str) -> WriterError:
    """An answer that is no draft."""
    return WriterError(
        f"openai: {internal}",
        user_text=f"The model wrote nothing that can be used: {why}. The facts are not touched; "
        "try again, or choose the template writer.",
        why=why,
    )


def complaint(error: BaseException) -> WriterError:
    """A failure on the way. Never repeats the server's own words: they may hold anything."""
    why = _why(error)
    return WriterError(
        f"openai: {type(error).__name__}: {why}",
        user_text=f"The model did not answer: {why}. The facts are not touched; look at "
        "[writers.openai] in the settings, or choose the template writer.",
        why=why,
    )


def _why(error: BaseException) -> str:
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    if why := distrusted(error):
        return why
    if isinstance(error, TimeoutError | APITimeoutError):
        return "it took too long"
    if isinstance(error, APIStatusError):
        return _of_status(error.status_code)
    if isinstance(error, APIConnectionError) or "Timeout" in type(error).__name__:
        is_late = "Timeout" in type(error).__name__
        return "it took too long" if is_late else "there is no connection to it"
    return "its answer can't be read"


def _of_status(status: int) -> str:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return "the server failed"
    return "it sends us elsewhere" if 300 <= status < 400 else "it refused the request"
