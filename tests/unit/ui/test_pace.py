from cockpit.ui.pace import PaceKeeper


class Session:
    def __init__(self, speed: float | None) -> None:
        self.speed = speed
        self.keeper = PaceKeeper(self.set_speed)

    def set_speed(self, speed: float | None) -> None:
        self.speed = speed

    def queue(self, count: int) -> float | None:
        self.keeper.waiting(count, self.speed)
        return self.speed


def test_a_fast_session_slows_while_somebody_has_to_decide():
    session = Session(60)
    assert session.queue(1) == 1
    assert "back to 60x" in session.keeper.note
    assert session.queue(2) == 1
    assert session.queue(0) == 60
    assert session.keeper.note == ""


def test_full_speed_is_slowed_and_restored():
    session = Session(None)
    assert session.queue(1) == 1
    assert "full speed" in session.keeper.note
    assert session.queue(0) is None


def test_a_slow_session_is_left_alone():
    session = Session(0.5)
    assert session.queue(1) == 0.5
    assert not session.keeper.slowed


def test_a_person_has_the_last_word_until_the_queue_was_empty():
    session = Session(20)
    session.queue(1)
    session.keeper.chosen(240)
    assert session.queue(2) == 240
    assert session.queue(0) == 240
    assert session.queue(1) == 1
