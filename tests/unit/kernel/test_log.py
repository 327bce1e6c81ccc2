import json
import logging
import logging.handlers
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
import structlog

from cockpit.kernel.log import HIDDEN, REDACTOR, Redactor, configure

SECRET = "s3cr3t-value-of-old"


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "cockpit.jsonl"


@pytest.fixture
def clean_log(monkeypatch: pytest.MonkeyPatch) -> Generator[None, None, None]:
    """Put structlog, the root logger and the known secrets back as they were."""
    level = logging.getLogger().level
    monkeypatch.setattr(REDACTOR, "_values", ())
    yield
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


Written = Callable[[Callable[[Any], None]], list[dict[str, Any]]]


@pytest.fixture
def written(log_file: Path, clean_log: None) -> Written:
    """What reaches the file when `act` logs something."""

    def run(act: Callable[[Any], None]) -> list[dict[str, Any]]:
        end = configure(log_file)
        try:
            act(structlog.get_logger("test"))
        finally:
            end()
        return [json.loads(line) for line in log_file.read_text(encoding="utf-8").splitlines()]

    return run


def clean(redactor: Redactor, **event: Any) -> Any:
    return redactor(None, "info", event)


@pytest.mark.parametrize(
    "key",
    ["password", "passphrase", "api_key", "api-key", "APIKEY", "X-Api-Key", "APCA-API-KEY-ID",
     "client_secret", "gate_token", "Authorization", "totp", "otp", "Cookie", "pin",
     "private_key", "accessKey", "credentials", "db_pwd", "passwd"],
)  # fmt: skip
def test_key_hides_its_value(redactor: Redactor, key: str) -> None:
    assert clean(redactor, **{key: "x"}) == {key: HIDDEN}
    assert clean(redactor, headers=[{key: ["x", {"y": 1}]}]) == {"headers": [{key: HIDDEN}]}


@pytest.mark.parametrize("key", ["symbol", "event", "key", "passed", "spread", "monkey", "quote"])
def test_ordinary_keys_are_left(redactor: Redactor, key: str) -> None:
    assert clean(redactor, **{key: "plain", "n": 3, "ok": True, "none": None}) == {
        key: "plain", "n": 3, "ok": True, "none": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        f"GET /x Authorization: Bearer {SECRET}",
        f"authorization=Basic {SECRET}",
        f"bearer {SECRET}",
        f"api_key={SECRET}&x=1",
        f"api-key: {SECRET}",
        f'{{"api_key": "{SECRET}", "x": 1}}',
        f"{{'password': '{SECRET}'}}",
        f"GateToken(secret='{SECRET}', fingerprint='f')",
        f"token={SECRET}",
        f"passphrase: {SECRET}",
        f"totp = {SECRET}",
        f"private_key={SECRET}",
        f"wss://joe:{SECRET}@host/feed",
        f'{{"passphrase": "two {SECRET}"}}',
        f"password='a,b;{SECRET}'",
        f"""token="it's {SECRET}" """,
    ],
)
def test_pattern_hides_what_follows(redactor: Redactor, text: str) -> None:
    cleaned = clean(redactor, event=text)["event"]
    assert SECRET not in cleaned
    assert HIDDEN in cleaned


def test_text_around_a_secret_stays(redactor: Redactor) -> None:
    assert clean(redactor, event=f"try api_key={SECRET}, then 7")["event"] == (
        f"try api_key={HIDDEN}, then 7"
    )


def test_registered_value_is_hidden_wherever_it_is(redactor: Redactor) -> None:
    redactor.hide(SECRET)
    event = clean(
        redactor, event=f"<{SECRET}>", deep={"a": [(SECRET, {SECRET})]}, b=SECRET.encode()
    )
    assert SECRET not in repr(event)
    assert event["event"] == f"<{HIDDEN}>"


def test_longer_secret_is_hidden_whole_beside_a_shorter_one(redactor: Redactor) -> None:
    for value in ("abcdef", "abcdefghij", "xabcdefghijx"):
        redactor.hide(value)
    for value in ("abcdef", "abcdefghij", "xabcdefghijx"):
        assert clean(redactor, event=value)["event"] == HIDDEN


def test_short_value_does_not_blank_ordinary_words(redactor: Redactor) -> None:
    redactor.hide("a")
    redactor.hide("")
    assert clean(redactor, event="a banana")["event"] == "a banana"


def test_objects_are_cleaned_by_their_text(redactor: Redactor) -> None:
    redactor.hide(SECRET)
    assert clean(redactor, error=ValueError(f"bad {SECRET}"))["error"] == f"bad {HIDDEN}"


def test_lines_are_json_with_level_name_and_time(written: Written) -> None:
    (line,) = written(lambda log: log.info("order_sent", symbol="ÄXX", n=3))
    assert (line["event"], line["symbol"], line["n"]) == ("order_sent", "ÄXX", 3)
    assert (line["level"], line["logger"]) == ("info", "test")
    assert line["timestamp"].endswith("Z")


def test_exceptions_are_written_and_cleaned(written: Written) -> None:
    REDACTOR.hide(SECRET)

    unregistered = "".join(["hunter2"] * 2)

    def act(log: Any) -> None:
        try:
            raise ValueError(f"refused {SECRET} password={unregistered}")
        except ValueError as error:
            log.exception("failed")
            log.error("again", exc_info=error)

    lines = written(act)
    for line in lines:
        assert "ValueError: refused" in line["exception"]
        assert SECRET not in json.dumps(line)
        assert unregistered not in json.dumps(line)
    assert len(lines) == 2


def test_other_libraries_logs_pass_the_same_filter(written: Written) -> None:
    REDACTOR.hide(SECRET)

    def act(_log: Any) -> None:
        other = logging.getLogger("other.package")
        other.warning("sending %s with token=%s", SECRET, "abcdefgh")
        try:
            raise KeyError(SECRET)
        except KeyError:
            other.exception("broke")

    warned, broke = written(act)
    assert warned["event"] == f"sending {HIDDEN} with token={HIDDEN}"
    assert warned["logger"] == "other.package"
    assert "KeyError" in broke["exception"]
    assert SECRET not in json.dumps(broke)


def test_debug_is_only_for_the_verbose(
    log_file: Path, clean_log: None, capsys: pytest.CaptureFixture[str]
) -> None:
    for verbose in (False, True):
        end = configure(log_file, verbose=verbose)
        structlog.get_logger("test").debug("detail", verbose=verbose)
        end()
    (line,) = log_file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["verbose"] is True
    assert line in capsys.readouterr().err


def test_file_rotates_and_keeps_three(log_file: Path, clean_log: None) -> None:
    end = configure(log_file)
    log = structlog.get_logger("test")
    for _ in range(55):
        log.info("big", filler="x" * 500_000)
    end()
    files = sorted(log_file.parent.iterdir())
    assert [file.name for file in files] == [
        "cockpit.jsonl", "cockpit.jsonl.1", "cockpit.jsonl.2", "cockpit.jsonl.3",
    ]  # fmt: skip
    assert all(file.stat().st_size <= 5_000_000 for file in files)


def test_disk_is_written_by_another_thread(
    log_file: Path, clean_log: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers: set[int] = set()
    emit = logging.handlers.RotatingFileHandler.emit

    def watched(self: logging.handlers.RotatingFileHandler, record: logging.LogRecord) -> None:
        writers.add(threading.get_ident())
        emit(self, record)

    monkeypatch.setattr(logging.handlers.RotatingFileHandler, "emit", watched)
    end = configure(log_file)
    structlog.get_logger("test").info("hello")
    end()
    assert len(writers) == 1
    assert threading.get_ident() not in writers


def test_end_flushes_and_takes_itself_out(log_file: Path, clean_log: None) -> None:
    before = list(logging.getLogger().handlers)
    end = configure(log_file)
    log = structlog.get_logger("test")
    for number in range(500):
        log.info("line", number=number)
    end()
    assert logging.getLogger().handlers == before
    assert len(log_file.read_text(encoding="utf-8").splitlines()) == 500


def test_without_a_file_nothing_is_written(tmp_path: Path, clean_log: None) -> None:
    end = configure(None)
    structlog.get_logger("test").error("nowhere")
    end()
    assert list(tmp_path.iterdir()) == []
