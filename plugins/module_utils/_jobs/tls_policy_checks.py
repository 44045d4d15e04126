# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""May TLS be enforced? The tenant's own routes as the TLS step of Connect looks at them, and on request each domain by its MX."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connectivity import service_view
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import HAS_DNSPYTHON
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import wishes
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._probes.run import run_checks
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck, check_smtp
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.delivery_routes import DELIVERY_ROUTES
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.tls_policy_domains import MODES, RELAXED, STRICT

NONE, UNKNOWN = "none", "unknown"
PASSED = ("ok", "degraded")
# Codes of a server that was reached and does not do what enforced TLS needs; other failures say nothing about its TLS.
NO_TLS = ("tls_not_offered", "starttls_refused", "starttls_injection", "tls_version_too_old", "tls_handshake_failed")
WORKERS = 32  # a socket and a DNS question for each
SMTP_PORT = 25
ADVICE = "If you know better, set check_routes to false"


@dataclass(frozen=True)
class Settings:
    """How servers are looked at: roots to trust and a resolver to ask instead of the system's, and seconds for each server or domain."""

    ca_path: str | None
    timeout: int
    resolver: str | None

    def shared(self, tls: str) -> dict[str, Any]:
        """What every check has."""
        return {"tls": tls, "ca_path": self.ca_path, "timeout": self.timeout}

    def check(self, target: tuple[str, int], tls: str) -> SmtpCheck:
        """The check of one server."""
        return SmtpCheck(*target, **self.shared(tls))


# --- the tenant's own routes


@dataclass(frozen=True)
class Route:
    """A delivery route, and the host and port that it leads to."""

    name: str
    target: tuple[str, int]


def declared_routes(items: list[dict[str, Any]] | None) -> list[Route] | None:
    """The routes of a document that lead anywhere; None without a document, InputError when it is wrong."""
    if items is None:
        return None
    found = [wish for wish in wishes(CATALOGUE, {DELIVERY_ROUTES.kind: items}) if wish.resource is DELIVERY_ROUTES and wish.state != "absent"]
    port = DELIVERY_ROUTES.row("port").default
    return [Route(wish.name, (wish.values["hostname"], wish.values.get("port", port))) for wish in found if "hostname" in wish.values]


def routes_of(world: World, declared: list[Route] | None, names: list[str] | None) -> list[Route]:
    """The routes to look at: those that are declared, else those of the tenant, and of them those that are named."""
    known = declared
    if known is None:
        known = [Route(item.name, (item["hostname"], item["port"])) for item in world.objects(DELIVERY_ROUTES.kind)]
    wanted = None if names is None else [name.strip() for name in names]
    unknown = [name for name in wanted or () if name not in [route.name for route in known]]
    if unknown:
        raise InputError("Nothing was changed: routes names {0}, which is not there (there are {1})".format(
            ", ".join(map(repr, unknown)), ", ".join(repr(route.name) for route in known[:10]) or "none"))
    found = [route for route in known if wanted is None or route.name in wanted]
    if not found:
        raise InputError("Nothing was changed: there is no delivery route to look at, and enforced TLS builds on inbound mail. Declare the "
                         "routes first. {0}".format(ADVICE))
    return found


def route_checks(client: Client, routes: list[Route], settings: Settings) -> list[dict[str, Any]]:
    """One row for each route: the most that it is fit for (strict, relaxed, none, or unknown), our verdict, and the service's view."""
    targets = list(dict.fromkeys(route.target for route in routes))
    found = _modes_of(targets, settings)
    views = {target: service_view(client, settings.check(target, STRICT)).as_dict() for target in targets}
    rows = []
    for route in routes:
        mode, verdict = found[route.target]
        rows.append({"name": route.name, "fit_for": mode, **verdict.as_dict(), "service": views[route.target]})
    return rows


def _modes_of(targets: list[tuple[str, int]], settings: Settings) -> dict[tuple[str, int], tuple[str, Verdict]]:
    """Strict first; what fails in its handshake is looked at again with relaxed eyes."""
    strict = dict(zip(targets, run_checks([settings.check(target, STRICT) for target in targets], WORKERS)))
    again = [target for target in targets if strict[target].verdict not in PASSED and strict[target].code.startswith(("certificate_", "tls_handshake"))]
    relaxed = dict(zip(again, run_checks([settings.check(target, RELAXED) for target in again], WORKERS)))
    found = {}
    for target in targets:
        verdict = strict[target]
        if verdict.verdict in PASSED:
            found[target] = (STRICT, verdict)
        elif target in relaxed and relaxed[target].verdict in PASSED:
            found[target] = (RELAXED, verdict)
        else:
            found[target] = (NONE if verdict.code in NO_TLS else UNKNOWN, verdict)
    return found


def against_routes(rows: list[dict[str, Any]], wanted: Iterable[str]) -> str:
    """What forbids to enforce TLS in the wanted modes, '' when nothing does."""
    for row in rows:
        said = "Nothing was changed: delivery route {0!r} ".format(row["name"])
        if row["fit_for"] == UNKNOWN:
            return "{0}could not be proved from here. {1}. Run this task where the mail servers can be reached (delegate_to). {2}".format(
                said, row["message"], ADVICE)
        if row["fit_for"] == NONE:
            return "{0}does not support TLS as it would be enforced. {1}. {2}".format(said, row["message"], ADVICE)
    weak = [row for row in rows if row["fit_for"] == RELAXED]
    if weak and STRICT in wanted:
        return ("Nothing was changed: delivery route {0!r} is fit for relaxed only, and domains are to be added to strict. {1}. Give the route a "
                "certificate of a public CA, or declare the domains under relaxed. {2}".format(weak[0]["name"], weak[0]["message"], ADVICE))
    return ""


# --- external domains


@dataclass(frozen=True)
class Judged:
    """One external domain: the verdict on its mail servers."""

    mode: str
    domain: str
    verdict: Verdict

    @property
    def passed(self) -> bool:
        """Whether TLS may be enforced with it."""
        return self.verdict.verdict in PASSED

    def as_dict(self) -> dict[str, Any]:
        """The domain as results hold it, without the evidence, of which there can be much."""
        hosts = [server["host"] for server in self.verdict.evidence.get("servers", ())]
        found = self.verdict
        return {"mode": self.mode, "domain": self.domain, "mx": hosts, "verdict": found.verdict, "code": found.code, "message": found.message}


def domain_checks(wanted: dict[str, list[str]], settings: Settings, progress: Callable[[str], None]) -> list[Judged]:
    """Each domain of each mode by its MX, side by side, in order. ConnectError without dnspython."""
    if not HAS_DNSPYTHON:
        raise ConnectError("Cannot check domains by their MX: {0}".format(missing_required_lib("dnspython")))
    jobs = [(mode, domain) for mode in MODES for domain in wanted.get(mode, ())]
    checks = [SmtpCheck(domain=domain, port=SMTP_PORT, resolver=settings.resolver, **settings.shared(mode)) for mode, domain in jobs]
    found = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for (mode, domain), verdict in zip(jobs, pool.map(check_smtp, checks)):
            found.append(Judged(mode, domain, verdict))
            progress("check domains by their MX: {0} of {1}".format(len(found), len(jobs)))
    return found
