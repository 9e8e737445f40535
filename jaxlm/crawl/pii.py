"""Personal data in text: e-mail addresses, IP addresses and phone numbers give way to placeholders."""

import ipaddress
import re

KINDS = ("email", "ip", "phone")

_EMAIL = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._%+\-]*[A-Za-z0-9_])?@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}\b"
)
_IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:]+)(?![\w:]|\.\d)")
# A number is taken for a phone number if it is international (+), has an area code in brackets, or is grouped as
# 3-3-4 or 3-4 digits by hyphens or dots, or starts with 0 and is grouped: dates, years, ISBN and sums are not.
_PHONE = re.compile(
    r"""(?<![\w.+\-/])(?:
        \+\d{1,3}(?:[\s.\-]?\(?\d{1,5}\)?){2,5}
      | (?:1[\s.\-])?\(\d{2,5}\)[\s.\-]?\d{3,4}(?:[\s.\-]?\d{2,4}){1,2}
      | (?:1[.\-])?\d{3}([.\-\s])\d{3}[.\-\s]\d{4}
      | \d{3}-\d{4}
      | 0\d{2,4}[\s.\-]\d{3,4}[\s.\-]?\d{3,4}
    )(?![\w\-/]|\.\d)""",
    re.VERBOSE,
)
_DIGITS = range(7, 16)  # E.164: at most 15


def replace(text: str) -> tuple[str, dict[str, int]]:
    """The text with `[email]`, `[ip]` and `[phone]` for personal data, and how many of each there were.

    IP addresses are replaced if they belong to the public internet: 127.0.0.1 is nobody's.
    """
    counts = dict.fromkeys(KINDS, 0)

    def substitute(kind: str, accept):
        def placeholder(match: re.Match) -> str:
            if not accept(match[0]):
                return match[0]
            counts[kind] += 1
            return f"[{kind}]"

        return placeholder

    if "@" in text:
        text = _EMAIL.sub(substitute("email", lambda address: True), text)
    text = _IP.sub(substitute("ip", _is_public), text)
    return _PHONE.sub(substitute("phone", _is_phone), text), counts


def _is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


def _is_phone(number: str) -> bool:
    return sum(map(str.isdigit, number)) in _DIGITS
