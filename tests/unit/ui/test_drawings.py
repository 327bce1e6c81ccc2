from __future__ import annotations

from cockpit.ui import drawings
from cockpit.ui.drawings import Anchor, Drawings, TrendLine


def test_lines_are_there_again_after_a_restart(tmp_path):
    lines = Drawings()
    lines.add("ABC", 101.5)
    lines.add("ABC", 101.5)
    lines.add("XYZ", 3.25)
    lines.move("XYZ", 3.25, 3.5)
    assert lines.changed
    drawings.save(tmp_path, lines.kept())
    again = drawings.load(tmp_path)
    assert list(again.of("ABC")) == [101.5]
    assert list(again.of("XYZ")) == [3.5]
    assert not again.changed


def test_a_removed_line_is_gone_and_an_unknown_one_harms_nothing(tmp_path):
    lines = Drawings({"ABC": [1.0, 2.0]})
    lines.remove("ABC", 3.0)
    assert not lines.changed
    lines.clear("ABC")
    assert list(lines.of("ABC")) == []
    assert lines.kept().lines == {}


def test_a_damaged_file_is_kept_aside_and_stops_nothing(tmp_path):
    (tmp_path / drawings.FILE).write_text("{not json", encoding="utf-8")
    assert drawings.load(tmp_path).kept().lines == {}
    assert (tmp_path / "drawings.damaged.json").read_text(encoding="utf-8") == "{not json"


def test_what_was_done_to_a_line_is_taken_back_step_by_step():
    lines = Drawings({"ABC": [1.0, 2.0], "XYZ": [9.0]})
    lines.move("ABC", 2.0, 3.0)
    lines.clear("ABC")
    lines.remove("XYZ", 9.0)
    assert lines.undo("ABC")
    assert list(lines.of("ABC")) == [1.0, 3.0]
    assert lines.undo("ABC")
    assert list(lines.of("ABC")) == [1.0, 2.0]
    assert not lines.undo("ABC")
    assert lines.can_undo("XYZ"), "each symbol by itself"
    assert lines.changed


def test_a_line_that_is_dragged_onto_another_is_one_and_comes_back_as_two():
    lines = Drawings({"ABC": [1.0, 2.0]})
    lines.move("ABC", 1.0, 2.0)
    assert list(lines.of("ABC")) == [2.0]
    lines.undo("ABC")
    assert list(lines.of("ABC")) == [1.0, 2.0]


UP = TrendLine(Anchor(1_514_903_430.0, 100.0), Anchor(1_514_904_030.0, 101.25))


def test_trend_lines_are_kept_beside_the_levels(tmp_path):
    lines = Drawings({"ABC": [101.5]})
    lines.put_trend("ABC", None, UP)
    longer = TrendLine(UP.a, UP.b, extended=True)
    lines.put_trend("ABC", UP, longer)
    drawings.save(tmp_path, lines.kept())
    again = drawings.load(tmp_path)
    assert (list(again.of("ABC")), list(again.trends("ABC"))) == ([101.5], [longer])


def test_what_was_done_to_a_trend_line_is_taken_back_and_told():
    lines, told = Drawings({"ABC": [1.0]}), []
    lines.drawn.connect(told.append)
    lines.put_trend("ABC", None, UP)
    lines.put_trend("ABC", UP, None)
    lines.put_trend("ABC", UP, None)
    assert told == ["ABC", "ABC"]
    lines.undo("ABC")
    assert list(lines.trends("ABC")) == [UP]
    lines.clear("ABC")
    assert (list(lines.of("ABC")), list(lines.trends("ABC"))) == ([], [])
    lines.undo("ABC")
    assert (list(lines.of("ABC")), list(lines.trends("ABC"))) == ([1.0], [UP])


def test_a_line_that_nobody_could_see_is_not_kept():
    lines = Drawings()
    point = Anchor(UP.a.ts, 0.0)
    for other in (TrendLine(UP.a, UP.a), TrendLine(UP.a, point)):
        lines.put_trend("ABC", None, other)
    assert not lines.changed
    assert Drawings({}, {"ABC": [TrendLine(UP.a, UP.a), UP]}).trends("ABC") == (UP,)


def test_a_file_of_an_earlier_version_has_no_trend_lines(tmp_path):
    (tmp_path / drawings.FILE).write_text('{"version":1,"lines":{"ABC":[2.5]}}', encoding="utf-8")
    again = drawings.load(tmp_path)
    assert (list(again.of("ABC")), list(again.trends("ABC"))) == ([2.5], [])
