from __future__ import annotations

import pytest

from cockpit.adapters.secrets.skew import (
    Skew,
    SkewMeter,
    narrowed,
    skew_check,
    skew_of,
    skew_of_header,
)
from cockpit.adapters.secrets.totp import TotpError, TotpSecret, one_time_code
from cockpit.kernel.clock import SECOND
from cockpit.ports.health import CheckState

RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: "12345678901234567890"
SHORT = "JBSWY3DPEHPK3PXP"  # 80 bits, which pyotp's constructor refuses


@pytest.mark.parametrize(
    ("at_s", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
     (20000000000, "65353130")],
)  # fmt: skip
def test_the_vectors_of_the_rfc(at_s: int, code: str) -> None:
    address = f"otpauth://totp/Broker:me?secret={RFC}&digits=8&issuer=Broker"
    assert TotpSecret.parse(address).code(at_s * SECOND) == code
    assert one_time_code(RFC, at_s * SECOND) == code[-6:]


@pytest.mark.parametrize(
    "typed", [RFC.lower(), "gezd gnbv-gy3t qojq GEZD-GNBV gy3t qojq", f" {RFC}\n", f"{RFC}===="]
)
def test_keys_as_people_copy_them(typed: str) -> None:
    assert one_time_code(typed, 59 * SECOND) == "287082"


def test_short_keys_work_although_the_library_refuses_them() -> None:
    import pyotp

    with pytest.raises(ValueError, match="112 bits"):
        pyotp.TOTP(SHORT)
    assert one_time_code(SHORT, 0) == "282760"
    assert one_time_code("jbsw y3dp ehpk 3pxp", 1_600_000_000 * SECOND) == "368941"


@pytest.mark.parametrize(
    "typed",
    ["", "123456", "not base 32!", "JBSWY3D", "otpauth://hotp/x?secret=" + RFC, "otpauth://totp/x",
     f"otpauth://totp/x?secret={RFC}&algorithm=MD5", f"otpauth://totp/x?secret={RFC}&digits=99"],
)  # fmt: skip
def test_what_is_no_key_is_said_without_it(typed: str) -> None:
    with pytest.raises(TotpError) as caught:
        TotpSecret.parse(typed)
    assert caught.value.__cause__ is None
    if typed:
        assert typed not in f"{caught.value!r} {caught.value.user_text}"


def test_a_neighbouring_code_is_taken_and_no_other() -> None:
    key, at = TotpSecret.parse(RFC), 1_000_000_000 * SECOND
    codes = {steps: key.code(at + steps * 30 * SECOND) for steps in range(-2, 3)}
    assert [key.verify(codes[steps], at) for steps in range(-2, 3)] == [False, *[True] * 3, False]
    assert key.verify(f"{codes[0][:3]} {codes[0][3:]}", at, valid_window=0)
    assert not key.verify(codes[1], at, valid_window=0)


def test_how_long_a_code_stays() -> None:
    key = TotpSecret.parse(RFC)
    assert key.seconds_left(59 * SECOND) == 1.0
    assert key.seconds_left(60 * SECOND) == 30.0


def test_the_key_is_not_in_a_repr() -> None:
    assert RFC not in repr(TotpSecret.parse(RFC))


def test_the_skew_of_an_answer_is_within_its_bounds() -> None:
    skew = skew_of(told_ns=105 * SECOND, asked_ns=100 * SECOND, answered_ns=101 * SECOND)
    assert skew == Skew(4.0, 5.0)
    assert skew.surely_s == 4.0
    assert skew_of(100 * SECOND, 100 * SECOND, 101 * SECOND).surely_s == 0.0
    assert skew_of(90 * SECOND, 100 * SECOND, 101 * SECOND).surely_s == 10.0


def test_a_date_header_tells_to_the_second() -> None:
    now = 1_784_116_800 * SECOND
    date = "Wed, 15 Jul 2026 12:00:00 GMT"
    skew = skew_of_header(date, now + 300_000_000, now + 500_000_000)
    assert skew is not None
    assert skew.surely_s == 0.0
    for odd in ("", "yesterday", "Wed, 15 Jul 2026 12:00:00"):
        assert skew_of_header(odd, now, now) is None


def test_several_answers_tell_more_and_a_set_clock_begins_anew() -> None:
    assert narrowed([]) is None
    assert narrowed([Skew(-0.9, 0.6), Skew(-0.2, 0.9)]) == Skew(-0.2, 0.6)
    assert narrowed([Skew(-0.5, 0.5), Skew(59.5, 60.5)]) == Skew(59.5, 60.5)
    meter, now = SkewMeter(), 1_784_116_800 * SECOND
    assert meter.skew is None
    meter.note(None, now, now)
    assert meter.skew is None
    for _ in range(20):
        meter.note("Wed, 15 Jul 2026 12:00:00 GMT", now, now)
    assert meter.skew == Skew(0.0, 1.0)


@pytest.mark.parametrize(
    ("skew", "state", "words"),
    [
        (None, CheckState.UNKNOWN, "not told"),
        (Skew(-0.4, 0.6), CheckState.OK, "behind Robinhood"),
        (Skew(2.0, 3.0), CheckState.FAILED, "2.5 s behind"),
        (Skew(-3.0, -2.0), CheckState.FAILED, "2.5 s ahead of"),
        (Skew(59.0, 61.0), CheckState.FAILED, "won't be accepted"),
    ],
)
def test_the_check_says_it_plainly(skew: Skew | None, state: CheckState, words: str) -> None:
    check = skew_check("Robinhood", skew, codes=True)
    assert check.state is state
    assert words in check.found
    assert bool(check.next_step) is (state is CheckState.FAILED)
