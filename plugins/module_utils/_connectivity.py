# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of connectivity_check: from declared checks and routes to verdicts, ours and the service's side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._check_kinds import CHECK_SPEC, label_of, probe_of
from ansible_collections.mimecast.connect.plugins.module_utils._engine.table import item_spec
from ansible_collections.mimecast.connect.plugins.module_utils._engine.wishes import wishes
from ansible_collections.mimecast.connect.plugins.module_utils._probes.run import MAX_WORKERS, run_checks
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict, sentence, worst
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.delivery_routes import DELIVERY_ROUTES, VERIFY
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job


@dataclass(frozen=True)
class Declared:
    """A check as it was declared, and the probe's check that it became."""

    name: str
    type: str
    probe: Any


def _checks(params: dict[str, Any]) -> list[Declared]:
    """Every check complete; a route that no check names gets a strict one."""
    wanted = wishes(CATALOGUE, {DELIVERY_ROUTES.kind: params["delivery_routes"]})
    routes = {wish.name: wish.values for wish in wanted if wish.resource is DELIVERY_ROUTES and wish.state != "absent"}
    declared = list(params["checks"] or [])
    named = {check["route"] for check in declared}
    declared += [{"type": "smtp", "route": name} for name in routes if name not in named]
    found = []
    for position, check in enumerate(declared, 1):
        label = label_of(check, position)
        name = check.get("route")
        if name and check["type"] != "smtp":
            raise InputError("Check {0!r}: route goes with type smtp only".format(label))
        if name and name not in routes:
            raise InputError("Check {0!r}: route {1!r} is not among delivery_routes (these are: {2})".format(
                label, name, ", ".join(map(repr, routes)) or "none"))
        route = routes.get(name, {})
        known = {option: route[key] for option, key in (("host", "hostname"), ("port", "port")) if route.get(key)}
        found.append(Declared(label, check["type"], probe_of(label, check, known)))
    return found


def _service_view(context: Context, check: SmtpCheck) -> Verdict:
    """What the service itself says of the server. Its answer's fields are not published, so it is not judged."""
    target = "{0}:{1}".format(check.host, check.port)
    try:
        answer = context.client.read(VERIFY, "verify " + target, body={"hostname": check.host, "port": check.port})
    except ApiError as error:
        return Verdict("unknown", "service_refused", sentence("service_refused", {"target": target, "reason": error}))
    return Verdict("unknown", "service_answered", sentence("service_answered", {"target": target}), {"answer": answer})


def work(context: Context) -> dict[str, Any]:
    """All verdicts; with ``assert`` a failure that names every check that did not pass."""
    params = context.params
    checks = _checks(params)
    if not 1 <= params["workers"] <= MAX_WORKERS:
        raise InputError("workers is {0}: give a number from 1 to {1}".format(params["workers"], MAX_WORKERS))
    verdicts = run_checks([check.probe for check in checks], params["workers"])
    found = []
    for check, verdict in zip(checks, verdicts):
        one = {"name": check.name, "type": check.type, **verdict.as_dict()}
        if params["ask_service"] and check.type == "smtp":
            one["service"] = _service_view(context, check.probe).as_dict()
        found.append(one)
    result = {"changed": False, "verdicts": found, "worst": worst(verdicts).verdict}
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
        "ask_service": {"type": "bool", "default": False},
        "assert": {"type": "bool", "default": False},
        "workers": {"type": "int", "default": 8},
    },
    work,
    {"required_one_of": [["checks", "delivery_routes"]]},
)
