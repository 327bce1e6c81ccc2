"""What goes into a file: the recap with its facts, less what the person keeps to himself."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from cockpit.domain.fact import Fact, Unit
from cockpit.ports.store import StoredRecap
from cockpit.recap.errors import ExportError
from cockpit.recap.figures import facts_of
from cockpit.recap.trade_facts import columns_of, trade_rows
from cockpit.recap.wishes import Wishes

PRIVATE = frozenset({Unit.MONEY, Unit.SHARES})
"""Units that tell how much somebody has: amounts and sizes. R, percents and prices do not."""
HIDDEN = "(private)"
_NAMED_BY_RUN = ("Replay", "Simulated session")
_MONEY = re.compile(r"[$\u20ac\u00a3]\s?\d|\d\s?(?:dollars|USD|EUR)\b")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A recap ready for a format. `columns` are those of the table of its trades."""

    recap: StoredRecap
    facts: tuple[Fact, ...]
    columns: tuple[tuple[str, str], ...]
    private: bool = False
    notes: tuple[str, ...] = ()

    @property
    def account(self) -> str:
        """Whose recap it is; empty where that is kept private, and for a simulation or replay.

        Such an account is named after its run, and the same session gives the same bytes.
        """
        session = next((fact.text for fact in self.facts if fact.id == "session"), "")
        kept = self.private or session.startswith(_NAMED_BY_RUN)
        return "" if kept else self.recap.account_id


def page_of(recap: StoredRecap, wishes: Wishes) -> Page:
    """What is to be shown. Raises ExportError where an amount could not be hidden."""
    facts = facts_of(recap)
    columns = columns_of(trade_rows(facts))
    notes = tuple(note.strip() for note in wishes.notes if note.strip())
    if not wishes.private:
        return Page(recap=recap, facts=facts, columns=columns, notes=notes)
    kept = tuple(fact for fact in facts if fact.unit not in PRIVATE)
    shown = {fact.id.rpartition(".")[2] for fact in kept}
    masked = _masked(recap, facts)
    _prove(f"{masked.title}\n{masked.markdown}\n{chr(10).join(notes)}")
    return Page(
        recap=masked,
        facts=kept,
        columns=tuple((name, label) for name, label in columns if name in shown),
        private=True,
        notes=notes,
    )


def _masked(recap: StoredRecap, facts: Sequence[Fact]) -> StoredRecap:
    """The same words without amounts, sizes and the account's name."""
    hidden = {fact.text for fact in facts if fact.unit in PRIVATE}
    longest_first = sorted(hidden, key=len, reverse=True)
    any_of = "|".join(re.escape(text) for text in longest_first)
    pattern = re.compile(rf"(?<![\w.,$])(?:{any_of})(?![\w%]|[.,]\d)") if any_of else None

    def mask(text: str) -> str:
        shown = text if pattern is None else pattern.sub(HIDDEN, text)
        return shown.replace(recap.account_id, HIDDEN)

    return msgspec.structs.replace(
        recap, title=mask(recap.title), markdown=mask(recap.markdown), account_id=HIDDEN
    )


def _prove(text: str) -> None:
    """Rather no file than one that tells an amount."""
    if found := _MONEY.search(text):
        raise ExportError(
            f"private export holds {found[0]!r}",
            user_text="The recap or its notes hold an amount that privacy mode could not hide, so "
            "nothing was written. Leave the notes out, or export it in full.",
        )
