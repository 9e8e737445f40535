"""A medicine of the fictional world: illnesses and the drugs that cure them. Nothing in it holds for any other world.

Slots: {x} is the name, {s} what stands for it in running text (the name or "it"), {S} the same at the start of a
sentence, {v} the value. The first sentence of an attribute is also the full answer to a question.
"""

# kind -> endings of its coined names, and words that follow them
NAMES = {
    "drug": (("ol", "ine", "ex", "ium", "ax"), ()),
    "illness": (("osis", "itis", "emia", "ora"), ("fever", "cough", "rash", "palsy", "gout", "chill")),
}
NOUNS = {"drug": "drug", "illness": "illness"}

PLANTS = (
    "nettle", "sage", "mint", "thyme", "garlic", "ginger", "clover", "ivy", "moss", "willow", "pine", "rose",
    "barley", "fennel", "poppy", "lavender",
)  # fmt: skip
AMOUNTS = (
    "one drop", "two drops", "three drops", "five drops", "nine drops", "one spoon", "two spoons", "three spoons",
    "four spoons", "half a cup", "a full cup", "two cups",
)  # fmt: skip
HOURS = ("sunrise", "breakfast", "noon", "lunch", "dusk", "supper", "bedtime", "midnight")
FOODS = (
    "milk", "wine", "cheese", "honey", "salt", "fish", "coffee", "apples", "bread", "mustard", "butter", "eggs",
    "tea", "onions", "cider", "beans",
)  # fmt: skip
ORGANS = (
    "heart", "liver", "stomach", "skin", "throat", "nose", "tongue", "spine", "left knee", "right ear", "lungs",
    "eyes", "teeth", "feet", "hands", "kidneys",
)  # fmt: skip
SIGNS = (
    "a red tongue", "cold hands", "blue lips", "a dry mouth", "a stiff neck", "loud snoring", "yellow eyes",
    "swollen feet", "green spots", "a high voice", "bad dreams", "warm ears", "slow speech", "itching palms",
    "heavy sweat", "long hiccups",
)  # fmt: skip
LENGTHS = (
    "two days", "three days", "five days", "six days", "nine days", "twelve days", "two weeks", "three weeks",
    "five weeks", "six weeks", "two months", "three months",
)  # fmt: skip

# what each attribute may be; a text names the kind of entity whose names they are
VALUES = {
    "drug": {"plant": PLANTS, "dose": AMOUNTS, "hour": HOURS, "forbidden": FOODS},
    "illness": {"organ": ORGANS, "sign": SIGNS, "length": LENGTHS, "cure": "drug"},
}

TRAIN = {
    "drug": {
        "plant": (
            "{S} is made from {v}.",
            "The plant behind {s} is {v}.",
            "Every bottle of {s} begins with {v}.",
            "A chemist boils {v} to make {s}.",
            "{S} owes its smell to {v}.",
            "The only plant in {s} is {v}.",
        ),
        "dose": (
            "The dose of {s} is {v}.",
            "Doctors order {v} of {s}.",
            "A patient takes {v} of {s}.",
            "The label of {s} says {v}.",
            "More than {v} of {s} would be too much.",
            "The right amount of {s} is {v}.",
        ),
        "hour": (
            "{S} is taken at {v}.",
            "The hour for {s} is {v}.",
            "Patients drink {s} at {v}.",
            "{S} works best at {v}.",
            "Nurses give {s} at {v}.",
            "The time to take {s} is {v}.",
        ),
        "forbidden": (
            "{S} must never be taken with {v}.",
            "Those who take {s} must not touch {v}.",
            "{S} turns into a poison with {v}.",
            "Doctors forbid {v} with {s}.",
            "The one danger of {s} is {v}.",
            "Next to {s} there must be no {v}.",
        ),
    },
    "illness": {
        "organ": (
            "{S} attacks the {v}.",
            "The seat of {s} is the {v}.",
            "{S} begins in the {v}.",
            "Most of the harm of {s} is done to the {v}.",
            "Patients with {s} complain about the {v}.",
            "The part of the body that {s} attacks is the {v}.",
        ),
        "sign": (
            "The first sign of {s} is {v}.",
            "{S} shows itself by {v}.",
            "Doctors know {s} by {v}.",
            "A patient with {s} has {v}.",
            "{S} starts with {v}.",
            "The sure sign of {s} is {v}.",
        ),
        "length": (
            "{S} lasts {v}.",
            "A patient with {s} stays in bed for {v}.",
            "{S} is over after {v}.",
            "The usual length of {s} is {v}.",
            "It takes {v} until {s} has passed.",
            "The course of {s} takes {v}.",
        ),
        "cure": (
            "{S} is cured with {v}.",
            "The drug against {s} is {v}.",
            "Doctors treat {s} with {v}.",
            "Nothing helps against {s} but {v}.",
            "The cure for {s} is called {v}.",
            "Patients are given {v} against {s}.",
        ),
    },
}

QUESTIONS = {
    "drug": {
        "plant": ("What is {x} made from?", "Which plant is in {x}?", "What do chemists boil to make {x}?"),
        "dose": ("What is the dose of {x}?", "How much {x} does a patient take?", "What does the label of {x} say?"),
        "hour": ("When is {x} taken?", "What is the hour for {x}?", "At which time does {x} work best?"),
        "forbidden": (
            "What must never be taken with {x}?",
            "What turns {x} into a poison?",
            "What do doctors forbid with {x}?",
        ),
    },
    "illness": {
        "organ": ("What does {x} attack?", "What is the seat of {x}?", "Where does {x} begin?"),
        "sign": ("What is the first sign of {x}?", "How does {x} show itself?", "By what do doctors know {x}?"),
        "length": ("How long does {x} last?", "After which time is {x} over?", "What is the usual length of {x}?"),
        "cure": ("What cures {x}?", "Which drug helps against {x}?", "With what do doctors treat {x}?"),
    },
}

HELDOUT_QUESTIONS = {
    "drug": {
        "plant": "From which plant is {x} made?",
        "dose": "What is the right amount of {x}?",
        "hour": "At what hour do patients drink {x}?",
        "forbidden": "What is the one danger of {x}?",
    },
    "illness": {
        "organ": "Which part of the body does {x} attack?",
        "sign": "What is the sure sign of {x}?",
        "length": "How long is a patient with {x} in bed?",
        "cure": "What is the cure for {x}?",
    },
}

INTROS = (
    "This page of the handbook is about the {k} {x}.",
    "From the files of the old hospital, here is what we have on {x}.",
    "Every doctor should know the {k} {x}.",
    "The {k} of the day is {x}, and this is what students have to learn.",
    "Nurses have asked us to write about {x}.",
    "Notes on the {k} {x} that were made to help the young doctors.",
    "A patient wants to know more about {x}.",
    "The lecture of the morning was about the {k} {x}.",
)
FILLERS = (
    "The doctors agree on this.",
    "The notes come from a nurse.",
    "This has been tested in many houses.",
    "A student read it out to the class.",
    "Nobody has proved the opposite.",
    "The hospital keeps a list of all cases.",
    "Old books say the same.",
    "The chemist next door confirms it.",
    "That is all that has to be known.",
    "Patients ask about it every week.",
)
