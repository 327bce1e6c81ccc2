import pytest
from provision import system
from provision.system import (
    ensure_libraries,
    ensure_window_tests,
    missing_libraries,
    missing_tools,
)
from provision.tools import SetupError

NONSENSE = {"libnosuchthing.so.7": "libnosuchthing7"}


@pytest.fixture(autouse=True)
def on_linux_without_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system.sys, "platform", "linux")
    monkeypatch.setattr(system, "may_apt", lambda: False)


def test_a_library_that_does_not_load_is_missing() -> None:
    assert missing_libraries({"libc.so.6": "libc6", **NONSENSE}) == NONSENSE


def test_a_tool_off_the_path_is_missing() -> None:
    assert missing_tools({"sh": "dash", "no-such-tool": "nothing"}) == {"no-such-tool": "nothing"}


def test_missing_libraries_are_named_with_their_packages() -> None:
    with pytest.raises(SetupError, match=r"libnosuchthing\.so\.7; .*libnosuchthing7"):
        ensure_libraries(NONSENSE)


def test_root_installs_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(system, "may_apt", lambda: True)
    monkeypatch.setattr(system, "apt_install", asked.extend)
    ensure_libraries(NONSENSE)
    assert asked == ["libnosuchthing7"]


def test_missing_window_tools_are_said_and_stop_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "WINDOW_TOOLS", {"no-such-tool": "no-such-package"})
    ensure_window_tests()
    said = capsys.readouterr().err
    assert "real-window tests will be skipped" in said
    assert "no-such-package" in said


def test_other_systems_need_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system.sys, "platform", "darwin")
    ensure_libraries(NONSENSE)
    assert missing_tools({"no-such-tool": "nothing"}) == {}
