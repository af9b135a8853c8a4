"""Know what a site shows in an article's place: a consent wall, a lost page, a sign-in form, a check for robots.

Each tells by its words, paragraph by paragraph; the title of such a page may well be the story's.
"""

import re
from functools import cache
from typing import Final

from flows.steps.text.fingerprint import weighted_length

_CONSENT: Final = (
    r"(?<![a-z])cookies?(?![a-z])|"
    r"\bpartners\b|personal data|unique (?:identifiers|ids)|(?:access|store) information on (?:a|"
    r"your) device|"
    r"legitimate interests?|(?:privacy|cookie) (?:policy|notice|settings|preferences|cent(?:er|re)|statement)|"
    r"geolocation|"
    r"device scanning|personali[sz]ed (?:ads|advertising|content)|(?:your|give|withdraw|"
    r"manage) (?:your )?(?:consent|choices)|"
    r"accept all|reject all|browsing data|audience research|\bvendors\b|\btcf\b|opt[- ]out|"
    r"einwilligung|personenbezogene|berechtigte[sn]? interesse|auf (?:einem|ihrem) gerät|\bpartnern?\b|datenschutz|"
    r"personalisierte (?:anzeigen|inhalte|werbung)|zustimm(?:en|ung)|werbefrei|"
    r"consentement|données (?:à caractère )?personnel|intérêt légitime|partenaires|traceurs|terminal|confidentialité|"
    r"publicités? (?:et contenus? )?personnalisé|"
    r"consentimiento|datos personales|interés legítimo|nuestros socios|publicidad personalizada|"
    r"política de (?:cookies|privacidad)|"
    r"consenso|dati personali|interesse legittimo|informativa sulla privacy|annunci (?:e contenuti )?personalizzati|"
    r"consentimento|dados pessoais|interesse legítimo|nossos parceiros|anúncios personalizados|"
    r"toestemming|persoonsgegevens|gerechtvaardigd belang|op (?:een|uw|je) apparaat|privacy(?:beleid|verklaring)|"
    r"gepersonaliseerde (?:advertenties|content)|"
    r"zgod[ayę]|dan(?:e|ych) osobow|uzasadniony interes|partnerzy|spersonalizowan|plik(?:i|ów) cookie|"
    r"samtykk?e|personuppgifter|person(?:lige )?opplysninger|personoplysninger|berättiga[dt]e? intresse|"
    r"legitim interesse|"
    r"suostumu|henkilötie|evästei|kumppan|souhlas|osobní(?:ch)? údaj|oprávněn|hozzájárul|személyes adat|jogos érdek|"
    r"consimțământ|date(?:le|lor)? (?:cu caracter )?personale|συγκατάθεση|προσωπικ(?:ά|ών) δεδομέν|έννομο συμφέρον|"
    r"kişisel veri|çerez|açık rıza|персональн(?:ых|ые) данн|файл(?:ы|ов) cookie|куки|персональних даних|"
    r"файл(?:и|ів) cookie|персональн(?:і|их) дані?|згод[ауи]|бисквитк|лични данни|съгласие|"
    r"kolačić|osobn(?:e|ih|i) podat|privol|lične podatke|saglasnost|piškotk|osebne podatke|soglasje|"
    r"dữ liệu cá nhân|đồng ý|đối tác|cá nhân hóa|data pribadi|persetujuan|mitra kami|dipersonalisasi|"
    r"البيانات الشخصية|بيانات شخصية|موافقت|ملفات تعريف الارتباط|شركاؤنا|עוגיות|מידע אישי|הסכמ|"
    r"คุกกี้|ข้อมูลส่วนบุคคล|ความยินยอม|कुकी|व्यक्तिगत डेटा|सहमति|"
    r"同意|パートナー|パーソナライズ|合作伙伴|合作夥伴|个性化|個人化|동의|파트너|맞춤형|개인 ?데이터|"
    r"个人(?:信息|数据)|個人(?:資料|情報|データ)|隐私|隱私|プライバシー|クッキー|개인 ?정보|쿠키"
)
_LOST: Final = (
    r"(?:could ?n['’o]t|can(?:no|['’])t|unable to) (?:be )?(?:find|found|locate)\b.{0,40}\b(?:page|article|story)|"
    r"(?:page|article|story|content)\b.{0,60}\b(?:not found|no longer (?:available|exists?)|(?:was|been|"
    r"has) (?:moved|removed)|"
    r"does(?: not|n['’]t) exist|(?:is|are) (?:not|no longer) available|never existed)|\b404\b|"
    r"check(?:ed)? that it was typed|"
    r"seite .{0,30}nicht verfügbar|pagina .{0,40}non è (?:più )?disponibile|finner ikke siden|"
    r"typed the address|seite .{0,40}(?:nicht (?:gefunden|mehr verfügbar|vorhanden)|existiert nicht)|nicht gefunden|"
    r"page .{0,40}(?:introuvable|n['’]existe (?:pas|plus))|p[áa]gina .{0,40}(?:no (?:encontrada|existe|disponible)|"
    r"não (?:encontrada|existe)|non (?:trovata|esiste))|no se ha encontrado|niet gevonden|pagina bestaat niet|"
    r"sidan .{0,30}(?:inte|finns)|siden .{0,30}(?:ikke|findes|finnes)|sivua ei löyty|nie (?:znaleziono|istnieje)|"
    r"nebyla nalezena|nem található|страница не (?:найдена|существует)|сторінку не знайдено|"
    r"pagina .{0,40}bestaat niet|siden, .{0,40}(?:ikke|findes|finnes)|stránk[au],? .{0,40}(?:neexist|nenašli)|"
    r"страниц[аы].{0,60}(?:не (?:найдена|существует|съществува)|удалена)|сторінк[ау].{0,60}не (?:знайдено|існує)|"
    r"sayfa.{0,20}bulunamadı|σελίδα .{0,40}δεν (?:βρέθηκε|υπάρχει)|pagina .{0,40}nu (?:există|a fost găsită)|"
    r"stranica .{0,40}(?:ne postoji|nije pronađena)|stran .{0,40}(?:ne obstaja|ni najdena)|"
    r"الصفحة.{0,60}غير موجودة|הדף .{0,30}לא נמצא|trang .{0,40}không (?:tồn tại|tìm thấy)|"
    r"halaman .{0,40}tidak (?:ditemukan|tersedia)|ไม่พบหน้า|"
    r"页面不存在|页面.{0,12}不存在|找不到.{0,8}(?:页面|頁面|网页)|頁面不存在|"
    r"ページ(?:が|は).{0,10}(?:見つかりません|存在しません)|찾을 수 없"
)
_SIGN_IN: Final = (
    r"(?:sign|log) ?in (?:or .{0,30} )?to (?:continue|read|view|access)|please (?:sign|log) ?in|(?:create|"
    r"make) an? (?:free )?account|"
    r"already (?:a subscriber|have an account|registered)|subscribe to (?:continue|read|unlock)|subscribers can read|"
    r"(?:melden sie sich|loggen sie sich|jetzt) (?:an|ein)?\b.{0,30}(?:anmelden|einloggen|weiterlesen)|"
    r"connectez-vous|identifiez-vous|réservé aux abonnés|inicia(?:r)? sesión|regístrate|solo para suscriptores|"
    r"accedi (?:o registrati|per)|riservato agli abbonati|faça (?:o seu )?login|exclusivo para assinantes|"
    r"log in om|inloggen om|alleen voor abonnees|zaloguj się|logga in för att|logg inn for å|log ind for at|"
    r"abbonati per|nur für abonnent|suscríbete para|abonnez-vous pour|assine para|"
    r"melden sie sich an|um weiterzulesen|noch kein konto|inici[ae] sesión|regístrese|seguir leyendo|"
    r"kirjaudu sisään|přihlaste|přihlásit se|prihláste|jelentkezzen be|bejelentkez|увійдіть,? щоб|giriş yap|"
    r"συνδεθείτε|autentificați-vă|conectați-vă|prijavite se|prijavi se|влезте,? за да|تسجيل الدخول|سجل الدخول|"
    r"đăng nhập để|masuk untuk|silakan (?:masuk|login)|เข้าสู่ระบบ|התחברו כדי|"
    r"войдите,? чтобы|请登录|請登入|ログインして|로그인"
)
_ROBOT: Final = (
    r"verify(?:ing)? (?:that )?you(?:['’]re| are) (?:a )?(?:human|not a robot)|checking (?:your browser|"
    r"if the site connection)|"
    r"(?:enable|turn on|activate|requires?) java ?script|java ?script (?:is|seems to be) (?:disabled|off)|"
    r"unusual (?:traffic|activity)|"
    r"access (?:to this (?:page|site) )?(?:has been )?(?:denied|blocked)|captcha|are you a robot|ddos protection|"
    r"\bray id\b|"
    r"(?:kein|pas un|no eres un|no soy un|non sei un|não é um|nie jesteś|ikke en|geen|inte en) robot(?:em)?|"
    r"complete the security check|povolte javascript|"
    r"aktivieren sie (?:bitte )?javascript|activ(?:er|ez|ar|e|ate) javascript|включите javascript|启用 ?javascript"
)
_KINDS: Final = (
    (_LOST, "it says that there is no such page"),
    (_SIGN_IN, "it asks to sign in"),
    (_ROBOT, "it asks for proof that no robot reads it"),
)
CONSENT_WALL: Final = "it is a consent wall"
_CONSENT_SHARE: Final = 0.6  # of a text, in paragraphs that speak of consent
_CONSENT_TERMS: Final = 2  # different ones in a paragraph
_NOTICE_SHARE: Final = 0.5
_LONGEST_NOTICE: Final = 2_000  # weighted characters; an article may quote one
_LONGEST_LOOKED_AT: Final = 30_000


def notice(text: str) -> str | None:
    """Return what a text is if it is no article, as a reason to refuse it; None for an article."""
    text = text[:_LONGEST_LOOKED_AT]
    if is_consent(text):
        return CONSENT_WALL
    if weighted_length(text) > _LONGEST_NOTICE:
        return None
    return next((reason for pattern, reason in _KINDS if _share(text, pattern, 1) >= _NOTICE_SHARE), None)


def is_consent(text: str) -> bool:
    """Tell whether most of a text asks to agree to cookies and the like."""
    return _share(text, _CONSENT, _CONSENT_TERMS) >= _CONSENT_SHARE


@cache  # most nights read no page: these take as long to compile as a hundredth of a small command
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _share(text: str, pattern: str, terms: int) -> float:
    """Return the share of a text, in characters, of the lines that hold so many different terms."""
    find = _compiled(pattern).findall
    lines = [line for line in text.splitlines() if line.strip()]
    total = sum(map(len, lines))
    speaking = [line for line in lines if len({found.lower() for found in find(line)}) >= terms]
    return sum(map(len, speaking)) / total if total else 0.0
