"""One message that can't be read takes none of the others with it."""

from __future__ import annotations

import msgspec

from cockpit.adapters.feeds.frames import readable_in

apart = msgspec.json.Decoder(list[msgspec.Raw]).decode
one = msgspec.json.Decoder(int).decode


def test_the_others_still_count() -> None:
    told: list[str] = []
    assert readable_in(b'[1, "x", 3]', apart, one, told.append) == [1, 3]
    assert len(told) == 1
    assert "b'\"x\"'" in told[0]


def test_a_frame_that_is_none_is_told_of_as_a_whole() -> None:
    told: list[str] = []
    assert readable_in(b"[1, ", apart, one, told.append) == []
    assert len(told) == 1
    assert told[0].startswith("a frame of 4 bytes: ")
