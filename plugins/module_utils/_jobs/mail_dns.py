# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mail_dns_records: everything is read and planned first; then zones are updated one by one, or handed over."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._dns.authority import Authority
from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import HAS_DNSPYTHON, PORT, Resolver, Where, system_servers
from ansible_collections.mimecast.connect.plugins.module_utils._dns.present import DnsTrouble, Published
from ansible_collections.mimecast.connect.plugins.module_utils._dns.recorded import Restored, plan_back
from ansible_collections.mimecast.connect.plugins.module_utils._dns.records import Change, Planned, Wanted, Wish, plan
from ansible_collections.mimecast.connect.plugins.module_utils._dns.spf_evaluate import evaluate
from ansible_collections.mimecast.connect.plugins.module_utils._dns.update import ALGORITHMS, Key, Primary
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.manage import Interrupted
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.mail_dns_handover import diff_of, handed_over
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.mail_dns_wishes import RESTORE_SPEC, WISH_SPEC, restored_of, wishes_of
from ansible_collections.mimecast.connect.plugins.module_utils._probes import net
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

NSUPDATE, HANDOVER = "nsupdate", "handover"
READERS = 8  # domains that are read side by side
PROBLEMS_SHOWN = 20
VERIFICATION_HOST = "validate-domain.mimecast.com"
# backend -> options that go with the other one only
FOREIGN = {NSUPDATE: ("dest", "nameservers"), HANDOVER: ("server", "key_name", "key_secret")}

Zones = dict[str, list[Change]]


class Reader:
    """Reads and plans one domain after the other; used by several threads, each with its own resolver."""

    def __init__(self, params: dict[str, Any]) -> None:
        self._seconds = params["timeout"]
        self._servers = [_where("resolver", params["resolver"])] if params["resolver"] else system_servers()
        self._known = {host.lower().rstrip("."): _where("nameservers", address) for host, address in (params["nameservers"] or {}).items()}
        self.primary = _primary(params) if params["backend"] == NSUPDATE else None

    def opened(self, domain: str) -> tuple[Primary | Published, Resolver]:
        """What to read a domain from, and a resolver, within the time for it."""
        left = net.Deadline(self._seconds).left
        resolver = Resolver(self._servers, left)
        return self.primary or Published(Authority(domain, resolver, self._known, left)), resolver

    def planned(self, wish: Wish | Restored) -> tuple[Planned, Zones]:
        """The plan of a domain, by zone; trouble while reading is a problem of it."""
        source, resolver = self.opened(wish.domain)
        try:
            return self._plan(wish, source, resolver)
        except DnsTrouble as trouble:
            return Planned(wish.domain, problems=[str(trouble)]), {}

    def _plan(self, wish: Wish | Restored, source: Primary | Published, resolver: Resolver) -> tuple[Planned, Zones]:
        zones = {key: source.zone_of(key[0]) for key in wish.keys}
        found = {key: source.read(*key) for key in wish.keys}

        def judge(text: str) -> tuple[list[str], list[str]]:
            seen = evaluate(wish.domain, resolver.ask, text).problems
            unknown = [one for one in seen if one.code == "unresolved"]
            notes = ["its look-ups are not all counted, since the resolver does not tell {0}".format(one.detail) for one in unknown]
            return ["{0}: {1}".format(one.where, one.detail) for one in seen if one not in unknown], notes

        planned = plan_back(wish, found) if isinstance(wish, Restored) else plan(wish, found, judge, self._token_alias(wish, source))
        for host in wish.mx_hosts if any(change.after.kind == "MX" for change in planned.changes) else ():
            planned.problems += _unusable(host, zones[wish.domain, "MX"], source)
        by_zone: Zones = {zone: [] for zone in zones.values()}
        for change in planned.changes:
            by_zone[zones[change.key]].append(change)
        return planned, by_zone

    def _token_alias(self, wish: Wish, source: Primary | Published) -> bool:
        """The service also takes the alias <token>.<domain> of its own host for the proof."""
        if not wish.token.isalnum():
            return False
        alias = source.read("{0}.{1}".format(wish.token.lower(), wish.domain), "CNAME").rrset
        return alias is not None and alias.values == (VERIFICATION_HOST,)


def _unusable(host: str, zone: str, source: Primary | Published) -> list[str]:
    """Servers refuse MX records whose host is in the zone and has no address of its own."""
    if host != zone and not host.endswith("." + zone):
        return []
    found = [source.read(host, kind) for kind in ("A", "AAAA")]
    if any(one.alias for one in found):
        return ["MX host {0} is an alias, which mail servers may refuse to follow: name its target".format(host)]
    return [] if any(one.rrset for one in found) else ["MX host {0} is in this zone and has no address: give it one first".format(host)]


def _where(option: str, text: str) -> Where:
    try:
        host, port = net.split_address(text, PORT)
    except (ValueError, net.ProbeFailure):
        host, port = "", 0
    if not net.is_address(host):
        raise InputError("{0} has {1!r}: give an address, or address and port such as 192.0.2.53:53".format(option, text))
    return host, port


def _primary(params: dict[str, Any]) -> Primary:
    try:
        port = values.port(params["port"])
    except ValueError as error:
        raise InputError("port is {0!r}: {1}".format(params["port"], error)) from None
    try:
        address = socket.getaddrinfo(params["server"], port, type=socket.SOCK_DGRAM)[0][4][0]
    except (OSError, UnicodeError):
        raise InputError("server is {0!r}: it has no address here".format(params["server"])) from None
    try:
        return Primary((str(address), port), Key(params["key_name"], params["key_secret"], params["key_algorithm"]), params["timeout"])
    except ValueError as error:
        raise InputError(str(error)) from None


def need_sense(params: dict[str, Any]) -> None:
    """What has to hold before anybody is asked."""
    if not HAS_DNSPYTHON:
        raise ConnectError(missing_required_lib("dnspython", reason="to ask name servers"))
    if params["timeout"] < 1:
        raise InputError("timeout is {0}: give a number of seconds, 1 or more".format(params["timeout"]))
    wrong = [option for option in FOREIGN[params["backend"]] if params.get(option) is not None]
    if wrong:
        raise InputError("{0} does not go with backend {1}".format(" and ".join(wrong), params["backend"]))


def work(context: Context) -> dict[str, Any]:
    """The records, and what was or would be done for them."""
    params = context.params
    need_sense(params)
    wishes = wishes_of(params) if params["restore"] is None else restored_of(params["restore"])
    reader = Reader(params)
    with ThreadPoolExecutor(min(READERS, len(wishes))) as pool:
        found = list(pool.map(reader.planned, wishes))
    problems = _problems([planned for planned, _by_zone in found], params["skip_problems"])
    good = [(planned, by_zone) for planned, by_zone in found if not planned.problems]
    zones: Zones = {}
    for _planned, by_zone in good:
        for zone, changes in by_zone.items():
            zones.setdefault(zone, []).extend(changes)
    result: dict[str, Any] = {
        "zones": [{"zone": zone, "changes": [_shown(change) for change in changes]} for zone, changes in zones.items()],
        "records": [_needed(planned, one) for planned, _by_zone in good for one in planned.records],
        "notes": ["{0}: {1}".format(planned.domain, note) for planned, _by_zone in good for note in planned.notes],
        "problems": problems,
    }
    if problems:
        result["warnings"] = ["Left out, {0}".format(problem) for problem in problems]
    if reader.primary:
        return {**result, **_updated(reader.primary, zones, context.dry)}
    return {**result, **handed_over(zones, params["dest"], context.dry)}


def _problems(plans: list[Planned], skip: bool) -> list[str]:
    """The problems of all domains, one line for each kind. They stop the run, but for those that are to be skipped while others are left."""
    domains: dict[str, list[str]] = {}
    for planned in plans:
        for problem in planned.problems:
            domains.setdefault(problem, []).append(planned.domain)
    found = ["{0}: {1}".format(", ".join(names), problem) for problem, names in domains.items()]
    if found and (not skip or all(planned.problems for planned in plans)):
        more = [" And {0} more".format(len(found) - PROBLEMS_SHOWN)] if len(found) > PROBLEMS_SHOWN else []
        raise ConnectError("Nothing was changed. {0}.".format(".".join([". ".join(found[:PROBLEMS_SHOWN]), *more])))
    return found


def _shown(change: Change) -> dict[str, Any]:
    before = change.before.as_dict() if change.before else {}
    return {"name": change.after.name, "type": change.after.kind, "before": before, "after": change.after.as_dict()}


def _needed(planned: Planned, one: Wanted) -> dict[str, Any]:
    return {"domain": planned.domain, "part": one.part, "name": one.name, "type": one.kind, "value": one.value, "present": one.present}


def _updated(primary: Primary, zones: Zones, dry: bool) -> dict[str, Any]:
    """Zone by zone, one message each. An error tells what is done already."""
    to_do = {zone: changes for zone, changes in zones.items() if changes}
    done: list[dict[str, Any]] = []
    zone = ""
    try:
        for zone, changes in to_do.items():
            primary.check_size(zone, changes)
        for zone, changes in to_do.items() if not dry else ():
            primary.send(zone, changes)
            done += _done(zone, changes)
    except DnsTrouble as trouble:
        names = sorted({one["zone"] for one in done})
        before = "Zone {0} is updated already; a second run finishes the rest".format(", ".join(names)) if names else "Nothing was changed"
        raise Interrupted(ConnectError("Cannot update zone {0}: {1}. {2}.".format(zone, trouble, before)), done) from None
    return {"changed": bool(to_do), "changes": [one for name, changes in to_do.items() for one in _done(name, changes)], "diff": diff_of(to_do)}


def _done(zone: str, changes: list[Change]) -> list[dict[str, Any]]:
    actions = ((change, "create" if not change.before else "update" if change.after.values else "delete") for change in changes)
    return [{"action": action, "kind": "dns_records", "name": " ".join(change.key), "zone": zone} for change, action in actions]


SERVER_SPEC: dict[str, Any] = {
    "backend": {"type": "str", "choices": [HANDOVER, NSUPDATE], "default": HANDOVER},
    "server": {"type": "str"},
    "port": {"type": "int", "default": PORT},
    "key_name": {"type": "str", "no_log": False},
    "key_secret": {"type": "str", "no_log": True},
    "key_algorithm": {"type": "str", "choices": list(ALGORITHMS), "default": "hmac-sha256"},
    "resolver": {"type": "str"},
    "nameservers": {"type": "dict"},
    "timeout": {"type": "int", "default": 10},
}
SERVER_RULES: dict[str, Any] = {"required_if": [["backend", NSUPDATE, ["server", "key_name", "key_secret"]]]}
JOB = Job(
    {
        **WISH_SPEC,
        "restore": RESTORE_SPEC,
        **SERVER_SPEC,
        "dest": {"type": "path"},
        "skip_problems": {"type": "bool", "default": False},
    },
    work,
    {**SERVER_RULES, "required_one_of": [["domains", "restore"]], "mutually_exclusive": [["domains", "restore"]]},
)
