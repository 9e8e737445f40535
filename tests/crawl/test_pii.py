import pytest

from jaxlm.crawl.pii import replace


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to a.b+c@mail.example.org.", "Write to [email]."),
        ("From 8.8.4.4, and 2001:4860:4860::8888 too", "From [ip], and [ip] too"),
        ("Call +49 30 901820 now", "Call [phone] now"),
        ("Call +1 (212) 555-0123, or 212-555-0123; (212) 555-0187.", "Call [phone], or [phone]; [phone]."),
        ("Call 020 7946 0991 or 555-0142", "Call [phone] or [phone]"),
    ],
)
def test_personal_data_is_replaced(text, expected):
    assert replace(text)[0] == expected


@pytest.mark.parametrize(
    "text",
    [
        "The war of 1914-1918 and the years 2010-2011, pages 123-130",
        "localhost is 127.0.0.1, the router 192.168.0.1, the release 1.2.3, section 4.3.2.1.5",
        "At 12:30:45 it was 1,000,000 or 3.141592653 or 1 000 000; ISBN 978-3-16-148410-0; 2024-05-06",
        "a@b is no address, nor is @handle; std::vector and a:b:c",
        "Born 1976. 12-34-56",
    ],
)
def test_what_only_looks_like_it_stays(text):
    assert replace(text) == (text, {"email": 0, "ip": 0, "phone": 0})


def test_counts():
    assert replace("x@y.org z@y.org 212-555-0123")[1] == {"email": 2, "ip": 0, "phone": 1}
