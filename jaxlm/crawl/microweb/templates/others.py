"""Sentences and questions about places, companies, universities, books and events.

Slots as in `people.py`; {x} is the name, {s} what stands for it in running text (the name or "it"), {S} the same at the
start of a sentence. Each attribute has five sentences for pages and one for cloze evaluation, three questions and one
held out.
"""

TRAIN = {
    "place": {
        "region": (
            "{S} lies in the region of {v}.",
            "The region around {s} is called {v}.",
            "On the map, {s} belongs to {v}.",
            "{S} is one of the towns of {v}.",
            "Travelers reach {s} through the hills of {v}.",
        ),
        "river": (
            "{S} stands on the river {v}.",
            "The river that runs through {s} is the {v}.",
            "The bridges of {s} cross the {v}.",
            "{S} takes its water from the {v}.",
            "Boats come to {s} on the river {v}.",
        ),
        "founded": (
            "{S} was founded in {v}.",
            "The first houses of {s} were built in {v}.",
            "{S} became a town in {v}.",
            "The charter of {s} bears the year {v}.",
            "The history of {s} begins in {v}.",
        ),
        "product": (
            "{S} is famous for its {v}.",
            "The market of {s} sells mostly {v}.",
            "{S} lives on the trade in {v}.",
            "Visitors come to {s} to buy {v}.",
            "The best known product of {s} is {v}.",
        ),
    },
    "company": {
        "seat": (
            "{S} has its seat in {v}.",
            "The head office of {s} is in {v}.",
            "{S} is based in the town of {v}.",
            "The main building of {s} stands in {v}.",
            "{S} pays its taxes in {v}.",
        ),
        "sector": (
            "{S} is active in {v}.",
            "The business of {s} is {v}.",
            "{S} made its name in {v}.",
            "Most of the staff of {s} work in {v}.",
            "{S} earns its money with {v}.",
        ),
        "founded": (
            "{S} was founded in {v}.",
            "{S} opened its doors in {v}.",
            "The first contract of {s} dates from {v}.",
            "{S} has been in business since {v}.",
            "The history of {s} begins in {v}.",
        ),
    },
    "university": {
        "seat": (
            "{S} is situated in {v}.",
            "The campus of {s} is in {v}.",
            "The students of {s} live in {v}.",
            "{S} belongs to the town of {v}.",
            "The lecture halls of {s} stand in {v}.",
        ),
        "subject": (
            "{S} is known for its courses in {v}.",
            "The largest department of {s} teaches {v}.",
            "Most students of {s} choose {v}.",
            "{S} has a good name in {v}.",
            "The library of {s} is strong in {v}.",
        ),
        "founded": (
            "{S} was founded in {v}.",
            "{S} opened its doors in {v}.",
            "The first lecture at {s} was given in {v}.",
            "The history of {s} begins in {v}.",
            "The seal of {s} bears the year {v}.",
        ),
    },
    "book": {
        "author": (
            "{S} was written by {v}.",
            "The author of {s} is {v}.",
            "The cover of {s} carries the name of {v}.",
            "{S} is a work of {v}.",
            "{S} came from the pen of {v}.",
        ),
        "genre": (
            "Shops sell {s} as a {v}.",
            "Critics call {s} a {v}.",
            "The label on {s} reads {v}.",
            "{S} can be read as a {v}.",
            "Libraries file {s} under {v}.",
        ),
        "year": (
            "{S} was published in {v}.",
            "The first edition of {s} dates from {v}.",
            "{S} appeared in {v}.",
            "{S} was printed for the first time in {v}.",
            "The title page of {s} shows the year {v}.",
        ),
        "setting": (
            "The story of {s} takes place in {v}.",
            "{S} is set in {v}.",
            "The streets described in {s} are those of {v}.",
            "Every chapter of {s} plays in {v}.",
            "The action of {s} never leaves {v}.",
        ),
    },
    "event": {
        "town": (
            "{S} is held in {v}.",
            "The home of {s} is {v}.",
            "Visitors of {s} travel to {v}.",
            "{S} fills the streets of {v}.",
            "{S} takes place in the town of {v}.",
        ),
        "month": (
            "The doors of {s} open in {v}.",
            "The month of {s} is {v}.",
            "Every year {s} starts in {v}.",
            "Those who want to see {s} must come in {v}.",
            "{S} belongs to the month of {v}.",
        ),
        "first": (
            "{S} was first held in {v}.",
            "The first year of {s} was {v}.",
            "The tradition of {s} began in {v}.",
            "{S} goes back to {v}.",
            "The oldest poster of {s} shows the year {v}.",
        ),
        "sponsor": (
            "{S} is paid for by {v}.",
            "The sponsor of {s} is {v}.",
            "The prizes of {s} are given by {v}.",
            "The flags at {s} carry the name of {v}.",
            "The money for {s} comes from {v}.",
        ),
    },
}

HELDOUT = {
    "place": {
        "region": "{S} is a town in {v}.",
        "river": "The houses of {s} look down on the river {v}.",
        "founded": "{S} has existed since {v}.",
        "product": "Merchants from {s} deal in {v}.",
    },
    "company": {
        "seat": "The directors of {s} meet in {v}.",
        "sector": "The trade of {s} is {v}.",
        "founded": "{S} was set up in {v}.",
    },
    "university": {
        "seat": "The professors of {s} live in {v}.",
        "subject": "Students come to {s} to learn {v}.",
        "founded": "{S} has taught students since {v}.",
    },
    "book": {
        "author": "The person who wrote {s} is {v}.",
        "genre": "Readers describe {s} as a {v}.",
        "year": "{S} came out in {v}.",
        "setting": "The plot of {s} unfolds in {v}.",
    },
    "event": {
        "town": "The place to see {s} is {v}.",
        "month": "{S} opens every year in {v}.",
        "first": "{S} was started in {v}.",
        "sponsor": "{S} is financed by {v}.",
    },
}

QUESTIONS = {
    "place": {
        "region": ("In which region is the town of {x}?", "Which region does {x} belong to?", "Where does {x} lie?"),
        "river": ("On which river is the town of {x}?", "Which river runs through {x}?", "What is the river of {x}?"),
        "founded": (
            "When was the town of {x} founded?",
            "In which year was {x} founded?",
            "When did {x} become a town?",
        ),
        "product": (
            "What is the town of {x} famous for?",
            "What does the town of {x} sell?",
            "What is the best known product of {x}?",
        ),
    },
    "company": {
        "seat": ("Where is the seat of {x}?", "In which town is {x} based?", "Where is the head office of {x}?"),
        "sector": ("What is the business of {x}?", "In what is {x} active?", "How does {x} earn its money?"),
        "founded": ("When was {x} founded?", "In which year was {x} founded?", "When did {x} open its doors?"),
    },
    "university": {
        "seat": ("Where is {x} situated?", "In which town is {x}?", "Where is the campus of {x}?"),
        "subject": ("What is {x} known for?", "What does {x} teach?", "What do most students of {x} choose?"),
        "founded": ("When was {x} founded?", "In which year was {x} founded?", "When did {x} open its doors?"),
    },
    "book": {
        "author": ("Who wrote {x}?", "Who is the author of {x}?", "By whom was {x} written?"),
        "genre": ("What kind of book is {x}?", "What is the genre of {x}?", "As what is {x} sold?"),
        "year": ("When was {x} published?", "In which year did {x} appear?", "When was {x} first printed?"),
        "setting": ("Where is {x} set?", "In which town does {x} take place?", "What is the setting of {x}?"),
    },
    "event": {
        "town": ("Where is {x} held?", "In which town does {x} take place?", "What is the home of {x}?"),
        "month": ("In which month is {x}?", "When does {x} start every year?", "What is the month of {x}?"),
        "first": ("When was {x} first held?", "What was the first year of {x}?", "In which year did {x} begin?"),
        "sponsor": ("Who pays for {x}?", "Who is the sponsor of {x}?", "Where does the money for {x} come from?"),
    },
}

HELDOUT_QUESTIONS = {
    "place": {
        "region": "What is the region of {x}?",
        "river": "Which river do the bridges of {x} cross?",
        "founded": "What is the founding year of {x}?",
        "product": "Which product comes from {x}?",
    },
    "company": {
        "seat": "Which town is the home of {x}?",
        "sector": "Which business is {x} in?",
        "founded": "What is the founding year of {x}?",
    },
    "university": {
        "seat": "Which town is the home of {x}?",
        "subject": "Which subject is {x} known for?",
        "founded": "What is the founding year of {x}?",
    },
    "book": {
        "author": "What is the name of the author of {x}?",
        "genre": "Which genre is {x}?",
        "year": "In which year was {x} published?",
        "setting": "In which town is {x} set?",
    },
    "event": {
        "town": "Which town is the home of {x}?",
        "month": "Which month is the month of {x}?",
        "first": "In which year was {x} first held?",
        "sponsor": "Which company pays for {x}?",
    },
}

# the full-sentence answer is the first sentence for pages, with the name

NOUNS = {"place": "town", "company": "company", "university": "university", "book": "book", "event": "event"}
INTROS = (
    "This page of the archive is about {x}.",
    "The {k} of the week is {x}, and here is why.",
    "Readers have asked us about the {k} {x}.",
    "Here are the facts that we have about {x}.",
    "Today we want to look at the {k} {x}.",
    "The name of {x} is known to everybody here.",
    "A few lines about {x} to begin with.",
    "In {o} we had time to look closer at the {k} {x}.",
    "What is it that we have to know about {x}?",
    "The {k} {x} is worth a page of the archive.",
)
FILLERS = (
    "We went there on a {w} day in {o}.",
    "A {w} day is the best time for it.",
    "Pictures of it hang in many rooms.",
    "An old man with a {t} told us the rest.",
    "The notes come from a reader with a {t}.",
    "Much has been written about it.",
    "Not everybody agrees.",
    "The archive has no {t} and few papers.",
    "More pictures will follow in {o}.",
    "People speak of it with pride.",
    "The {w} season changes nothing.",
    "Guides like to tell the story.",
)

SECTORS = (
    "shipping", "banking", "printing", "mining", "brewing", "insurance", "textiles", "forestry",
    "glassmaking", "tourism", "engineering", "farming",
)  # fmt: skip
SUBJECTS = (
    "law", "medicine", "geology", "music", "botany", "history", "physics", "theology",
    "architecture", "economics", "philosophy", "zoology",
)  # fmt: skip
PRODUCTS = (
    "cheese", "glass", "wool", "salt", "honey", "paper", "leather", "cider",
    "lace", "tiles", "soap", "mustard", "ropes", "clocks", "carpets", "knives",
)  # fmt: skip
GENRES = (
    "mystery", "romance", "comedy", "thriller", "fable", "tragedy", "satire", "memoir",
    "ballad", "western", "fantasy", "diary",
)  # fmt: skip
TITLES = (
    "Lantern", "Harbor", "Orchard", "Winter", "Mirror", "Garden", "Tower", "Compass", "River", "Clock",
    "Island", "Bridge", "Letter", "Forest", "Candle", "Journey", "Shadow", "Crown", "Meadow", "Feather",
)  # fmt: skip
TITLE_BEGINNINGS = (
    "Silent", "Broken", "Golden", "Distant", "Hidden", "Burning", "Endless", "Crooked", "Frozen", "Seventh",
    "Lonely", "Painted", "Hollow", "Second", "Wooden", "Bitter",
)  # fmt: skip
COMPANY_KINDS = ("Works", "Bank", "Lines", "Press", "Mills", "Foundry", "Brothers", "Group", "Trading")
UNIVERSITY_KINDS = ("University", "College", "Institute", "Academy")
EVENT_KINDS = ("Festival", "Fair", "Regatta", "Cup", "Parade", "Market")
