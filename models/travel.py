"""How the values of a story travel from a worker to its parent: as their fields alone, which C reads.

A story is two dozen objects. As dataclasses pickle by themselves they take a twentieth of a first night.
"""

from collections.abc import Callable
from copyreg import __newobj__  # type: ignore[attr-defined]
from operator import attrgetter


def travel_light(*made: type) -> None:
    """Have dataclasses with two slots or more pickled so. One that is not frozen has a __setstate__ of its own."""
    for one in made:
        names: tuple[str, ...] = vars(one)["__slots__"]
        setattr(one, "__reduce__", _reduce(one, names))  # noqa: B010 (to a type it is no attribute)
        if vars(one)["__dataclass_params__"].frozen:
            setattr(one, "__setstate__", _set_state(one, names))  # noqa: B010


def _reduce(made: type, names: tuple[str, ...]) -> Callable[[object], tuple[object, ...]]:
    values_of = attrgetter(*names)
    return lambda self: (__newobj__, (made,), values_of(self))


def _set_state(made: type, names: tuple[str, ...]) -> Callable[[object, tuple[object, ...]], None]:
    setters = tuple(vars(made)[name].__set__ for name in names)

    def set_state(self: object, values: tuple[object, ...]) -> None:
        for set_value, value in zip(setters, values, strict=True):
            set_value(self, value)

    return set_state
