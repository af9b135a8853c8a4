"""The API: what the commands print with --json, over HTTP. It reads and never writes."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from msgspec import Struct
from msgspec.structs import asdict, replace

from flows.cli.feeds.commands import feed_json
from flows.cli.output.copies import copies_json, related_json
from flows.cli.output.explain import explanation_json
from flows.cli.output.notices import notices_json
from flows.cli.output.report import report_json
from flows.cli.output.revisions import versions_json
from flows.cli.runs.runs import act_json, run_json
from flows.cli.stories.counts import counts_json
from flows.cli.stories.search import found_json
from flows.cli.stories.show import url_key_of
from flows.cli.stories.watches import match_json, watch_json
from flows.exports.safe_json import json_text
from flows.exports.shape import iso, story_shape
from flows.web.content import api_examples as examples
from flows.web.content.asking import Asked, Before, Question, place_text
from flows.web.content.changes import MOST_CHANGES, changes_since
from flows.web.content.choices import choices_of
from flows.web.content.watched import page_of, states_of, watch_of, watches_of
from flows.web.reading import room_of
from flows.web.rendering import address, page
from models.queries.acts import list_acts
from models.queries.copies import copies_of
from models.queries.ledger.counts import CountBy, CountRequest, count_rows
from models.queries.ledger.feeds import list_feeds, list_topics
from models.queries.ledger.runs import list_runs, run_report
from models.queries.notices import last_notices, notices_of_run
from models.queries.one_story import find_story, judgement_of, load_story, versions_of
from models.queries.related import related_stories
from models.queries.searching.search import results as find
from models.queries.stories import load_stories

router = APIRouter(prefix="/api")
MOST_FOUND: Final = 100  # stories of one answer

After = Annotated[str, Query(max_length=100, description="Where the page before ended: its `next` says.")]
Limit = Annotated[int, Query(ge=1, le=MOST_FOUND, description="How many at most.")]
Reference = Annotated[str, Path(description="A story's id, uid or address.", max_length=4000)]


@router.get("", include_in_schema=False)
def documentation(request: Request) -> HTMLResponse:
    """Describe the API for people, from its own description for programs."""
    described = request.app.openapi()
    return page(request, "api.html", described=described)


@router.get("/search", summary="Search", responses=examples.SEARCH)
def api_search(request: Request, asked: Asked, after: After = "", limit: Limit = 20) -> Response:
    """Find stories, as `climate-archive search --json` prints them, with a way to the next page.

    Where many stories have the words, `ranked_among` says that behind titles that say them come the best of so many
    that came in last; else null.
    """
    with room_of(request).view() as connection:
        wanted = asked.request(room_of(request), limit + 1, after)
        results = find(connection, wanted)
        found = results.stories
    shown = found[:limit]
    following = _next("/api/search", asked, limit, place_text(shown[-1].place)) if len(found) > limit else None
    return _json(
        {"stories": [found_json(story) for story in shown], "ranked_among": results.ranked_among, "next": following}
    )


@router.get("/stories", summary="Stories, whole", responses=examples.STORIES)
def api_stories(request: Request, asked: Asked, after: After = "", limit: Limit = 20) -> Response:
    """Find stories, each whole with its text, as `climate-archive export` writes them."""
    with room_of(request).view() as connection:
        wanted = asked.request(room_of(request), limit + 1, after)
        results = find(connection, wanted)
        found = results.stories
        stories = load_stories(connection, [story.id for story in found[:limit]])
    following = _next("/api/stories", asked, limit, place_text(found[limit - 1].place)) if len(found) > limit else None
    return _json(
        {"stories": [story_shape(story) for story in stories], "ranked_among": results.ranked_among, "next": following}
    )


@router.get("/stories/{reference:path}/versions", summary="A story's versions", responses=examples.VERSIONS)
def api_versions(request: Request, reference: Reference) -> Response:
    """Every text that a story had, the oldest first, as `climate-archive show --revisions --json` prints them."""
    with room_of(request).view() as connection:
        story = load_story(connection, find_story(connection, reference, url_key_of(reference)))
        return _json({"uid": story.uid, "versions": versions_json(versions_of(connection, story.id))})


@router.get("/stories/{reference:path}", summary="One story", responses=examples.STORY)
def api_story(request: Request, reference: Reference, explain: bool = False) -> Response:
    """One story as `climate-archive show --json` prints it; with `explain`, what spoke for its topics."""
    with room_of(request).view() as connection:
        story = load_story(connection, find_story(connection, reference, url_key_of(reference)))
        shape = story_shape(story) | {"relevant_at": iso(story.relevant_at)}
        shape |= {"evidence": explanation_json(judgement_of(connection, story.id))} if explain else {}
        shape |= copies_json(copies_of(connection, story.id), story.id)
        shape |= {"related": related_json(related_stories(connection, story.id))}
    return _json(shape)


@router.get("/facets", summary="Choices of a search", responses=examples.FACETS)
def api_facets(request: Request, asked: Asked) -> Response:
    """Count what a search finds: in all, by day, by topic, outlet and language.

    Days are those of the archive's time zone. Each list is counted without what was chosen from it. Within a
    minute the counts may be behind what was written; beyond it they are not.
    """
    room = room_of(request)
    wanted = asked.request(room, 1)
    with room.view() as connection:
        found = choices_of(room, connection, wanted)
    by_day = [{"day": day.isoformat(), "stories": count} for day, count in found.days.items()]
    return _json({"total": found.total, "timezone": room.settings.timezone, "days": by_day, **asdict(found.facets)})


@router.get("/counts", summary="Counts with their denominators", responses=examples.COUNTS)
def api_counts(request: Request, asked: Asked, by: CountBy = CountBy.MONTH) -> Response:
    """Count stories beside all that was published, as `climate-archive counts --json` does; days are days of UTC.

    Of the words and choices of a search it takes topics, outlets, languages and dates.
    """
    wanted = CountRequest(
        by=by,
        topics=asked.topics,
        feeds=asked.feeds,
        languages=asked.languages,
        since=asked.since,
        until=asked.until,
    )
    with room_of(request).view() as connection:
        rows, total = count_rows(connection, wanted), count_rows(connection, replace(wanted, by=None))
    return _json(counts_json(by.value, rows, total))


@router.get("/changes", summary="What changed", responses=examples.CHANGES)
def api_changes(
    request: Request,
    asked: Asked,
    cursor: Annotated[str, Query(max_length=40, description="Where the answer before ended.")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_CHANGES)] = 100,
) -> Response:
    """Tell what is new, changed or gone since a cursor, as `climate-archive export --changed-since` writes it.

    Without a cursor it begins at the first change. Read on from `cursor` until `is_last`; keep it for the next time.
    A cursor of another archive, or of days that a restored backup does not hold, is refused.
    """
    room = room_of(request)
    with room.view() as connection:
        return _json(changes_since(connection, cursor, asked.filter(room), limit))


@router.get("/feeds", summary="Feeds", responses=examples.FEEDS)
def api_feeds(request: Request) -> Response:
    """Tell how the feeds are doing, as `climate-archive feeds list --json` prints those that the archive knows."""
    with room_of(request).view() as connection:
        return _json([feed_json(feed) for feed in list_feeds(connection)])


@router.get("/topics", summary="Topics", responses=examples.TOPICS)
def api_topics(request: Request) -> Response:
    """Tell what a story can be about, and how many stories are, as `climate-archive topics list --json` prints."""
    with room_of(request).view() as connection:
        return _json([asdict(topic) for topic in list_topics(connection)])


@router.get("/runs", summary="Runs", responses=examples.RUNS)
def api_runs(
    request: Request,
    limit: Limit = 20,
    before: Before = None,
) -> Response:
    """List the latest runs, the newest first, as `climate-archive runs list --json` prints them."""
    with room_of(request).view() as connection:
        return _json([run_json(run) for run in list_runs(connection, limit, before)])


@router.get("/runs/{reference}", summary="One run", responses=examples.RUN)
def api_run(
    request: Request, reference: Annotated[str, Path(max_length=20, description="Its number, or `latest`.")]
) -> Response:
    """One run feed by feed, as `climate-archive runs show --json` prints it."""
    with room_of(request).view() as connection:
        report = run_report(connection, reference)
        return _json(report_json(report) | {"notices": notices_json(notices_of_run(connection, report.run_id))})


@router.get("/acts", summary="Acts by hand", responses=examples.ACTS)
def api_acts(request: Request, limit: Limit = 20, before: Before = None) -> Response:
    """List what people did by hand, the newest first, as `climate-archive runs acts --json` prints it."""
    with room_of(request).view() as connection:
        return _json([act_json(act) for act in list_acts(connection, limit, before)])


@router.get("/watches", summary="Saved searches", responses=examples.WATCHES)
def api_watches(request: Request) -> Response:
    """List the saved searches: what each looks for, who is told, how many stories have met it.

    As `climate-archive watches list --json` prints them; the counts may be a minute old.
    """
    room = room_of(request)
    listed = watches_of(room)
    if listed is None:
        raise HTTPException(503, "The file of watches has a mistake: `climate-archive watches check` names it.")
    with room.view() as connection:
        notices = last_notices(connection)
    return _json([watch_json(watch, states_of(room).get(watch.name), notices) for watch in listed])


@router.get("/watches/{name}", summary="What met a saved search", responses=examples.WATCH)
def api_watch(
    request: Request,
    name: Annotated[str, Path(description="The watch's name.", max_length=100)],
    after: After = "",
    limit: Limit = 20,
) -> Response:
    """One saved search with what has met it, the latest first, as `climate-archive watches show --json` prints it."""
    room = room_of(request)
    watch = watch_of(room, name)
    with room.view() as connection:
        met, more = page_of(connection, name, limit, after)
        stories = {story.id: story for story in load_stories(connection, [one.story_id for one in met])}
        shape = watch_json(watch, states_of(room).get(name), last_notices(connection))
    following = address(f"/api/watches/{name}", {"limit": limit, "after": more}) if more else None
    return _json(shape | {"matches": [match_json(one, stories[one.story_id]) for one in met], "next": following})


def _next(path: str, asked: Question, limit: int, after: str) -> str:
    return address(path, [*asked.query(), ("limit", limit), ("after", after)])


def _json(value: Any) -> Response:  # noqa: ANN401 (whatever JSON holds)
    return Response(json_text(_plain(value)), media_type="application/json")


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a value with its moments as JSON shows them."""
    if isinstance(value, Struct):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return iso(value) if isinstance(value, datetime) else value
