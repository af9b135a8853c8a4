"""At its end a night tells the corrections and finds the copies among what it brought, and all that waits."""

from sqlalchemy import Engine, delete

from models.storage.database import write_transaction
from models.tables.changes import ChangeMark
from models.tables.corrections import CorrectionRow
from tests.flows.steps.test_copies import article
from tests.nights import Nights, rows
from tests.site.behaviours import XML, answer
from tests.site.server import Handler, Site

FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{}</channel></rss>'
ITEM = "<item><guid>{}</guid><title>{}</title><description>{}</description></item>"
WORDS = " ".join(article(1))


def feed(*items: tuple[str, str, str]) -> Handler:
    """Make the answer of a feed with these entries."""
    return answer(200, FEED.format("".join(ITEM.format(*item) for item in items)).encode(), XML)


async def test_a_night_tells_corrections_and_finds_copies(nights: Nights, site: Site, engine: Engine) -> None:
    """In the workers; what an upgrade left untold is told by the next night, whatever that brings."""
    site.serve("/one", feed(("a", "Agency", WORDS), ("n", "Heat", "It was 1.54 degrees warmer. Rivers ran dry.")))
    site.serve("/two", feed(("b", "Print", WORDS)))
    nights.feeds = [
        {"id": name, "name": name, "url": site.url(f"/{name}"), "relevance": "assume"} for name in ("one", "two")
    ]
    await nights.run()
    stories = {row["title"]: row for row in rows(engine, "stories")}
    assert stories["Agency"]["cluster_id"] == stories["Print"]["cluster_id"]
    assert (rows(engine, "copy_queue"), rows(engine, "corrections")) == ([], [])
    site.serve("/one", feed(("a", "Agency", WORDS), ("n", "Heat", "It was 1.5 degrees warmer. Rivers ran dry.")))
    await nights.after(1)
    (told,) = rows(engine, "corrections")
    assert (told["kind"], told["before"], told["after"]) == ("number", "1.54 degrees", "1.5 degrees")
    with write_transaction(engine) as connection:
        connection.execute(delete(CorrectionRow))
        connection.execute(delete(ChangeMark))
    await nights.after(1)
    assert [row["kind"] for row in rows(engine, "corrections")] == ["number"]
    assert len(rows(engine, "story_copies")) == 3
