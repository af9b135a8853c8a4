"""Read a YAML file of ours into nodes that know their lines, and collect what is wrong with it.

Nodes, not values: `country: NO` is Norway, and a mistake can be shown where it stands.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from models.errors import ConfigError

# libyaml is some ten times faster; where it was not built, the Python loader does the same.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Far above any file of ours, far below what hurts a parser.
MAX_SIZE_BYTES = 2_000_000
MAX_DEPTH = 12

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"


class Mistakes:
    """What is wrong with one file, each with its line."""

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        self._found: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, node: yaml.Node, text: str) -> None:
        """Note a mistake at the line where a node begins."""
        self._found.append((node.start_mark.line + 1, text))

    def raise_if_any(self) -> None:
        """Raise one ConfigError that names all mistakes in the order of their lines."""
        if not self._found:
            return
        count = f"{len(self)} mistakes" if len(self) > 1 else "1 mistake"
        lines = [f"{self.file_name}:{line}: {text}" for line, text in sorted(self._found)]
        raise ConfigError("\n".join([f"{self.file_name} has {count}.", *lines]))


def read_text(path: Path | None, packaged: str) -> tuple[str, str]:
    """Return the name to show and the text of a file, or of the one that is installed with the program.

    Raises:
        ConfigError: It cannot be read, is no UTF-8, or is over 2 MB.

    """
    source = resources.files("config").joinpath(packaged) if path is None else path
    name = f"config/{packaged}" if path is None else str(path)
    try:
        raw = source.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(f"{name}:{line}: this is not UTF-8 text.") from None
    if len(raw) > MAX_SIZE_BYTES:
        raise ConfigError(f"{name} is over {MAX_SIZE_BYTES} bytes; a file of this kind never is.")
    return name, text


def compose(name: str, text: str) -> yaml.MappingNode:
    """Return the top mapping of a YAML text.

    Raises:
        ConfigError: It is broken, too deep, holds aliases (which could multiply without end) or is no mapping.

    """
    try:
        _refuse_bombs(name, text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{name}:{line}: this is not YAML: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: this is not YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{name}:1: the file must be a mapping, with keys at the left margin.")
    return node


def fields(node: yaml.Node, known: Iterable[str], mistakes: Mistakes, what: str) -> Mapping[str, yaml.Node]:
    """Return a mapping's values by key, noting what is no mapping, unknown keys and keys given twice."""
    if not isinstance(node, yaml.MappingNode):
        mistakes.add(node, f"{what} must be a mapping of key: value.")
        return {}
    values: dict[str, yaml.Node] = {}
    names = tuple(known)
    for key, value in node.value:
        if key.value in values:
            mistakes.add(key, f"{what} has the key {key.value!r} twice.")
        elif key.value in names:
            values[key.value] = value
        else:
            mistakes.add(key, _unknown_key(key.value, names, what))
    return values


def note_missing(
    node: yaml.Node, given: Mapping[str, yaml.Node], needed: Iterable[str], mistakes: Mistakes, what: str
) -> None:
    """Note each key that a mapping needs and does not have."""
    for key in needed:
        if isinstance(node, yaml.MappingNode) and key not in given:
            mistakes.add(node, f"{what} lacks {key!r}.")


def items(node: yaml.Node, mistakes: Mistakes, what: str) -> Iterator[yaml.Node]:
    """Yield the items of a list, noting what is none."""
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    else:
        mistakes.add(node, f"{what} must be a list.")


def text_of(node: yaml.Node) -> str:
    """Return a scalar as it is written, whatever YAML would make of it.

    Raises:
        ValueError: It is no scalar, or empty.

    """
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("must be a text")  # noqa: TRY004  (every reader of a value raises the same error)
    if node.tag == _NULL or not node.value.strip():
        raise ValueError("is empty")
    return str(node.value).strip()


def language_of(node: yaml.Node) -> str:
    """Return the tag of a language. Raise ValueError."""
    text = text_of(node)
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f"must be a language tag such as en or pt-BR, not {text!r}")
    return text


def slug_of(node: yaml.Node) -> str:
    """Return a scalar that can be an id.

    Raises:
        ValueError: It cannot.

    """
    text = text_of(node)
    if len(text) > 64 or not _SLUG.fullmatch(text):
        raise ValueError(f"must be up to 64 small letters and digits with single hyphens between, not {text!r}")
    return text


def truth_of(node: yaml.Node) -> bool:
    """Return a scalar that is true or false.

    Raises:
        ValueError: It is neither.

    """
    if node.tag != _BOOL:
        raise ValueError(f"must be true or false, not {_shown(node)}")
    return str(node.value).lower() in {"true", "yes", "on"}


def number_of(node: yaml.Node) -> float:
    """Return a scalar that is a number above 0 and at most 100.

    Raises:
        ValueError: It is none.

    """
    try:
        number = float(text_of(node))
    except ValueError:
        raise ValueError(f"must be a number, not {_shown(node)}") from None
    if not 0 < number <= 100:
        raise ValueError(f"must be above 0 and at most 100, not {_shown(node)}")
    return number


def whole_number_of(node: yaml.Node) -> int:
    """Return a scalar that is a whole number from 1.

    Raises:
        ValueError: It is none.

    """
    text = text_of(node)
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise ValueError(f"must be a whole number from 1, not {_shown(node)}")
    return int(text)


def closest(word: str, names: Iterable[str]) -> str:
    """Return the name most like a word."""
    return difflib.get_close_matches(word, list(names), n=1, cutoff=0)[0]


def read_values(
    given: Mapping[str, yaml.Node], readers: Mapping[str, Callable[[yaml.Node], object]], mistakes: Mistakes, what: str
) -> dict[str, Any]:
    """Return what the readers make of the nodes of their keys, noting each node that is refused."""
    values: dict[str, Any] = {}
    for key, reader in readers.items():
        if key in given:
            try:
                values[key] = reader(given[key])
            except ValueError as error:
                mistakes.add(given[key], f"{what}: {key} {error}.")
    return values


def _refuse_bombs(name: str, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise ConfigError(f"{name}:{line}: aliases (*{event.anchor}) are not understood here.")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ConfigError(f"{name}:{line}: lists and mappings are nested too deeply.")


def _unknown_key(key: object, names: tuple[str, ...], what: str) -> str:
    return f"{what} has an unknown key {key!r}; did you mean {closest(str(key), names)!r}?"


def _shown(node: yaml.Node) -> str:
    return repr(node.value) if isinstance(node, yaml.ScalarNode) else "a list or mapping"
