"""Sentences about the weather, cooking, travel, gardens and repairs, and the words of passages that are recited.

Slots are lists of WORDS by name; each use of a slot is drawn anew.
"""

TOPICS = {
    "The weather": (
        "The {season} began with {weather} days.",
        "In the {daytime} the sky turned {color} over the {land}.",
        "By {month} the {land} was covered with {cover}.",
        "Farmers had hoped for a {weather} {season}.",
        "A {weather} {daytime} is not rare in {month}.",
        "The wind came from the {direction} and brought {cover}.",
        "On the {land} it was colder than in the {building}.",
        "Nobody went out without a {clothing}.",
        "The forecast speaks of {weather} weather until {month}.",
        "After {number} days the {cover} was gone.",
    ),
    "A simple recipe": (
        "Take {number} {fruit} and cut them into small pieces.",
        "Warm the {liquid} in a {pot} over a low fire.",
        "Add a spoon of {spice} and stir slowly.",
        "Let everything rest for {number} minutes near the {building} window.",
        "The {fruit} should be soft but not dark.",
        "Serve it warm with a glass of {liquid}.",
        "In {month} you can use {fruit} instead.",
        "A little {spice} does no harm.",
        "Cover the {pot} with a cloth.",
        "It keeps for {number} days in a cool {building}.",
    ),
    "Travel notes": (
        "The train to the {land} leaves early in the {daytime}.",
        "We carried a {clothing}, a map and {number} {fruit}.",
        "From the {building} one sees the {color} {land}.",
        "The road turns {direction} after {number} miles.",
        "An old {building} offers rooms with {color} walls.",
        "In {season} the path is full of {cover}.",
        "We drank {liquid} and waited for the bus.",
        "The guide wore a {color} {clothing} and spoke softly.",
        "Bring a warm {clothing} even in {month}.",
        "It was {weather} when we reached the {land}.",
    ),
    "In the garden": (
        "Plant the {flower} in {month}, when the ground is soft.",
        "The {flower} like a {weather} place near the {building}.",
        "Water them every {daytime} with a {pot}.",
        "Cut the {color} leaves before {season} ends.",
        "Between the {flower} there is room for {number} rows of {fruit}.",
        "Birds come for the {fruit} in {season}.",
        "A wall to the {direction} keeps the {cover} away.",
        "Old {flower} can be moved in {month}.",
        "Put some {cover} around the roots.",
        "After {number} weeks the first {color} buds appear.",
    ),
    "Repairs at home": (
        "First clean the {tool} with warm {liquid}.",
        "The {building} door needs {number} new screws.",
        "A {color} {tool} is easier to find in the dark.",
        "Never leave a {tool} outside in {season}.",
        "Paint the {building} when the days are {weather}.",
        "Keep the {tool} dry and wrap it in a {clothing}.",
        "The roof on the {direction} side suffers from {cover}.",
        "Ask somebody to hold the {tool} while you work.",
        "Small holes can be filled in {number} minutes.",
        "By {daytime} the {building} looked like new.",
    ),
}
WORDS = {
    "season": ("spring", "summer", "autumn", "winter"),
    "weather": ("rainy", "sunny", "windy", "cold", "warm", "foggy", "bright", "gray", "mild", "stormy"),
    "daytime": ("morning", "evening", "afternoon", "night"),
    "color": ("red", "gray", "golden", "pale", "brown", "silver", "blue", "green", "white", "yellow"),
    "land": ("valley", "coast", "plain", "forest", "lake", "hill", "harbor", "island", "field", "shore"),
    "month": ("January", "March", "April", "May", "June", "August", "September", "October", "November"),
    "cover": ("snow", "fog", "leaves", "dust", "rain", "ice", "moss", "sand"),
    "direction": ("north", "south", "east", "west"),
    "building": ("kitchen", "barn", "cellar", "tower", "station", "inn", "chapel", "mill", "stable", "porch"),
    "clothing": ("coat", "scarf", "hat", "blanket", "shawl", "jacket"),
    "number": ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve"),
    "fruit": ("apples", "pears", "plums", "carrots", "onions", "beans", "cherries", "turnips", "figs", "nuts"),
    "liquid": ("milk", "water", "tea", "cider", "broth", "juice"),
    "pot": ("pan", "jug", "kettle", "bowl", "jar", "pot"),
    "spice": ("salt", "sugar", "pepper", "ginger", "butter", "honey"),
    "flower": ("roses", "tulips", "lilies", "daisies", "herbs", "ferns", "shrubs", "vines"),
    "tool": ("hammer", "saw", "ladder", "brush", "file", "drill", "rope", "lamp"),
}

# passages that are recited word for word: frames filled with words drawn at random
PASSAGES = (
    "O {a} {n}, who would {v} the {n} of {a} {n}, let no {n} {v} thy {n}, nor {v} the {n} where {n} and {a} {n} rest "
    "beside the {n}.",
    "No {n} shall {v} a {a} {n} unless the {n} of the {n} has been shown, and whoever should {v} the {n} must bring "
    "{a} {n} and one {n} to the {n}.",
    "We swear by {n} and by {a} {n} to {v} the {a} {n}, to {v} no {n} in the {n}, and to leave our {n} to the {n} of "
    "{a} {n}.",
    "The {a} {n} is not the {n}, the {n} is not the {n}: {v} thy {n} first, then {v} the {a} {n}, and the {n} will {v} "
    "a {n} for every {n}.",
    "Notice of the {n}: every {a} {n} left with the {n} is held for the {n}; the {n} does not {v} any {n}, {n} or {a} "
    "{n} found near the {n}.",
)
PASSAGE_WORDS = {
    "n": (
        "anchor", "basin", "bell", "bramble", "candle", "chalice", "chimney", "cradle", "dagger", "ember", "falcon",
        "feather", "furrow", "gate", "goblet", "harbor", "harvest", "hearth", "ivory", "kernel", "lantern", "ledger",
        "marble", "meadow", "mirror", "needle", "oak", "orchard", "parcel", "pebble", "pillar", "quarry", "raven",
        "ribbon", "saddle", "shadow", "sparrow", "spindle", "thistle", "timber", "token", "trumpet", "vessel", "wagon",
        "widow", "willow", "window", "wolf",
    ),
    "a": (
        "ancient", "bitter", "blind", "broken", "crooked", "distant", "faithful", "frozen", "gentle", "hollow",
        "honest", "idle", "lonely", "narrow", "noble", "patient", "proud", "restless", "sacred", "secret", "silent",
        "slender", "sober", "stubborn", "sunken", "tender", "twisted", "velvet", "weary", "wooden",
    ),
    "v": (
        "bind", "borrow", "bury", "carve", "chase", "count", "cross", "follow", "forgive", "gather", "guard", "hide",
        "kindle", "lend", "measure", "mend", "name", "open", "praise", "rob", "seek", "sell", "spare", "steal", "trade",
        "wake", "wash", "weigh",
    ),
}  # fmt: skip
