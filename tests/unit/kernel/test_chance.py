import pytest

from cockpit.kernel.chance import below, chance


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 56, 64, 1000])
def test_below_draws_what_randrange_draws(limit) -> None:
    one, other = chance("seed"), chance("seed")
    assert [below(one, limit) for _ in range(200)] == [other.randrange(limit) for _ in range(200)]
    assert one.getstate() == other.getstate()
