"""Numbers as people read them; a space between number and unit does not break the line."""

NBSP = "\N{NO-BREAK SPACE}"


def count(value: float) -> str:
    """A count in at most four significant characters: 812, 14.1k, 1.02M, 3.5B."""
    for size, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size * 0.9995:
            return f"{value / size:.3g}{suffix}" if abs(value) < 999.5 * size else f"{value / size:,.0f}{suffix}"
    return f"{value:.0f}"


def size(value: float) -> str:
    """A number of bytes, decimal units: 812 B, 14.1 kB, 1.02 MB."""
    text = count(value)
    return f"{text[:-1]}{NBSP}{text[-1].replace('B', 'G')}B" if text[-1] in "kMB" else f"{text}{NBSP}B"


def percent(share: float, digits: int = 0) -> str:
    """A share of one as a percentage; what rounds to nothing or everything but is not says so."""
    if share in (0, 1):
        return f"{share:.0%}"
    step = 10.0**-digits
    if 0 < share * 100 < step / 2:
        return f"<{step:g}%"
    if step / 2 > (1 - share) * 100 > 0:
        return f">{100 - step:g}%"
    return f"{share * 100:.{digits}f}%"


def duration(seconds: float) -> str:
    """A length of time in at most two units: 0.8 s, 42 s, 3 min 20 s, 2 h 05 min."""
    if seconds < 9.95:
        return f"{seconds:.1f}{NBSP}s"
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds}{NBSP}s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s".replace(" ", NBSP)
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min".replace(" ", NBSP)
