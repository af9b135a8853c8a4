"""The ledger of what people do by hand, on both databases."""

from datetime import timedelta

from sqlalchemy import Engine

from models.acts import Act, ActKind, ActVia, Hand
from models.archive.acts import record_act, tell_outcome
from models.queries.acts import acts_on, list_acts
from models.storage.database import read_transaction, write_transaction
from tests.builders import NOON, Archive, Piece

ADA = Hand(name="Ada", via=ActVia.WEB)


def test_acts_stand_in_their_order_with_who_and_when(engine: Engine) -> None:
    """The newest first, page by page, and those of one story."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        run_id = archive.night(archive.feed(), Piece())
        given = (
            Act(hand=ADA, kind=ActKind.SIGNED_IN),
            Act(hand=ADA, kind=ActKind.LABELLED, story_id=1, detail="science"),
            Act(hand=Hand(name="root", via=ActVia.COMMAND), kind=ActKind.RERAN, run_id=run_id, detail="asked for"),
        )
        numbers = [record_act(connection, act, NOON + timedelta(hours=at)) for at, act in enumerate(given)]
        tell_outcome(connection, numbers[2], "began")
    with read_transaction(engine) as connection:
        newest, label = list_acts(connection, 2)
        (first,) = list_acts(connection, 2, before=label.id)
        assert acts_on(connection, 1) == [label]
        assert acts_on(connection, 2) == []
    assert (newest.name, newest.via, newest.kind, newest.run_id, newest.detail) == (
        *("root", "command", "reran"),
        *(run_id, "began"),
    )
    assert (label.story_id, label.detail, label.done_at) == (1, "science", NOON + timedelta(hours=1))
    assert label.story_uid
    assert (first.kind, first.story_uid, first.detail) == ("signed_in", None, "")
