"""A paper session killed at random moments, a few times; tests.soak.kill9 does it 200 times."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.kill9 import READY_WITHIN_S, run


@pytest.mark.timeout(180)
def test_nothing_told_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    figures = run(tmp_path, kills=5, seed=4)
    assert figures.kills == 5
    assert figures.fills > 0
    assert sorted(figures.ready_s)[len(figures.ready_s) // 2] <= READY_WITHIN_S
