"""The `verify` command: whether the stored documents are what they were."""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from typing import Any

import click
from msgspec import Struct, field
from sqlalchemy import Engine

from config.settings import load_settings
from flows.cli.archive import existing_engine, raw_store
from flows.cli.exit_codes import EXIT_FAILED
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json, print_lines, progress, say
from models.queries.ledger.documents import count_documents, document_digests, is_document
from models.storage.database import read_transaction
from models.storage.raw_store import RawStore
from models.wording import counted


class Findings(Struct):
    """What came of reading the whole store."""

    documents: int = 0
    problems: dict[str, str] = field(default_factory=dict)  # digest: missing or damaged, and how
    foreign: list[str] = field(default_factory=list)  # stored, and named nowhere


@click.command(epilog="Example: climate-archive verify")
@json_option
@click.pass_context
def verify(ctx: click.Context, *, as_json: bool) -> None:
    """Read every stored document again and compare it with its digest; exit 1 if one is missing or damaged."""
    settings = load_settings()
    with existing_engine(settings) as engine:
        found = _read_all(engine, raw_store(settings))
    if as_json:
        print_json(_json(found))
    else:
        _print(found)
    if found.problems:
        ctx.exit(EXIT_FAILED)


def _read_all(engine: Engine, store: RawStore) -> Findings:
    with read_transaction(engine) as connection:
        total = count_documents(connection)
    found = Findings()
    for digest in progress(_all_digests(engine, store), total, "Reading"):
        problem = store.verify(digest)
        # Asked after the reading: what a night at work gave up meanwhile is not missing.
        if _is_named(engine, digest):
            found.documents += 1
            found.problems |= {digest: problem} if problem else {}
        elif store.has(digest):
            found.foreign.append(digest)
    return found


def _all_digests(engine: Engine, store: RawStore) -> Iterator[str]:
    """Give each digest that the ledger or the store has, once, in order."""
    for digest, _ in groupby(merge(_named(engine), store.digests())):
        yield digest


def _named(engine: Engine) -> Iterator[str]:
    """Give the ledger's digests, a short transaction a page: the reading takes long, and a night may be at work."""
    last = ""
    while True:
        with read_transaction(engine) as connection:
            page = document_digests(connection, after=last)
        if not page:
            return
        yield from page
        last = page[-1]


def _is_named(engine: Engine, digest: str) -> bool:
    with read_transaction(engine) as connection:
        return is_document(connection, digest)


def _json(found: Findings) -> dict[str, Any]:
    problems = [{"digest": digest, "problem": problem} for digest, problem in found.problems.items()]
    return {"ok": not problems, "documents": found.documents, "problems": problems, "foreign": found.foreign}


def _print(found: Findings) -> None:
    print_lines(*found.problems.values())
    if found.foreign:
        print_lines(*(f"Named nowhere: {digest}" for digest in found.foreign))
        say(
            "What is named nowhere is no part of the archive: `climate-archive prune` gives it up once it is a day old."
        )
    say(f"{counted(found.documents, 'document')} read: {len(found.problems) or 'none'} missing or damaged.")
