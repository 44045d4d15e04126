# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a message goes next: delivery routes and their policies, else the MX records of the recipient's domain."""
from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import formats
from ..delivery_route import DEFINITIONS, POLICIES
from ..groups_model import MEMBERS, domain_of
from ..resolve import ResolveError, look_up
from ..resources import Body
from ..state import State
from ..verify import dial_target
from . import rules

Target = tuple[str, int]
# Assumption: how specific a target is, when the most specific policy goes first.
_SPECIFIC = ("everyone", "external_addresses", "internal_addresses", "address_attribute_value", "email_domain", "profile_group",
             "individual_email_address")


@dataclass(frozen=True)
class Hop:
    """A server to try: by its name, where it is (None: nowhere), and as whom to log on there. `route` and `policy` brought us here."""

    host: str
    port: int
    target: Target | None
    mechanisms: tuple[str, ...] = ()
    username: str = ""
    password: str = ""
    route: str = ""
    policy: str = ""


@dataclass(frozen=True)
class Mail:
    """What policies look at."""

    sender: str
    header_from: str
    recipient: str
    source: str


async def hops(state: State, code: str, mail: Mail) -> list[Hop]:
    """The servers to try, in their order; raises Refusal when there is none, ResolveError when the DNS does not say."""
    policy = best_policy(state, code, mail)
    if policy:
        return await _route(state, code, policy)
    if rules.internal_domain(state, code, domain_of(mail.recipient)):
        raise rules.Refusal("451 4.4.4 No delivery route for the internal domain", code)
    return await _by_mx(state, domain_of(mail.recipient))


# --- delivery routes

def best_policy(state: State, code: str, mail: Mail) -> Body | None:
    """The one policy that applies: override first, then the most specific recipient and sender, then the oldest.

    To an external recipient a policy to everyone does not apply: MX records lead there, unless a policy says more.
    """
    inside = rules.internal_domain(state, code, domain_of(mail.recipient)) is not None
    found = [(policy["override"], _rank(policy["to"]), _rank(policy["from"]), -ref, policy)
             for ref, policy in state.store.rows(code, POLICIES.kind)
             if _applies(state, code, policy, mail) and (inside or policy["to"]["type"] != "everyone")]
    return max(found, key=lambda row: row[:4])[4] if found else None


def _rank(target: Body) -> int:
    return _SPECIFIC.index(target["type"])


def _applies(state: State, code: str, policy: Body, mail: Mail) -> bool:
    if not policy["enabled"] or not _valid_now(policy):
        return False
    networks = [ipaddress.ip_network(text, strict=False) for text in policy["sourceIPs"]]
    if networks and not any(ipaddress.ip_address(mail.source) in network for network in networks):
        return False
    parts = {"envelope_from": (mail.sender,), "header_from": (mail.header_from,), "both": (mail.sender, mail.header_from)}
    senders, matches = parts[policy["fromPart"]], _matcher(state, code)
    both = [(policy["from"], policy["to"])] + ([(policy["to"], policy["from"])] if policy["bidirectional"] else [])
    return any(any(matches(sends, one) for one in senders) and matches(takes, mail.recipient) for sends, takes in both)


def _valid_now(policy: Body) -> bool:
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = (None if policy[f"{side}Eternal"] else policy.get(f"{side}DateTime") for side in ("from", "to"))
    return (not start or _time(start) <= now) and (not end or now <= _time(end))


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, formats.LEGACY_TIME)


def _matcher(state: State, code: str) -> Callable[[Body, str], bool]:
    def matches(target: Body, address: str) -> bool:
        kind, domain = target["type"], domain_of(address)
        if kind in ("internal_addresses", "external_addresses"):
            return (rules.internal_domain(state, code, domain) is not None) == (kind == "internal_addresses")
        if kind == "profile_group":
            return any(state.store.find(code, MEMBERS.kind, name, target["groupId"]) is not None for name in (address, domain) if name)
        plain: dict[str, Any] = {"email_domain": target.get("domain", "").lower() == domain,
                                 "individual_email_address": target.get("emailAddress", "").casefold() == address.casefold()}
        return kind == "everyone" or plain.get(kind, False)

    return matches


async def _route(state: State, code: str, policy: Body) -> list[Hop]:
    """The route of a policy, then its alternates, each once."""
    found: list[Hop] = []
    ref, seen = policy["definitionId"], set()
    while ref and ref not in seen:
        seen.add(ref)
        route = state.store.get(code, DEFINITIONS.kind, ref)
        if route is None:
            break
        login = route.get("smtpAuthentication") or {}
        target = await locate(state, route["hostname"].lower(), route["port"])
        found.append(Hop(route["hostname"], route["port"], target, tuple(login.get("authMechanisms", ())),
                         login.get("username", ""), login.get("password", ""), route["description"], policy["description"]))
        ref = route.get("alternateRouteId")
    return found


# --- DNS

async def _by_mx(state: State, domain: str) -> list[Hop]:
    records = await look_up(state.settings["resolver"], domain, "mx")
    pairs = sorted((int(priority), host.lower()) for priority, host in (text.split(" ") for text in records))
    if pairs and not any(host for _priority, host in pairs):  # a null MX (RFC 7505)
        raise rules.Refusal("550 5.1.10 The domain takes no mail")
    names = [host for _priority, host in pairs] or [domain]
    found = [Hop(name, 25, await locate(state, name, 25)) for name in names]
    if not any(hop.target for hop in found):
        raise rules.Refusal(f"451 4.4.1 The sandbox knows no server of {domain} on loopback or in its networks")
    return found


async def locate(state: State, name: str, port: int) -> Target | None:
    """Where a server is: by the address book, the sandbox's own hosts, or the DNS; None when it is out of bounds."""
    found = dial_target(state, name, port) or (state.mail_hosts(name) if port == 25 else None)
    if found or formats.is_address(name) or state.settings["resolver"] is None:
        return found
    try:
        addresses = await look_up(state.settings["resolver"], name, "a")
    except ResolveError:
        return None
    return next((target for target in (dial_target(state, address, port) for address in addresses) if target), None)
