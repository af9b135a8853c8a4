"""Read a byline's clauses: who wrote it, in whatever words, stays; who edited, pictured or checked it goes."""

import re
from typing import Final

# Words for the writing of a story and for bringing it out, before "by": what follows names its authors.
_WRITTEN: Final = (
    r"(?:(?:an?|additional|further|original|extra|special|guest|view|show|see|all|more|first|latest)\s+)*"
    r"(?:report(?:ing|ed|s)?|stor(?:y|ies)|text|words|writ(?:ten|ing)|analysis|opinion|essay|comment(?:ary)?|column|"
    r"interview(?:s|ed)?|contribut(?:ed|ion|ions|ing)|post(?:s|ed)?|publish(?:ed)?|submitted|articles?|explainer|author(?:ed)?)"
    r"\s+(?:by|of|from)[:\s]\s*"
)
_WRITTEN_ELSEWHERE: Final = (
    r"(?:(?:ein(?:e)?|un(?:e|a)?)\s+)?(?:gast(?:beitrag|kommentar)|beitrag|artikel|analyse|interview|kommentar|essay|"
    r"bericht|kolumne|reportage|rezension)\s+(?:von|vom|van|af|av)\s+|"
    r"(?:propos recueillis|entretien réalisé|article (?:écrit|rédigé)|(?:un )?texte|recueilli|rédigé|publié|"
    r"réalisé|posté)\s+par\s+|"
    r"(?:entrevista|reportaje|análisis|texto|publicado|redactado|escrito)\s+(?:de|por)\s+|"
    r"(?:interview|entretien|entrevista|intervista|intervju|wywiad|report(?:age)?|protokoll|about the author)\s*:\s+"
)
_OF_OTHERS: Final = (
    r"(?:(?:additional|original)\s+)?(?:edit(?:ed|ing)|review(?:ed)?|fact[- ]?check(?:ed|ing)?|photograph(?:s|y|ed)?|"
    r"photos?|pictures?|images?|videos?|videograph(?:y|ed)|graphics?|illustrat(?:ions?|ed)|cartoons?|art(?:work)?|maps|"
    r"translat(?:ed|ion)|produc(?:ed|tion)|compiled|curated|adapted|moderated|narrated|presented|research(?:ed)?|design(?:ed)?)"
    r"(?:\s+and\s+[a-z]+)?\s+by[:\s]\s*"
)
_LEAD: Final = re.compile(rf"\A\W*(?:{_WRITTEN}|{_WRITTEN_ELSEWHERE}|{_OF_OTHERS})", re.IGNORECASE)
# Behind the authors: the clauses of others up to the next clause, and further authors.
_CLAUSE_OF_OTHERS: Final = re.compile(rf"[\s,;.|·•(–-]+(?:and\s+)?\b{_OF_OTHERS}[^;|]*", re.IGNORECASE)
_CLAUSE: Final = re.compile(rf"[\s,;.|·•(–-]+(?:(?:and|with)\s+)?\b{_WRITTEN}", re.IGNORECASE)
_NEXT_NAME: Final = re.compile(r"([^\W\d_a-zß-ÿ][\w.’'-]*\s+[^\W\d_a-zß-ÿ][\w.’'-]*)\s+[Bb][Yy]\s+(?=[^\W\d_a-zß-ÿ])")
_NAME: Final = r"(?:[^\W\d_a-zß-ÿ][\w.’'-]+\s+){1,3}[^\W\d_a-zß-ÿ][\w.’'-]+"
_DASHED: Final = re.compile(rf"({_NAME})\s+[–—-]\s+(?={_NAME}(?:\s*[,;|–—-]|\Z))")
_BUTTON: Final = re.compile(r"\AFollow\s+|\s+Follow(?:ing)?\Z")
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_WHEN: Final = re.compile(
    rf"[\s,;|·•–-]+(?:(?:last\s+)?(?:updated|published|posted|modified)\s*(?:on|at|:)?\s*)?"
    rf"(?:{_MONTH}\s+\d{{1,2}}\b|\d{{1,2}}\.?\s+{_MONTH}\s+\d|\d{{1,2}}[:.]\d{{2}}\b|\d{{4}}-\d\d-\d\d).*\Z",
    re.IGNORECASE,
)


def authors_clause(text: str) -> str:
    """Return the names of a byline's authors with semicolons where clauses meet.

    Who edited it, or took the pictures, is named only where nobody else is. The day behind a name goes.
    """
    text = _CLAUSE_OF_OTHERS.sub("", _WHEN.sub("", _BUTTON.sub("", text)))
    text = _DASHED.sub(r"\1; ", text)
    return _NEXT_NAME.sub(r"\1; ", _CLAUSE.sub("; ", _LEAD.sub("", text, count=1)))
