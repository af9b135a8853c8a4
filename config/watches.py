"""watches.yaml: saved searches, and who is told of what meets them.

The loader names the line of every mistake. Addresses hold secrets: the file names the variables that hold them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import yaml

from config import _yaml
from config.feeds import load_feeds
from config.settings import PREFIX, Settings
from config.topics import read_topics
from models.watches import ATOM, Watch

ALERTS: Final = f"{PREFIX}ALERTS__URLS"  # the one setting that holds addresses
LONGEST_QUERY: Final = 400
_MOST_CHOSEN: Final = 40
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_IMPORT: Final = "import"  # what begins the ids of sources that are in no feeds.yaml
_REQUIRED: Final = ("name", "to")
_LOOKS: Final = ("query", "topics", "feeds", "languages")


def load_watches(settings: Settings) -> tuple[Watch, ...]:
    """Return the saved searches of the settings' file; none where they name no file.

    Raises:
        ConfigError: All mistakes of the file, each with its line; or of feeds.yaml or topics.yaml, where it names some.

    """
    if settings.watches_file is None:
        return ()
    return parse_watches(*_yaml.read_text(settings.watches_file, "watches.yaml"), settings)


def parse_watches(name: str, text: str, settings: Settings) -> tuple[Watch, ...]:
    """Return the saved searches of a YAML text; `name` stands for it in error messages. Raise as load_watches does."""
    mistakes = _yaml.Mistakes(name)
    top = _yaml.compose(name, text)
    listed = _yaml.fields(top, ["watches"], mistakes, "the file").get("watches")
    blocks = [] if listed is None else list(_yaml.items(listed, mistakes, "watches"))
    reader = _WatchReader(mistakes, settings)
    read = [reader.block(block, position) for position, block in enumerate(blocks, start=1)]
    _note_doubles(blocks, read, mistakes)
    if not blocks and not mistakes:
        mistakes.add(top, "the file lists no watch; it needs at least one block under `watches:`.")
    mistakes.raise_if_any()
    return tuple(Watch(**values) for values in read)


class _WatchReader:
    """Reads blocks, and knows which feeds and topics there are: those files are read where a block names any."""

    def __init__(self, mistakes: _yaml.Mistakes, settings: Settings) -> None:
        self._mistakes = mistakes
        self._settings = settings
        self._known: dict[str, tuple[str, ...]] = {}

    def block(self, node: yaml.Node, position: int) -> dict[str, Any]:
        """Return what can be read of a block; with no mistake noted that is all that a watch needs."""
        given = _yaml.fields(node, (*_REQUIRED, *_LOOKS), self._mistakes, f"watch {position}")
        named = given.get("name")
        what = f"watch {named.value!r}" if isinstance(named, yaml.ScalarNode) else f"watch {position}"
        values = _yaml.read_values(given, {"name": _yaml.slug_of, "query": _query_of}, self._mistakes, what)
        for key, reader in self._readers.items():
            if key in given:
                values[key] = tuple(dict.fromkeys(self._each(given[key], reader, f"{what}: {key}")))
        _yaml.note_missing(node, given, _REQUIRED, self._mistakes, what)
        if isinstance(node, yaml.MappingNode) and not any(key in given for key in _LOOKS):
            self._mistakes.add(node, f"{what} looks for nothing: give it {', '.join(_LOOKS[:-1])} or {_LOOKS[-1]}.")
        return values

    @property
    def _readers(self) -> Mapping[str, Callable[[yaml.Node], str]]:
        return {"topics": self._topic_of, "feeds": self._feed_of, "languages": _yaml.language_of, "to": _recipient_of}

    def _each(self, node: yaml.Node, reader: Callable[[yaml.Node], str], what: str) -> Iterator[str]:
        """Read a list, or one item in its place, noting each that is refused at its own line."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not 0 < len(nodes) <= _MOST_CHOSEN:
            self._mistakes.add(node, f"{what} must have one to {_MOST_CHOSEN} items.")
            return
        for one in nodes:
            try:
                yield reader(one)
            except ValueError as error:
                self._mistakes.add(one, f"{what} {error}.")

    def _topic_of(self, node: yaml.Node) -> str:
        return self._one_of("topic", _yaml.text_of(node))

    def _feed_of(self, node: yaml.Node) -> str:
        feed = _yaml.text_of(node)
        return feed if feed.partition(":")[0] == _IMPORT else self._one_of("feed", feed)

    def _one_of(self, kind: str, name: str) -> str:
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = self._read(kind)
        if name not in known:
            raise ValueError(f"names no {kind}: {name!r}; did you mean {_yaml.closest(name, known)!r}?")
        return name

    def _read(self, kind: str) -> tuple[str, ...]:
        if kind == "topic":
            return tuple(topic.id for topic in read_topics(self._settings.topics_file).topics)
        return tuple(spec.id for spec in load_feeds(self._settings.feeds_file))


def _note_doubles(blocks: Sequence[yaml.Node], read: Sequence[Mapping[str, Any]], mistakes: _yaml.Mistakes) -> None:
    first: dict[str, int] = {}
    for block, values in zip(blocks, read, strict=True):
        name = values.get("name")
        if name in first:
            mistakes.add(block, f"watch {name!r} has the name of the watch at line {first[name]}.")
        elif name is not None:
            first[name] = block.start_mark.line + 1


def _query_of(node: yaml.Node) -> str:
    text = " ".join(_yaml.text_of(node).split())
    if len(text) > LONGEST_QUERY:
        raise ValueError(f"must have up to {LONGEST_QUERY} characters, not {len(text)}")
    if not any(mark.isalnum() for mark in text):
        raise ValueError(f"has no word to look for: {text!r}")
    return text


def _recipient_of(node: yaml.Node) -> str:
    """Read who is told. What is refused is not repeated: it may be an address with a password."""
    text = _yaml.text_of(node)
    if text in {ATOM, ALERTS} or (_VARIABLE.fullmatch(text) and not text.startswith(PREFIX)):
        return text
    raise ValueError(
        f"must be {ATOM}, {ALERTS}, or the name of an environment variable that holds an address (capital letters, "
        f"digits, underscores; not {PREFIX}...); the address itself may hold a password and has no place here"
    )
