"""The application: its pages, its API, and what stands around all of them. Given an open archive; it opens none."""

import logging
from collections.abc import Iterable
from typing import Final

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.gzip import GZipMiddleware

from config.settings import PREFIX
from flows.server.own_origin import App, OwnOrigin
from flows.web import api, static
from flows.web.caching import EntityTags
from flows.web.handwork.attaching import attach
from flows.web.pages import about, acts, corrections, feeds, health, morning, runs, search, story, topics, watches
from flows.web.reading import ReadingRoom
from flows.web.rendering import page
from flows.web.safety import SafeHeaders
from models.errors import ConfigError, DocumentDamaged, NotFound, StorageError

log = logging.getLogger(__name__)
_SMALLEST_PACKED = 800  # bytes
_PACKING = 5  # of 9: most of the gain for a third of the time

_OTHER_NAMES: Final = f"{PREFIX}WEB__NAMES says by which others than this machine's own, as HOST or HOST:PORT."
PAGES: Final = tuple(
    room.router
    for room in (morning, search, watches, story, topics, feeds, corrections, runs, acts, health, about, static)
)
DESCRIPTION: Final = """The archive as programs read it: the same JSON as the command `climate-archive --json` prints.

Everything here reads and nothing writes. Answers carry an ETag: send it back in If-None-Match, and what has not changed
costs nothing. `search`, `stories` and `watches/NAME` are read page by page: `next` is the address of the page behind;
`changes` go on from their `cursor`, `runs` and `acts` with `before`; what else is a list comes whole."""


def make_app(room: ReadingRoom, names: Iterable[str]) -> App:
    """Return the application for an archive, answering under these names alone, which are as a browser sends them."""
    app = FastAPI(
        title="Climate archive",
        description=DESCRIPTION,
        version="1",
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    app.state.room = room
    for router in PAGES:
        app.include_router(router, include_in_schema=False)
    app.include_router(api.router)
    attach(app, room)
    app.add_exception_handler(NotFound, _not_found)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(StarletteHTTPException, _http_error)
    app.add_exception_handler(DocumentDamaged, _damaged)
    app.add_exception_handler(StorageError, _no_archive)
    app.add_exception_handler(ConfigError, _no_archive)
    app.add_exception_handler(Exception, _bug)
    packed = GZipMiddleware(app, minimum_size=_SMALLEST_PACKED, compresslevel=_PACKING)
    return OwnOrigin(SafeHeaders(EntityTags(packed)), names, _OTHER_NAMES)


def _not_found(request: Request, error: Exception) -> Response:
    return _refused(request, 404, "There is no such page", str(error))


def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = ", ".join(sorted({str(one["loc"][-1]) for one in error.errors()}))
    return _refused(request, 400, "That was not understood", f"These parts of the address cannot be read: {wrong}.")


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException | StarletteHTTPException)
    said = {404: "There is no such page", 405: "Nothing here can be changed"}
    return _refused(request, error.status_code, said.get(error.status_code, "That cannot be done"), str(error.detail))


def _no_archive(request: Request, error: Exception) -> Response:
    log.error("the archive could not be read: %s", error)  # it names paths, which no page shows
    return _refused(request, 503, "The archive cannot be read now", "Its server's messages say why. Try again later.")


def _damaged(request: Request, error: Exception) -> Response:
    log.error("%s", error)  # it names a path, which no page shows
    found = "What is stored is not what was stored once, and is not given out."
    mended = "`climate-archive verify` reads all documents again; a backup may hold it whole."
    return _refused(request, 503, "These original bytes are damaged", f"{found} {mended}")


def _bug(request: Request, error: Exception) -> Response:
    log.error("a bug in %s", request.url.path, exc_info=error)
    return _refused(request, 500, "Something went wrong here", "It is a bug; the server's messages say where.")


def _refused(request: Request, status: int, title: str, detail: str) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": title, "detail": detail}, status_code=status)
    try:
        return page(request, "error.html", status, title=title, detail=detail)
    except StorageError:  # not even the names of topics can be read
        return PlainTextResponse(f"{title}. {detail}\n", status_code=status)
