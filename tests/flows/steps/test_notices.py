"""What a site shows in an article's place is known by its words, in the languages of feeds."""

import pytest

from flows.steps._notices import CONSENT_WALL, notice
from tests.saved_pages import PARAGRAPHS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("We and our 214 partners store and access information on a device, such as IDs in cookies.", "consent"),
        ("Mit Einwilligung verarbeiten wir und unsere Partner personenbezogene Daten, auch Cookies.", "consent"),
        ("Avec votre consentement, nos partenaires utilisent cookies et données personnelles.", "consent"),
        ("Con tu consentimiento, nosotros y nuestros socios usamos cookies y tratamos datos personales.", "consent"),
        ("Noi e i nostri partner trattiamo dati personali con il tuo consenso, per esempio tramite cookie.", "consent"),
        ("Met uw toestemming gebruiken wij en onze partners cookies en verwerken wij persoonsgegevens.", "consent"),
        ("С вашего согласия мы используем файлы cookie и обрабатываем персональные данные.", "consent"),
        ("我们使用 Cookie 处理您的个人信息，请阅读隐私政策。", "consent"),
        ("当社とパートナーは、Cookieなどの情報をデバイスに保存し、個人データを処理します。", "consent"),
        ("당사와 파트너는 쿠키를 기기에 저장하고 개인 데이터를 처리합니다.", "consent"),
        ("Chúng tôi và 214 đối tác lưu trữ cookie và xử lý dữ liệu cá nhân.", "consent"),
        ("Aradığınız sayfa bulunamadı.", "no such page"),
        ("Η σελίδα που ζητήσατε δεν βρέθηκε.", "no such page"),
        ("Kirjaudu sisään jatkaaksesi lukemista.", "sign in"),
        ("Bitte melden Sie sich an, um weiterzulesen.", "sign in"),
        ("Sorry, we could not find that page. It was moved or never existed.", "no such page"),
        ("Die gesuchte Seite wurde leider nicht gefunden.", "no such page"),
        ("La página que busca no existe.", "no such page"),
        ("Please sign in to read on. Subscribers can read every article.", "sign in"),
        ("Connectez-vous pour lire la suite de cet article.", "sign in"),
        ("Please enable JavaScript and cookies to continue. Ray ID: 7f00", "robot"),
        ("Verifying you are human. This may take a few seconds.", "robot"),
    ],
)  # fmt: skip
def test_what_stands_in_an_article_place_is_named(text, reason):
    """One sentence says why the page is refused."""
    assert reason in (notice(text) or "")


def test_an_article_is_none():
    """Nor is one that speaks of cookies, of a lost page or of subscribers in a sentence."""
    aside = ["The ministry's page on cookies was not found, and the court asked for personal data of its partners."]
    assert notice("\n\n".join(PARAGRAPHS * 2 + aside)) is None
    assert notice("\n\n".join(aside * 2)) == CONSENT_WALL
