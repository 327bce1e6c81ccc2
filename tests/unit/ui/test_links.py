from __future__ import annotations

from cockpit.ui.links import ALONE, Link
from cockpit.ui.selection import Selection


def told(link: Link) -> list[str]:
    heard: list[str] = []
    link.changed.connect(heard.append)
    return heard


def test_what_one_of_a_group_chooses_all_of_it_show_and_no_other(qapp):
    selection = Selection()
    one, two, other = Link(selection), Link(selection), Link(selection, 2)
    heard, elsewhere = told(two), told(other)
    one.choose("ABC")
    one.choose("ABC")
    assert (two.symbol, heard) == ("ABC", ["ABC"])
    assert (other.symbol, elsewhere) == (None, [])


def test_who_joins_a_group_shows_what_it_shows(qapp):
    selection = Selection()
    one, two = Link(selection), Link(selection, 2)
    one.choose("ABC")
    two.choose("XYZ")
    heard = told(two)
    two.join(1)
    assert (two.symbol, heard) == ("ABC", ["ABC"])
    one.choose("DEF")
    assert heard == ["ABC", "DEF"]


def test_who_joins_an_empty_group_brings_its_symbol_along(qapp):
    selection = Selection()
    one = Link(selection)
    one.choose("ABC")
    heard = told(one)
    one.join(3)
    assert selection.symbol(3) == "ABC"
    assert heard == [], "nothing else is shown"


def test_who_stands_alone_keeps_its_symbol_and_moves_nobody(qapp):
    selection = Selection()
    one, two = Link(selection), Link(selection)
    one.choose("ABC")
    two.join(ALONE)
    one.choose("DEF")
    assert two.symbol == "ABC"
    two.choose("XYZ")
    assert (one.symbol, two.symbol) == ("DEF", "XYZ")
    heard = told(two)
    two.join(1)
    assert heard == ["DEF"]


def test_alone_from_the_start_is_for_what_follows_nobody(qapp):
    link = Link.alone("ABC")
    assert (link.group, link.symbol) == (ALONE, "ABC")
    assert Link.alone().symbol is None
