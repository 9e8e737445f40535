"""Bytes from the web as text: which encoding they are in."""


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text, without a byte order mark, and the name of the encoding it was read in.

    Bytes that are valid UTF-8 are UTF-8, whatever is declared: other encodings hardly ever are by accident. Else what
    the HTTP header declares, else what the page's own `<meta charset>` says, else what the bytes look like
    (uchardet). Bytes that are malformed in that encoding are dropped.
    """
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding, map_encoding_to_html5

    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-8-sig"), "utf-8"
        except UnicodeDecodeError:
            pass
    encoding = map_encoding_to_html5(declared, fallback_utf8=False) if declared else None
    encoding = encoding or detect_encoding(data, from_html_meta=True)
    return bytes_to_str(data, encoding, errors="ignore", fallback_encodings=()), encoding
