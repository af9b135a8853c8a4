"""Corrections: what publishers changed after the archive had first seen it."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from flows.web.corrected import corrected
from flows.web.reading import room_of
from flows.web.rendering import page
from models.queries.nights import corrections as find

router = APIRouter()
_PAGE: Final = 20


@router.get("/corrections")
def corrections(request: Request, before: Annotated[int | None, Query(ge=1)] = None) -> HTMLResponse:
    """List the corrections, the newest first."""
    with room_of(request).view() as connection:
        found = find(connection, most=_PAGE + 1, before=before)
        shown = corrected(connection, found[:_PAGE])
    following = found[_PAGE - 1].version_id if len(found) > _PAGE else None
    return page(request, "corrections.html", corrected=shown, next=following, is_first=before is None)
