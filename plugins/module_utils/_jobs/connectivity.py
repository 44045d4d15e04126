# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of connectivity_check: from declared checks and routes to verdicts, ours and the service's side by side."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.check_kinds import CHECK_SPEC, FROM_DOCUMENT, IMPORTED_AS, KINDS, label_of, probe_of
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_checks import connections
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connection_wish import CONNECTION_RULES, CONNECTION_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.directory_checks import connectors
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.directory_checks import service_view as connector_view
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import item_spec
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import wishes
from ansible_collections.mimecast.connect.plugins.module_utils._probes.run import MAX_WORKERS, run_checks
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict, sentence, worst
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.delivery_routes import DELIVERY_ROUTES, VERIFY
from ansible_collections.mimecast.connect.plugins.module_utils._resources.directory_connectors import ACTIVE_DIRECTORY, SERVER_CONNECTIONS
from ansible_collections.mimecast.connect.plugins.module_utils._resources.domains import DOMAINS
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

# inbound_type of domains whose addresses a directory has to hold; None where it is not declared
BY_DIRECTORY = (None, "ldap")


# options that bring objects of the tenant document to be checked
DOCUMENT = ("delivery_routes", "directory_connectors", SERVER_CONNECTIONS.kind)


@dataclass(frozen=True)
class Declared:
    """A check as it was declared, the probe's check that it became, and the object of the document that it names."""

    name: str
    type: str
    probe: Any
    named: str = ""


def _checks(params: dict[str, Any]) -> list[Declared]:
    """Every check complete; an object of the document that no check names gets a strict one."""
    domains = _domains(params)
    sources = {
        "smtp": _routes(params),
        "ldap": connectors(params["directory_connectors"], [name for name, kind in domains.items() if kind in BY_DIRECTORY]),
        "ews": connections(params[SERVER_CONNECTIONS.kind]),
    }
    declared = [one for check in params["checks"] or [] for one in _of_each_domain(check, list(domains))]
    for kind, (option, _list, _need) in FROM_DOCUMENT.items():
        named = {check.get(option) for check in declared}
        declared += [{"type": kind, option: name} for name in sources[kind] if name not in named]
    if params["tls"]:
        declared = [{**check, "tls": params["tls"]} if check["type"] == "smtp" else check for check in declared]
    return [one for position, check in enumerate(declared, 1) for one in _complete(label_of(check, position), check, sources)]


def _domains(params: dict[str, Any]) -> dict[str, Any]:
    """By name of each domain that stays: its inbound_type, None if that is not declared."""
    wanted = wishes(CATALOGUE, {DOMAINS.kind: params[DOMAINS.kind]})
    return {wish.name: wish.values.get("inbound_type") for wish in wanted if wish.state != "absent"}


def _of_each_domain(check: dict[str, Any], domains: list[str]) -> list[dict[str, Any]]:
    """A check of type dns that names no domain is one of each."""
    if check["type"] != "dns" or check.get("domain") or not domains:
        return [check]
    prefix = check["name"] + ": " if check.get("name") else ""
    return [{**check, "domain": domain, "name": prefix + domain} for domain in domains]


def _routes(params: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """By name of the route: what it says of a check."""
    wanted = wishes(CATALOGUE, {DELIVERY_ROUTES.kind: params["delivery_routes"]})
    routes = {wish.name: wish.values for wish in wanted if wish.resource is DELIVERY_ROUTES and wish.state != "absent"}
    same = (("host", "hostname"), ("port", "port"))
    return {name: [{option: values[key] for option, key in same if values.get(key)}] for name, values in routes.items()}


def _complete(label: str, check: dict[str, Any], sources: dict[str, dict[str, list[dict[str, Any]]]]) -> list[Declared]:
    """The check with what the document says; one more for each further host of a connector."""
    named = ""
    known: list[dict[str, Any]] = [{}]
    for kind, (option, where, _need) in FROM_DOCUMENT.items():
        name = check.get(option)
        if name and check["type"] != kind:
            raise InputError("Check {0!r}: {1} goes with type {2} only".format(label, option, kind))
        if name and name not in sources[kind]:
            raise InputError("Check {0!r}: {1} {2!r} is not among {3} (these are: {4})".format(
                label, option, name, where, ", ".join(map(repr, sources[kind])) or "none"))
        if name:
            named, known = name, sources[kind][name]
    if check.get("host") or check.get("address"):
        known = known[:1]
    labels = [label] + ["{0}, alternate host".format(label)] * (len(known) - 1)
    # The service is asked once about an object, whatever number of hosts it has.
    return [Declared(text, check["type"], probe_of(text, check, one), "" if number else named) for number, (text, one) in enumerate(zip(labels, known))]


def service_view(client: Client, check: SmtpCheck) -> Verdict:
    """What the service itself says of the server. Its answer's fields are not published, so it is not judged."""
    target = "{0}:{1}".format(check.host, check.port)
    try:
        answer = client.read(VERIFY, "verify " + target, body={"hostname": check.host, "port": check.port})
    except ApiError as error:
        return Verdict("unknown", "service_refused", sentence("service_refused", {"target": target, "reason": error}))
    return Verdict("unknown", "service_answered", sentence("service_answered", {"target": target}), {"answer": answer})


def _need_libraries(checks: list[Declared]) -> None:
    for check in checks:
        kind = KINDS[check.type]
        library = kind.library if not kind.library_for or getattr(check.probe, kind.library_for) else ""
        if library and not find_spec(IMPORTED_AS.get(library, library)):
            raise ConnectError("Check {0!r}: {1}".format(check.name, missing_required_lib(library, reason="for checks of type {0}{1}".format(
                check.type, " by " + kind.library_for if kind.library_for else ""))))


def prepared(params: dict[str, Any]) -> list[Declared]:
    """All checks, ready to run; raises for everything that can be wrong before they do."""
    checks = _checks(params)
    _need_libraries(checks)
    if not 1 <= params["workers"] <= MAX_WORKERS:
        raise InputError("workers is {0}: give a number from 1 to {1}".format(params["workers"], MAX_WORKERS))
    return checks


def work(context: Context) -> dict[str, Any]:
    """All verdicts; with ``assert`` a failure that names every check that did not pass."""
    params = context.params
    checks = prepared(params)
    verdicts = run_checks([check.probe for check in checks], params["workers"])
    found = []
    for check, verdict in zip(checks, verdicts):
        one = {"name": check.name, "type": check.type, **verdict.as_dict()}
        if params["ask_service"] and check.type == "smtp" and not check.probe.domain:
            one["service"] = service_view(context.client, check.probe).as_dict()
        if params["ask_service"] and check.type == "ldap" and check.named:
            one["service"] = connector_view(context.client, check.named, verdict).as_dict()
        found.append(one)
    result = {"changed": False, "verdicts": found, "worst": worst(verdicts).verdict}
    if not found and all(params[option] is None for option in DOCUMENT):
        result["warnings"] = ["Nothing was checked: checks is empty"]
    bad = [one for one in found if one["verdict"] in ("failed", "unknown")]
    if params["assert"] and bad:
        lines = ["{name}: {message}".format(**one) for one in bad]
        result.update(failed=True, msg="{0} of {1} checks did not pass. {2}.".format(len(bad), len(found), ". ".join(lines)))
    return result


JOB = Job(
    {
        **API_SPEC,
        "checks": {"type": "list", "elements": "dict", "options": CHECK_SPEC},
        "delivery_routes": {"type": "list", "elements": "dict", "options": item_spec(CATALOGUE, DELIVERY_ROUTES)},
        "directory_connectors": {"type": "list", "elements": "dict", "options": item_spec(CATALOGUE, ACTIVE_DIRECTORY)},
        SERVER_CONNECTIONS.kind: {"type": "list", "elements": "dict", "options": CONNECTION_SPEC, **CONNECTION_RULES},
        DOMAINS.kind: {"type": "list", "elements": "dict", "options": item_spec(CATALOGUE, DOMAINS)},
        "tls": {"type": "str", "choices": ["strict", "relaxed"]},
        "ask_service": {"type": "bool", "default": False},
        "assert": {"type": "bool", "default": False},
        "workers": {"type": "int", "default": 8},
    },
    work,
    {"required_one_of": [["checks", *DOCUMENT]]},
)
