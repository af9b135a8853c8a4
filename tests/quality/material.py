"""What is taught: labelled stories by fold, in the forms that feeds give them, and titles of our own. Needs [learn]."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from flows.cli.quality.gold import read_gold
from flows.cli.quality.topic_quality import Gold
from models.stages import Taxonomy
from tests.quality.reading import LONG, SUMMARY, Gated, Read, Topical, Vectors, kin, read
from tests.quality.teaching import (
    ALONE_HEADLINES,
    ALONE_IDIOMS,
    ALONE_TEXTS,
    GATE_IDIOMS,
    GATE_NEWS,
    GATE_SUMMARIES,
    GATE_TITLES,
    Teacher,
    Weights,
)

FOLDS = 5
WIRE = "general_wire_dev"
FILES = ("dev.jsonl.gz", "labelled-2.jsonl.gz", "general_wire_dev.jsonl.gz", "unlabelled.jsonl.gz")
TAUGHT = Path(__file__).parent / "taught"
_OWN = ("idioms", "titles", "headlines", "stories")
_LABELS = TAUGHT / "labels.jsonl"


class Labelled(Struct, frozen=True):
    """A labelled story in the forms that it is taught in."""

    file: str
    fold: int
    story: Read
    summary: Read | None  # title and two sentences; None where the story is no longer
    title: Read | None  # the title alone; None where there is nothing else


class Material(Struct, frozen=True):
    """All that is taught."""

    teacher: Teacher
    labelled: Sequence[Labelled]
    # Stories that one annotator labelled later, each behind its fold: they teach topics alone.
    more: Sequence[tuple[int, Read]]
    idioms: Sequence[Read]  # titles of our own
    titles: Sequence[Read]  # more of them, which teach the gate of titles alone
    headlines: Sequence[Read]  # many more, which weigh less and choose no blend
    own: Sequence[Read]  # stories of our own: they teach the regression on likeness, and no figure is measured on them

    def without(self, out: Sequence[int]) -> "Material":
        """Return what is taught without some folds."""
        idioms, titles, headlines = (
            [one for place, one in enumerate(own) if place % FOLDS not in out]
            for own in (self.idioms, self.titles, self.headlines)
        )
        labelled = [one for one in self.labelled if one.fold not in out]
        more = [(fold, story) for fold, story in self.more if fold not in out]
        own = {"idioms": idioms, "titles": titles, "headlines": headlines}
        return replace(self, labelled=labelled, more=more, **own)

    def teach(self) -> Weights:
        """Teach both readers from all of it."""
        stories, counts = [*self.idioms], [GATE_IDIOMS] * len(self.idioms)
        ours = [*self.idioms, *self.titles]
        alone = [*ours, *self.headlines]
        weights = [ALONE_IDIOMS] * len(ours) + [ALONE_HEADLINES] * len(self.headlines)
        for one in self.labelled:
            if one.story.gold.is_relevant is not None:
                forms = (
                    (one.story, 1.0),
                    (one.summary, GATE_SUMMARIES),
                    (one.title, GATE_TITLES if one.summary else 0.0),
                )
                news = GATE_NEWS if one.file == WIRE and not one.story.gold.is_relevant else 1.0
                for form, count in forms:
                    if form is not None and count:
                        stories.append(form)
                        counts.append(count * news)
                alone.append(one.title or one.story)
                weights.append((ALONE_TEXTS if one.title else 1.0) * news)
        gated, titles = Gated(stories, np.array(counts)), Gated(alone, np.array(weights))
        topical = Topical([one.story for one in self.labelled], [story for _, story in self.more], self.own)
        return self.teacher.teach(topical, gated, titles)


def gather(folder: Path, taxonomy: Taxonomy, vectors: Vectors) -> Material:
    """Read the files of a folder, and our own titles; near-copies fall into one fold."""
    files = {name.partition(".")[0]: list(read_gold(folder / name)) for name in FILES}
    unlabelled = files.pop("unlabelled")
    known = {gold.title.casefold() for name in ("dev", "labelled-2") for gold in files[name]}
    files[WIRE] = [one for one in files[WIRE] if one.title.casefold() not in known]
    every = [(name, gold) for name, own in files.items() for gold in own]
    groups = kin([gold for _, gold in every] + unlabelled)
    folds = [hashlib.sha256(str(group).encode()).digest()[0] % FOLDS for group in groups]
    stories = read([gold for _, gold in every], taxonomy, vectors)
    golds = [gold for _, gold in every]
    titles = read(golds, taxonomy, vectors, 0)
    summaries = iter(read([gold for gold in golds if len(gold.text) > LONG], taxonomy, vectors, SUMMARY))
    labelled = [
        Labelled(
            file=name,
            fold=fold,
            story=story,
            summary=next(summaries) if len(story.gold.text) > LONG else None,
            title=title if story.gold.text else None,
        )
        for (name, _), fold, story, title in zip(every, folds, stories, titles, strict=False)
    ]
    more = _labelled_later(list(zip(unlabelled, folds[len(every) :], strict=True)), taxonomy, vectors)
    taken = set(groups[: len(every)])
    apart = []
    for gold, group in zip(unlabelled, groups[len(every) :], strict=True):
        if group not in taken:  # one of each kin, and none of a labelled story's
            taken.add(group)
            apart.append(gold)
    wire = [story for (name, _), story in zip(every, stories, strict=True) if name == WIRE]
    teacher = Teacher(taxonomy, read(apart, taxonomy, vectors), wire)
    ours = [read(list(read_gold(TAUGHT / f"{name}.jsonl")), taxonomy, vectors) for name in _OWN]
    return Material(teacher, labelled, more, *ours)


def _labelled_later(
    unlabelled: Sequence[tuple[Gold, int]], taxonomy: Taxonomy, vectors: Vectors
) -> list[tuple[int, Read]]:
    """Return the stories whose ids stand in labels.jsonl, with the topics given there, each behind its fold."""
    lines = (json.loads(line) for line in _LABELS.read_text().splitlines())
    labels = {line["id"]: tuple(line["topics"]) for line in lines}
    known = [(gold, fold) for gold, fold in unlabelled if gold.id in labels]
    assert len(known) == len(labels), "labels.jsonl names stories that unlabelled.jsonl.gz has not"
    golds = [replace(gold, topics=labels[gold.id], primary=labels[gold.id][0]) for gold, _ in known]
    return [(fold, story) for (_, fold), story in zip(known, read(golds, taxonomy, vectors), strict=True)]
