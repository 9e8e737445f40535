import asyncio
import itertools
import socket

import pytest

from jaxlm.errors import UserError
from jaxlm.honesty.search.guard import Refused, check_url, is_public, public_only, socket_factory

aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed (pip install 'jaxlm[search]')")

PUBLIC = "93.184.215.14"
NAMES = {
    "public.example": [PUBLIC],
    "loopback.example": ["127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "mapped.example": ["::ffff:10.0.0.1"],
    "mixed.example": [PUBLIC, "192.168.0.1"],
    "mixed-first.example": ["10.0.0.1", PUBLIC],
    "rebinding.example": itertools.cycle([[PUBLIC], ["127.0.0.1"]]),
}
HOSTILE = [
    *("http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/"),
    *("http://0177.0.0.1/", "http://017700000001/", "http://127.0.0.1./", "http://0/", "http://0.0.0.0/"),
    *("http://localhost/", "http://LOCALHOST/", "http://ⓛocalhost/", "http://１２７.0.0.1/", "http://127。0。0。1/"),
    *(
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
    ),
    *("http://[64:ff9b::7f00:1]/", "http://[64:ff9b::10.0.0.1]/", "http://[64:ff9b:1::1]/", "http://[2002:7f00:1::]/"),
    *("http://[2002:c0a8:1::1]/", "http://[2001:0:7f00:1::]/", "http://[fe80::1]/", "http://[fe80::1%25lo]/"),
    *(
        "http://[fd00:ec2::254]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://[ff0e::1]/",
        "http://[2001:db8::1]/",
    ),
    *("http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/", "http://100.100.100.200/"),
    *("http://169.254.169.254/latest/meta-data/", "http://168.63.129.16/", "http://192.0.0.192/", "http://198.18.0.1/"),
    *("http://192.88.99.1/", "http://224.0.0.1/", "http://239.1.1.1/", "http://240.0.0.1/", "http://255.255.255.255/"),
    *("http://loopback.example/", "http://metadata.example/", "https://mapped.example/", "http://rebinding.example/"),
    *("http://mixed.example/", "http://mixed-first.example/"),
    *(f"http://{PUBLIC}:22/", f"http://{PUBLIC}:6379/", "http://public.example:8080/", "https://public.example:25/"),
    *(
        "file:///etc/passwd",
        "ftp://public.example/",
        "gopher://public.example/",
        "data:text/html,hi",
        "//public.example/",
    ),
    *("http://public.example@127.0.0.1/", "http://user:pass@public.example/", "http://127.0.0.1\\@public.example/"),
    *("http://127.0.0.1 @public.example/", "http://public.example\r\nHost: localhost/", "http://", "http:///etc", ""),
    *("http://public.example:99999/", "http://[::1", f"http://public.example/{'a' * 3000}"),
]


class Resolver(aiohttp.abc.AbstractResolver):
    """Names as NAMES says, all others as the machine does (its own spellings of addresses among them)."""

    def __init__(self):
        self.system = aiohttp.ThreadedResolver()

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):
        if host not in NAMES:
            return await self.system.resolve(host, port, family)
        found = NAMES[host]
        addresses = found if isinstance(found, list) else next(found)
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        flags = socket.AI_NUMERICHOST
        return [
            dict(hostname=host, host=address, port=port, family=family, proto=6, flags=flags)
            for address, family in zip(addresses, families)
        ]

    async def close(self):
        await self.system.close()


@pytest.fixture
def attempts(monkeypatch):
    """The addresses that were connected to; none is reached."""
    found = []

    async def connect(loop, sock, address):
        found.append(address[0])
        raise ConnectionRefusedError(111, "not reached: a test")

    monkeypatch.setattr(asyncio.selector_events.BaseSelectorEventLoop, "sock_connect", connect)
    return found


async def attempt(url, factory):
    connector = aiohttp.TCPConnector(socket_factory=factory, resolver=Resolver(), force_close=True, use_dns_cache=False)
    async with aiohttp.ClientSession(connector=connector, trust_env=False) as session:
        await session.get(check_url(url), allow_redirects=False)


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: repr(url[:40]))
def test_no_connection_is_opened_to_what_is_not_public(attempts, url):
    for _ in range(2):  # the second time a rebinding name is another
        with pytest.raises((UserError, aiohttp.ClientError, OSError)):
            asyncio.run(attempt(url, socket_factory()))
    assert [address for address in attempts if address != PUBLIC] == []


@pytest.mark.parametrize("url", [url for url in HOSTILE if "loopback" in url or url == "http://[::1]/"])
def test_the_trap_itself_sees_what_is_not_guarded(attempts, url):
    with pytest.raises((aiohttp.ClientError, OSError)):
        asyncio.run(attempt(url, None))
    assert attempts and not is_public(attempts[0])


def test_public_pages_are_connected_to(attempts):
    for url in (f"http://{PUBLIC}/", "https://public.example:443/a?b#c", "http://mixed-first.example/"):
        with pytest.raises(aiohttp.ClientError):
            asyncio.run(attempt(url, socket_factory()))
    assert set(attempts) == {PUBLIC} and len(attempts) >= 3


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("::ffff:100.64.0.1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:808:808::", False),
        ("4000::1", False),
        ("203.0.113.1", False),
        ("no address", False),
        ("", False),
    ],
)
def test_addresses(address, public):
    assert is_public(address) == public
    assert public_only(address, 443) == public
    assert not public_only(address, 8080)


def test_what_is_no_internet_socket_is_refused():
    with pytest.raises(Refused):
        socket_factory(lambda address, port: True)((socket.AF_UNIX, socket.SOCK_STREAM, 0, "", ("/run/x.sock", 80)))


def test_the_fragment_is_not_sent():
    assert str(check_url("https://public.example/a?b=c#d")) == "https://public.example/a?b=c"
