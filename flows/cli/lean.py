"""SQLAlchemy without what it loads for programs that await a database: a sixth of a small command, and none does."""

import sys
from importlib import import_module
from typing import Any, Final

from models.later import stand_in

# It imports these whoever asks, and uses them where a database is awaited or a plug-in is looked for.
_LATER: Final = ("asyncio", "importlib.metadata")
_LEFT_OUT: Final = "greenlet"  # where this is not installed, SQLAlchemy has no async


def load_sqlalchemy() -> None:
    """Import it so. Nothing that awaits a database, such as Prefect, may share the process.

    SQLAlchemy keeps stand-ins, and has no async for good; whoever else asks for these modules later gets the true ones.
    """
    stand_ins: dict[str, Any] = {name: stand_in(name) for name in _LATER}
    stand_ins[_LEFT_OUT] = None  # to whoever imports it, there is no such module
    hidden = {name: module for name, module in stand_ins.items() if name not in sys.modules}
    sys.modules.update(hidden)
    try:
        import_module("sqlalchemy.dialects.sqlite")  # which the tables need on either database
    finally:
        for name, module in hidden.items():
            if name in sys.modules and sys.modules[name] is module:
                del sys.modules[name]
