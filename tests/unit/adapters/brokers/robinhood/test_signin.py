"""Signing in without hands, and saying plainly when a person is needed."""

from __future__ import annotations

import asyncio

import pytest

from cockpit.domain.connection import Health
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import BrokerError
from tests.support.waiting import eventually
from tests.toyserver.hood import ToyHood
from tests.toyserver.hood.client import vault
from tests.unit.adapters.brokers.robinhood.kit import session_of, signed_in


async def test_a_first_sign_in_keeps_tokens_and_device_in_the_vault(toy: ToyHood) -> None:
    async with signed_in(toy) as session:
        assert session.healths[:2] == [Health.CONNECTING, Health.UP]
        assert {(lamp.label, lamp.read_only) for lamp in session.lamps} == {("READ ONLY", True)}
        assert session.kept("access_token") in toy.door.access
        assert session.kept("refresh_token") in toy.door.refresh
        assert session.kept("device_token") == toy.door.forms[0]["device_token"]
    assert session.healths[-1] is Health.ENDED


async def test_the_next_start_asks_for_no_token_at_all(toy: ToyHood) -> None:
    async with signed_in(toy) as first:
        pass
    async with signed_in(toy, first.vault):
        pass
    assert len(toy.door.forms) == 1


async def test_a_sign_in_is_renewed_before_it_ends(toy: ToyHood) -> None:
    toy.door.lasts_s = 100
    async with signed_in(toy, renew_before_s=200) as session:
        await session.broker.positions()
    kinds = [form["grant_type"] for form in toy.door.forms]
    assert kinds[0] == "password"
    assert set(kinds[1:]) == {"refresh_token"}
    assert {form["device_token"] for form in toy.door.forms} == {session.kept("device_token")}


async def test_a_token_that_ended_early_is_renewed_and_the_question_asked_again(
    toy: ToyHood,
) -> None:
    async with signed_in(toy, poll_s=60) as session:
        toy.door.end_all()
        toy.books.hold("AAPL", "5.0000", "100.0000")
        [held] = await session.broker.positions()
        assert held.symbol == "AAPL"
        assert [f["grant_type"] for f in toy.door.forms] == ["password", "refresh_token"]


async def test_what_another_program_renewed_is_taken_from_the_vault(toy: ToyHood) -> None:
    async with signed_in(toy, poll_s=60) as session:
        toy.door.end_all()  # another one renews, so our refresh token is used up
        toy.door.end_refresh()
        async with signed_in(toy, session.vault, poll_s=60):
            pass
        forms = len(toy.door.forms)
        assert await session.broker.positions() == []
        assert len(toy.door.forms) == forms


async def test_where_renewing_is_refused_it_signs_in_anew_without_hands(toy: ToyHood) -> None:
    toy.door.mfa = True
    async with signed_in(toy, poll_s=60) as session:
        toy.door.end_all()
        toy.door.end_refresh()
        assert await session.broker.positions() == []
    kinds = [(f["grant_type"], "mfa_code" in f) for f in toy.door.forms]
    assert kinds == [
        ("password", False), ("password", True),
        ("refresh_token", False),
        ("password", False), ("password", True),
    ]  # fmt: skip


async def test_a_refused_password_is_tried_once_and_never_again(toy: ToyHood) -> None:
    session = session_of(toy, vault(password="wrong"))
    with pytest.raises(BrokerError, match="refused") as refused:
        await session.broker.connect(session.sink)
    assert refused.value.code == "AUTH_FAILED"
    assert "Unable to log in" in refused.value.user_text
    assert session.healths[-1] is Health.AUTH_FAILED
    assert len(toy.door.forms) == 1


async def test_a_sign_in_refused_later_shows_and_stops_the_watching(toy: ToyHood) -> None:
    async with signed_in(toy) as session:
        session.vault.secrets["accounts/toy/password"] = "changed elsewhere"
        toy.door.end_all()
        toy.door.end_refresh()
        await eventually(lambda: session.healths[-1] is Health.AUTH_FAILED)
        tried = len(toy.door.forms)
        with pytest.raises(BrokerError) as refused:
            await session.broker.positions()
        assert refused.value.code == "AUTH_FAILED"
        assert len(toy.door.forms) == tried


async def test_without_an_authenticator_key_the_next_step_is_told(toy: ToyHood) -> None:
    toy.door.mfa = True
    session = session_of(toy, vault(totp=""))
    with pytest.raises(BrokerError) as refused:
        await session.broker.connect(session.sink)
    assert refused.value.code == "AUTH_FAILED"
    assert "authenticator" in refused.value.user_text


async def test_an_approval_is_waited_for_with_a_countdown(toy: ToyHood) -> None:
    toy.door.approval = "issued"
    session = session_of(toy, approval_within_s=30)

    def person(machine_asked: int = 3) -> bool:
        if toy.asked("GET", "/push/") >= machine_asked:
            toy.door.approval = "validated"
        return toy.door.approval == "validated"

    connecting = asyncio.ensure_future(session.broker.connect(session.sink))
    await eventually(person, what="the app was asked")
    await connecting
    asked = [lamp for lamp in session.lamps if lamp.act_by_ns]
    assert "approve" in asked[0].detail
    assert 0 < asked[0].act_by_ns - asked[0].ts_ns <= 30 * SECOND
    assert session.healths[-1] is Health.UP
    assert session.lamps[-1].act_by_ns == 0
    await session.broker.close()
    async with signed_in(toy, session.vault):  # the same device is asked about once
        pass
    assert toy.asked("POST", "/pathfinder/user_machine/") == 1


async def test_an_approval_in_mid_session_is_asked_for_on_the_lamp_and_heals(toy: ToyHood) -> None:
    async with signed_in(toy, approval_within_s=30) as session:
        toy.door.approval = "issued"
        toy.door.end_all()
        toy.door.end_refresh()
        await eventually(lambda: session.lamps[-1].act_by_ns)
        assert session.healths[-1] is Health.CONNECTING
        toy.door.approval = "validated"
        await eventually(lambda: session.healths[-1] is Health.UP)
        assert await session.broker.positions() == []


@pytest.mark.parametrize(("answer", "words"), [("issued", "in time"), ("denied", "not approved")])
async def test_no_approval_is_no_sign_in(toy: ToyHood, answer: str, words: str) -> None:
    toy.door.approval = answer
    session = session_of(toy, approval_within_s=0.3)
    with pytest.raises(BrokerError) as refused:
        await session.broker.connect(session.sink)
    assert refused.value.code == "AUTH_FAILED"
    assert words in refused.value.user_text
    assert toy.door.access == set()
    assert session.kept("access_token") is None


async def test_a_code_by_text_message_needs_a_person_and_says_so(toy: ToyHood) -> None:
    toy.door.approval, toy.door.challenge = "issued", "sms"
    session = session_of(toy)
    with pytest.raises(BrokerError) as refused:
        await session.broker.connect(session.sink)
    assert refused.value.code == "AUTH_FAILED"
    assert "by sms" in refused.value.user_text


@pytest.mark.parametrize(("status", "html"), [(429, False), (500, False), (200, True), (403, True)])
async def test_a_door_out_of_order_is_no_refusal_of_the_person(
    toy: ToyHood, status: int, html: bool
) -> None:
    toy.door.status, toy.door.html = status, html
    session = session_of(toy)
    with pytest.raises(BrokerError) as failed:
        await session.broker.connect(session.sink)
    assert failed.value.code != "AUTH_FAILED"
    assert Health.DOWN in session.healths


async def test_while_the_door_is_out_of_order_it_is_not_hammered(toy: ToyHood) -> None:
    async with signed_in(toy) as session:
        toy.door.status = 429
        toy.door.end_all()
        await eventually(lambda: session.healths[-1] is Health.DOWN)
        seen = len(toy.requests)
        await eventually(lambda: len(toy.requests) > seen or "tried in" in session.lamps[-1].detail)
        assert len(toy.door.forms) == 2
        with pytest.raises(BrokerError, match=r"tried in (30|29) s"):
            await session.broker.positions()


async def test_nothing_in_the_vault_is_told_with_the_next_step(toy: ToyHood) -> None:
    session = session_of(toy, vault(username=""))
    with pytest.raises(BrokerError) as missing:
        await session.broker.connect(session.sink)
    assert missing.value.code == "AUTH_MISSING"
    assert "cockpit accounts add" in missing.value.user_text
    assert toy.requests == []
