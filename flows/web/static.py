"""Our own files: styles, scripts and the icon. Their addresses hold their digests, so a browser may keep them."""

import mimetypes
from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import PlainTextResponse, Response

from flows.web.rendering import STATIC

router = APIRouter()
_FILES: Final = (
    "style.css",
    "print.css",
    "page.js",
    "charts.js",
    "icon.svg",
    "vendor/htmx.min.js",
    "vendor/uplot.min.js",
    "vendor/uplot.min.css",
)
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


@router.get("/static/{name:path}")
def file(name: str) -> Response:
    """Send one of our files; what is not on the list is not there."""
    if name not in _FILES:
        raise HTTPException(404, "There is no such file.")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response((STATIC / name).read_bytes(), media_type=kind, headers={"cache-control": _FOR_GOOD})


@router.get("/favicon.ico")
def icon() -> Response:
    """Send the icon where a browser looks for one by itself."""
    return Response((STATIC / "icon.svg").read_bytes(), media_type="image/svg+xml")


@router.get("/robots.txt")
def robots() -> PlainTextResponse:
    """Ask crawlers to leave: these are other people's texts."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
