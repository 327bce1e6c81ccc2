import pytest

from tests.support import eventually, wait_until


async def test_eventually_returns_what_the_condition_returns() -> None:
    turns = iter([None, 0, "ready"])
    assert await eventually(lambda: next(turns)) == "ready"


async def test_eventually_awaits_an_async_condition() -> None:
    async def answer() -> int:
        return 7

    assert await eventually(answer) == 7


async def test_eventually_says_what_did_not_happen() -> None:
    with pytest.raises(AssertionError, match=r"within 0\.01 s: the order filled"):
        await eventually(lambda: False, within=0.01, what="the order filled")


def test_wait_until_takes_a_failed_assertion_as_not_yet() -> None:
    turns = iter([1, 2, 3])

    def third() -> bool:
        assert next(turns) == 3
        return True

    assert wait_until(third)
