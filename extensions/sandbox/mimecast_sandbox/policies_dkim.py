# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM: DNS authentication outbound, definitions with real keys, and the policies that apply them (API notes, section 4)."""
from __future__ import annotations

import asyncio
import base64
import datetime

import dns.asyncresolver
import dns.exception
import dns.resolver
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from .call import Call
from .errors import Answer
from .formats import loopback_target
from .policy_parts import policy
from .resources import Body, Handler, Reference, Resource, create_object, crud, found, register

_LIMIT_S = 5
_SHOWN = ("description", "domain", "selector", "signDkim", "keyLength", "publicKey", "validated")


def _complete(body: Body) -> Body:
    """Makes the selector and the key pair where they are missing. The stored private key is PKCS #8 PEM."""
    body = dict(body)
    today = datetime.datetime.now(datetime.timezone.utc)
    body.setdefault("selector", f"mimecast{today:%Y%m%d}")
    if "publicKey" not in body:
        key = rsa.generate_private_key(public_exponent=65537, key_size=body["keyLength"])
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        body["publicKey"] = base64.b64encode(public).decode("ascii")
        body["privateKey"] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    return body


def _definition(call: Call, body: Body) -> Body:
    """The shape of reads. Never with the private key."""
    return {**{name: body[name] for name in _SHOWN if name in body}, "dnsAddress": _dns_address(body)}


def _dns_address(body: Body) -> str:
    return f"{body['selector']}._domainkey.{body['domain']}"


DEFINITIONS = register(Resource(
    kind="dns_auth_outbound_definitions", number=14, list_key=lambda call: call.settings["dkim_list_key"],
    fields=frozenset({*_SHOWN, "privateKey"}),
    defaults={"signDkim": False, "keyLength": 2048, "validated": False},
    complete=_complete, item=_definition, read=_definition,
))

POLICIES = register(policy("dns_auth_outbound_policies", 15, own=["definitionId"],
                           references=(Reference(("definitionId",), DEFINITIONS.kind),)))


async def create_definition(call: Call) -> Answer:
    # A long key takes a good part of a second: in a thread, so that other calls go on.
    call.body = await asyncio.to_thread(_complete, {**DEFINITIONS.defaults, **call.body})
    return create_object(call, DEFINITIONS)


async def verify_definition(call: Call) -> Answer:
    """Asks the DNS for the record and stores the outcome in `validated`."""
    ref = call.path_ref(DEFINITIONS.number)
    asked = found(call.state.store.get(call.tenant, DEFINITIONS.kind, ref))
    validated, message = await _look_up(call.settings["resolver"], _dns_address(asked), asked["publicKey"])
    current = found(call.state.store.get(call.tenant, DEFINITIONS.kind, ref))  # the answer took a while
    call.update(DEFINITIONS.kind, ref, {**current, "validated": validated})
    return Answer(200, {"validated": validated, "message": message})


async def _look_up(resolver: str | None, name: str, key: str) -> tuple[bool, str]:
    """(whether a TXT record at the name holds the key, why)."""
    if resolver is None:
        return False, "the sandbox asks no DNS: its setting resolver is not set"
    host, port = loopback_target(resolver)
    client = dns.asyncresolver.Resolver(configure=False)
    client.nameservers, client.port = [host], port
    try:
        answer = await client.resolve(name, "TXT", search=False, lifetime=_LIMIT_S)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return False, f"{name} has no TXT record"
    except dns.exception.DNSException as error:
        return False, f"the DNS gave no answer about {name}: {type(error).__name__}"
    if any(_publishes(b"".join(row.strings).decode("ascii", "replace"), key) for row in answer):
        return True, f"{name} holds the public key"
    return False, f"{name} holds another text than the public key"


def _publishes(text: str, key: str) -> bool:
    """Whether the text is a DKIM key record (RFC 6376, section 3.6.1) with this RSA key."""
    parts = [part.partition("=") for part in text.split(";") if part.strip()]
    tags = {name.strip(): "".join(value.split()) for name, _equals, value in parts}
    return tags.get("v", "DKIM1") == "DKIM1" and tags.get("k", "rsa") == "rsa" and tags.get("p") == key


HANDLERS: dict[str, Handler] = {
    **crud("DnsAuthOutboundDefinition", DEFINITIONS),
    "createDnsAuthOutboundDefinition": create_definition,
    "verifyDnsAuthOutboundDefinition": verify_definition,
    **crud("DnsAuthOutboundPolicy", POLICIES, "DnsAuthOutboundPolicies"),
}
