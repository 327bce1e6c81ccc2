"""The pins that the checks know are those of the project."""

from __future__ import annotations

import re
import tomllib

from cockpit.app.health.program import PINNED
from tests.unit.docs.pages import page


def test_pins_are_those_of_the_project() -> None:
    needs = tomllib.loads(page("pyproject.toml"))["project"]["dependencies"]
    exact = dict(re.findall(r"^([\w-]+)==(\S+)$", "\n".join(needs), re.MULTILINE))
    assert dict(PINNED) == exact
