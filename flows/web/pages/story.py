"""One story: its text, why it has its topics, its versions, where it comes from, how to cite it."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection

from flows.cli.output.explain import reader_of
from flows.cli.stories.show import url_key_of
from flows.web.content.asking import Version, VersionInPath
from flows.web.content.citing import FORMS, cite, work_of
from flows.web.content.diffs import compare
from flows.web.content.originals import Bytes, original
from flows.web.reading import room_of
from flows.web.rendering import page
from flows.web.safe_text import explained, safe_body
from flows.web.safety import SANDBOX
from models.queries.acts import acts_on
from models.queries.copies import copies_of
from models.queries.one_story import Judgement, VersionRecord, find_story, judgement_of, load_story, versions_of
from models.queries.provenance import facts_of, originals_of, requests_for, shown_by
from models.queries.related import related_stories
from models.queries.stories import StoryRecord
from models.stages import Evidence

router = APIRouter()
_SHOWN_TERMS: Final = 12  # of a topic


@router.get("/story/{reference:path}/versions")
def versions(
    request: Request,
    reference: str,
    old: Version = 0,
    new: Version = 0,
    view: Literal["inline", "side"] = "inline",
) -> HTMLResponse:
    """Show what one version of a story changed in another, by default the last in the one before."""
    with room_of(request).view() as connection:
        story = load_story(connection, find_story(connection, reference))
        every = versions_of(connection, story.id)
    by_number = {version.number: version for version in every}
    latest = max(by_number, default=0)
    new = new or latest
    old = old or max((number for number in by_number if number < new), default=new)
    if not {old, new} <= by_number.keys():
        raise HTTPException(404, "There is no such version of this story.")
    before, after = by_number[old], by_number[new]
    return page(
        request,
        "versions.html",
        story=story,
        versions=every,
        old=before,
        new=after,
        view=view,
        title_rows=compare(before.title, after.title),
        rows=compare(before.text, after.text) if old != new else [],
    )


@router.get("/story/{reference:path}/original/{number}")
def original_bytes(
    request: Request, reference: str, number: VersionInPath, form: Literal["file", "text"] = "file"
) -> Response:
    """Send the bytes that a version was read from: as a download, or as text; never as a page of ours."""
    room = room_of(request)
    with room.view() as connection:
        story = load_story(connection, find_story(connection, reference))
        found = original(room, connection, story.id, number)
    return _sent(found, f"{story.uid}-{number}", form)


@router.get("/story/{reference:path}/cite")
def citation(request: Request, reference: str, form: Annotated[str, Query(alias="as", max_length=10)] = "") -> Response:
    """Send a citation for another program."""
    if form not in FORMS:
        raise HTTPException(404, f"There is no such form; there are {', '.join(FORMS)}.")
    with room_of(request).view() as connection:
        story = load_story(connection, find_story(connection, reference))
    _, ending, kind = FORMS[form]
    headers = {"content-disposition": f'attachment; filename="{story.uid}.{ending}"'}
    return Response(cite(work_of(story), form), media_type=kind, headers=headers)


@router.get("/story/{reference:path}")
def story(request: Request, reference: str, q: Annotated[str, Query(max_length=400)] = "") -> Response:
    """Show a story by its uid; by its id or address too, which lead there."""
    with room_of(request).view() as connection:
        found = find_story(connection, reference, url_key_of(reference))
        record = load_story(connection, found)
        if reference != record.uid:
            return RedirectResponse(f"/story/{record.uid}", 307)
        return page(request, "story.html", q=q, **_values(connection, record))


def _values(connection: Connection, story: StoryRecord) -> dict[str, Any]:
    judgement = judgement_of(connection, story.id)
    facts = facts_of(connection, story.id)
    work = work_of(story)
    return {
        "story": story,
        "facts": facts,
        "body": safe_body(facts.html) if facts.html.strip() else None,
        "judgement": judgement,
        "reader": reader_of(judgement) if judgement else None,
        "reasons": _reasons(judgement) if judgement else [],
        "explained": _explained(judgement) if judgement else None,
        "versions": _without_texts(versions_of(connection, story.id)),
        "shown_by": shown_by(connection, story.id),
        "requests": requests_for(connection, story.id),
        "originals": {one.number: one for one in originals_of(connection, story.id)},
        "copies": copies_of(connection, story.id),
        "related": related_stories(connection, story.id),
        "acts": acts_on(connection, story.id),
        "citations": [(form, FORMS[form][0], cite(work, form)) for form in FORMS],
    }


def _without_texts(found: Sequence[VersionRecord]) -> list[dict[str, Any]]:
    """Return what a list of versions shows, the newest first."""
    return [
        {
            "number": one.number,
            "reason": one.reason,
            "source": one.source,
            "feed_id": one.feed_id,
            "run_id": one.run_id,
            "created_at": one.created_at,
            "content_hash": one.content_hash,
            "method": one.method,
            "confidence": one.confidence,
            "length": len(one.text),
        }
        for one in reversed(found)
    ]


def _reasons(judgement: Judgement) -> list[dict[str, Any]]:
    """Return for each topic, and for the gate, the terms that spoke for it, each once with how often."""
    labels = [(topic.id, topic.score, topic.primary, topic.evidence) for topic in judgement.topics]
    labels.append((None, judgement.relevance, False, judgement.evidence))  # type: ignore[arg-type]
    return [
        {"topic": topic, "score": score, "primary": primary, "terms": _terms(evidence)}
        for topic, score, primary, evidence in labels
    ]


def _terms(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    counted: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in evidence:
        if one.kind in {"sentence", "meaning"} or not one.term:
            continue
        row = counted.setdefault(
            (one.term, one.field, one.kind),
            {"term": one.term, "field": one.field, "kind": one.kind, "weight": one.weight, "times": 0},
        )
        row["times"] += 1
    return sorted(counted.values(), key=lambda row: -abs(row["weight"]))[:_SHOWN_TERMS]


def _explained(judgement: Judgement) -> dict[str, Any]:
    every = [*judgement.evidence, *(one for topic in judgement.topics for one in topic.evidence)]
    return {
        "title": explained(judgement.title, [one for one in every if one.field == "title"]),
        "text": explained(judgement.text, [one for one in every if one.field in {"lead", "body"}]),
    }


def _sent(found: Bytes, name: str, form: str) -> Response:
    headers = {"content-security-policy": SANDBOX, "x-original-digest": found.digest}
    if form == "text":
        return Response(found.body, media_type="text/plain; charset=utf-8", headers=headers)
    headers["content-disposition"] = f'attachment; filename="{name}.{found.ending}"'
    return Response(found.body, media_type="application/octet-stream", headers=headers)
