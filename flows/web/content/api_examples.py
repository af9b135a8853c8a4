"""Examples of answers, for the description of the API."""

from typing import Any, Final

_FOUND: Final = {
    "id": 12,
    "uid": "3f0c9a51b2d47e68",
    "title": "Replanted mangroves halve the surge at Port Merrow",
    "url": "https://example.org/2026/11/mangroves",
    "canonical_url": "https://example.org/2026/11/mangroves",
    "published_at": "2026-11-18T06:30:00Z",
    "sort_at": "2026-11-18T06:30:00Z",
    "language": "en",
    "feeds": ["meridian-climate"],
    "relevance": 0.99,
    "topics": [{"id": "adaptation", "score": 0.96, "primary": True}],
    "needs_review": False,
    "off_topic": False,
    "snippet": "When Cyclone Ada came ashore at Port Merrow in March …",
}
_STORY: Final = {
    "id": 12,
    "uid": "3f0c9a51b2d47e68",
    "url": "https://example.org/2026/11/mangroves",
    "title": "Replanted mangroves halve the surge at Port Merrow",
    "text": "When Cyclone Ada came ashore …",
    "authors": ["Ada Lind"],
    "language": "en",
    "published_at": "2026-11-18T06:30:00Z",
    "first_seen_at": "2026-11-19T04:15:09Z",
    "labelled_by": "auto",
    "feeds": ["meridian-climate"],
    "revisions": 1,
    "sha256": "9f2c…",
    "run_id": 1,
}
_VERSION: Final = {
    "number": 2,
    "reason": "revised",
    "source": "page",
    "feed": None,
    "run_id": 2,
    "created_at": "2026-11-20T04:16:00Z",
    "title": "Replanted mangroves halve the surge at Port Merrow",
    "text": "When Cyclone Ada came ashore …",
    "method": "trafilatura",
    "confidence": 0.9,
    "extractor_version": "1.1",
    "sha256": "9f2c…",
}
_RUN: Final = {
    "run_id": 2,
    "mode": "run",
    "status": "completed_with_errors",
    "reason": "1 of 13 feeds failed",
    "started_at": "2026-11-20T04:15:00Z",
    "finished_at": "2026-11-20T04:15:03Z",
}
_FACET: Final = {"value": "adaptation", "name": "Adaptation", "count": 7}


def _answer(example: Any) -> dict[int | str, dict[str, Any]]:  # noqa: ANN401 (whatever JSON holds)
    return {
        200: {"content": {"application/json": {"example": example}}},
        400: {"description": "A part of the address cannot be read."},
    }


def _named(example: Any) -> dict[int | str, dict[str, Any]]:  # noqa: ANN401
    return _answer(example) | {404: {"description": "There is none of that name, or it was withdrawn."}}


SEARCH: Final = _answer(
    {
        "stories": [_FOUND],
        "ranked_among": 50_000,
        "next": "/api/search?q=climate&after=2026-11-18T06%3A30%3A00%2B00%3A00~12~3.5",
    }
)
STORIES: Final = _answer({"stories": [_STORY], "ranked_among": None, "next": None})
STORY: Final = _named(_STORY)
VERSIONS: Final = _named({"uid": "3f0c9a51b2d47e68", "versions": [_VERSION]})
FACETS: Final = _answer(
    {
        "total": 57,
        "timezone": "UTC",
        "days": [{"day": "2026-11-18", "stories": 9}],
        "topics": [_FACET],
        "feeds": [{"value": "meridian-climate", "name": "Meridian Climate", "count": 7}],
        "languages": [{"value": "en", "name": "en", "count": 31}],
        "corrected": 1,
        "near_misses": 0,
        "needs_review": 2,
    }
)
_COUNT: Final = {
    "stories": 7,
    "published": 62,
    "share": 0.1129,
    "coverage": {"asked": 13, "answered": 11, "resting": 0, "gaps": 0},
}
COUNTS: Final = _answer({"by": "month", "rows": [{"month": "2026-11", **_COUNT}], "total": [_COUNT]})
CHANGES: Final = _answer(
    {
        "changes": [
            _STORY
            | {
                "change": {
                    "standing": "changed",
                    "kinds": ["text"],
                    "changed_at": "2026-11-20T04:16:00Z",
                    "run_id": 2,
                    "cursor": "c58-1f0c22ab",
                }
            }
        ],
        "cursor": "c58-1f0c22ab",
        "is_last": True,
    }
)
FEEDS: Final = _answer([{"id": "meridian-climate", "name": "Meridian Climate", "state": "active", "stories": 7}])
TOPICS: Final = _answer(
    [{"id": "adaptation", "name": "Adaptation", "definition": "…", "is_active": True, "stories": 7}]
)
RUNS: Final = _answer([_RUN])
RUN: Final = _named(
    _RUN | {"totals": {"seen": 20, "new": 3}, "pages": {"due": 2, "completed": 2}, "feeds": [], "notices": []}
)
ACTS: Final = _answer(
    [
        {
            "id": 4,
            "done_at": "2026-11-20T08:02:11Z",
            "name": "Ada",
            "via": "web",
            "kind": "labelled",
            "story_id": 12,
            "story_uid": "3f0c9a51b2d47e68",
            "run_id": None,
            "detail": "adaptation, extreme-weather",
        }
    ]
)
_WATCH: Final = {
    "name": "mangroves",
    "query": "mangrove*",
    "topics": ["adaptation"],
    "feeds": [],
    "languages": ["en"],
    "to": ["atom", "NEWSROOM_MAIL"],
    "began_at": "2026-11-18T04:15:00Z",
    "looked_at": "2026-11-20T04:15:03Z",
    "stories": 3,
    "notices": [
        {
            "run_id": 2,
            "watch": "mangroves",
            "recipient": "NEWSROOM_MAIL",
            "stories": 1,
            "tried_at": "2026-11-20T04:15:03Z",
            "refusal": None,
        }
    ],
}
WATCHES: Final = _answer([_WATCH])
WATCH: Final = _named(
    _WATCH
    | {
        "matches": [
            {
                "id": 12,
                "uid": "3f0c9a51b2d47e68",
                "title": "Replanted mangroves halve the surge at Port Merrow",
                "first_seen_at": "2026-11-19T04:15:09Z",
                "matched_at": "2026-11-20T04:15:03Z",
                "is_known": False,
            }
        ],
        "next": None,
    }
)
