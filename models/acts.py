"""What people do to the archive by hand, and how they came to it."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

BY_HAND: Final = "hand"  # the origin of labels that a person gave


class ActKind(StrEnum):
    """What somebody did."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    LABELLED = "labelled"
    WITHDREW = "withdrew"
    RERAN = "reran"


class ActVia(StrEnum):
    """Where somebody did it."""

    WEB = "web"
    COMMAND = "command"


class Hand(Struct, frozen=True, kw_only=True):
    """A person at work."""

    name: str  # given at sign-in; of a command, the account that called it
    via: ActVia


class Act(Struct, frozen=True, kw_only=True):
    """What a person does, to be written into the ledger."""

    hand: Hand
    kind: ActKind
    story_id: int | None = None
    run_id: int | None = None  # whose feeds are fetched again
    detail: str = ""  # topics, a reason, what became of it; never a story's words
