# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""What a rendering is: the rules of an allowlist in the words of one product, and the same rules read back from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._firewall.errors import FirewallError
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.model import ENFORCE, OBSERVE, OPEN, Allowlist, Service
from ansible_collections.mimecast.connect.plugins.module_utils._firewall.ranges import BITS, Ranges, from_networks, networks

SMTP = 25
WIDEST_SPLIT = 16  # cut into /24 this is 256 entries; no range of the service is near it
ONE_EACH = "Services {0} have different sources, and {1} holds one list: render them one by one"
WATCHING = (
    "Service {0!r}: mode observe cannot be rendered for {1}: to see who else connects, it would have to let everybody in. Use open, and switch on "
    "logging in the rule that lets mail in today")


@dataclass(frozen=True)
class Held:
    """What a text says of one service; None for what its format has no room for."""

    sources4: Ranges = ()
    sources6: Ranges = ()
    ports: Optional[tuple[int, ...]] = None
    mode: Optional[str] = None


@dataclass(frozen=True)
class Place:
    """Where on the device the rules go, in the names that it has for its things; empty for what does not apply."""

    server: str = ""
    server6: str = ""
    source_zone: str = ""
    destination_zone: str = ""
    access_list: str = ""
    layer: str = ""
    position: int = 0


@dataclass(frozen=True)
class Wish:
    """What to render. Objects are called ``name``, a joiner and the service; ``certificate`` is the name that mail from the service proves."""

    name: str
    allowlist: Allowlist
    place: Place = Place()
    purge: bool = False
    certificate: str = "*.mimecast.com"


@dataclass(frozen=True)
class Rendering:
    """The text to paste or import, and the arguments of modules that do it, by name of the module."""

    content: str
    data: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """What the names of a product may be. ``words`` says it to people."""

    pattern: str
    most: int
    words: str

    def checked(self, name: str, what: str = "name") -> str:
        """The name, or an error that says what would be right. Nothing else gets into a text, so no name can be a command."""
        if not re.fullmatch(self.pattern, name) or not name.isprintable() or len(name) > self.most:
            raise FirewallError("{0} {1!r} is not possible there: {2}, at most {3} characters".format(what, name, self.words, self.most))
        return name


@dataclass(frozen=True)
class Vendor:
    """A product. ``parse`` reads what ``render`` wrote: by name of its object, or by "" where the format has no names.

    ``needs`` are the parts of the place without which there are no rules but only objects; ``may`` those that can be left out.
    ``always`` says that what is rendered decides who gets in, place or not.
    """

    title: str
    render: Callable[[Wish], Rendering]
    parse: Callable[[str], dict[str, Held]]
    steps: Callable[[Wish, str], tuple[str, ...]]
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    always: bool = False
    joiner: str = "-"
    keeps_ports: bool = True
    keeps_mode: bool = False
    one_list: bool = False
    mail_only: bool = False
    families: tuple[int, ...] = (4, 6)
    adds_only: bool = False
    purges: bool = False
    modules: tuple[str, ...] = ()

    def check_modes(self, wish: Wish) -> None:
        """No rule here can watch without letting in."""
        watching = [service.name for service in wish.allowlist.services if service.mode == OBSERVE]
        if watching and (self.always or has_rules(wish)):
            raise FirewallError(WATCHING.format(watching[0], self.title))

    def expected(self, wish: Wish) -> dict[str, Held]:
        """What ``parse`` has to find in a rendering of the wish: all of it that the format has room for."""
        if self.one_list:
            return {"": self._held(one_list(wish, self.title, self.mail_only), wish)}
        return {wish.name + self.joiner + service.name: self._held(service, wish) for service in wish.allowlist.services}

    def _held(self, service: Service, wish: Wish) -> Held:
        sources = {family: service.sources(family) if family in self.families else () for family in BITS}
        mode = service.mode if self.keeps_mode and (self.always or has_rules(wish)) else None
        return Held(sources[4], sources[6], service.ports if self.keeps_ports else None, mode)


def has_rules(wish: Wish) -> bool:
    """Whether a place was given, so that there are rules besides the objects."""
    return wish.place != Place()


def cidrs(service: Service, family: int) -> list[str]:
    """The sources as networks, each with its length."""
    return [text if "/" in text else "{0}/{1}".format(text, BITS[family]) for text in networks(service.sources(family), family)]


def both(service: Service) -> list[str]:
    """The sources of both families as networks, each with its length."""
    return cidrs(service, 4) + cidrs(service, 6)


def masked(cidr: str) -> tuple[str, str]:
    """An IPv4 network as address and mask."""
    address, _slash, length = cidr.partition("/")
    bits = ((1 << int(length)) - 1) << (32 - int(length))
    return address, ".".join(str(bits >> shift & 255) for shift in (24, 16, 8, 0))


def length_of(mask: str) -> int:
    """The length that a mask of IPv4 stands for."""
    return sum(bin(int(part)).count("1") for part in mask.split("."))


def address_name(prefix: str, cidr: str) -> str:
    """The name of the object that one network is, without characters that products refuse."""
    return "{0}-{1}".format(prefix, cidr.replace("/", "_").replace(":", "-"))


def one_list(wish: Wish, title: str, mail_only: bool = False) -> Service:
    """The one service whose sources a format without names can hold; ``mail_only`` looks at those with the port of SMTP alone."""
    services = [one for one in wish.allowlist.services if not mail_only or SMTP in one.ports]
    if not services:
        raise FirewallError("{0} is about mail, and no service has port {1}".format(title, SMTP))
    if len({(one.sources4, one.sources6) for one in services}) > 1:
        raise FirewallError(ONE_EACH.format(", ".join(repr(one.name) for one in services), title))
    return services[0]


def split(ranges: Ranges, longest: int = 24) -> list[str]:
    """IPv4 ranges in networks of /24 to /32, for products that take nothing wider."""
    found = []
    for text in networks(ranges, 4):
        address, _slash, length = text.partition("/")
        size = int(length or 32)
        if size < WIDEST_SPLIT:
            raise FirewallError("{0} is wider than /{1}: to cut it into /{2} would be a list that nobody can look through".format(text, WIDEST_SPLIT, longest))
        if size >= longest:
            found.append(text)
            continue
        first = from_networks([text])[4][0][0]
        step = 1 << (32 - longest)
        found += [networks(((start, start + step - 1),), 4)[0] for start in range(first, first + (1 << (32 - size)), step)]
    return found


def held(sources: Iterable[str], ports: Optional[Iterable[int]] = None, mode: Optional[str] = None) -> Held:
    """What was read: networks as they stood there."""
    found = from_networks(sources)
    return Held(found[4], found[6], tuple(sorted(set(ports))) if ports is not None else None, mode)


def mode_of(allows: bool, denies: bool) -> Optional[str]:
    """The mode that rules amount to; None if there are none."""
    return ENFORCE if denies else OPEN if allows else None


def lines_of(parts: Iterable[str]) -> str:
    """Lines as a text."""
    return "".join(part + "\n" for part in parts)
