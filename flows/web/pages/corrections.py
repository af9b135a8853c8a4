"""Corrections: what publishers changed after the archive had first seen it."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from flows.web.content.asking import Before
from flows.web.content.corrected import corrected
from flows.web.reading import room_of
from flows.web.rendering import page
from models.corrections import CorrectionKind
from models.queries.ledger.nights import CorrectionsWanted
from models.queries.ledger.nights import corrections as find

router = APIRouter()
_PAGE: Final = 20


@router.get("/corrections")
def corrections(
    request: Request,
    kind: Annotated[CorrectionKind | None, Query()] = None,
    before: Before = None,
) -> HTMLResponse:
    """List the corrections, the newest first; of one kind where it is named."""
    wanted = CorrectionsWanted(kind=kind, before=before, most=_PAGE + 1)
    with room_of(request).view() as connection:
        found = find(connection, wanted)
        shown = corrected(connection, found[:_PAGE])
    following = found[_PAGE - 1].version_id if len(found) > _PAGE else None
    return page(
        request,
        "corrections.html",
        corrected=shown,
        kind=kind.value if kind else "",
        kinds=[one.value for one in CorrectionKind],
        next=following,
        is_first=before is None,
    )
