from jaxlm.crawl.extract import visible_text
from jaxlm.crawl.language import UNKNOWN, identify, surely_foreign, wanted

GERMAN = (
    "Der Hafen wurde von der alten Gilde gebaut und seither in Ordnung gehalten. Wer mit dem Boot kommt, wird am Steg "
    "von einer Wärterin mit Laterne und Buch empfangen. Sie schreibt den Namen des Schiffes auf und das Wetter. "
) * 2


def test_languages_are_told_apart_and_short_texts_are_not_guessed(prose):
    assert identify(prose()) == "en"
    assert identify(GERMAN) == "de"
    assert identify("Kerala Wien 1976") == UNKNOWN


def test_wanted():
    assert wanted("en", ("de", "en")) and not wanted("fr", ("de", "en"))
    assert wanted("fr", ())
    assert wanted(UNKNOWN, ("en",))


def test_foreign_pages_are_known_before_extraction(html):
    assert surely_foreign(visible_text(html("Hafen", GERMAN)), ("en",)) == "de"
    assert surely_foreign(visible_text(html("Hafen", GERMAN)), ("de", "en")) is None
    assert surely_foreign(visible_text(html("Hafen", GERMAN)), ()) is None
    assert surely_foreign(visible_text(html()), ("en",)) is None
    assert surely_foreign("Der Hafen", ("en",)) is None  # too little to be sure
