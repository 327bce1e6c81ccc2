from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.ui.charts.pyramid import Pyramid

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=600)


def grown(values: list[float], step: int) -> Pyramid:
    pyramid = Pyramid()
    for start in range(0, len(values), step):
        pyramid.extend(np.array(values[start : start + step]))
    return pyramid


@given(VALUES, st.integers(1, 40), st.integers(1, 200), st.data())
def test_every_run_has_the_exact_extremes_of_its_values(values, step, columns, data):
    pyramid = grown(values, step)
    first = data.draw(st.integers(0, len(values) - 1))
    last = data.draw(st.integers(first + 1, len(values)))
    envelope = pyramid.envelope(first, last, columns)
    for start, stop, low, high in zip(*envelope, strict=True):
        piece = values[start:stop]
        assert (low, high) == (min(piece), max(piece))


@given(VALUES, st.integers(1, 40), st.integers(1, 200))
def test_the_runs_cover_everything_once(values, step, columns):
    envelope = grown(values, step).envelope(0, len(values), columns)
    assert envelope.start[0] == 0
    assert envelope.stop[-1] == len(values)
    assert list(envelope.start[1:]) == list(envelope.stop[:-1])


def test_one_spike_in_a_million_survives():
    pyramid = Pyramid()
    flat = np.zeros(1_000_000)
    flat[654_321] = 99.0
    pyramid.extend(flat)
    envelope = pyramid.envelope(0, len(pyramid), 800)
    assert envelope.high.max() == 99.0
    assert len(envelope.high) <= 802


def test_growing_by_one_is_the_same_as_growing_at_once():
    values = list(np.sin(np.arange(300.0)))
    one, all_at_once = grown(values, 1), grown(values, 300)
    for left, right in zip(one.envelope(3, 297, 9), all_at_once.envelope(3, 297, 9), strict=True):
        assert np.array_equal(left, right)


@pytest.mark.parametrize(("first", "last"), [(0, 0), (5, 2), (10, 20)])
def test_an_empty_range_gives_nothing(first, last):
    pyramid = grown([1.0, 2.0, 3.0], 3)
    assert len(pyramid.envelope(first, last, 10).low) == 0
