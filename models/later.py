"""Put off the import of a module that somebody else's code imports and this program hardly ever uses."""

import sys
from importlib import import_module
from threading import Lock
from types import ModuleType
from typing import Final

_ONE_AT_A_TIME: Final = Lock()


def stand_in(name: str) -> ModuleType:
    """Make what looks like a module, which is imported when something of it is asked for."""
    standing = ModuleType(name)

    def found(attribute: str) -> object:
        with _ONE_AT_A_TIME:
            if sys.modules.get(name) is standing:
                del sys.modules[name]
        return getattr(import_module(name), attribute)

    standing.__getattr__ = found  # type: ignore[method-assign]
    return standing
