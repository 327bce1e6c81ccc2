"""The figures of a stored recap, back from the facts it was filled from."""

from __future__ import annotations

import msgspec

from cockpit.domain.fact import Fact
from cockpit.ports.store import StoredRecap
from cockpit.recap.errors import RecapError

_decoder = msgspec.json.Decoder(tuple[Fact, ...])


def facts_json(facts: tuple[Fact, ...]) -> str:
    """Facts as they are stored."""
    return msgspec.json.encode(facts).decode()


def facts_of(recap: StoredRecap) -> tuple[Fact, ...]:
    """The facts a recap was filled from. Raises RecapError when they can't be read."""
    try:
        return _decoder.decode(recap.facts_json)
    except msgspec.MsgspecError as error:
        raise RecapError(
            f"facts of {recap.day}: {error}",
            user_text=f"The stored facts of {recap.day} can't be read. The fills are not "
            "touched by that; draft the recap again.",
        ) from error


def figures_of(recap: StoredRecap) -> dict[str, str]:
    """Every figure the recap and its exports may show, as shown, by fact id.

    Holds no execution id and no account, so that the same session gives the same bytes.
    """
    return {fact.id: fact.text for fact in facts_of(recap)}
