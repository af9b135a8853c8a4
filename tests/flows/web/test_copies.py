"""Copies of one text stand as one story where a night is shown."""

from datetime import UTC, datetime

from markupsafe import Markup

from flows.web.content.cards import Card, folded
from models.outlets import Outlet


def _card(uid: str, *feeds: str) -> Card:
    return Card(
        uid=uid,
        title=Markup("Sea"),
        words=Markup(),
        url=None,
        language="en",
        at=datetime(2026, 7, 14, tzinfo=UTC),
        is_date_known=True,
        outlets=tuple(map(Outlet, feeds)),
        topics=(),
        revisions=0,
        is_relevant=True,
        needs_review=False,
        relevance=None,
    )


def test_copies_stand_behind_the_first() -> None:
    """The first publisher's story is shown, with every outlet once."""
    one = folded([_card("a", "wire"), _card("b", "quay", "wire"), _card("c", "ledger")])
    assert (one.uid, [outlet.feed_id for outlet in one.outlets], one.copies) == ("a", ["wire", "quay", "ledger"], 2)
    assert folded([_card("a", "wire")]).copies == 0
