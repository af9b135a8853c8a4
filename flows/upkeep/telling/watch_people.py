"""Those whom watches.yaml wants told: whether their addresses can be read, and a test to each."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from config.addresses import Recipient, recipients
from config.settings import Settings
from flows.upkeep.telling.delivery import deliver, kind_of, unreadable
from models.watches import Watch

_MISSING = "there is no such variable in this environment, or nothing in it"
_TEST = "A test: what meets the watches {} arrives here."


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who is to be told, and what is in the way."""

    name: str  # of the variable
    kind: str | None  # the scheme of the address
    watches: tuple[str, ...]
    problem: str | None


def people(settings: Settings, watches: Iterable[Watch], *, is_test: bool = False) -> list[Person]:
    """Look at the address of everybody who is to be told; with is_test, send each a test."""
    wanted: dict[Recipient, tuple[str, ...]] = {}
    for watch, recipient in _wanted(settings, watches):
        wanted[recipient] = (*wanted.get(recipient, ()), watch.name)
    return [_person(recipient, names, is_test=is_test) for recipient, names in wanted.items()]


def _wanted(settings: Settings, watches: Iterable[Watch]) -> Iterator[tuple[Watch, Recipient]]:
    for watch in watches:
        for variable in watch.told:
            yield from ((watch, recipient) for recipient in recipients(settings, variable))


def _person(recipient: Recipient, names: tuple[str, ...], *, is_test: bool) -> Person:
    if recipient.address is None:
        return Person(name=recipient.name, kind=None, watches=names, problem=_MISSING)
    address = recipient.address.revealed()
    problem = unreadable(address)
    if is_test and problem is None:
        problem = deliver(address, "Climate archive", _TEST.format(", ".join(names)))
    return Person(name=recipient.name, kind=kind_of(address), watches=names, problem=problem)
