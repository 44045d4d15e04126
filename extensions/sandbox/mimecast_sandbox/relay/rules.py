# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may send what to whom: decisions about one recipient, taken from what the tenants have stored.

The numbers and words of replies follow service-facts section 10; enhanced status codes are an assumption.
"""
from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from .. import formats
from ..account_settings import OUTBOUND
from ..directory import INTERNAL_DOMAINS
from ..directory_sync import FROM_DIRECTORY
from ..groups_model import USERS, domain_of
from ..journaling import SERVICES
from ..resources import Body
from ..state import State

OPEN_RELAY = "451 4.7.1 Open relay not allowed"
NO_OUTBOUND = "451 4.7.1 Account outbounds disabled"
NO_JOURNALING = "451 4.7.1 Account journaling disabled"
NO_RECIPIENT = "550 5.1.1 Invalid Recipient"
NEEDS_TLS = "553 5.7.10 This route requires encryption (TLS)"
NEEDS_LOGIN = "550 5.7.8 Submitter failed to authenticate"
TOO_OLD = "550 5.7.1 Journal messages past the expiration"
LOOP = "554 5.4.6 Mail loop detected"
OTHER_ACCOUNT = "451 4.5.3 Recipient of another account, send it apart"
_SMTP = "smtpJournalingConnection"


class Refusal(Exception):
    """The reply that a recipient or a message gets instead of a yes, and the tenant that sees it, if one is concerned."""

    def __init__(self, reply: str, tenant: str | None = None):
        super().__init__(reply)
        self.reply, self.tenant = reply, tenant


@dataclass(frozen=True)
class Client:
    """Who is connected. `login` is (tenant, user or journal address) once somebody has logged on."""

    address: str
    hello: str
    encrypted: bool
    login: tuple[str, str] | None


def public_address(book: dict[str, str], address: str) -> str:
    """Whose connections come from an address: the public one of which the address book says that it is there."""
    for name, target in book.items():
        public = name.partition(":")[0]
        if formats.is_address(public) and target.rpartition(":")[0] == address:
            return public
    return address


def internal_domain(state: State, code: str, name: str) -> Body | None:
    return next((body for _ref, body in state.store.rows(code, INTERNAL_DOMAINS.kind) if body["domain"].lower() == name), None)


def owner(state: State, domain: str) -> tuple[str, Body] | None:
    """The tenant whose internal domain it is, and the stored domain."""
    for code in state.store.tenant_codes():
        found = internal_domain(state, code, domain)
        if found:
            return code, found
    return None


def senders(state: State, address: str) -> Iterator[str]:
    """The tenants that may send from this address."""
    for code in state.store.tenant_codes():
        if address in (body["outboundIpAddress"] for _ref, body in state.store.rows(code, OUTBOUND.kind)):
            yield code


def outbound(state: State, client: Client, sender: str, recipient: str) -> str:
    """The tenant whose mail this is, at a smart host; raises Refusal.

    Refused are sources that no tenant has authorised, and mail of which both domains are foreign to the tenant.
    """
    for code in [client.login[0]] if client.login else senders(state, client.address):
        if sender and not any(internal_domain(state, code, domain_of(one)) for one in (sender, recipient)):
            continue
        if (state.store.tenant(code) or {})["gateway"].get("outboundEnabled") is False:
            raise Refusal(NO_OUTBOUND, code)
        return code
    raise Refusal(OPEN_RELAY)


def inbound(state: State, recipient: str) -> tuple[str, Body]:
    """The tenant and its internal domain, at an inbound host; raises Refusal."""
    found = owner(state, domain_of(recipient))
    if found is None:
        raise Refusal(OPEN_RELAY)
    code, domain = found
    if domain["sendOnly"] or not _is_recipient(state, code, domain["inboundType"], recipient):
        raise Refusal(NO_RECIPIENT, code)
    return found


def _is_recipient(state: State, code: str, check: str, recipient: str) -> bool:
    """Whether mail for the address is taken; with the check `smtp` the customer's server is asked, later."""
    if check in ("any", "smtp"):
        return True
    ref = state.store.find(code, USERS.kind, recipient)
    user = None if ref is None else state.store.get(code, USERS.kind, ref)
    return user is not None and (check == "known" or user["type"] == FROM_DIRECTORY)


def journal(state: State, client: Client, recipient: str) -> tuple[str, int]:
    """The tenant and the ref of its journaling service, at a journal host; raises Refusal."""
    for code, ref, service in _services(state):
        connection = service[_SMTP]
        if connection["emailAddress"].casefold() != recipient.casefold():
            continue
        if not service["enabled"]:
            raise Refusal(NO_JOURNALING, code)
        if not _is_source(state, code, connection, client):
            raise Refusal(OPEN_RELAY, code)
        if connection["usesTls"] and not client.encrypted:
            raise Refusal(NEEDS_TLS, code)
        if connection["usesAuthentication"] and client.login != (code, connection["emailAddress"]):
            raise Refusal(NEEDS_LOGIN, code)
        return code, ref
    raise Refusal(NO_RECIPIENT)


def _services(state: State) -> Iterator[tuple[str, int, Body]]:
    for code in state.store.tenant_codes():
        for ref, body in state.store.rows(code, SERVICES.kind):
            if body.get(_SMTP):
                yield code, ref, body


def _is_source(state: State, code: str, connection: Body, client: Client) -> bool:
    networks = [ipaddress.ip_network(text, strict=False) for text in connection["ipRanges"]]
    return code in senders(state, client.address) or any(ipaddress.ip_address(client.address) in network for network in networks)


def user_login(state: State, name: str, password: str) -> tuple[str, str] | None:
    """Who logs on at a smart host: an internal user that may send and has a password."""
    found = owner(state, domain_of(name))
    ref = state.store.find(found[0], USERS.kind, name) if found else None
    user = state.store.get(found[0], USERS.kind, ref) if found and ref is not None else None
    if not found or not user or user["accountDisabled"] or not user.get("allowSmtp", True):
        return None
    return (found[0], user["emailAddress"]) if password and user.get("password") == password else None


def journal_login(state: State, name: str, password: str) -> tuple[str, str] | None:
    """Who logs on at a journal host: the journal address of a service with the password of its connection."""
    for code, _ref, service in _services(state):
        connection = service[_SMTP]
        if connection["emailAddress"].casefold() == name.casefold() and password and connection.get("password") == password:
            return code, connection["emailAddress"]
    return None
