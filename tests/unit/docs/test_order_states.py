import re

import order_states
import pytest

from cockpit.domain.order import TERMINAL, TRANSITIONS, OrderState
from cockpit.trading.sender import Sender
from tests.unit.docs.pages import blocks, page, rows

PAGE = page("docs/order-states.md")


def members(name: str) -> set[OrderState]:
    """The states that an end of a drawn road stands for."""
    if name in order_states.GROUPS:
        return set(order_states.GROUPS[name][1])
    return {OrderState[name]}


def test_the_page_is_current() -> None:
    assert order_states.drawn() in PAGE, "run packaging/order_states.py"


def test_the_diagram_draws_every_road_and_no_other() -> None:
    (diagram,) = blocks(PAGE, "mermaid")
    roads: dict[OrderState, set[OrderState]] = {state: set() for state in OrderState}
    for start, end in re.findall(r"^ +(\w+) --> (\w+)$", diagram, re.MULTILINE):
        for state in members(start):
            roads[state] |= members(end)
    assert roads == {state: set(targets) for state, targets in TRANSITIONS.items()}


def test_the_table_tells_every_state() -> None:
    told = {row[0].replace("` \\*", ""): row for row in rows(PAGE)}
    assert list(told) == [state.value for state in OrderState]
    final = {name for name, row in told.items() if row[0].endswith("\\*")}
    assert final == {state.value for state in TERMINAL}


def test_the_check_finds_a_stale_page(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "order-states.md"
    stale.write_text(
        f"before\n{order_states.BEGIN}\nold\n{order_states.END}\nafter\n", encoding="utf-8"
    )
    monkeypatch.setattr(order_states, "PAGE", stale)
    monkeypatch.setattr("sys.argv", ["order_states.py", "--check"])
    assert order_states.main() == 1
    assert "not current" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["order_states.py"])
    assert order_states.main() == 0
    assert stale.read_text(encoding="utf-8") == f"before\n{order_states.drawn()}\nafter\n"


def test_the_questions_about_an_unknown_order_are_told() -> None:
    seconds = [f"{s:g}" for s in Sender.ASK_AGAIN_S]
    assert f"{', '.join(seconds[:-1])} and {seconds[-1]} seconds" in PAGE.replace("\n ", "")
