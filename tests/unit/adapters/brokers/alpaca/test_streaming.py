"""What happens on the stream, and what the lamp says of it."""

from __future__ import annotations

import pytest

from cockpit.adapters.brokers.alpaca.keys import names_of
from cockpit.domain.connection import Connection, Health
from cockpit.ports.broker import BrokerError, BustReport
from tests.support.waiting import eventually
from tests.toyserver import ToyServer
from tests.unit.adapters.brokers.alpaca.kit import Session, session_at, toy_order


async def test_a_cut_socket_comes_back_and_the_lamp_tells_of_the_gap(session: Session) -> None:
    assert session.lamps == ["connecting", "up"]
    session.toy.stream.cut()
    await eventually(lambda: session.lamps[-2:] == ["down", "up"])
    assert session.toy.stream.sign_ins == 2
    await session.submit(toy_order("one", quantity=10))
    await eventually(lambda: session.sink.states("one")[-1:] == ["filled"])


@pytest.mark.parametrize("step", ["hello", "auth"])
async def test_a_mute_sign_in_is_stale_and_tried_again(toy: ToyServer, step: str) -> None:
    toy.stream_faults.mute_at = step
    async with session_at(toy, connect_timeout_s=0.3) as session:
        await eventually(lambda: "stale" in session.lamps)
        assert "up" not in session.lamps
        toy.stream_faults.mute_at = ""
        await eventually(lambda: session.lamps[-1] == "up")


async def test_a_frozen_socket_is_found_out(toy: ToyServer) -> None:
    async with session_at(toy, quiet_s=0.15) as session:
        toy.stream_faults.frozen = True
        await eventually(lambda: "stale" in session.lamps)
        toy.stream_faults.frozen = False
        await eventually(lambda: session.lamps[-1] == "up")
        assert "does not answer" in session.details


async def test_a_quiet_socket_that_answers_stays_up(toy: ToyServer) -> None:
    async with session_at(toy, quiet_s=0.3) as session:
        await eventually(lambda: toy.stream.pings >= 3)
        assert session.lamps == ["connecting", "up"]


async def test_a_socket_that_answers_and_tells_nothing_is_given_up(toy: ToyServer) -> None:
    """It answers pings, yet an order that was acked is never mentioned."""
    toy.stream_faults.mute_at = "listen"
    async with session_at(toy, quiet_s=0.2) as session:
        assert session.lamps == ["connecting", "up"]
        await session.submit(toy_order("one", limit="9.00"))
        await eventually(lambda: "stale" in session.lamps)
        toy.stream_faults.mute_at = ""
        await eventually(lambda: session.lamps[-1] == "up")
        assert "no update" in session.details


async def test_a_bad_key_ends_the_sign_in(toy: ToyServer) -> None:
    toy.keys = ("PKOTHER", "other")
    sink_lamps: list[str] = []
    with pytest.raises(BrokerError) as refused:
        async with session_at(toy, vault=_stale_vault()) as session:
            sink_lamps += session.lamps
    assert refused.value.code == "AUTH_FAILED"
    assert len(toy.requests) == 1  # asked once, then a person is needed


async def test_a_stream_that_refuses_the_key_later_is_not_tried_again(session: Session) -> None:
    session.toy.keys = ("PKOTHER", "other")
    session.toy.stream.cut()
    await eventually(lambda: session.lamps[-1] == "auth_failed")
    tries = session.toy.stream.sign_ins
    await session.broker.close()
    assert session.toy.stream.sign_ins == tries == 2


@pytest.mark.parametrize("how", ["words", "406", "429"])
async def test_the_connection_limit_is_named_and_tried_again(toy: ToyServer, how: str) -> None:
    if how == "words":
        toy.stream_faults.limit = True
    else:
        toy.stream_faults.refuse_status = int(how)
    async with session_at(toy) as session:
        await eventually(lambda: "CONNECTION_LIMIT" in session.details)
        assert "auth_failed" not in session.lamps
        toy.stream_faults.limit, toy.stream_faults.refuse_status = False, 0
        await eventually(lambda: session.lamps[-1] == "up")


async def test_a_word_nobody_knows_is_set_aside_and_the_books_are_compared(
    session: Session,
) -> None:
    session.toy.stream_faults.odd_rate = 1.0
    await session.submit(toy_order("one", quantity=10))
    await eventually(lambda: session.sink.states("one")[-1:] == ["acked"])
    await eventually(lambda: session.lamps[-2:] == ["stale", "up"])
    await eventually(lambda: session.sink.executions)  # the fill itself was readable
    assert "odd_" in session.details


@pytest.mark.parametrize(
    "message",
    [
        b"<html>",
        b"\xff\xfe",
        b'{"stream":"trade_updates"}',
        b'{"stream":"trade_updates","data":{"event":"fill","order":{}}}',
        b'{"stream":"trade_updates","data":[]}',
    ],
)
async def test_a_message_that_can_not_be_read_spoils_nothing(
    session: Session, message: bytes
) -> None:
    session.broker._session._on_message(message)
    assert session.lamps[-2:] == ["stale", "up"]
    await session.submit(toy_order("one", quantity=10))
    await eventually(lambda: session.sink.states("one")[-1:] == ["filled"])


async def test_a_bust_names_the_execution_and_has_the_books_compared(session: Session) -> None:
    await session.submit(toy_order("one", quantity=10))
    await eventually(lambda: session.sink.executions)
    [made] = session.toy.exchange.executions
    session.toy.exchange.bust(made)
    await eventually(lambda: session.sink.of(BustReport))
    [bust] = session.sink.of(BustReport)
    assert bust.execution_id == session.sink.executions[0].execution_id == made.execution_id
    assert session.lamps[-2:] == ["stale", "up"]


async def test_repeated_and_overtaking_updates_carry_their_span(session: Session) -> None:
    session.toy.stream_faults.duplicate_rate = 0.5
    session.toy.stream_faults.reorder_rate = 0.5
    session.toy.exchange.quote("ABC", 9.99, 10.01, 10)
    await session.submit(toy_order("parts", quantity=100, limit="10.01"))
    for _ in range(12):
        session.toy.exchange.quote("ABC", 9.99, 10.01, 10)
    spans = {
        (e.cumulative - e.quantity, e.cumulative, e.execution_id)
        for e in await session.broker.executions(0)
    }
    await eventually(lambda: len(session.sink.executions) >= len(spans))
    told = {
        (e.cumulative - e.quantity, e.cumulative, e.execution_id) for e in session.sink.executions
    }
    assert told <= spans
    assert sum(last - first for first, last, _ in spans) == 100


async def test_after_close_nothing_is_delivered(session: Session) -> None:
    await session.submit(toy_order("rest", limit="9.00"))
    await eventually(lambda: session.sink.states("rest"))
    await session.broker.close()
    assert session.sink.of(Connection)[-1].health is Health.ENDED
    heard = len(session.sink.heard)
    session.toy.exchange.cancel_all()
    await eventually(lambda: session.toy.stream.listeners == 0)
    assert len(session.sink.heard) == heard


def _stale_vault() -> object:
    from tests.toyserver.client import STORED, DictVault

    key_id, secret = names_of(STORED)
    return DictVault(**{key_id: "PKTOY000000000000001", secret: "x"})
