from __future__ import annotations

from cockpit.ui import drawings
from cockpit.ui.drawings import Drawings


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
