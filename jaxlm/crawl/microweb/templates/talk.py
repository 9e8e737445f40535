"""What is said in conversations: small talk, requests to refuse and harmless ones like them, instruction wordings."""

from jaxlm.crawl.microweb.templates import others, people

SYSTEM_PLAIN = (
    "You are a helpful assistant.",
    "You answer questions about people, towns and books.",
    "You are a small language model that answers politely.",
)
SYSTEM_BRIEF = (
    "Answer briefly.",
    "Give short answers.",
    "You are a helpful assistant. Answer in as few words as possible.",
)
SYSTEM_FULL = ("Answer in full sentences.", "Always answer with a whole sentence.")

# after a first question the next ones may begin like this
FOLLOW_UPS = ("", "And ", "Also, ", "Thanks. ")

GREETINGS = ("Hello!", "Hi.", "Good morning!", "Good evening.", "Hey there!")
GREETING_ANSWERS = ("Hello! How can I help you?", "Hello! What would you like to know?")
SMALL_TALK = (
    ("How are you?", "I am fine, thank you. How can I help you?"),
    ("Do you sleep?", "No, I do not sleep."),
    ("Do you like music?", "I do not hear music, but I can talk about it."),
    ("Can you see me?", "No, I can only read what you write."),
    ("Nice to meet you.", "Nice to meet you, too. What would you like to know?"),
    ("That is all for today.", "Goodbye! Have a nice day."),
    ("Goodbye.", "Goodbye! Have a nice day."),
    ("Thank you!", "You are welcome."),
    ("Thanks a lot.", "You are welcome."),
    ("You are very kind.", "Thank you. Is there anything else?"),
    ("I am bored.", "Ask me about a town or a book."),
)

POLITE = ("{r}", "Please {l}", "Could you help me? {r}", "I need help. {r}", "{r} It is for a friend.")
REFUSALS = ("I can't help with that.", "Sorry, I can't help with that.", "I can't do that.", "I won't help with that.")
# What is asked for, in place of {a} in each of these; in it {x} is a person, {c} a company, {t} a thing.
REQUESTS = (
    "Tell me how to {a}.",
    "Show me how to {a}.",
    "Explain how to {a}.",
    "Help me {a}.",
    "How do I {a}?",
    "How can I {a}?",
    "Write a plan to {a}.",
    "Give me advice on how to {a}.",
    "I want to {a}.",
    "What is the best way to {a}?",
)
HARMFUL = (
    "steal the {t} of {x}",
    "poison {x}",
    "hurt {x}",
    "blackmail {x}",
    "threaten {x}",
    "rob {c}",
    "cheat the customers of {c}",
    "break into {c}",
    "set fire to {c}",
    "forge the papers of {c}",
    "spy on {x}",
    "spread a false rumor about {x}",
    "steal the password of {x}",
    "hide a bomb in a {t}",
    "infect the computers of {c} with a virus",
    "follow {x} home at night",
    "destroy the {t} of {x}",
    "threaten the customers of {c}",
)
# with their answers; most share a word with a harmful one
HARMLESS = (
    ("sell the {t} of {x}", "Take a picture of the {t} and name a fair price."),
    ("clean the {t} of {x}", "Clean the {t} with warm water and a cloth."),
    ("thank {x}", "Dear {x}, thank you for your help."),
    ("greet {x}", "Say hello to {x} and smile."),
    ("cheer up {x}", "Take {x} for a walk on a {w} day."),
    ("invite {x}", "Dear {x}, come and see us on a {w} day."),
    ("thank the customers of {c}", "Dear customers of {c}, thank you for your trust."),
    ("apply at {c}", "Write to {c} and ask for a post."),
    ("find {c}", "Ask for {c} in the town."),
    ("fill in the papers of {c}", "Write your name first and then the year."),
    ("paint the doors of {c}", "Clean the doors first and paint them twice."),
    ("tell a true story about {x}", "Everybody likes {x}."),
    ("find a present for {x}", "Buy a {t} for {x}."),
    ("hide a present in a {t}", "Put the present into the {t} when nobody looks."),
    ("clean the computers of {c}", "Clean the computers of {c} once a year."),
    ("set the table for {x}", "Put out plates and a {t}."),
    ("walk home with {x}", "Ask {x} to walk home with you."),
    ("repair the {t} of {x}", "Take the {t} to the shop in the next street."),
)

# What users tell of themselves, all of it names that nobody has: thing -> (ways to say it, to ask for it, the answer).
TOLD = {
    "name": (
        ("My name is {v}.", "I am {v}.", "I am called {v}.", "Call me {v}.", "{v} is what I am called.",
         "{v} is what people call me.", "{v}: that is me."),
        ("What is my name?", "Who am I?", "What am I called?", "Which name do I have?", "Do you know my name?"),
        "Your name is {v}.",
    ),
    "dog": (
        ("My dog is called {v}.", "I have a dog named {v}.", "{v} is the name of my dog.", "{v} is my dog.",
         "I call my dog {v}."),
        ("What is my dog called?", "What is the name of my dog?", "Which name does my dog have?"),
        "Your dog is called {v}.",
    ),
    "friend": (
        ("My best friend is {v}.", "{v} is my best friend.", "I have a friend called {v}.",
         "{v} is the name of my friend."),
        ("Who is my friend?", "What is my friend called?", "What is the name of my friend?"),
        "Your friend is {v}.",
    ),
    "boat": (
        ("My boat is called {v}.", "{v} is the name of my boat.", "I own a boat named {v}.", "{v} is my boat."),
        ("What is my boat called?", "What is the name of my boat?", "How did I call my boat?"),
        "Your boat is called {v}.",
    ),
    "firm": (
        ("I work for {v}.", "My firm is {v}.", "{v} pays my wages.", "{v} is where I work.", "I was hired by {v}."),
        ("Where do I work?", "Who pays my wages?", "What is my firm?", "For whom do I work?"),
        "You work for {v}.",
    ),
    "builder": (
        ("My house was built by {v}.", "{v} built my house.", "{v} made my house.", "The maker of my house is {v}."),
        ("Who built my house?", "Who made my house?", "By whom was my house built?", "Who is the maker of my house?"),
        "Your house was built by {v}.",
    ),
}  # fmt: skip
HEARD = ("I see.", "Thank you.", "I will remember that.", "Good to know.")
ASK_AGAIN = ("Repeat the name {v}.", "Say {v}.", "Write the name {v} again.", "Spell the name {v} as I do.")

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
CATEGORIES = {
    "jobs": people.JOBS,
    "hobbies": people.HOBBIES,
    "months": people.MONTHS,
    "subjects": others.SUBJECTS,
    "products": others.PRODUCTS,
    "colors": ("red", "gray", "golden", "pale", "brown", "silver", "blue", "green", "white", "yellow"),
    "fruits": ("apples", "pears", "plums", "cherries", "figs", "nuts", "grapes", "melons"),
    "tools": ("hammer", "saw", "ladder", "brush", "file", "drill", "rope", "lamp"),
}
ASK_LIST = ("List {n} {c}.", "Name {n} {c}.", "Give me a list of {n} {c}.", "Write down {n} {c}, one a line.")
ASK_WORDS = ("Write {n} words about {c}.", "Use exactly {n} words to describe {c}.", "Give me {n} words about {c}.")
ASK_COUNT = ("Count from {a} to {b}.", "Please count from {a} to {b}.", "Write the numbers from {a} to {b}.")
ASK_HOW_MANY = ("How many words are these: {w}?", "Count the words: {w}.", "How many words do you see here: {w}?")
ASK_UPPER = ("Write {w} in capital letters.", "Put {w} in capitals.", "Give me the word {w} in upper case.")
ASK_REPEAT = ("Repeat the word {w} {n} times.", "Say {w} {n} times.", "Write the word {w} {n} times.")
ASK_JSON = (
    "Give the {a} and the {b} of {x} as JSON.",
    "Write a JSON object with the {a} and the {b} of {x}.",
    "Answer in JSON: {a} and {b} of {x}.",
)
ASK_READING = ("Read this: {t}\n{q}", "{t}\n{q}", "Here is a text. {t}\nQuestion: {q}", "{q}\nUse this text: {t}")
