"""Distances come from the theme, and each painter ends where its picture does."""

from __future__ import annotations

import re

from tests.support.needs import ROOT

UI = ROOT / "cockpit" / "ui"
LAID_OUT = re.compile(
    r"\b(?:setContentsMargins|setSpacing|addSpacing|set(?:Horizontal|Vertical)Spacing)\("
    r"[^)]*(?<![\w.])[1-9]\d*\b"
)
KEPT = re.compile(
    r"(?m)^_?[A-Z_]*(?:PAD|GAP|INSET|MARGIN)(?:_[XY])?(?:, _?[A-Z_]+)* = [1-9][\d, ]*$"
)

LEFT_OPEN = re.compile(r"(?<!with )\bQPainter\(\w+\)")
"""A painter that ends when nothing holds it any more: a stack that was looked at holds it."""


def found(pattern: re.Pattern[str], folder: str) -> list[str]:
    return [
        f"{file.relative_to(ROOT).as_posix()}: {match.group()}"
        for file in sorted((UI / folder).rglob("*.py"))
        if "theme" not in file.parts
        for match in pattern.finditer(file.read_text(encoding="utf-8"))
    ]


def test_the_search_sees_what_it_looks_for() -> None:
    assert LAID_OUT.search("row.setContentsMargins(0, 4, 0, 0)")
    assert not LAID_OUT.search("row.setContentsMargins(Space.M, 0, 0, 0)")
    assert KEPT.search("_PAD_X, _PAD_Y = 8, 3")
    assert not KEPT.search("_GAP = int(Inset.TILE)")
    assert LEFT_OPEN.search("painter = QPainter(self)")
    assert not LEFT_OPEN.search("with QPainter(self) as painter:")


def test_layouts_take_their_distances_from_the_theme() -> None:
    assert found(LAID_OUT, ".") == []


def test_painted_widgets_take_theirs_from_the_theme() -> None:
    assert found(KEPT, "widgets") == []


def test_every_painter_ends_where_its_picture_does() -> None:
    assert found(LEFT_OPEN, ".") == []
