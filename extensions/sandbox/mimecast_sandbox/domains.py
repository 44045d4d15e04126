# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains: internal, pending, external, and what the DNS says about them (API notes, section 4)."""
from __future__ import annotations

import datetime
import re
import secrets
from functools import partial

from .call import Call
from .directory import INTERNAL_DOMAINS
from .errors import Answer, ApiError, invalid
from .resolve import ResolveError, look_up
from .resources import (REGISTRY, Body, Handler, Resource, delete_object, found, list_objects, patch_object, read_object,
                        register)

_RECORD_TYPES = ("a", "aaaa", "cname", "mx", "ns", "txt")
_INBOUND_HOST = re.compile(r"^[a-z]+-smtp-inbound-\d\.mimecast[a-z-]*\.com$")
_HIGHEST_PRIORITY = 32767
_TOKEN_LIFETIME = datetime.timedelta(days=30)
_DATE = "%Y-%m-%dT%H:%M:%S%z"
_ANTI_SPOOFING = "anti_spoofing_policies"


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def _complete(body: Body) -> Body:
    now = _now()
    return {"token": secrets.token_hex(7)[:13], "createdDateTime": now.strftime(_DATE),
            "expiryDateTime": (now + _TOKEN_LIFETIME).strftime(_DATE), **body, "domain": body["domain"].lower()}


def _with_id(call: Call, resource: Resource) -> Answer:
    """A single read whose body holds the id."""
    answer = read_object(call, resource)
    return Answer(200, {"id": call.id_of(resource.number, call.path_ref(resource.number)), **answer.body})


# --- registration

def _register(call: Call) -> Answer:
    domain = call.body["domain"].lower()
    own = _names(call, call.tenant)
    foreign = {name for code in call.state.store.tenant_codes() if code != call.tenant for name in _names(call, code)}
    if domain in own or domain in foreign or (_parents(domain) & foreign and not _parents(domain) & own):
        raise ApiError(409, "err_domain_in_use", "the domain belongs to an account already", "domain")
    if _pending(call, domain):
        raise ApiError(409, "err_domain_pending", "the domain is pending already", "domain")
    row = {**PENDING_DOMAINS.defaults, **call.body, "domain": domain}
    if _parents(domain) & own:
        ref = _make_internal(call, row)
        return Answer(201, {"id": call.id_of(INTERNAL_DOMAINS.number, ref), "domain": domain})
    row = _complete(row)
    ref = call.insert(PENDING_DOMAINS.kind, row)
    shown = {name: row[name] for name in ("domain", "token", "createdDateTime", "expiryDateTime")}
    return Answer(201, {"id": call.id_of(PENDING_DOMAINS.number, ref), **shown})


def _names(call: Call, code: str) -> set[str]:
    return {body["domain"].lower() for _ref, body in call.state.store.rows(code, INTERNAL_DOMAINS.kind)}


def _parents(domain: str) -> set[str]:
    """example.com and com for www.example.com."""
    labels = domain.split(".")
    return {".".join(labels[start:]) for start in range(1, len(labels))}


def _pending(call: Call, domain: str) -> tuple[int, Body] | None:
    return next(((ref, body) for ref, body in call.state.store.rows(call.tenant, PENDING_DOMAINS.kind)
                 if body["domain"].lower() == domain), None)


def _make_internal(call: Call, row: Body) -> int:
    """The new internal domain, and the policy that the service makes beside it."""
    domain = {name: row[name] for name in ("domain", "local", "sendOnly", "inboundType")}
    ref = call.insert(INTERNAL_DOMAINS.kind, INTERNAL_DOMAINS.complete({**INTERNAL_DOMAINS.defaults, **domain}))
    resource = REGISTRY.get(_ANTI_SPOOFING)
    if resource:
        policy = {"description": f"Anti-spoofing for {row['domain']}", "option": "apply", "to": {"type": "everyone"},
                  "from": {"type": "email_domain", "domain": row["domain"]}}
        call.insert(_ANTI_SPOOFING, resource.complete({**resource.defaults, **policy}))
    return ref


def _generate(call: Call) -> Answer:
    results = []
    for name in call.body["domains"]:
        pending = _pending(call, name.lower())
        if pending is None:
            results.append({"domain": name.lower(), "status": "failed"})
            continue
        ref, body = pending
        call.update(PENDING_DOMAINS.kind, ref, {**body, "expiryDateTime": (_now() + _TOKEN_LIFETIME).strftime(_DATE)})
        results.append({"domain": body["domain"], "token": body["token"], "status": "extended"})
    return Answer(200, {"results": results})


async def _verify(call: Call) -> Answer:
    domain = call.body["domain"].lower()
    body = _waiting(call, domain)[1]
    if body["token"] not in await _records(call, domain, "txt"):
        raise ApiError(409, "err_domain_not_verified", f"no TXT record of {domain} holds the token", "domain")
    ref, body = _waiting(call, domain)  # the DNS took a while
    if any(domain in _names(call, code) for code in call.state.store.tenant_codes()):
        raise ApiError(409, "err_domain_in_use", "the domain belongs to an account already", "domain")
    call.delete(PENDING_DOMAINS.kind, ref)
    row = {**body, **call.body, "domain": domain}
    internal = _make_internal(call, row)
    stored = found(call.state.store.get(call.tenant, INTERNAL_DOMAINS.kind, internal))
    return Answer(200, {"id": call.id_of(INTERNAL_DOMAINS.number, internal), **stored})


def _waiting(call: Call, domain: str) -> tuple[int, Body]:
    pending = _pending(call, domain)
    if pending is None:
        raise ApiError(404, "err_not_found", f"{domain} is not pending", "domain")
    if datetime.datetime.strptime(pending[1]["expiryDateTime"], _DATE) < _now():
        raise ApiError(409, "err_domain_token_expired", f"the token of {domain} has expired", "domain")
    return pending


# --- DNS

async def _records(call: Call, name: str, kind: str) -> list[str]:
    try:
        return await look_up(call.settings["resolver"], name, kind)
    except ResolveError as error:
        raise ApiError(503, "err_dns_unavailable", str(error)) from error


async def _dns_records(call: Call) -> Answer:
    ref, kind = call.path_ref(INTERNAL_DOMAINS.number), call.params["record_type"]
    if kind not in _RECORD_TYPES:
        raise invalid("record_type", f"record_type is one of {', '.join(_RECORD_TYPES)}",
                      "err_validation_value_not_allowed")
    domain = found(call.state.store.visible(call.tenant, INTERNAL_DOMAINS.kind, ref))["domain"]
    return Answer(200, {"domain": domain, "recordType": kind, "records": await _records(call, domain, kind)})


async def _verify_mx(call: Call) -> Answer:
    results = [await _mx(call, name.lower()) for name in call.body["domains"]]
    shape = call.settings["mx_verify_shape"]
    return Answer(200, results if shape == "list" else {shape: results})


async def _mx(call: Call, domain: str) -> Body:
    try:
        texts = await look_up(call.settings["resolver"], domain, "mx")
    except ResolveError:
        return {"domain": domain, "status": "mx_error", "mxRecords": []}
    pairs = sorted((int(priority), host) for priority, host in (text.split(" ") for text in texts))
    return {"domain": domain, "status": _mx_status(call, pairs),
            "mxRecords": [{"hostname": host, "priority": priority} for priority, host in pairs]}


def _mx_status(call: Call, pairs: list[tuple[int, str]]) -> str:
    own = call.account["gateway"].get("inboundMxRecords", {}).get("hostname", "").lower()
    if not any(host for _priority, host in pairs):  # a null MX is a dot alone (RFC 7505)
        return "mx_missing"
    if not all(_INBOUND_HOST.match(host.lower()) or host.lower() == own for _priority, host in pairs):
        return "mx_non_mimecast"
    if any(priority > _HIGHEST_PRIORITY for priority, _host in pairs):
        return "mx_invalid_priority"
    if len(pairs) == 1:
        return "mx_single_host"
    return "mx_ok" if len({priority for priority, _host in pairs}) == 1 else "mx_priority_mismatch"


PENDING_DOMAINS = register(Resource(
    kind="pending_domains", number=50, list_key="domains",
    fields=frozenset({"domain", "token", "local", "sendOnly", "inboundType", "createdDateTime", "expiryDateTime"}),
    defaults={"local": True, "sendOnly": False, "inboundType": "known"}, complete=_complete,
))

EXTERNAL_DOMAINS = register(Resource(kind="external_domains", number=51, list_key="domains",
                                     fields=frozenset({"domain"})))

HANDLERS: dict[str, Handler] = {
    "getInternalDomain": partial(_with_id, resource=INTERNAL_DOMAINS),
    "updateInternalDomain": partial(patch_object, resource=INTERNAL_DOMAINS),
    "lookupInternalDomainDns": _dns_records,
    "verifyInternalDomainsMx": _verify_mx,
    "listExternalDomains": partial(list_objects, resource=EXTERNAL_DOMAINS),
    "listPendingDomains": partial(list_objects, resource=PENDING_DOMAINS),
    "createPendingDomain": _register,
    "getPendingDomain": partial(_with_id, resource=PENDING_DOMAINS),
    "deletePendingDomain": partial(delete_object, resource=PENDING_DOMAINS),
    "generatePendingDomainToken": _generate,
    "verifyPendingDomains": _verify,
}
