"""Sentences in other languages. Each slot {0}, {1} is filled from the language's word lists of the same order."""

LANGUAGES = {
    "de": (
        (
            "Der {0} liegt hinter dem alten Haus und ist im Sommer sehr schön.",
            "Wir haben gestern mit {1} über das Wetter und die Ernte gesprochen.",
            "Niemand weiß genau, warum der {0} so lange geschlossen war.",
            "Am Abend gingen wir durch die Straßen, bis es zu regnen begann.",
            "Für {1} war es der schönste Tag des Jahres, obwohl es kalt war.",
            "Die Kinder spielten im Schnee, während die Großmutter Suppe kochte.",
            "Man sagt, der {0} sei früher viel größer gewesen.",
        ),
        (("Garten", "Brunnen", "Bahnhof", "Markt", "Wald"), ("dem Müller", "der Lehrerin", "den Nachbarn", "dem Arzt")),
    ),
    "fr": (
        (
            "Le {0} se trouve derrière la vieille maison, près de la rivière.",
            "Nous avons parlé hier avec {1} du temps et de la récolte.",
            "Personne ne sait pourquoi le {0} est resté fermé si longtemps.",
            "Le soir, nous nous promenions dans les rues jusqu'à ce qu'il pleuve.",
            "Pour {1}, c'était le plus beau jour de l'année malgré le froid.",
            "Les enfants jouaient dans la neige pendant que la grand-mère préparait la soupe.",
            "On dit que le {0} était autrefois beaucoup plus grand.",
        ),
        (
            ("jardin", "marché", "château", "moulin", "port"),
            ("le boulanger", "ma voisine", "les voyageurs", "la maîtresse"),
        ),
    ),
    "es": (
        (
            "El {0} está detrás de la casa vieja, muy cerca del río.",
            "Ayer hablamos con {1} sobre el tiempo y la cosecha de este año.",
            "Nadie sabe por qué el {0} estuvo cerrado durante tanto tiempo.",
            "Por la noche paseamos por las calles hasta que empezó a llover.",
            "Para {1} fue el día más bonito del año, aunque hacía frío.",
            "Los niños jugaban en la nieve mientras la abuela preparaba la sopa.",
            "Dicen que el {0} era antes mucho más grande.",
        ),
        (
            ("jardín", "mercado", "castillo", "molino", "puerto"),
            ("el panadero", "mi vecina", "los viajeros", "la maestra"),
        ),
    ),
    "it": (
        (
            "Il {0} si trova dietro la vecchia casa, vicino al fiume.",
            "Ieri abbiamo parlato con {1} del tempo e del raccolto.",
            "Nessuno sa perché il {0} sia rimasto chiuso così a lungo.",
            "La sera passeggiavamo per le strade finché non cominciò a piovere.",
            "Per {1} era il giorno più bello dell'anno, anche se faceva freddo.",
            "I bambini giocavano nella neve mentre la nonna preparava la minestra.",
            "Si dice che il {0} una volta fosse molto più grande.",
        ),
        (
            ("giardino", "mercato", "castello", "mulino", "porto"),
            ("il fornaio", "la mia vicina", "i viaggiatori", "la maestra"),
        ),
    ),
    "nl": (
        (
            "De {0} ligt achter het oude huis, dicht bij de rivier.",
            "Gisteren hebben we met {1} over het weer en de oogst gesproken.",
            "Niemand weet waarom de {0} zo lang gesloten is geweest.",
            "In de avond liepen we door de straten totdat het begon te regenen.",
            "Voor {1} was het de mooiste dag van het jaar, hoewel het koud was.",
            "De kinderen speelden in de sneeuw terwijl oma de soep kookte.",
            "Men zegt dat de {0} vroeger veel groter was.",
        ),
        (("tuin", "markt", "molen", "haven", "kerk"), ("de bakker", "mijn buurvrouw", "de reizigers", "de meester")),
    ),
    "pl": (
        (
            "Stary {0} znajduje się za domem, niedaleko rzeki.",
            "Wczoraj rozmawialiśmy z {1} o pogodzie i o zbiorach.",
            "Nikt nie wie, dlaczego {0} był tak długo zamknięty.",
            "Wieczorem chodziliśmy po ulicach, aż zaczęło padać.",
            "Dzieci bawiły się w śniegu, a babcia gotowała zupę.",
            "Mówią, że {0} był kiedyś o wiele większy.",
            "To był najpiękniejszy dzień w roku, chociaż było bardzo zimno.",
        ),
        (("ogród", "młyn", "zamek", "port", "most"), ("piekarzem", "sąsiadką", "podróżnymi", "nauczycielką")),
    ),
}
