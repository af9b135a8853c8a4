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
    "counters": """
        comentario comentarios comentário comentários comment commentaire commentaires comments kommentar
        kommentare kommentarer lectura lecture leestijd leitura les lesedauer lesezeit lettura like likes
        läsning lästid reaction reactions read reading retweets share shared shares view views vistas
        visualizações visualizzazioni vues word words
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
