"""The words of a line that is only a time stamp or a counter, by kind. Sorted within each kind and script."""

import re

_WORDS = {
    "moments": """
        actualizado agg aggiornato ago aktualisiert am at atualizado edited em geleden gestern heure heures
        hier hora horas hour hours hrs il in just last min mins minut minuta minute minuten minuter minutes
        minuti minuto minutos mis mise modified now opdateret oppdatert ora ore p.m pm posted pubblicato
        publicado publicerad publiceret publisert published publié sec second seconds since stand stunde
        stunden sunt timer today uhr update updated uppdaterad uur von vor week weeks yesterday zuletzt
        вчера минут минуты назад обновлено опубликовано сегодня час часов
    """,
    "spans of time": """
        an ani ano anos ans años an anni anno año days day dag dagar dagen dage dana dani den dies dias dia dies
        días día dni dny dní dnů domenica giorni giorno godzin godzinę godziny hodin hodinami hodinou hodiny hour
        jam jaar jahr jahre jahren jours lat let mes meses mese mesi mies miesiąc miesiące miesięcy minggu minuta
        minuto minuti minutę minuten minutes minut minutami minutu minuuttia mois month months monat monate monaten
        maand maanden måned måneder månad månader nap napja nedelja órája óra perc perce rok roku rokov sat sata
        sati saat segundo segundos semaine semaines semana semanas settimana settimane sekund sekunder sekundy
        séc secondi secondes stund timma timmar time timme timer tag tage tagen tunti tuntia tydzień tygodni
        tygodnie týden týdny uker uge uger uke vecka veckor viikko viikkoa week weeks weken woche wochen year years
        år zile zi săptămâni săptămână lună luni dakika gün hafta ay yıl giờ phút ngày tuần tháng năm menit hari
        bulan tahun
        година години годин дни дней днів день дня дні лет месяц месяца месяцев місяць місяці минута минуты минуту
        минут неделя недели неделю недель секунд секунды тиждень тижні хвилин хвилини хвилину часа часов час часове
        години годину седмица седмици месеца ημέρα ημέρες ώρα ώρες λεπτά λεπτό μήνα μήνες χρόνια εβδομάδα εβδομάδες
        ساعة ساعات دقيقة دقائق يوم أيام أسبوع شهر سنة שעה שעות דקה דקות יום ימים שבוע חודש घंटे घंटा मिनट दिन ชั่วโมง
        นาที วัน
    """,
    "since when": """
        atrás acum ago depuis desde fa fra geleden há hace înainte il lalu minder moins önce plus prije pred před
        prieš publicada publicados publikováno przed sedan siden since sitten temu trước upravo vor vuelta y yang za
        zveřejněno opublikowano zaktualizowano aktualizováno frissítve megjelent publikálva actualizada atualizada
        aggiornata pubblicata mise julkaistu päivitetty güncellendi güncelleme yayınlanma objavljeno ažurirano
        posodobljeno updatedat updating
        преди тому назад публікація оновлено опубліковано публикувано обновена πριν ενημερώθηκε δημοσιεύτηκε منذ قبل
        تحديث نشر לפני עודכן פורסם पहले अपडेट ที่แล้ว
    """,
    "counters": """
        comentario comentarios comentário comentários comment commentaire commentaires comments kommentar
        kommentare kommentarer lectura lecture leestijd leitura les lesedauer lesezeit lettura like likes
        läsning lästid reaction reactions read reading retweets share shared shares view views vistas
        visualizações visualizzazioni vues word words
        k m b mil mln tsd tys comentários commenti reacties weergaven wyświetleń komentarzy zobrazení megtekintés
        visninger visningar visualizaciones lecturas lectures partages compartidos compartilhamentos condivisioni
        комментариев просмотров чтения
    """,
    "joining words and zones": """
        a a.m alle bst cest cet de del den der di do du edt el est et gmt h ist jour jst le les mdt msk mst of on
        op pdt pst the um utc à
        в г года мск
    """,
    "months": """
        abril agosto août apr april aprile aug august augusti augustus avril czerwca dec december dez dezember
        dezembro dicembre diciembre décembre enero feb febbraio febrero februar februari february fevereiro
        février gennaio giugno grudnia jan janeiro januar januari january janvier juillet juin jul julho juli
        julio july jun june junho juni junio kwietnia lipca listopada luglio lutego maart maggio mai maio maj
        maja mar marca march mars marzo março may mayo mei mrz märz nov november novembre novembro noviembre
        oct october octobre octubre okt oktober ottobre outubro października sep sept september septembre
        septiembre setembro settembre sierpnia stycznia września
        január február március április május június július augusztus szeptember október márc ápr máj jún júl szept
        ledna února března dubna května června července srpna září října listopadu prosince januára februára apríla
        mája júna júla augusta septembra októbra novembra decembra tammikuuta helmikuuta maaliskuuta huhtikuuta
        toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta marts desember ianuarie
        februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie ocak şubat mart nisan mayıs
        haziran temmuz ağustos eylül ekim kasım aralık siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza
        rujna studenoga prosinca januari maret mei agustus oktober desember
        ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου
        δεκεμβρίου січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
        يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
        августа апреля декабря июля июня марта мая ноября октября сентября февраля января
    """,
    "days of the week": """
        dienstag dimanche domenica domingo donnerstag freitag fri friday giovedì jeudi jueves lundi lunedì
        lunes mardi martedì martes mercoledì mercredi mittwoch miércoles mon monday montag sabato samedi
        samstag sat saturday sonnabend sonntag sun sunday sábado thu thur thurs thursday tue tues tuesday
        vendredi venerdì viernes wed wednesday
    """,
}

# Moments that need no figure, spans that hold their own ("two hours" in one word), and the small words around them.
_WHEN = """
    ago yesterday today för pre egy alle anteayer antier eben eilen gerade gestern hace heute heutzutage hier hoy igår
    idag i går dag jetzt just
    justo maintenant moment moments momento momentos momento momente nu nyss nå now oggi ontem hoje agora ora recién
    recently right soeben today vandaag vanochtend vanmiddag gisteren eergisteren zojuist net tout à l'instant instant
    instants un'ora un'altra adesso fa ieri l'altro poco pochi istanti ayer ahora mismo unos unas algunos algunas
    wenigen
    einigen quelques few several couple stunde einer några minuter tim timmar timme eftermiddag morse kväll hetki
    sitten
    äsken tänään eilen juuri tunti dzisiaj dziś wczoraj przedwczoraj teraz przed chwilą chwila godzinę temu dnes včera
    předevčírem chvílí chvíľou chvíľkou hodinou dnem dny dnů dňom dňami týdnem týždňom měsícem mesiacom rokem rokom
    minutou sekundou sekundami minútou teraz dneska astăzi azi ieri alaltăieri acum oră ore clipe clipă o secunde
    momente zi săptămâni tegnap tegnapelőtt ma most épp éppen nemrég órája perce napja hete hónapja éve órával perccel
    nappal héttel hónappal évvel másodperce másodperccel ezelőtt két kettő két ót danas jučer juče sada upravo sat
    sata
    sati minutu sekundi vremena jednog jedan dan dana nedelju nedelja sedmice tjedan tjedna tjedana mesec meseca
    mjesec mjeseca godinu godine ura uro uri ure urami urama eno enim minutama dnevi dnevoma dvema včeraj pravkar
    šiandien vakar dabar ką tik val min dienas dieną dienų savaitę savaites mėnesį mėnesius pirms šodien vakar tikko
    stundas stundām stundu minūtēm minūtes minūti dienām dienu nedēļas täna eile just hetk tagasi tundi tund minutit
    minut päeva päev nädal nädalat kuu kuud fa hora hores minut minuts avui ahir ara dies setmana setmanes mesos hai
    unha hora horas minutos hoxe onte agora días duela ordu ordubete gaur atzo orain minutu egun fyrir klukkustund
    klukkustundum mínútum mínútu dögum degi gær dag rétt áðan núna bugün dün şimdi az önce biraz evvel saat dakika gün
    hôm qua nay vừa xong mới đây trước giờ phút ngày tuần tháng năm baru saja tadi kemarin hari ini lalu yang jam
    menit
    sedetik kelmarin t d u uur een minuut dagen uren weken maanden jaar jaren mins hr hrs h m s w wk wks d mo mos yr
    yrs
    сегодня вчера позавчера только что сейчас минуту минута час часа часов день дня дней неделю недели назад
    сьогодні вчора позавчора щойно зараз тому хвилину хвилини хвилин годину години годин день дні днів тиждень
    днес току що сега преди час часа минута минути ден дни седмица месец месеца денес вчера пред саат саати
    данас јуче управо пре сат сата сати минут минута дан дана σήμερα χθες χτες προχθές τώρα μόλις πριν από λίγο μία
    μια ένα έναν λεπτό λεπτά ώρα ώρες μέρα μέρες ημέρα ημέρες εβδομάδα εβδομάδες μήνα μήνες
    اليوم أمس الآن قبل منذ ساعة ساعتين ساعات دقيقة دقيقتين دقائق يوم يومين أيام أسبوع أسبوعين أسابيع شهر شهرين أشهر
    لحظات قليل سنة سنتين سنوات היום אתמול שלשום עכשיו כעת זה לפני שעה שעתיים שעות דקה דקות יום יומיים ימים שבוע
    שבועיים חודש חודשיים कल आज अभी परसों पहले घंटा घंटे मिनट दिन सप्ताह हफ्ते महीने साल एक আজ গতকাল এইমাত্র এখন আগে
    মিনিট ঘণ্টা ঘন্টা দিন সপ্তাহ মাস امروز دیروز اکنون پیش قبل ساعت دقیقه روز هفته ماه یک چند لحظه آج کل ابھی پہلے
    گھنٹہ گھنٹے منٹ دن ہفتے اج
"""
WHEN_WORDS = frozenset(_WHEN.split())
STAMP_WORDS = frozenset(word for words in _WORDS.values() for word in words.split())
MONTHS_AND_DAYS = frozenset(word for kind in ("months", "days of the week") for word in _WORDS[kind].split())
_SHORT_UNITS = (
    "h hr hrs hours heure heures hora horas min mins minute ora ore second seconds sec stunde stunden std uur "
    "minuter minuts hores minutit tundi minúty minútami mínútum klukkustundum minūtēm stundām valandas minutu ordu"
)
UNITS = frozenset(f"{_WORDS['spans of time']} {_SHORT_UNITS} uren".split())

_COUNTED = """
    comment like share reaction reply reader member view
    views viewers viewing readers reading subscribers followers members shares likes comments reactions replies
    downloads votes watching visitors users clicks plays slide slides photo photos image
    leser leserinnen abonnenten aufrufe kommentare mitglieder lecteurs abonnés vues commentaires partages lectores
    suscriptores seguidores vistas comentarios leitores assinantes visualizações comentários lettori iscritti commenti
    visualizzazioni lezers abonnees reacties weergaven läsare prenumeranter kommentarer visningar lesere abonnenter
    visninger czytelników komentarzy wyświetleń читателей подписчиков просмотров комментариев комментария комментарий
"""
_FACTS = """
    dead death deaths died killed injured wounded missing evacuated homes houses cases arrested displaced victims
    victim magnitude deadline target opfer ziel frist objectif échéance objetivo plazo obiettivo scadenza doel mål
    degrees degree percent million billion trillion tonnes tons dollars euros
    tot tote toten todesopfer verletzte vermisste häuser grad prozent million millionen milliarde milliarden tonnen
    morts mort blessés disparus évacués maisons degrés degré milliards muertos muertes heridos desaparecidos evacuados
    casas grados grado millones millón toneladas mortos mortes feridos desaparecidos graus grau milhões milhão morti
    feriti dispersi gradi milioni miliardi doden gewonden vermisten graden miljoen miljard döda skadade grader
    miljoner
    døde skadde sårede millioner milliarder zabitych rannych ofiar ofiary zmarło stopni milionów погибших раненых
    градусов миллионов погибли погибло пострадавших пострадали жертв пропавших эвакуированы загинули загинуло загиблих
    поранених постраждалих загинали ранени градуса milijuna mrtvých mrtví zabitých zraněných raněných obětí stupňů
    mŕtvych
    zranených obetí mrtvih poginulih poginulo ranjenih ozlijeđenih žrtava mŕtvi halott halottak halottja sebesült
    sérült
    áldozat áldozatok millió fok ölü öldü yaralı kayıp milyon kuollut kuollutta kuolleita loukkaantunut miljoonaa
    morți
    decese răniți dispăruți victime grade milioane νεκροί νεκρούς τραυματίες αγνοούμενοι βαθμούς tewas meninggal
    korban
    luka-luka hilang derajat juta chết người thương tích độ قتيل قتيلا قتلى قتيلاً جريح جرحى مفقود مفقودين وفاة درجة
    مليون
    הרוגים הרוג פצועים נעדרים נהרגו मौत मौतें मृत मृतक घायल लापता डिग्री নিহত মৃত আহত کشته زخمی ہلاک
"""
# The same in scripts that part no words.
FACT_SIGNS = re.compile(
    "死|亡|伤|傷|遇难|失踪|行方不明|灾|災|目标|目標|截止|締め切り|사망|부상|실종|숨져|목표|마감|ตาย|เสียชีวิต|บาดเจ็บ|สูญหาย|องศา"
)
# What a counter counts: a line with one of these and a figure is a counter also where it is a sentence.
COUNTED = frozenset(_COUNTED.split())
FACTS = frozenset(_FACTS.split())  # words by which a figure is a fact, however short the line
