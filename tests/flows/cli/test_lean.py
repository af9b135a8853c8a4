"""SQLAlchemy as small commands load it."""

import subprocess
import sys


def _said(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_what_awaits_is_not_loaded() -> None:
    """Neither asyncio nor greenlet, until somebody asks for one; then it is the true one, for SQLAlchemy too."""
    code = """
import sys
from flows.cli.lean import load_sqlalchemy
load_sqlalchemy()
print([name for name in ("asyncio", "greenlet", "importlib.metadata", "email") if name in sys.modules])
from sqlalchemy.util import compat, concurrency
import asyncio, greenlet, importlib.metadata
print(concurrency.is_cancellation_exception(asyncio.CancelledError()), list(compat.importlib_metadata_get("none")))
"""
    assert _said(code).splitlines() == ["[]", "True []"]


def test_what_is_loaded_stays() -> None:
    """A process that has SQLAlchemy, or asyncio, keeps them as they are."""
    code = """
import asyncio, sys
import sqlalchemy
from sqlalchemy.util import compat, concurrency
from flows.cli.lean import load_sqlalchemy
load_sqlalchemy()
print(compat.asyncio is asyncio is sys.modules["asyncio"], concurrency.have_greenlet)
"""
    assert _said(code) == "True True"
