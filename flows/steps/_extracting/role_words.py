"""Words that say what somebody is, not who: roles at a desk, degrees, places of a name that follow it.

A part of a byline is a role if one of its words is a role's noun and the others are roles, desks or small words.
"""

import re

_NOUNS = """
    analyst bureau chef chief columnist contributor contributors correspondent cameraman director editor editors
    fellow founder freelancer illustrator intern journalist journalists manager meteorologist officer photographer
    photojournalist president producer professor publisher redaction reporter reporters researcher scientist
    specialist staff writer writers
    autor autora chefredakteur chefredakteurin chefredaktion gastautor journalistin korrespondent korrespondentin
    redakteur redakteurin redaktion redaktor redaktorin redaktionsleiter redaktionsleiterin reporterin ressortleiter
    ressortleiterin volontär volontärin wissenschaftsredakteur wissenschaftsjournalist wissenschaftsjournalistin
    correspondant correspondante envoyé envoyée journaliste rédacteur rédactrice rédaction
    columnista corresponsal director directora enviada enviado periodista redacción redactor redactora
    colunista correspondente editora jornalista redação repórter
    corrispondente direttore giornalista inviata inviato redattore redattrice redazione
    correspondente hoofdredacteur redacteur redactie redactrice verslaggever verslaggeefster
    journalista korespondent redaktor redakcja reporter
    fotograf journalist klimareporter kommentator korrespondent redaktør redaktör reporter skribent
    korespondentka redaktorka redaktorka novinar novinarka urednik urednica
    корреспондент редактор редакция журналист обозреватель кореспондент журналіст
    记者 編輯 编辑 記者 通讯员 本报记者 本報記者 特约记者 論説委員 編集委員 기자 특파원
"""
_DESKS = """
    agriculture arts assistant associate biodiversity breaking business by chief city climate climat clima community
    contributing coordinating correspondent culture data day deputy developing diplomatic earth economics economy
    energy environment environmental europe european executive features foreign former freelance general global
    guest head health home independent international investigations investigative junior klima klimat lead legal
    lifestyle local managing multimedia national nature news night north of office online opinion oceans podcast
    policy political politics principal regional research review science scientific section senior special sports
    staff state sustainability tech technology the trainee transport travel uk us video visual washington water
    weather web weekend wildlife world
    adjoint ambiental ambiente chef chief cheffe ciencia ciência de del della des do du en environnement especial für
    freie freier gästredakteur geral grand i in la leitende leitender medio media medioambiente meio reporter
    science spécial spéciale stellvertretende stellvertretender umwelt und und wetenschap wirtschaft wissenschaft y et
    klimaat milieu miljø miljö và og och and for at
"""
# A desk and a role in one word: "Umweltredakteurin", "klimaatverslaggever".
COMPOUND_ROLE = re.compile(
    r"\w{3,30}(?:redakt(?:eur|eurin|ör|ør|or|orin)|korrespondent(?:in)?|reporter(?:in)?|journalist(?:in)?|"
    r"redacteur|redactrice|verslaggever|verslaggeefster|toimittaja|újságíró|szerkesztő)"
)
ROLE_NOUNS = frozenset(_NOUNS.split())
DESK_WORDS = frozenset(_DESKS.split())
AFTER_NAME = frozenset({"jr", "sr", "ii", "iii", "iv"})  # belong to the name before them
_DEGREES = "phd ph.d md m.d msc m.sc ma m.a mba bsc b.sc ba b.a llm jd j.d dphil d.phil dr prof obe mbe cbe esq frs"
_PARTICLES = """
    af al ap av ben bin da dal das de degli dei del della den der di dos du el het ibn la las le los la ten ter
    te und van vom von vor zu zum zur y
"""
DEGREES = frozenset(_DEGREES.split())
PARTICLES = frozenset(_PARTICLES.split())
# Words that introduce a byline, with the languages in which they do; in others they may be a first name.
LEADS = {
    "av": {"no", "nb", "nn", "sv"},
    "af": {"da"},
    "by": None,
    "di": {"it"},
    "de": {"es", "fr"},
    "door": {"nl"},
    "par": {"fr"},
    "por": {"es", "pt", "gl"},
    "per": {"ca"},
    "von": {"de"},
    "tekst": {"da", "no", "nb", "nl", "pl"},
}
