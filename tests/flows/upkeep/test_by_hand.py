"""Who is at work by hand."""

import getpass
import os

import pytest

from flows.upkeep.by_hand import command_hand
from models.acts import ActVia


def test_a_command_is_its_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name; in a container, whose account may have none, by its number."""
    assert (command_hand().name, command_hand().via) == (getpass.getuser(), ActVia.COMMAND)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    assert command_hand().name == "uid 3999999999"
