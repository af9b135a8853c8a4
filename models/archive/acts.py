"""Write what people do by hand into the ledger."""

from datetime import datetime

from sqlalchemy import Connection, insert, update

from models.acts import Act
from models.tables.acts import ActRow
from models.tables.keys import table_of

_ACTS = table_of(ActRow)


def record_act(connection: Connection, act: Act, now: datetime) -> int:
    """Write down what somebody does, in the transaction that does it. Return the act's number."""
    row = {
        "done_at": now,
        "name": act.hand.name,
        "via": act.hand.via.value,
        "kind": act.kind.value,
        "story_id": act.story_id,
        "run_id": act.run_id,
        "detail": act.detail,
    }
    number: int = connection.scalars(insert(_ACTS).returning(_ACTS.c.id), [row]).one()
    return number


def tell_outcome(connection: Connection, number: int, detail: str) -> None:
    """Write down what became of an act, where that shows only afterwards."""
    connection.execute(update(_ACTS).where(_ACTS.c.id == number).values(detail=detail))
