"""feeds.yaml: which feeds are read.

The loader names the line of every mistake; the writer keeps what a person wrote.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import yaml

from config import _yaml
from models.errors import ConfigError
from models.identity import PAGE_SOURCE
from models.stages import FeedKind, FeedSpec, Relevance, Rights
from models.storage.whole_file import replace_text

# Codes in wide use that are not those of ISO 3166: dates, languages and counts would know no such country.
_OTHER_CODES = {"EL": "GR", "UK": "GB"}
_COUNTRY = re.compile(r"[A-Z]{2}")
_REQUIRED = ("id", "name", "url")
_RESERVED = frozenset({PAGE_SOURCE, "import"})  # the names of what a story has from its page, or from a person's files
_NEW_FILE = "# The feeds of this archive. Every key is explained in the README.\nfeeds:\n"


def load_feeds(path: Path | None = None) -> tuple[FeedSpec, ...]:
    """Return the feeds of a feeds.yaml, by default of the one that is installed with the program.

    Raises:
        ConfigError: All mistakes of the file, each with its line.

    """
    return parse_feeds(*_yaml.read_text(path, "feeds.yaml"))


def parse_feeds(name: str, text: str) -> tuple[FeedSpec, ...]:
    """Return the feeds of a YAML text; `name` stands for it in error messages.

    Raises:
        ConfigError: All mistakes of the text, each with its line.

    """
    mistakes = _yaml.Mistakes(name)
    top = _yaml.compose(name, text)
    listed = _yaml.fields(top, ["feeds"], mistakes, "the file").get("feeds")
    blocks = [] if listed is None else list(_yaml.items(listed, mistakes, "feeds"))
    read = [_read_block(block, position, mistakes) for position, block in enumerate(blocks)]
    _note_doubles(blocks, read, mistakes)
    if not blocks and not mistakes:
        mistakes.add(top, "the file lists no feed; it needs at least one block under `feeds:`.")
    mistakes.raise_if_any()
    return tuple(FeedSpec(**values, position=position) for position, values in enumerate(read))


def add_feeds(path: Path, specs: Sequence[FeedSpec]) -> None:
    """Append feeds to a feeds.yaml, which is made if it is missing; every line that stands in it stays as it is.

    Raises:
        ConfigError: The file has mistakes, or would have with the new feeds (an id or address given twice), or its
            list is not written one block a feed. Nothing is written then.
        OSError: The file cannot be written; the old one is untouched.

    """
    name, text = _yaml.read_text(path, "feeds.yaml") if path.exists() else (str(path), _NEW_FILE)
    text = text if text.endswith("\n") else text + "\n"
    added = text + dump_feeds(specs, indent=_list_indent(name, text))
    parse_feeds(name, added)
    _replace(path, added)


def dump_feeds(specs: Iterable[FeedSpec], *, indent: int = 2) -> str:
    """Return feeds as YAML blocks, to stand under `feeds:`; what equals the default is left out."""
    blocks = [yaml.safe_dump([_block(spec)], sort_keys=False, allow_unicode=True, width=1000) for spec in specs]
    return "".join(" " * indent + line for block in blocks for line in block.splitlines(keepends=True))


def _read_block(node: yaml.Node, position: int, mistakes: _yaml.Mistakes) -> dict[str, Any]:
    """Return what can be read of a block; with no mistake noted that is all that a feed needs."""
    given = _yaml.fields(node, _READERS, mistakes, f"feed {position + 1}")
    what = f"feed {_name_of(given) or position + 1}"
    values = _yaml.read_values(given, _READERS, mistakes, what)
    _yaml.note_missing(node, given, _REQUIRED, mistakes, what)
    return values


def _name_of(given: Mapping[str, yaml.Node]) -> str | None:
    node = given.get("id")
    return repr(node.value) if isinstance(node, yaml.ScalarNode) else None


def _note_doubles(blocks: Sequence[yaml.Node], read: Sequence[Mapping[str, Any]], mistakes: _yaml.Mistakes) -> None:
    """Note each id and address that an earlier block has, whatever else is wrong with either."""
    first: dict[tuple[str, str], int] = {}
    for position, (block, values) in enumerate(zip(blocks, read, strict=True), start=1):
        what = f"feed {values['id']!r}" if "id" in values else f"feed {position}"
        for kind, key_of in _UNIQUE.items():
            key = (kind, key_of(values.get(kind, "")))
            if kind in values and key in first:
                mistakes.add(block, f"{what} has the {kind} of the feed at line {first[key]}.")
            elif kind in values:
                first[key] = block.start_mark.line + 1


def _same_address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}?{parts.query}"


_UNIQUE: Mapping[str, Callable[[str], str]] = {"id": str, "url": _same_address}


def _id_of(node: yaml.Node) -> str:
    text = _yaml.slug_of(node)
    if text in _RESERVED:
        raise ValueError(f"must not be {text!r}, which the archive itself uses")
    return text


def _url_of(node: yaml.Node) -> str:
    text = _yaml.text_of(node)
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in {"http", "https"} or not text.isprintable() or " " in text:
        raise ValueError(f"must be an address that begins with http:// or https://, not {text!r}")
    return text


_Word = TypeVar("_Word", bound=StrEnum)


def _one_of(words: type[_Word]) -> Callable[[yaml.Node], _Word]:
    *others, last = words

    def read(node: yaml.Node) -> _Word:
        text = _yaml.text_of(node)
        if text not in list(words):
            known = f"{', '.join(others)} or {last}"
            raise ValueError(f"must be {known}, not {text!r}; did you mean {_yaml.closest(text, words)}")
        return words(text)

    return read


def _country_of(node: yaml.Node) -> str:
    text = _yaml.text_of(node)
    if not _COUNTRY.fullmatch(text):
        raise ValueError(f"must be two capital letters such as DE, or XX for international, not {text!r}")
    if text in _OTHER_CODES:
        raise ValueError(f"must be {_OTHER_CODES[text]}, the code of ISO 3166, not {text!r}")
    return text


_READERS: Mapping[str, Callable[[yaml.Node], object]] = {
    "id": _id_of,
    "name": _yaml.text_of,
    "url": _url_of,
    "language": _yaml.language_of,
    "country": _country_of,
    "relevance": _one_of(Relevance),
    "full_text": _yaml.truth_of,
    "min_entries": _yaml.whole_number_of,
    "rights": _one_of(Rights),
    "kind": _one_of(FeedKind),
}


def _block(spec: FeedSpec) -> dict[str, object]:
    block: dict[str, object] = {"id": spec.id, "name": spec.name, "url": spec.url}
    optional = {"language": spec.language, "country": spec.country, "min_entries": spec.min_entries}
    block |= {key: value for key, value in optional.items() if value is not None}
    block |= {} if spec.rights is Rights.FULL else {"rights": spec.rights.value}
    block |= {} if spec.kind is FeedKind.FEED else {"kind": spec.kind.value}
    return block | {"relevance": spec.relevance.value, "full_text": spec.full_text}


def _list_indent(name: str, text: str) -> int:
    for key, value in _yaml.compose(name, text).value:
        if key.value == "feeds" and isinstance(value, yaml.SequenceNode):
            if value.flow_style:
                line = value.start_mark.line + 1
                raise ConfigError(
                    f"{name}:{line}: feeds can be added only where each is a block of its own (- id: ...)."
                )
            return value.start_mark.column
    return 2


def _replace(path: Path, text: str) -> None:
    """Write beside the file and rename over it, so that no reader and no crash sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, text)
