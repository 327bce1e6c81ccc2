"""Set the Qt flavour before the first Qt import, then load the guards that watch every test."""

import os

from hypothesis import settings

os.environ["QT_API"] = "pyside6"
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a real window has tests of its own in e2e/

# how long an example takes says how busy the machine is; pytest's own limit ends what hangs
settings.register_profile("cockpit", deadline=None)
settings.load_profile("cockpit")

pytest_plugins = [
    "pytester",
    "tests.support.network",
    "tests.support.loops",
    "tests.support.leaks",
    "tests.support.qt_messages",
    "tests.support.needs",
    "tests.support.screen",
    "tests.support.program",
    "tests.support.venue",
]

# a package of its own, with checks of its own: installed and run by tests/contract
collect_ignore = ["example_broker"]
