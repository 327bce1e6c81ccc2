"""How a page of Markdown is set on the screen."""

from __future__ import annotations

import re

from PySide6.QtGui import (
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from cockpit.ui.theme import Space

_SIGN = re.compile(r"(?<!\w)([-+\u2212])(?=[$€£¥])")
_JOINER = "\u2060"


def unbroken(text: str) -> str:
    """`text` for the screen, where no line ends between a sign and its sum of money.

    Such a line would show a loss as a profit. What is stored or exported never carries it.
    """
    return _SIGN.sub(rf"\1{_JOINER}", text)


def air_out(document: QTextDocument) -> None:
    """Give paragraphs the distance that Markdown leaves to the reader's taste."""
    block = document.begin()
    while block.isValid():
        form = block.blockFormat()
        form.setBottomMargin(Space.XS if block.textList() else Space.S)
        form.setLineHeight(125, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(block)
        cursor.setBlockFormat(form)
        if level := form.headingLevel():  # a panel is no page: its heads are one step larger
            head = QTextCharFormat()
            head.setProperty(QTextFormat.Property.FontSizeAdjustment, 1 if level == 1 else 0)
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            cursor.mergeCharFormat(head)
        block = block.next()
