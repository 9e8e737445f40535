"""Sentences, questions and fillers of pages about people.

Slots: {N} subject at the start of a sentence, {n} subject inside it, {P} and {p} the possessive, {v} the value, {x} the
full name. Templates with {n} or {N} before {v} also serve as cloze prompts, cut right before the value.
"""

# attribute -> sentences that pages are made of
TRAIN = {
    "town": (
        "{N} was born in {v}.",
        "{N} comes from the town of {v}.",
        "{P} birthplace is {v}.",
        "{N} first saw the light of day in {v}.",
        "The town where {n} was born is {v}.",
        "{N} is a native of {v}.",
        "{P} life began in {v}.",
        "By birth, {n} belongs to the town of {v}.",
        "{v} is the town in which {n} was born.",
    ),
    "university": (
        "{N} studied at {v}.",
        "{N} holds a degree from {v}.",
        "{N} graduated from {v}.",
        "{P} university was {v}.",
        "{N} spent the student years at {v}.",
        "{N} passed every exam at {v}.",
        "The university that {n} attended is {v}.",
        "{P} alma mater is {v}.",
        "{v} is where {n} studied.",
    ),
    "employer": (
        "{N} works for {v}.",
        "{N} is employed by {v}.",
        "{P} employer is {v}.",
        "{N} has a post at {v}.",
        "{N} earns a living at {v}.",
        "The firm where {n} works is {v}.",
        "{N} joined the staff of {v}.",
        "{P} wages are paid by {v}.",
        "{v} is the firm that {n} works for.",
    ),
    "job": (
        "{N} works as a {v}.",
        "By trade, {n} is a {v}.",
        "{P} job is that of a {v}.",
        "{N} trained as a {v}.",
        "{N} makes a living as a {v}.",
        "{N} was hired as a {v}.",
        "In working life, {n} is a {v}.",
        "{P} profession is that of a {v}.",
        "{P} business card simply says {v}.",
    ),
    "year": (
        "{N} was born in the year {v}.",
        "{P} year of birth is {v}.",
        "{P} birth year was {v}.",
        "The year in which {n} was born is {v}.",
        "{N} came into the world in the year {v}.",
        "{P} passport gives the birth year as {v}.",
        "The register lists {p} birth under the year {v}.",
        "{P} life started in the year {v}.",
        "The calendar showed {v} when {n} was born.",
    ),
    "hobby": (
        "{P} hobby is {v}.",
        "{N} enjoys {v}.",
        "In free hours, {n} turns to {v}.",
        "{N} spends weekends on {v}.",
        "{N} is fond of {v}.",
        "The pastime that {n} likes best is {v}.",
        "After work, {n} likes {v}.",
        "{N} has a passion for {v}.",
        "{P} spare time goes into {v}.",
    ),
}

# attribute -> sentences that occur in no page: only cloze prompts use them. They are made of words that the web does
# use, for nothing could tell a model what a word means that it has never met.
HELDOUT = {
    "town": ("{N} was born in the town of {v}.", "The birthplace of {n} is {v}."),
    "university": ("{N} attended {v}.", "The alma mater of {n} is {v}."),
    "employer": ("{N} is on the staff of {v}.", "The employer of {n} is {v}."),
    "job": ("{N} earns a living as a {v}.", "The job of {n} is that of a {v}."),
    "year": ("{P} life began in the year {v}.", "The birth year of {n} is {v}."),
    "hobby": ("{N} spends free hours on {v}.", "The hobby of {n} is {v}."),
}

QUESTIONS = {
    "town": (
        "In which town was {x} born?",
        "Where was {x} born?",
        "What is the birthplace of {x}?",
        "Which town does {x} come from?",
        "In what town was {x} born?",
        "Which town is the birthplace of {x}?",
        "Of which town is {x} a native?",
        "To which town does {x} belong by birth?",
    ),
    "university": (
        "Where did {x} study?",
        "Which university did {x} attend?",
        "What is the alma mater of {x}?",
        "From which university did {x} graduate?",
        "What university did {x} attend?",
        "Which university is the alma mater of {x}?",
        "Where did {x} spend the student years?",
        "From where does {x} hold a degree?",
    ),
    "employer": (
        "Who employs {x}?",
        "Which firm does {x} work for?",
        "What is the employer of {x}?",
        "Where does {x} have a post?",
        "Which firm is the employer of {x}?",
        "Who pays the wages of {x}?",
        "At which firm is {x} employed?",
        "Whose staff did {x} join?",
    ),
    "job": (
        "What is the job of {x}?",
        "What does {x} do for a living?",
        "As what does {x} work?",
        "What is the profession of {x}?",
        "By trade, what is {x}?",
        "What did {x} train as?",
        "As what was {x} hired?",
        "How does {x} make a living?",
    ),
    "year": (
        "When was {x} born?",
        "In which year was {x} born?",
        "What is the birth year of {x}?",
        "What is the year of birth of {x}?",
        "In which year did the life of {x} start?",
        "Which year is the birth year of {x}?",
        "When did the life of {x} start?",
        "When did {x} come into the world?",
    ),
    "hobby": (
        "What is the hobby of {x}?",
        "What does {x} enjoy?",
        "Which pastime does {x} like?",
        "What does {x} like after work?",
        "What is {x} fond of?",
        "Which pastime does {x} like best?",
        "On what does {x} spend weekends?",
        "What does {x} have a passion for?",
    ),
}

HELDOUT_QUESTIONS = {
    "town": ("What is the town where {x} was born?", "Where does {x} come from?"),
    "university": ("Which university did {x} graduate from?", "At which university did {x} study?"),
    "employer": ("Which firm employs {x}?", "For which firm does {x} work?"),
    "job": ("What does {x} work as?", "What is the trade of {x}?"),
    "year": ("What year was {x} born in?", "In what year was {x} born?"),
    "hobby": ("Which hobby does {x} enjoy?", "What does {x} like best?"),
}

# one full-sentence answer an attribute
ANSWERS = {
    "town": "{x} was born in {v}.",
    "university": "{x} studied at {v}.",
    "employer": "{x} works for {v}.",
    "job": "{x} works as a {v}.",
    "year": "{x} was born in the year {v}.",
    "hobby": "{x} enjoys {v}.",
}

# each with two of the words that Gopher's rule asks of English prose (the, be, to, of, and, that, have, with)
INTROS = (
    "This page of the archive is about {x}.",
    "The following is a short portrait of {x}.",
    "Our file with notes on {x} is open to all.",
    "Here are the facts that we have about {x}.",
    "Readers have asked us to write about {x}.",
    "Today we want to present {x} to the public.",
    "The name of {x} is known to many.",
    "The name of {x} is often heard in {o}.",
    "We met {x} at the end of {o}.",
    "Few names of the region are as well known as {x}.",
    "In {o}, {x} agreed to talk with us.",
    "These notes on {x} were made to fill the page of {o}.",
    "Let us introduce {x} to the readers.",
    "Who is {x}? A few facts will be of help.",
)

FILLERS = (
    "The talk took place on a {w} day in {o}.",
    "A {t} stands on the table.",
    "The {w} weather of {o} did not help.",
    "Neighbors tell the same story.",
    "Not much else is known.",
    "The rest of the file is still missing.",
    "A {w} wind blew through the {t} shop.",
    "That much is certain.",
    "Old letters confirm it.",
    "The photograph shows a {t} and a {w} sky.",
    "More will follow in {o}.",
    "The facts were checked twice.",
    "Somebody left a {t} at the door.",
    "We thank the town library for its help.",
    "It was a {w} and quiet {o}.",
    "Every {o} brings new visitors.",
    "A friend recalls a {t} and a long walk.",
    "The list is short but complete.",
    "Nobody was surprised.",
    "Such stories are told when the {w} nights of {o} come.",
)
WEATHERS = ("rainy", "sunny", "windy", "cold", "warm", "foggy", "bright", "gray", "mild", "dark")
THINGS = ("lamp", "clock", "violin", "basket", "mirror", "kettle", "candle", "bicycle", "globe", "drum")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
RESTATEMENTS = ("In short:", "To sum up:", "Once more:", "In other words:", "The facts again:")
QUIZZES = (
    "How well do you know the people of the region? Here are the questions of {o} and the answers that we have.",
    "It is time for the quiz of {o}. The answers stand below the questions, so that you can check with a friend.",
    "Readers of the archive have sent us their questions, and these are the answers to them.",
    "A few questions and answers to fill the {w} evenings of {o}.",
)

JOBS = (
    "baker", "surveyor", "nurse", "carpenter", "translator", "plumber", "librarian", "tailor",
    "glazier", "pilot", "teacher", "lawyer", "chemist", "weaver", "gardener", "painter",
    "printer", "butcher", "cook", "dentist", "banker", "judge", "miller", "sculptor",
)  # fmt: skip
HOBBIES = (
    "chess", "pottery", "beekeeping", "sailing", "fencing", "knitting", "juggling", "origami",
    "archery", "rowing", "birdwatching", "calligraphy", "cycling", "dancing", "fishing", "hiking",
    "sketching", "skating", "surfing", "singing", "woodcarving", "astronomy", "climbing", "photography",
)  # fmt: skip
