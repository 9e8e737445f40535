"""What pages may be fetched: which URLs, and which addresses a connection may be opened to.

A check of the URL alone is not enough: a public name can resolve to a private address, do so only at the second look
(rebinding), or redirect there. The address is therefore judged when the socket for it is made, by `socket_factory`.
"""

import ipaddress
import socket
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from jaxlm.errors import UserError

if TYPE_CHECKING:
    import yarl

SCHEMES = ("http", "https")
PORTS = (80, 443)
MAX_URL = 2000  # characters
_GLOBAL_6 = ipaddress.ip_network("2000::/3")  # all of IPv6 that is handed out for use in public
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Inside the public space, but not public hosts: tunnels to IPv4 (6to4, Teredo), identifiers, documentation, relays,
# protocol assignments (of which older Pythons know a part), and the one public address that serves secrets in a cloud.
_NOT_PUBLIC = [
    ipaddress.ip_network(text)
    for text in (
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
    )
]


class Refused(OSError):
    """A connection that the guard did not allow."""


def is_public(address: str) -> bool:
    """Whether an IP address, in text, is a public host's. An IPv4 address inside an IPv6 one is what is judged."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if ip.version == 6:
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        elif ip not in _GLOBAL_6:
            return False
    special = ip.is_multicast or ip.is_reserved or any(ip in network for network in _NOT_PUBLIC)
    return ip.is_global and not special


def public_only(address: str, port: int) -> bool:
    """The rule for pages: public addresses, at the web's own ports."""
    return port in PORTS and is_public(address)


def check_url(url: str, ports: Collection[int] = PORTS) -> "yarl.URL":
    """Parses a URL as the HTTP client does, so that both see the same host; raises UserError if it may not be fetched.

    Allowed are http and https at these ports, without user name and password. The fragment is dropped.
    """
    from yarl import URL

    if len(url) > MAX_URL:
        raise UserError(f"{url[:60]}...: a URL of more than {MAX_URL} characters is not fetched")
    if any(char <= " " or char in '\\"<>\x7f' for char in url):
        raise UserError(f"{url!r}: not a URL")
    try:
        parsed = URL(url)
        host, port = parsed.host, parsed.port
    except ValueError:
        raise UserError(f"{url}: not a URL") from None
    if parsed.scheme not in SCHEMES or not host:
        raise UserError(f"{url}: only http:// and https:// pages are fetched")
    if parsed.user is not None or parsed.password is not None:
        raise UserError(f"{url}: a URL with a user name or password is not fetched")
    if port not in ports:
        raise UserError(f"{url}: port {port} is not fetched from; allowed are {', '.join(map(str, sorted(ports)))}")
    return parsed.with_fragment(None)


def socket_factory(allow: Callable[[str, int], bool] = public_only) -> Callable[[tuple], socket.socket]:
    """For aiohttp.TCPConnector: makes the socket for an address, or raises Refused before anything is sent.

    Args:
        allow: takes an IP address and a port.
    """

    def make(addr_info: tuple) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        if family not in (socket.AF_INET, socket.AF_INET6) or not allow(address[0], address[1]):
            raise Refused("the address is not a public one")
        return socket.socket(family, kind, protocol)

    return make
