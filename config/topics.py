"""topics.yaml: what a story may be about and the words that speak for it.

The loader names the line of every mistake.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from msgspec.structs import asdict, replace

from config import _yaml
from config._weights import load_meaning, load_weights, parse_weights
from models.stages import GENERAL_TOPIC, Gate, Taxonomy, Term, Topic

# A longer phrase is a sentence, and no second text will hold it.
_MAX_WORDS = 8
# "ab*" would match every tenth word.
_MIN_PREFIX = 3

_GENERAL = Topic(id=GENERAL_TOPIC, name="General", definition="About climate, and no topic fits.", terms=())


def load_topics(path: Path | None = None, *, second_reader: bool = True) -> Taxonomy:
    """Return the taxonomy of a topics.yaml, by default of the one that is installed with the program.

    Its last topic is the built-in `general`. What was learnt for the installed topics comes with it; a topic of
    your own stands on its terms alone. Without `second_reader` no story's meaning is read.

    Raises:
        ConfigError: All mistakes of the file, each with its line.

    """
    return with_what_was_learnt(read_topics(path), second_reader=second_reader)


def read_topics(path: Path | None = None) -> Taxonomy:
    """Return the taxonomy of a topics.yaml alone. Raise as load_topics does."""
    return parse_topics(*_yaml.read_text(path, "topics.yaml"))


def with_what_was_learnt(taxonomy: Taxonomy, *, second_reader: bool = True) -> Taxonomy:
    """Return a taxonomy with the weights that are installed with the program; the choice is load_topics' own."""
    return replace(taxonomy, weights=load_weights(), meaning=load_meaning() if second_reader else None)


def forget_what_was_learnt() -> None:
    """Let go of the weights that are remembered for whoever asks again: once there is a classifier, nobody does."""
    parse_weights.cache_clear()


@lru_cache(maxsize=4)  # a run looks at them before it begins, and again when it does
def parse_topics(name: str, text: str) -> Taxonomy:
    """Return the taxonomy of a YAML text; `name` stands for it in error messages.

    Raises:
        ConfigError: All mistakes of the text, each with its line.

    """
    mistakes = _yaml.Mistakes(name)
    top = _yaml.compose(name, text)
    given = _yaml.fields(top, ("version", "gate", "topics"), mistakes, "the file")
    _yaml.note_missing(top, given, ("version", "gate", "topics"), mistakes, "the file")
    version = _yaml.read_values(given, {"version": _yaml.whole_number_of}, mistakes, "the file").get("version", 1)
    gate = _read_gate(given.get("gate"), mistakes)
    topics = (*_read_topics(given.get("topics"), mistakes), _GENERAL)
    mistakes.raise_if_any()
    return Taxonomy(version=version, digest=_digest(topics, gate), topics=topics, gate=gate)


def _read_gate(node: yaml.Node | None, mistakes: _yaml.Mistakes) -> Gate:
    given = _yaml.fields(node, ("threshold", "terms", "negatives", "tags"), mistakes, "the gate") if node else {}
    if node:
        _yaml.note_missing(node, given, ("threshold", "terms"), mistakes, "the gate")
    return Gate(
        threshold=_yaml.read_values(given, {"threshold": _yaml.number_of}, mistakes, "the gate").get("threshold", 1.0),
        terms=tuple(_read_terms(given.get("terms"), mistakes, "the gate")),
        negatives=tuple(_read_terms(given.get("negatives"), mistakes, "the gate's negatives")),
        tags=tuple(_read_terms(given.get("tags"), mistakes, "the gate's tags")),
    )


def _read_topics(node: yaml.Node | None, mistakes: _yaml.Mistakes) -> Iterator[Topic]:
    lines: dict[str, int] = {}
    for block in _yaml.items(node, mistakes, "topics") if node else ():
        topic = _read_topic(block, mistakes)
        if topic.id == GENERAL_TOPIC:
            mistakes.add(block, f"the topic {GENERAL_TOPIC!r} is built in and cannot be described.")
        elif topic.id in lines:
            mistakes.add(block, f"topic {topic.id!r} has the id of the topic at line {lines[topic.id]}.")
        lines.setdefault(topic.id, block.start_mark.line + 1)
        yield topic
    if node and not lines and not len(mistakes):
        mistakes.add(node, "the file describes no topic; it needs at least one block under `topics:`.")


def _read_topic(node: yaml.Node, mistakes: _yaml.Mistakes) -> Topic:
    line = node.start_mark.line + 1
    known = ("id", "name", "definition", "examples", "terms", "tags")
    given = _yaml.fields(node, known, mistakes, f"the topic at line {line}")
    readers = {"id": _yaml.slug_of, "name": _yaml.text_of, "definition": _yaml.text_of}
    values = _yaml.read_values(given, readers, mistakes, f"the topic at line {line}")
    # Until its id is known, a topic with a mistake has a name that cannot be anybody's.
    topic_id = values.get("id", f"line {line}")
    what = f"topic {topic_id!r}"
    _yaml.note_missing(node, given, (*readers, "terms"), mistakes, what)
    return Topic(
        id=topic_id,
        name=values.get("name", ""),
        definition=values.get("definition", ""),
        terms=tuple(_read_terms(given.get("terms"), mistakes, what)),
        examples=tuple(_read_examples(given.get("examples"), mistakes, what)),
        tags=tuple(_read_terms(given.get("tags"), mistakes, f"{what}'s tags")),
    )


def _read_examples(node: yaml.Node | None, mistakes: _yaml.Mistakes, what: str) -> Iterator[str]:
    for item in _yaml.items(node, mistakes, f"{what}: examples") if node else ():
        yield from _yaml.read_values({"example": item}, {"example": _yaml.text_of}, mistakes, what).values()


def _read_terms(node: yaml.Node | None, mistakes: _yaml.Mistakes, what: str) -> Iterator[Term]:
    """Yield the terms of a mapping from weight to list."""
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        mistakes.add(node, f"{what}: terms must stand in lists under their weight, as in `3: [flood, drought]`.")
        return
    lines: dict[str, int] = {}
    weights: set[float] = set()
    for key, listed in node.value:
        weight = _yaml.read_values({"weight": key}, {"weight": _yaml.number_of}, mistakes, what).get("weight", 1.0)
        if weight in weights:
            mistakes.add(key, f"{what} has the weight {key.value} twice; join the two lists.")
        weights.add(weight)
        for item in _yaml.items(listed, mistakes, f"{what}: weight {key.value}"):
            text = _yaml.read_values({"term": item}, {"term": _term_text_of}, mistakes, what).get("term")
            if text is None:
                continue
            if text in lines:
                mistakes.add(item, f"{what} has the term {text!r} twice; first at line {lines[text]}.")
            lines.setdefault(text, item.start_mark.line + 1)
            yield _term(text, weight)


def _term_text_of(node: yaml.Node) -> str:
    text = " ".join(_yaml.text_of(node).split())
    stem = text.removesuffix("*")
    if "*" in stem:
        raise ValueError(f"{text!r} has a star that is not at its end")
    if text != stem and len(stem) < _MIN_PREFIX:
        raise ValueError(f"{text!r} needs at least {_MIN_PREFIX} letters before its star")
    if not any(character.isalnum() for character in stem):
        raise ValueError(f"{text!r} holds no letter and no digit")
    if len(text.split()) > _MAX_WORDS:
        raise ValueError(f"{text!r} is longer than {_MAX_WORDS} words")
    return text


def _term(text: str, weight: float) -> Term:
    stem = text.removesuffix("*")
    return Term(text=stem, weight=weight, is_prefix=stem != text, is_case_sensitive=stem != stem.lower())


def _digest(topics: tuple[Topic, ...], gate: Gate) -> str:
    """Return the sha256 of what decides a label; an explanation may be reworded without a new version of all labels."""
    decides: Mapping[str, object] = {
        "topics": [[topic.id, _fields_of((*topic.terms, *topic.tags))] for topic in topics],
        "gate": {
            "threshold": gate.threshold,
            "terms": _fields_of(gate.terms),
            "negatives": _fields_of(gate.negatives),
            "tags": _fields_of(gate.tags),
        },
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def _fields_of(terms: tuple[Term, ...]) -> list[dict[str, object]]:
    return [asdict(term) for term in terms]
