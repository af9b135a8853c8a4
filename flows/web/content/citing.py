"""How to cite a story: APA, BibTeX, RIS and CSL-JSON, each with where and when the archive saw it."""

import re
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from flows.exports.safe_json import json_text
from flows.web.safe_text import plain
from models.queries.stories import StoryRecord

FORMS: Final = {
    "apa": ("APA", "txt", "text/plain; charset=utf-8"),
    "bibtex": ("BibTeX", "bib", "application/x-bibtex; charset=utf-8"),
    "ris": ("RIS", "ris", "application/x-research-info-systems; charset=utf-8"),
    "csl": ("CSL-JSON", "json", "application/vnd.citationstyles.csl+json"),
}
# What BibTeX would read as a command, a group or a comment.
_TEX: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_NAME: Final = re.compile(r"[^\W\d_]+(?:[’'.-][^\W\d_]*)*\.?(?: [^\W\d_]+(?:[’'.-][^\W\d_]*)*\.?){1,3}")


class Work(Struct, frozen=True, kw_only=True):
    """What a citation is made of."""

    uid: str
    title: str
    authors: tuple[str, ...]
    outlet: str
    url: str
    published_at: datetime | None
    accessed_at: datetime
    language: str | None
    digest: str


def work_of(story: StoryRecord) -> Work:
    """Return what there is to cite of a story: accessed is when the archive first saw it."""
    return Work(
        uid=story.uid,
        title=_line(story.title) or "(no title)",
        authors=tuple(_line(author) for author in story.authors),
        outlet=_line(story.outlets[0]) if story.outlets else "",
        url=_line(story.url or ""),
        published_at=story.published_at,
        accessed_at=story.first_seen_at,
        language=story.language,
        digest=story.content_hash,
    )


def cite(work: Work, form: str) -> str:
    """Return a citation in one of FORMS."""
    return {"apa": _apa, "bibtex": _bibtex, "ris": _ris, "csl": _csl}[form](work)


def _apa(work: Work) -> str:
    when = f"{work.published_at:%Y, %B} {work.published_at.day}" if work.published_at else "n.d."
    who = _apa_authors(work) or work.outlet
    parts = [
        f"{who} ({when}). {work.title}{'' if work.title[-1:] in '.?!' else '.'}" if who else f"{work.title} ({when})."
    ]
    parts += [f"{work.outlet}."] if work.outlet and who != work.outlet else []
    seen = f"{work.accessed_at:%B} {work.accessed_at.day}, {work.accessed_at.year}"
    parts += [f"Retrieved {seen}, from {work.url}"] if work.url else []
    return " ".join(parts) + "\n"


def _apa_authors(work: Work) -> str:
    names = [_apa_name(author) for author in work.authors]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])}, & {names[-1]}"


def _apa_name(author: str) -> str:
    family, given = _parts(author)
    if not given:
        return family
    return f"{family}, {' '.join(f'{name[0]}.' for name in given.split())}"


def _parts(author: str) -> tuple[str, str]:
    """Return family and given name; a name that is no person's in the western order stays whole."""
    if not _NAME.fullmatch(author) or any("\u2e80" <= letter <= "\u9fff" for letter in author):
        return author, ""
    given, _, family = author.rpartition(" ")
    return family, given


def _bibtex(work: Work) -> str:
    fields = {
        "author": " and ".join(_bibtex_name(author) for author in work.authors),
        "title": f"{{{_tex(work.title)}}}",
        "journal": _tex(work.outlet),
        "year": f"{work.published_at:%Y}" if work.published_at else "",
        "month": f"{work.published_at:%b}".lower() if work.published_at else "",
        "date": f"{work.published_at:%Y-%m-%d}" if work.published_at else "",
        "url": work.url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C"),
        "urldate": f"{work.accessed_at:%Y-%m-%d}",
        "langid": work.language or "",
        "note": f"Climate archive {work.uid}, sha256 {work.digest}",
    }
    rows = [f"  {name:<8}= {value if name == 'month' else f'{{{value}}}'}," for name, value in fields.items() if value]
    return "\n".join([f"@article{{archive-{work.uid},", *rows, "}"]) + "\n"


def _bibtex_name(author: str) -> str:
    family, given = _parts(author)
    return f"{_tex(family)}, {_tex(given)}" if given else f"{{{_tex(author)}}}"


def _tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)


def _ris(work: Work) -> str:
    rows = [("TY", "NEWS"), ("TI", work.title)]
    rows += [("AU", ", ".join(part for part in _parts(author) if part)) for author in work.authors]
    rows += [("T2", work.outlet)] if work.outlet else []
    if work.published_at:
        rows += [("PY", f"{work.published_at:%Y}"), ("DA", f"{work.published_at:%Y/%m/%d/}")]
    rows += [("UR", work.url)] if work.url else []
    rows += [("Y2", f"{work.accessed_at:%Y/%m/%d/}"), ("LA", work.language or "")]
    rows += [("AN", work.uid), ("N1", f"sha256 {work.digest}"), ("ER", "")]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in rows)


def _csl(work: Work) -> str:
    item: dict[str, Any] = {
        "id": f"archive-{work.uid}",
        "type": "article-newspaper",
        "title": work.title,
        "author": [_csl_name(author) for author in work.authors],
        "container-title": work.outlet,
        "URL": work.url,
        "accessed": _csl_date(work.accessed_at),
        "language": work.language,
        "archive": "Climate archive",
        "archive_location": work.uid,
        "note": f"sha256 {work.digest}",
    }
    if work.published_at:
        item["issued"] = _csl_date(work.published_at)
    return json_text([{name: value for name, value in item.items() if value}], indent=2) + "\n"


def _csl_name(author: str) -> dict[str, str]:
    family, given = _parts(author)
    return {"family": family, "given": given} if given else {"literal": author}


def _csl_date(moment: datetime) -> dict[str, Any]:
    return {"date-parts": [[moment.year, moment.month, moment.day]]}


def _line(text: str) -> str:
    """Return a text on one line: a line break within a field would begin another one."""
    return " ".join(plain(text).split())
