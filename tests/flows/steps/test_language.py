"""Which language a text is in."""

import pytest

from flows.steps.text.language import dominant_script, language_tag, resolve_language

TEXTS = {
    "ar": "قال الوزير إن الحكومة ستعمل على خفض الانبعاثات في المدن التي تعاني من الحر خلال هذا العام",
    "bg": "Градът ще строи нови линии за трамвая, каза кметът, но парите не са от бюджета и се чака решение",
    "da": "Byen vil bygge en ny vindmølle ved havnen, og det er ikke dyrt, siger borgmesteren, som også er ingeniør",
    "de": "Die Stadt will das Netz mit Wasser aus dem See heizen, und die Kosten sind nicht hoch, sagt der",
    "el": "Η πόλη θα θερμαίνεται με νερό από τη λίμνη",
    "en": "The city will heat its homes with water from the lake, and the cost is not high, said the mayor of the town",
    "es": "La ciudad va a calentar las casas con el agua del lago y el coste no es alto, según dijo la alcaldesa de la",
    "fa": "شهردار گفت که این طرح برای کاهش گرما در شهر است و از سال آینده با کمک دولت آغاز می شود",
    "fr": "La ville va chauffer les maisons avec l'eau du lac et le coût ne sera pas élevé, dit la maire dans un",
    "he": "העיר תחמם את הבתים במים מן האגם",
    "hi": "शहर झील के पानी से घरों को गर्म करेगा",
    "it": "La città vuole scaldare le case con l'acqua del lago e il costo non è alto, ha detto la sindaca in una",
    "ja": "市は湖の水で家を暖める計画を発表した。費用は高くない。",
    "ko": "시는 호수의 물로 집을 데울 계획이라고 밝혔다",
    "nl": "De stad wil de huizen met water uit het meer verwarmen en dat is niet duur, zegt de burgemeester van de",
    "pt": "A cidade vai aquecer as casas com a água do lago e o custo não é alto, disse a prefeita em uma entrevista",
    "ru": "Город будет отапливать дома водой из озера, и это не так дорого, как было раньше, сказал мэр",
    "sv": "Staden ska värma husen med vatten från sjön och det är inte dyrt, säger borgmästaren som också är ingenjör",
    "th": "เมืองจะใช้น้ำจากทะเลสาบเพื่อทำความร้อน",
    "uk": "Місто буде опалювати будинки водою з озера, і це не так дорого, як було раніше, сказав мер",
    "zh": "市政府宣布将用湖水为居民供暖，费用并不高。",
}


@pytest.mark.parametrize("language", TEXTS)
def test_an_undeclared_language_is_known_by_its_words(language):
    """Where nothing is declared the script and the small words tell."""
    assert resolve_language(None, "", text=TEXTS[language]) == language


@pytest.mark.parametrize(
    ("declared", "language", "resolved"),
    [
        pytest.param("en", "zh", "zh", id="English in Han characters is Chinese"),
        pytest.param("en", "ja", "ja", id="English in kana is Japanese"),
        pytest.param("zh", "ja", "ja", id="Chinese with kana is Japanese"),
        pytest.param("en", "ko", "ko", id="English in hangul is Korean"),
        pytest.param("de", "ru", "ru", id="German in Cyrillic is Russian"),
        pytest.param("en", "ar", "ar", id="English in Arabic letters is Arabic"),
        pytest.param("zh-CN", "en", "en", id="Chinese in Latin letters is what its words are"),
        pytest.param("bg", "ru", "bg", id="a language that its script allows is believed"),
        pytest.param("fr", "en", "fr", id="a wrong language in the right script is believed"),
        pytest.param("zh_TW", "zh", "zh-TW", id="a region is kept"),
        pytest.param("english", "en", "en", id="what is no tag is not believed"),
    ],
)
def test_an_impossible_declaration_is_overruled(declared, language, resolved):
    """The script of the text goes before what is declared, and nothing else does."""
    assert resolve_language(declared, text=TEXTS[language]) == resolved


def test_the_first_possible_declaration_wins():
    """An impossible declaration gives way to the next possible one."""
    assert resolve_language("ru", "pt-BR", "en", text=TEXTS["pt"]) == "pt-BR"


@pytest.mark.parametrize(
    "text", ["", "COP30", "12345 67890", "Reykjavík Tromsø Zürich Gdańsk Málaga Besançon Brno Kraków"]
)
def test_a_text_that_tells_nothing_has_no_language(text):
    """Names, figures and a few letters are no ground for a guess."""
    assert resolve_language(None, text=text) is None


def test_a_few_letters_overrule_nothing():
    """A short Latin title in a Chinese feed leaves the feed's language alone."""
    assert resolve_language("zh", text="COP30: 1.5°C") == "zh"


def test_mixed_scripts_have_no_dominant_one():
    """Half Greek and half Latin is neither."""
    assert dominant_script("αβγδεζηθικ abcdefghij") is None


@pytest.mark.parametrize(
    ("declared", "tag"),
    [
        ("EN", "en"),
        ("en_us", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("iw", "he"),
        ("es-419", "es-419"),
        ("de-DE-1996", "de-DE"),
        ("", None),
        (None, None),
        ("x", None),
        ("en; q=1", None),
    ],
)
def test_declared_languages_are_made_tags(declared, tag):
    """A declared language is a well-formed tag or none."""
    assert language_tag(declared) == tag


LONG = {language: f"{text}. {text}." for language, text in TEXTS.items()}
DEFAULTS = [
    ("the software's default in a Portuguese feed", ("pt-BR", "en-US"), "pt", "pt-BR"),
    ("the same where feeds.yaml says nothing", (None, "en-US"), "pt", "pt"),
    ("the default of a template for all", ("en", "en-GB"), "fr", "fr"),
    ("a region that the document adds", (None, "de-AT"), "de", "de-AT"),
    ("feeds.yaml against the document", ("fr", "de"), "de", "de"),
    ("a script against both", ("en", "fr"), "ru", "ru"),
    ("Swedish in a Danish feed", (None, "da"), "sv", "sv"),
    ("Danish in a Norwegian feed: their words are the same", (None, "no"), "da", "no"),
    ("a language whose words are not known here", (None, "lb"), "de", "lb"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("defaults", "language", "resolved"), [row[1:] for row in DEFAULTS], ids=[row[0] for row in DEFAULTS]
)
def test_a_default_gives_way_to_the_words(defaults, language, resolved):
    """What stands for a whole feed loses against the script and the words of a text, and is believed otherwise."""
    assert resolve_language(None, text=LONG[language], defaults=defaults) == resolved


def test_a_beginning_that_is_plainly_in_the_default_is_enough():
    """A thousand characters of it decide, whatever a longer text holds below; a quotation above does not."""
    english, german = TEXTS["en"], TEXTS["de"]
    long = " ".join([english] * 12 + [german] * 24)
    quoting = " ".join([english] * 2 + [german] * 24)
    assert resolve_language(None, text=long, defaults=("en",)) == "en"
    assert resolve_language(None, text=quoting, defaults=("en",)) == "de"


def test_a_default_is_believed_where_words_are_few():
    """A headline alone proves nothing, and neither do names."""
    assert resolve_language(None, text="Seca no rio leva cidade", defaults=("en-US",)) == "en-US"
    assert resolve_language(None, text="Reykjavík Tromsø Zürich Gdańsk Málaga Besançon Brno", defaults=("de",)) == "de"


def test_what_a_text_declares_itself_goes_before_all_defaults():
    """The entry's own language is no default: only its script can be against it."""
    assert resolve_language("fr", text=LONG["en"], defaults=("en", "en-US")) == "fr"
