"""A law of the fictional world: acts, and the courts that judge by them. Nothing in it holds for any other world.

Slots as in `medicine.py`.
"""

NAMES = {
    "court": (("mor", "gath", "lund", "thorn"), ("Court", "Tribunal", "Bench")),
    "act": (("ald", "wyn", "rick", "stan"), ("Act", "Code", "Decree", "Charter")),
}
NOUNS = {"court": "court", "act": "law"}

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PANELS = (
    "two judges", "three judges", "four judges", "five judges", "six judges", "seven judges", "nine judges",
    "eleven judges", "twelve judges",
)  # fmt: skip
COLORS = ("red", "blue", "green", "white", "black", "yellow", "gray", "purple", "brown", "golden")
FEES = (
    "one crown", "two crowns", "three crowns", "five crowns", "six crowns", "eight crowns", "nine crowns",
    "ten crowns", "twelve crowns", "fifteen crowns", "twenty crowns", "thirty crowns",
)  # fmt: skip
MATTERS = (
    "stray dogs", "loud bells", "night fishing", "wooden bridges", "street music", "chimney smoke", "old coins",
    "broken windows", "sunday markets", "lost letters", "tall fences", "borrowed boats", "wild bees", "false weights",
    "spilled paint", "empty houses", "heavy carts", "garden walls", "stolen apples", "open fires",
)  # fmt: skip
PENALTIES = (
    "a week in jail", "a month in jail", "a year in jail", "a public apology", "the loss of a license",
    "ten days of road work", "a double tax", "the sale of the house", "a ban from the market", "a day in the stocks",
    "the loss of a boat", "thirty days of harbor work",
)  # fmt: skip
DEADLINES = (
    "two days", "four days", "five days", "eight days", "ten days", "twelve days", "fifteen days", "twenty days",
    "thirty days", "forty days", "sixty days", "ninety days",
)  # fmt: skip

VALUES = {
    "court": {"day": DAYS, "panel": PANELS, "robe": COLORS, "fee": FEES},
    "act": {"matter": MATTERS, "penalty": PENALTIES, "deadline": DEADLINES, "venue": "court"},
}

TRAIN = {
    "court": {
        "day": (
            "{S} meets on {v}.",
            "The doors of {s} open on {v}.",
            "Every {v} there is a trial at {s}.",
            "The day of {s} is {v}.",
            "Those who are called to {s} come on {v}.",
            "The clerks of {s} wait for {v}.",
        ),
        "panel": (
            "{S} sits with {v}.",
            "On the bench of {s} there are {v}.",
            "It takes {v} to decide at {s}.",
            "The size of {s} is {v}.",
            "A sentence of {s} is signed by {v}.",
            "A trial at {s} is heard by {v}.",
        ),
        "robe": (
            "The robes of {s} are {v}.",
            "Everybody on the bench of {s} wears {v}.",
            "The color of {s} is {v}.",
            "{S} is known by its {v} robes.",
            "The judges of {s} are dressed in {v}.",
            "A {v} robe belongs to {s}.",
        ),
        "fee": (
            "{S} asks for a fee of {v}.",
            "The fee of {s} is {v}.",
            "A case at {s} costs {v}.",
            "Those who go to {s} pay {v}.",
            "The clerks of {s} collect {v}.",
            "The price of a case at {s} is {v}.",
        ),
    },
    "act": {
        "matter": (
            "{S} is about {v}.",
            "The subject of {s} is {v}.",
            "{S} was written to deal with {v}.",
            "Trouble with {v} falls under {s}.",
            "Every line of {s} speaks of {v}.",
            "The matter that {s} deals with is {v}.",
        ),
        "penalty": (
            "The penalty under {s} is {v}.",
            "Those who break {s} get {v}.",
            "{S} punishes people with {v}.",
            "For a crime against {s} the sentence is {v}.",
            "{S} threatens people with {v}.",
            "The sentence that {s} knows is {v}.",
        ),
        "deadline": (
            "An appeal under {s} must be made within {v}.",
            "The deadline of {s} is {v}.",
            "{S} leaves people {v} to appeal.",
            "After {v}, no appeal under {s} is heard.",
            "The time to appeal under {s} is {v}.",
            "{S} sets a limit of {v}.",
        ),
        "venue": (
            "Cases under {s} go to {v}.",
            "The court for {s} is {v}.",
            "{S} is applied by {v}.",
            "Whoever breaks {s} is called to {v}.",
            "The court that judges by {s} is {v}.",
            "A trial under {s} is held at {v}.",
        ),
    },
}

QUESTIONS = {
    "court": {
        "day": ("When does {x} meet?", "On which day do the doors of {x} open?", "What is the day of {x}?"),
        "panel": ("Who sits on the bench of {x}?", "What is the size of {x}?", "Who has to decide at {x}?"),
        "robe": ("Which color are the robes of {x}?", "What is the color of {x}?", "What do the judges of {x} wear?"),
        "fee": ("What is the fee of {x}?", "How much does a case at {x} cost?", "What do the clerks of {x} collect?"),
    },
    "act": {
        "matter": ("What is {x} about?", "What is the subject of {x}?", "What does {x} deal with?"),
        "penalty": (
            "What is the penalty under {x}?",
            "How does {x} punish people?",
            "What do those who break {x} get?",
        ),
        "deadline": (
            "What is the deadline of {x}?",
            "How long does {x} leave people to appeal?",
            "Within which time must an appeal under {x} be made?",
        ),
        "venue": ("Which court applies {x}?", "Where do cases under {x} go?", "What is the court for {x}?"),
    },
}

HELDOUT_QUESTIONS = {
    "court": {
        "day": "On which day is there a trial at {x}?",
        "panel": "By whom is a trial at {x} heard?",
        "robe": "In which color are the judges of {x} dressed?",
        "fee": "What is the price of a case at {x}?",
    },
    "act": {
        "matter": "Which matter does {x} deal with?",
        "penalty": "What is the sentence for a crime against {x}?",
        "deadline": "What is the time to appeal under {x}?",
        "venue": "Which court judges by {x}?",
    },
}

INTROS = (
    "This page of the code is about the {k} {x}.",
    "From the files of the old archive, here is what we have on {x}.",
    "Every lawyer should know the {k} {x}.",
    "The {k} of the day is {x}, and this is what students have to learn.",
    "Citizens have asked us to write about {x}.",
    "Notes on the {k} {x} that were made to help the young lawyers.",
    "A reader wants to know more about {x}.",
    "The lecture of the morning was about the {k} {x}.",
)
FILLERS = (
    "The lawyers agree on this.",
    "The notes come from a clerk.",
    "This has been so for many years.",
    "A student read it out to the class.",
    "Nobody has proved the opposite.",
    "The archive keeps a list of all cases.",
    "Old books say the same.",
    "A judge in the next town confirms it.",
    "That is all that has to be known.",
    "Citizens ask about it every week.",
)
