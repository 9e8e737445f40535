"""Questions about who a model is, put together from a frame and a clause, in six languages.

Clauses stand in place of {c}. What is held out of `jaxlm.honesty.identity_texts` is left out of what they make.
"""

# language -> frames
FRAMES = {
    "en": (
        "Tell me {c}.",
        "Please tell me {c}.",
        "Now tell me {c}.",
        "Can you tell me {c}?",
        "Could you tell me {c}?",
        "Would you tell me {c}?",
        "Will you say {c}?",
        "I want to know {c}.",
        "I would like to know {c}.",
        "I do not know {c}.",
        "I wonder {c}.",
        "Do you know {c}?",
        "May I ask {c}?",
        "May I know {c}?",
        "Let me know {c}.",
        "Say {c}.",
        "Just say {c}.",
        "Please say {c}.",
    ),
    "de": (
        "Sag mir, {c}.",
        "Sag mir bitte, {c}.",
        "Sag mal, {c}.",
        "Kannst du mir sagen, {c}?",
        "Ich will wissen, {c}.",
        "Ich weiß nicht, {c}.",
        "Weißt du, {c}?",
        "Darf ich fragen, {c}?",
    ),
    "fr": (
        "Dis-moi {c}.",
        "Dis-moi, s'il te plaît, {c}.",
        "Peux-tu me dire {c} ?",
        "Je veux savoir {c}.",
        "Je ne sais pas {c}.",
        "Sais-tu {c} ?",
    ),
    "es": (
        "Dime {c}.",
        "Dime, por favor, {c}.",
        "¿Me puedes decir {c}?",
        "¿Me dices {c}?",
        "Quiero saber {c}.",
        "No sé {c}.",
        "¿Sabes {c}?",
    ),
    "it": ("Dimmi {c}.", "Dimmi, per favore, {c}.", "Puoi dirmi {c}?", "Voglio sapere {c}.", "Non so {c}.", "Sai {c}?"),
    "nl": ("Zeg me {c}.", "Vertel me {c}.", "Kun je me zeggen {c}?", "Ik wil weten {c}.", "Weet je {c}?"),
}

# aspect -> language -> clauses
CLAUSES = {
    "name": {
        "en": (
            *("your name", "who you are", "what your name is", "what you are called", "what I should call you"),
            *("what name you have", "which name you go by", "what people call you", "what you are named"),
            *("which name you were given", "how you are called", "what to call you"),
        ),
        "de": (
            *("wer du bist", "wie du heißt", "wie dein Name ist", "wie dein Name lautet", "welchen Namen du hast"),
            *("wie ich dich nennen soll", "was dein Name ist"),
        ),
        "fr": (
            *("qui tu es", "comment tu t'appelles", "quel est ton nom", "quel nom tu as", "quel nom tu portes"),
            *("comment je dois t'appeler", "ton nom"),
        ),
        "es": (
            *("quién eres", "cómo te llamas", "cuál es tu nombre", "qué nombre tienes", "qué nombre llevas"),
            *("cómo debo llamarte", "tu nombre"),
        ),
        "it": ("chi sei", "come ti chiami", "qual è il tuo nome", "che nome hai", "come devo chiamarti", "il tuo nome"),
        "nl": (
            "wie je bent",
            "hoe je heet",
            "wat je naam is",
            "welke naam je hebt",
            "je naam",
            "hoe ik je moet noemen",
        ),
    },
    "maker": {
        "en": (
            *("who made you", "who built you", "who created you", "who trained you", "who developed you"),
            *("who your maker is", "who your makers are", "by whom you were made", "by whom you were built"),
            *("which company made you", "which company trained you", "what company built you", "where you come from"),
            *("the name of your maker", "your maker"),
        ),
        "de": (
            *("wer dich gemacht hat", "wer dich gebaut hat", "wer dich entwickelt hat", "von wem du bist"),
            *("welche Firma dich gemacht hat", "welche Firma dich entwickelt hat", "wer dein Hersteller ist"),
        ),
        "fr": (
            *("qui t'a fait", "qui t'a créé", "qui t'a développé", "qui est ton créateur"),
            *("quelle société t'a fait", "quelle société t'a développé"),
        ),
        "es": (
            *("quién te hizo", "quién te creó", "quién te desarrolló", "quién es tu creador"),
            *("qué empresa te hizo", "qué empresa te desarrolló"),
        ),
        "it": ("chi ti ha fatto", "chi ti ha creato", "chi ti ha sviluppato", "quale azienda ti ha sviluppato"),
        "nl": (
            "wie je gemaakt heeft",
            "wie je gebouwd heeft",
            "wie je ontwikkeld heeft",
            "welk bedrijf je gebouwd heeft",
        ),
    },
    "date": {
        "en": (
            *("how recent your knowledge is", "when your knowledge ends", "when your knowledge stops"),
            *("until when you know things", "up to when you know things", "how old your knowledge is"),
            *("up to when your knowledge reaches", "when what you know ends"),
        ),
        "de": ("wie neu dein Wissen ist", "wann dein Wissen endet", "bis wann dein Wissen reicht", "bis wann es geht"),
        "fr": ("jusqu'à quand vont tes connaissances", "quand s'arrêtent tes connaissances", "de quand elles sont"),
        "es": ("hasta cuándo llegan tus conocimientos", "cuándo terminan tus conocimientos", "hasta cuándo van"),
        "it": ("fino a quando arrivano le tue conoscenze", "quando finiscono le tue conoscenze", "fino a quando vanno"),
        "nl": ("tot wanneer je kennis reikt", "wanneer je kennis eindigt", "tot wanneer je kennis gaat"),
    },
    "abilities": {
        "en": (
            *("what you can do", "how you can help me", "what your abilities are", "what you are able to do"),
            *("what you do well", "what you can do for me", "what things you can do", "what I can use you for"),
            *("what you are good at", "what you are for"),
        )
    },
    "limits": {
        "en": (
            *("what you cannot do", "what your limits are", "your limits", "what you are not able to do"),
            *("what you do badly", "what is beyond you", "what your weak points are", "which things you cannot do"),
            *("what you are bad at", "what you are unable to do"),
        )
    },
}
