"""The words of a line that is only a time stamp or a counter, by kind. Sorted within each kind and script."""

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
        ساعة ساعات دقيقة دقائق يوم أيام أسبوع شهر سنة שעה שעות דקה דקות יום ימים שבוע חודש घंटे घंटा मिनट दिन ชั่วโมง นาที วัน
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
        августа апреля декабря июля июня марта мая ноября октября сентября февраля января
    """,
    "days of the week": """
        dienstag dimanche domenica domingo donnerstag freitag fri friday giovedì jeudi jueves lundi lunedì
        lunes mardi martedì martes mercoledì mercredi mittwoch miércoles mon monday montag sabato samedi
        samstag sat saturday sonnabend sonntag sun sunday sábado thu thur thurs thursday tue tues tuesday
        vendredi venerdì viernes wed wednesday
    """,
}

STAMP_WORDS = frozenset(word for words in _WORDS.values() for word in words.split())
MONTHS_AND_DAYS = frozenset(word for kind in ("months", "days of the week") for word in _WORDS[kind].split())
_SHORT_UNITS = (
    "h hr hrs hours heure heures hora horas min mins minute ora ore second seconds sec stunde stunden std uur "
    "minuter minuts hores minutit tundi minúty minútami mínútum klukkustundum minūtēm stundām valandas minutu ordu"
)
UNITS = frozenset(f"{_WORDS['spans of time']} {_SHORT_UNITS} uren".split())

_COUNTED = """
    views view viewers viewing readers reading subscribers followers members shares likes comments reactions replies
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
    feriti dispersi gradi milioni miliardi doden gewonden vermisten graden miljoen miljard döda skadade grader miljoner
    døde skadde sårede millioner milliarder zabitych rannych stopni milionów погибших раненых градусов миллионов
"""
# What a counter counts: a line with one of these and a figure is a counter also where it is a sentence.
COUNTED = frozenset(_COUNTED.split())
FACTS = frozenset(_FACTS.split())  # words by which a figure is a fact, however short the line
