import pytest

from cockpit.kernel.resources import ResourceMissingError, resource


def test_a_shipped_file_is_found():
    assert resource("fonts/Inter-Regular.otf").is_file()


def test_a_missing_file_says_what_to_do():
    with pytest.raises(ResourceMissingError) as caught:
        resource("fonts/Nothing.otf")
    assert "install Cockpit again" in caught.value.user_text
