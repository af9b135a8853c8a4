"""Take out of a page the boxes that offer the rest of a text to subscribers: they are no part of the story."""

import re
from functools import lru_cache
from typing import Final

from lxml.html import HtmlElement

from flows.steps._extracting.regions import line_of

_NAMES: Final = re.compile(
    r"pay-?(?:wall|gate)|(?:reg|registration|subscri\w+|login)-?wall|piano|\btp-(?:container|modal)|subscri(?:be|ber|ption)|"
    r"suscri|abonn|\babo[-_]|premium|meter(?:ed|ing)?\b|locked|barrier|offer",
    re.IGNORECASE,
)
_OFFERS: Final = re.compile(
    r"(?:continue|keep on|keep) reading|to read (?:the (?:rest|full|whole)|this|more|on)|subscribe (?:to|now|from|for)|"
    r"(?:already|not yet|become) a (?:subscriber|member)|"
    r"(?:reserved|only|exclusive\w*) (?:for|to) (?:our )?(?:subscribers|members)|"
    r"subscriber[- ](?:only|exclusive)|(?:last|\d+) free (?:article|stor)|"
    r"free (?:articles|stories) (?:this|left|remaining)|"
    r"\d ?% of (?:this|the) (?:article|story)|for subscribers|unlock (?:this|the|full|all)|cancel any ?time|"
    r"(?:sign|log) in (?:to|if|here)|have an account|"
    r"weiterlesen|(?:nur|exklusiv) für abonnent|schon abonnent|bereits (?:abonnent|registriert|kunde)|"
    r"jederzeit kündbar|"
    r"monatlich kündbar|mit (?:ihrem|einem) abo|"
    r"réservé (?:aux|à nos) abonnés|déjà abonné|pour lire la suite|"
    r"il vous reste .{0,40}à (?:lire|découvrir)|abonnez-vous|"
    r"(?:solo|exclusivo) para (?:suscriptores|assinantes)|seguir leyendo|ya (?:eres|soy) suscriptor|suscríbete|"
    r"continue lendo|já é assinante|assine|riservato agli abbonati|già abbonato|continua a leggere|abbonati|"
    r"alleen voor abonnees|verder lezen|al abonnee|läs vidare|redan prenumerant|les videre|allerede abonnent|"
    r"læs videre|czytaj dalej|続きを(?:読む|ご覧)|有料会員|登录后|订阅后",
    re.IGNORECASE,
)
_BOXES: Final = ("aside", "div", "section")
_LINES: Final = ("button", "h2", "h3", "h4", "li", "p", "span")
_NEVER: Final = ".//h1 | .//article | .//figure | .//table"
_LONGEST: Final = 900  # characters
_OFFERED: Final = 0.4  # of a box, in lines that offer


def drop_offers(tree: HtmlElement) -> None:
    """Take out of tree the boxes whose names and words tell of a subscription; an article within such a box stays."""
    for box in list(tree.iter(*_BOXES)):
        names = f"{box.get('class', '')} {box.get('id', '')}"[:300]
        if len(names) > 1 and _names_offer(names) and box.getparent() is not None and _is_offer(box):
            box.drop_tree()


@lru_cache(maxsize=2_000)  # a page has few, and each of them often
def _names_offer(names: str) -> bool:
    return _NAMES.search(names) is not None


def _is_offer(box: HtmlElement) -> bool:
    said = line_of(box)
    if not 0 < len(said) <= _LONGEST or box.xpath(_NEVER):
        return False
    lines = [line_of(one) for one in box.iter(*_LINES) if next(one.iterdescendants(*_LINES), None) is None] or [said]
    return sum(len(line) for line in lines if _OFFERS.search(line)) >= _OFFERED * sum(map(len, lines)) > 0
