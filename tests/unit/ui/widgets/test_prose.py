from __future__ import annotations

import pytest
from PySide6.QtGui import QTextDocument, QTextOption

from cockpit.ui.theme import Theme
from cockpit.ui.widgets.prose import unbroken


@pytest.mark.parametrize("sign", ["-", "+", "\u2212"])
def test_no_line_ends_between_a_sign_and_its_sum(qapp, sign):
    document, words = QTextDocument(), QTextOption()
    words.setWrapMode(QTextOption.WrapMode.WordWrap)
    document.setDefaultFont(Theme().font())
    document.setMarkdown(unbroken(f"- TALVO: [{sign}$100.28](fact:net) in all"))
    document.setDefaultTextOption(words)
    document.setTextWidth(1)  # each place where a line may end ends one
    document.documentLayout().documentSize()
    block, lines = document.firstBlock(), []
    for number in range(block.layout().lineCount()):
        line = block.layout().lineAt(number)
        lines.append(block.text()[line.textStart() :][: line.textLength()].strip())
    assert f"{sign}\u2060$100.28" in lines


def test_only_a_sign_of_a_sum_is_joined():
    plain = "- $5 of $7, intra-day, 2026-07-01, A-$5"
    assert unbroken(plain) == plain
