#!/usr/bin/env python3
"""Draw docs/order-states.md from the table of transitions in cockpit/domain/order.py.

.venv/bin/python packaging/order_states.py            write the page
.venv/bin/python packaging/order_states.py --check    say whether it is current (exit code 1 if not)
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from cockpit.domain.order import TERMINAL, TRANSITIONS, OrderState

PAGE = Path(__file__).resolve().parents[1] / "docs" / "order-states.md"
BEGIN = "<!-- drawn by packaging/order_states.py: change the code, then run it -->"
END = "<!-- end of what is drawn -->"

_S = OrderState
MEANINGS = {
    _S.DRAFT: "made and stored; nobody has decided anything yet",
    _S.PENDING_APPROVAL: "passed the gate, waits for a person",
    _S.APPROVED: "may go out, if the gate passes it once more",
    _S.DENIED: "**ours**: stopped before anything was sent, with a code",
    _S.RESERVED: "passed the last gate; its capacity is taken",
    _S.SENDING: "stored as going out; the one send is under way",
    _S.ACKED: "the venue has it",
    _S.REJECTED: "**the venue's** own, definitive refusal",
    _S.UNKNOWN: "**sent, no answer**: it may work; it is looked for, never sent again",
    _S.WORKING: "rests at the venue and may fill",
    _S.HELD: "at the venue, held back there, e.g. until the open",
    _S.SUSPENDED: "at the venue, can't fill for now, e.g. in a halt",
    _S.PARTIALLY_FILLED: "part of it is filled, the rest works",
    _S.FILLED: "filled whole",
    _S.CANCELED: "canceled; what was filled before stays",
    _S.EXPIRED: "its time in force ended",
    _S.REPLACED: "another order took its place",
    _S.PENDING_CANCEL: "a cancel is on its way",
    _S.PENDING_REPLACE: "a replacement is on its way",
}
GROUPS = {
    "RESTING": ("At the venue", (_S.WORKING, _S.HELD, _S.SUSPENDED, _S.PARTIALLY_FILLED)),
    "ENDED": ("Ended", (_S.FILLED, _S.CANCELED, _S.EXPIRED, _S.REPLACED, _S.REJECTED)),
}
"""Boxes of the diagram: roads that lead to, or from, all of a box are drawn once."""


def drawn() -> str:
    """The diagram and the table, between their marks."""
    return "\n".join((BEGIN, "", *_diagram(), "", *_table(), "", END))


def edges() -> list[tuple[str, str]]:
    """The roads of the diagram; an end is a state or a box."""
    inside = {state for _, members in GROUPS.values() for state in members}
    found = [(s.name, to) for s in OrderState if s not in inside for to in _ends(TRANSITIONS[s])]
    for name, (_, members) in GROUPS.items():
        shared = frozenset[OrderState].intersection(*(TRANSITIONS[m] for m in members))
        found += [(name, to) for to in _ends(shared.difference(members))]
        for member in members:
            found += [(member.name, to) for to in _ends(TRANSITIONS[member] - shared)]
            within = TRANSITIONS[member] & shared & set(members)
            found += [(member.name, to) for to in _ends(within)]
    return found


def _ends(states: frozenset[OrderState]) -> list[str]:
    """Names to draw a road to: a box where all of it is meant."""
    names: list[str] = []
    for name, (_, members) in GROUPS.items():
        if states.issuperset(members):
            names.append(name)
            states = states.difference(members)
    return names + [state.name for state in OrderState if state in states]


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for name, (title, members) in GROUPS.items():
        yield f'    state "{title}" as {name} {{'
        yield from (f"        {member.name}" for member in members)
        yield "    }"
    yield "    [*] --> DRAFT"
    yield from (f"    {start} --> {end}" for start, end in edges())
    yield "    ENDED --> [*]"
    yield "    DENIED --> [*]"
    yield "```"


def _table() -> Iterator[str]:
    yield "| state | means | may become |"
    yield "|---|---|---|"
    for state in OrderState:
        roads = ", ".join(f"`{to.value}`" for to in OrderState if to in TRANSITIONS[state])
        star = " \\*" if state in TERMINAL else ""
        yield f"| `{state.value}`{star} | {MEANINGS[state]} | {roads or 'nothing: it has ended'} |"


def main() -> int:
    """Write or check the page; the exit code."""
    before = PAGE.read_text(encoding="utf-8")
    head, _, rest = before.partition(BEGIN)
    tail = rest.partition(END)[2]
    after = head + drawn() + tail
    if "--check" in sys.argv[1:]:
        print("current" if after == before else f"{PAGE.name} is not current: run this script")
        return int(after != before)
    PAGE.write_text(after, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
