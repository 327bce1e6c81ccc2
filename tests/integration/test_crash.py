"""The power goes in the middle of the day: what was acknowledged is there, and it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.domain.order import OrderState
from tests.support.figures import figures
from tests.support.headless import cockpit, replay, rows, started
from tests.support.recordings import DAY, write_recording
from tests.support.waiting import wait_until

SQL = "select execution_id, symbol, quantity, price from fill order by execution_id"


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[object, ...]]]:
    """A folder whose cockpit was killed with positions open, and the fills seen just before."""
    folder = tmp_path_factory.mktemp("crash")
    data = folder / "data"
    files = write_recording(folder / "recording", held=20).files
    pace = ("--headless", "--speed", 100, "--approve", "all", "--data-dir", data)
    with started(folder, "replay", *files, *pace) as process:
        wait_until(lambda: len(rows(data, SQL)) >= 2, 40, "two fills in the ledger")
        seen = rows(data, SQL)
        process.kill()
        process.communicate()
    assert process.returncode != 0
    return folder, seen


async def test_the_store_opens_and_holds_what_was_acknowledged(
    crashed: tuple[Path, list[tuple[object, ...]]],
) -> None:
    folder, seen = crashed
    store = await open_store(folder / "data" / "cockpit.sqlite3")
    try:
        fills = await store.fills("REPLAY-1")
        orders = {order.client_order_id: order for order in await store.orders("REPLAY-1")}
        assert {f.execution_id for f in fills} >= {row[0] for row in seen}
        for fill in fills:
            order = orders[fill.client_order_id]
            assert order.state in {OrderState.FILLED, OrderState.PARTIALLY_FILLED}
        for order in orders.values():  # a fill and the order it changed are one transaction
            mine = [f for f in fills if f.client_order_id == order.client_order_id]
            assert sum(f.quantity for f in mine) == order.filled
            history = await store.order_history(order.client_order_id)
            assert history[-1] == order
    finally:
        await store.close()
    assert rows(folder / "data", "pragma integrity_check") == [("ok",)]


def test_the_recap_tells_what_there_is(crashed: tuple[Path, list[tuple[object, ...]]]) -> None:
    folder, _seen = crashed
    out = folder / "recap.md"
    done = cockpit(folder, "recap", "--date", DAY, "--out", out, "--data-dir", folder / "data")
    assert (done.code, done.err) == (0, ""), done
    text = out.read_text(encoding="utf-8")
    assert "2018" in text
    assert figures(text)


def test_the_folder_is_free_for_the_next_run(
    crashed: tuple[Path, list[tuple[object, ...]]],
) -> None:
    folder, seen = crashed
    files = tuple(str(path) for path in sorted((folder / "recording").iterdir()))
    done = replay(folder, files)
    assert done.code == 0, done
    data = folder / "data"
    assert rows(data, "select count(*) from run") == [(2,)]
    assert set(rows(data, SQL)) >= set(seen)
