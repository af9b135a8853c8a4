"""`brief`: the last night in short."""

from tests.flows.cli.conftest import Command


def test_the_last_night_in_short(full: Command) -> None:
    """The night's new stories stand under their topics with a sentence and an address; an earlier one can be named."""
    first = full("brief", "--run", "1")
    assert first.code == 0, first.err
    assert "3 new stories" in first.out
    assert "- Sea level rises (2 outlets, first: One)" in first.out
    assert "https://one.example/sea" in first.out
    assert "\x1b" not in first.out
    assert "0 new stories" in full("brief", "--format", "md").out
    assert full("brief", "--run", "9").code == 4
