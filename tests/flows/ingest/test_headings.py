"""A story is judged under the title, tags and address that it is kept with: so nothing changes by judging it again."""

from sqlalchemy import Engine

from config.topics import load_topics
from flows.steps.classify import Classifier
from flows.upkeep.relabel import Churn, RelabelRequest, judge_all
from flows.upkeep.reprocess import request_for, run_reprocess
from models.archive.reprocessing import Selection
from models.storage.database import write_transaction
from models.tables.schema import METADATA
from tests.nights import Nights, rows
from tests.site.behaviours import XML, answer, redirect
from tests.site.server import Site

FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{}</channel></rss>'
ITEM = "<item><title>{title}</title><link>{link}</link><description>{text}</description>{tags}</item>"
TAGS = "<category>Coral reefs</category><category>Fisheries</category>"
SENTENCE = "The council of the town met on its usual day and spoke of the year {} at some length. "
SHORT = SENTENCE.format(2019)
LONG = "".join(SENTENCE.format(year) for year in range(2019, 2026))
PAGE = "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
TITLE = "What the old council of the town decided about the coal mine"


def serve(nights: Nights, site: Site) -> None:
    """Serve one story by a short feed with tags, then by a longer one without title and tags, and one by its page."""
    met = ITEM.format(title=TITLE, link=site.url("/climate-crisis/one"), text=SHORT, tags=TAGS)
    longer = ITEM.format(title="", link=site.url("/climate-crisis/one"), text=SHORT + LONG, tags="")
    paged = ITEM.format(title=TITLE, link=site.url("/link"), text=SHORT, tags=TAGS)
    page = PAGE.format(title=TITLE, text=f"<p>{LONG}</p>" * 2)
    site.serve("/link", redirect(302, "/coal/story"))
    site.serve("/coal/story", answer(200, page.encode(), {"Content-Type": "text/html"}))
    given = {"short": met, "long": longer, "paged": paged}
    for name, items in given.items():
        site.serve(f"/{name}", answer(200, FEED.format(items).encode(), XML))
    nights.feeds = [
        {"id": name, "name": name, "url": site.url(f"/{name}"), "relevance": "assume", "full_text": name == "paged"}
        for name in given
    ]


def judged_again(engine: Engine) -> tuple[Churn, int]:
    """Judge all stories by today's classifier; return what changes and how many labels had to be written."""
    labels = len(rows(engine, "classifications"))
    churn = judge_all(engine, Classifier(load_topics(second_reader=False)), RelabelRequest())
    return churn, len(rows(engine, "classifications")) - labels


async def test_judging_a_night_stories_again_changes_nothing(nights: Nights, site: Site, engine: Engine) -> None:
    """Neither for a text under another feed's title and tags, nor for a redirected page, nor after `reprocess`."""
    serve(nights, site)
    for feed in ("short", "long", "paged"):
        await nights.run(feed)
    kept = {(row["title"], row["source"], row["reason"]) for row in rows(engine, "story_versions")}
    assert kept >= {(TITLE, "feed", "completed"), (TITLE, "page", "completed")}
    churn, written = judged_again(engine)
    assert (churn.stories, written) == (2, 0)
    with write_transaction(engine) as connection:  # as older code left them
        connection.execute(METADATA.tables["classifications"].update().values(classifier_version="old"))
    chosen = Selection()
    await run_reprocess(nights.settings, request_for(chosen, started_by="hand"), chosen)
    assert judged_again(engine)[1] == 0
