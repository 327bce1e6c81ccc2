"""Refuses a pair of Qt and Python that would abort the process in the middle of a day.

Two looks, both cheap: a list of pairs known to be bad, and a measurement that finds the
same fault in pairs nobody has met yet (see docs/adr/0002-one-qt-pin.md).
"""

from __future__ import annotations

import sys

import PySide6
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from cockpit.ui.errors import UiError

EVENTS = 100  # enough to tell a fault from chance, too few to do harm

Version = tuple[int, ...]

# Qt from and below, Python below: every slot call drops a reference to None.
_BAD_PAIRS: tuple[tuple[Version, Version, Version], ...] = (((6, 12, 0), (6, 12, 1), (3, 12)),)


class QtPairError(UiError):
    """This Qt and this Python must not run together."""

    code = "UI_BAD_QT_PAIR"

    def __init__(self, found: str) -> None:
        pair = f"PySide6 {PySide6.__version__} with Python {sys.version.split()[0]}"
        super().__init__(
            f"{pair}: {found}",
            user_text=(
                f"{pair} is known to crash while trading, so the window was not opened. "
                "Nothing was changed. Run the set-up again: it installs the versions this "
                "program was tested with."
            ),
        )


def check_qt_pair() -> None:
    """Raise QtPairError when Qt and Python don't fit; takes under a millisecond.

    Call it once, after the application object was made and before the first window.
    """
    if is_known_bad(PySide6.__version_info__[:3], sys.version_info[:2]):
        raise QtPairError("on the list of bad pairs")
    if (lost := lost_references()) > EVENTS // 2:
        raise QtPairError(f"{lost} references to None lost in {2 * EVENTS} events")


def is_known_bad(qt: Version, python: Version) -> bool:
    """Tell whether this Qt on this Python is on the list of bad pairs."""
    return any(low <= qt < high and python < below for low, high, below in _BAD_PAIRS)


def lost_references() -> int:
    """How many references to None Qt's binding drops in `EVENTS` slot calls and overrides.

    Python 3.12 and later never free None and count it no more; there it is about 0.
    """
    probe = _Probe()
    probe.objectNameChanged.connect(_slot)
    event = QEvent(QEvent.Type.User)
    before = sys.getrefcount(None)
    for nr in range(EVENTS):
        probe.setObjectName(str(nr))
        QCoreApplication.sendEvent(probe, event)
    return before - sys.getrefcount(None)


class _Probe(QObject):
    """Overrides a virtual method that returns nothing, as every widget of ours does."""

    def customEvent(self, event: QEvent) -> None:
        """Do nothing."""


def _slot(_name: str) -> None:
    """Do nothing."""
