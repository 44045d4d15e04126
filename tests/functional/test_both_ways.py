# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same tasks in process and as ordinary modules: one table, two ansible-playbook runs, identical results."""

from __future__ import annotations

import datetime
import itertools
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from typing import Any, NamedTuple

import playbooks
import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from conftest import DOMAINS, GROUPS
from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_control import MailServers
from playbooks import Vaulted

SECRET, PASSWORD, VAULT_PASSWORD = "client-secret-4711", "route-password-0815", "the vault's own"
CONNECTION = {"base_url": "{{ url }}", "client_id": "{{ id }}", "client_secret": "{{ secret }}"}
BY_ENVIRONMENT = {"MIMECAST_CLIENT_ID": "{{ id }}", "MIMECAST_CLIENT_SECRET": "{{ secret }}", "MIMECAST_BASE_URL": "{{ url }}"}
POLICY = {"name": "In", "to": {"type": "domain", "domain": "example.com"}}
LOGIN = {"mechanisms": ["LOGIN"], "username": "mimecast", "password": PASSWORD}
TODAY = datetime.date(2026, 12, 31)


class Case(NamedTuple):
    """``expect`` is ok, changed, or a pattern that the message of the failure holds. ``cold``: the token is asked for both ways."""

    label: str
    expect: str
    module: str
    options: dict[str, Any]
    keywords: dict[str, Any] = {}
    cold: bool = False

    def task(self) -> dict[str, Any]:
        return {"name": self.label, "mimecast.connect." + self.module: self.options, **self.keywords}


def route(label: str, expect: str, cold: bool = False, keywords: dict[str, Any] | None = None, **options: Any) -> Case:
    return Case(label, expect, "mimecast_delivery_route", {**CONNECTION, "name": "HQ", **options}, keywords or {}, cold)


def tenant(label: str, expect: str, routes: Any, **keywords: Any) -> Case:
    return Case(label, expect, "mimecast_tenant", {**CONNECTION, "delivery_routes": routes}, keywords)


def info(label: str, expect: str, keywords: dict[str, Any] | None = None, cold: bool = False, **options: Any) -> Case:
    return Case(label, expect, "mimecast_info", {"gather_subset": ["whoami"], **options}, keywords or {}, cold)


def check(label: str, expect: str, *checks: dict[str, Any], keywords: dict[str, Any] | None = None, **options: Any) -> Case:
    found = [{"host": "mx1.acme.example", "ca_path": "{{ ca }}", "timeout": 5, **one} for one in checks]
    return Case(label, expect, "connectivity_check", {**CONNECTION, "checks": found, **options}, keywords or {})


def without(case: Case, *names: str) -> Case:
    return case._replace(options={name: value for name, value in case.options.items() if name not in names})


# Each list tells the story of one tenant, in its order.
ROUTES = [
    info("the first task asks for the token", "ok", cold=True, **CONNECTION),
    info("everything", "ok", gather_subset="all", **CONNECTION),
    route("a creation in check mode", "changed", hostname="mx1.example.com", keywords={"check_mode": True, "diff": True}),
    route("a creation", "changed", hostname="mx1.example.com"),
    route("no change", "ok", hostname="MX1.example.com."),
    route("a change with diff", "changed", port=26, keywords={"diff": True}),
    route("a change in check mode", "changed", port=27, keywords={"check_mode": True}),
    route("a policy with ranges", "changed", policies=[{**POLICY, "source_ranges": {"add": ["198.51.100.0/24", "203.0.113.7"]}}]),
    route("the same ranges in another order", "ok", policies=[{**POLICY, "source_ranges": {"set": ["203.0.113.7/32", "198.51.100.0/24"]}}]),
    route("a range less, a date as YAML reads it", "changed",
          policies=[{**POLICY, "valid_to": TODAY, "source_ranges": {"remove": ["203.0.113.7"]}}]),
    route("a group", "changed", policies=[{"name": "In", "to": {"type": "group", "group": "Sales"}}]),
    route("exists, and does", "ok", state="exists", port=26),
    route("exists, with another port", r"port is 26 instead of 25", state="exists", port=25),
    route("exists, and does not", r"Cannot find delivery route 'Nowhere'", state="exists", name="Nowhere"),
    route("nothing to remove", "ok", state="absent", name="Nowhere"),
    route("a log-on", "changed", smtp_authentication=LOGIN),
    route("the password is not sent again", "ok", smtp_authentication=LOGIN),
    route("the password is always sent", "changed", smtp_authentication=LOGIN, update_secret="always", keywords={"diff": True}),
    route("a password inside other text is masked", "changed", name=f"Route of {PASSWORD}!", hostname="mx3.example.com", smtp_authentication=LOGIN,
          keywords={"check_mode": True, "diff": True}),
    route("a password that is a word of every result", "changed", smtp_authentication={**LOGIN, "password": "False", "username": "m"}),
    tenant("a document with a pending reference", "changed", [
        {"name": "Main", "hostname": "mx1.example.com", "alternate_route": "Spare", "policies": [POLICY]},
        {"name": "Spare", "hostname": "192.0.2.1", "port": 2525}]),
    tenant("the document again, as JSON text", "ok", [json.dumps({"name": "Spare", "hostname": "192.0.2.1"})]),
    tenant("an empty document", "ok", []),
    route("removing what another uses", r"Cannot delete delivery route 'Spare': delivery route 'Main' uses it", name="Spare", state="absent"),
    route("a removal in check mode", "changed", name="Main", state="absent", keywords={"check_mode": True, "diff": True}),
    route("a removal", "changed", name="Main", state="absent", keywords={"diff": True}),
]
ARGUMENTS = [
    route("the first task of another tenant", "changed", cold=True, hostname="mx1.example.com"),
    check("a sound mail server", "ok", {"address": "{{ trusted }}", "recipient": "postmaster@example.com"}),
    check("no TLS, reported", "ok", {"address": "{{ no_tls }}"}, {"name": "relaxed", "address": "{{ trusted }}", "tls": "relaxed"}),
    check("no TLS, asserted", r"1 of 1 checks did not pass", {"address": "{{ no_tls }}"}, **{"assert": True}),
    check("a check in check mode, the service asked", "ok", {"address": "{{ trusted }}"}, ask_service=True, keywords={"check_mode": True}),
    check("a route that is not declared", r"route 'X' is not among delivery_routes", {"route": "X"}),
    without(check("neither checks nor routes", r"one of the following is required: checks, delivery_routes"), "checks"),

    without(route("no name", r"missing required arguments: name"), "name"),
    route("a nested name is missing", r"missing required arguments: name found in policies", policies=[{"to": {"type": "everyone"}}]),
    route("a number that is none", r"'port' is of type .*str.* and we were unable to convert to int", port="abc"),
    route("a number that is not whole", r"unable to convert to int", port=25.5),
    route("a truth that is none", r"unable to convert to bool", validate_certs="perhaps"),
    route("a list that is none", r"Value '7' in the sub parameter field 'policies' must b[ey] a list, not 'int'", policies=7),
    tenant("a route in the wrong shape", r"cannot be converted to a list", {"name": "A", "smtp_authentication": LOGIN}),
    route("an unknown option", r"Unsupported parameters for \(mimecast.connect.mimecast_delivery_route\) module: hostnam\. Supported", hostnam="x"),
    route("an unknown nested option", r"Unsupported parameters .*policies.domian", policies=[{**POLICY, "domian": "x"}]),
    route("a bad choice", r"value of state must be one of: present, absent, exists, got: gone", state="gone"),
    route("a bad nested choice", r"value of type must be one of: .*got: someone", policies=[{"name": "In", "to": {"type": "someone"}}]),
    route("set and add", r"parameters are mutually exclusive: set\|add", policies=[{**POLICY, "source_ranges": {"set": [], "add": []}}]),
    info("a bad subset", r"must be one or more of: all", gather_subset=["routes"], **CONNECTION),
    info("an empty option", "ok", account_code=None, **CONNECTION),
    info("an unset option", "ok", account_code="{{ omit }}", **CONNECTION),
    info("an undefined variable", r"undefined", account_code="{{ nobody_knows }}", **CONNECTION),
    tenant("several problems at once", r"'A': port is 70000: .*'B': hostname is '::1': ", [
        {"name": "A", "port": 70000}, {"name": "B", "hostname": "::1"}]),
    route("an alternate that is not there", r"alternate_route is 'Nowhere', but the tenant has no such delivery route", alternate_route="Nowhere"),
    route("a word that is no text", "changed", name=True, hostname="192.0.2.9",
          smtp_authentication={"mechanisms": "LOGIN,PLAIN", "username": 1, "password": 2}),
    route("a name beyond ASCII", "changed", name="Zürich 東京", hostname="mx.bücher.example"),
    route("numbers and truths from templates", "changed", name="T", hostname="mx4.example.com", port="{{ 20 + 6 }}", validate_certs="{{ 'yes' }}",
          policies="{{ [{'name': 'In', 'enabled': 'no', 'to': {'type': 'everyone'}, 'source_ranges': {'set': ['192.0.2.0/24'] | map('trim')}}] }}"),

    route("a wrong secret", r"Cannot log on to the service with client id .* refused", client_secret="wrong-secret", cold=True),
    route("an account of somebody else", r"answered 403", account_code="CSOMEBODY"),
    route("no token cache", "ok", token_cache=False, cold=True),
    info("the service is down", r"http://127.0.0.1:\d+: Connection refused", cold=True, **{**CONNECTION, "base_url": "{{ nowhere }}"}),
    info("plain HTTP to a public host", r"would send the client secret unencrypted", **{**CONNECTION, "base_url": "http://api.example.com"}),
    info("credentials of ansible-playbook's own environment", "ok"),
    info("credentials of the task's environment", "ok", {"environment": BY_ENVIRONMENT}),
    info("a wrong secret of the task's environment", r"was refused", {"environment": {"MIMECAST_CLIENT_SECRET": "wrong-secret"}}, cold=True),
    info("no credentials", r"client_id and client_secret not set", {"environment": {"MIMECAST_CLIENT_ID": "", "MIMECAST_SECRET": ""}}),
    info("the other names of the variables", "ok", {"environment": {"MIMECAST_SECRET": "{{ secret }}", "MIMECAST_ADDRESS": "{{ url }}"}}),
    info("credentials from defaults of the action group", "ok", {
        "module_defaults": {"group/mimecast.connect.mimecast": CONNECTION}, "environment": {"MIMECAST_CLIENT_ID": ""}}),
    info("a vaulted secret", "ok", **{**CONNECTION, "client_secret": "VAULTED"}),
    info("a vaulted secret that is wrong", r"was refused", cold=True, **{**CONNECTION, "client_secret": "VAULTED WRONG"}),
]
CASES = [*ROUTES, *ARGUMENTS]
LABELS = [case.label for case in CASES]


class Result(NamedTuple):
    """One task's result as it was registered, and as callbacks got it."""

    registered: dict[str, Any]
    shown: dict[str, Any]


def vaulted(text: str) -> Vaulted:
    vault = VaultLib([("default", VaultSecret(VAULT_PASSWORD.encode()))])
    return Vaulted(vault.encrypt(text).decode())


def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def tasks(cases: list[Case]) -> list[dict[str, Any]]:
    texts = {"VAULTED": vaulted(SECRET), "VAULTED WRONG": vaulted("wrong-secret")}
    found = []
    for case in cases:
        secret = case.options.get("client_secret")
        found.append(case._replace(options={**case.options, "client_secret": texts[secret]}).task() if secret in texts else case.task())
    return found


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServers]:
    for package in ("aiosmtpd", "trustme"):
        pytest.importorskip(package, reason="the real mail servers need it")
    with MailServers(only=["trusted", "no_tls"]) as servers:
        yield servers


@pytest.fixture(scope="module")
def ways(running_sandbox: Sandbox, mail: MailServers, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Result]]:
    """Results by way and label. All plays run side by side, each on a tenant of its own with the same content."""
    running_sandbox.reset()
    shared = {"url": running_sandbox.url, "secret": SECRET, "nowhere": f"http://127.0.0.1:{closed_port()}", "ca": mail.ca,
              "trusted": mail.address("trusted"), "no_tls": mail.address("no_tls")}
    started = []
    for way, part in itertools.product(("there", "here"), ("ROUTES", "ARGUMENTS")):
        name, cases, folder = f"{way}-{part}", globals()[part], tmp_path_factory.mktemp(f"{way}-{part}")
        running_sandbox.tenant(f"C-{name}", client_id=f"id-{name}", client_secret=SECRET, internal_domains=DOMAINS, groups=GROUPS)
        (folder / "vault").write_text(VAULT_PASSWORD)
        variables = {**shared, "id": f"id-{name}", "mimecast_in_process": way == "here"}
        started.append((way, cases, folder, playbooks.start(
            folder, *playbooks.write_play(folder, tasks(cases), vars=variables), "--vault-password-file", str(folder / "vault"),
            ANSIBLE_PIPELINING="true", MIMECAST_CLIENT_ID=f"id-{name}", MIMECAST_SECRET=SECRET, MIMECAST_ADDRESS=running_sandbox.url)))
    found: dict[str, dict[str, Result]] = {"here": {}, "there": {}}
    for way, cases, folder, process in started:
        run = playbooks.finish(process, folder)
        assert len(run.results) == len(cases), run.output
        found[way].update({case.label: Result(*both) for case, both in zip(cases, zip(run.results, run.shown))})
    return found


def comparable(result: Any, way: str) -> Any:
    """Without what differs by nature: the tenant's id, its own token, and the times that were measured."""
    text = json.dumps(result, sort_keys=True, ensure_ascii=False).replace(f"{way}-", "way-")
    plain = json.loads(re.sub(r"(Valid booleans include:)[^\"]*", r"\1", text))  # a set, in any order
    for verdict in plain.get("verdicts", []):
        verdict.get("evidence", {}).pop("timings_ms", None)
    for name in ("requests", "waited_s"):
        plain.get("api", {}).pop(name, None)
    return plain


@pytest.mark.parametrize("case", CASES, ids=LABELS)
def test_it_does_the_same_both_ways(ways: dict[str, dict[str, Result]], case: Case) -> None:
    here, there = (ways[way][case.label] for way in ("here", "there"))
    assert comparable(here.registered, "here") == comparable(there.registered, "there")
    assert comparable(here.shown, "here") == comparable(there.shown, "there")
    if case.expect in ("ok", "changed"):
        assert not here.registered["failed"], here.registered
        assert here.registered["changed"] is (case.expect == "changed"), here.registered
    else:
        assert here.registered["failed"] and re.search(case.expect, here.registered["msg"]), here.registered
    cost = [one.registered.get("api", {}).get("requests", 0) for one in (here, there)]
    assert cost[1] - cost[0] == (0 if case.cold or not cost[0] else 1), f"requests {cost}"


def test_every_result_holds_the_invocation_and_no_secret(ways: dict[str, dict[str, Result]]) -> None:
    for results in ways.values():
        for label, result in results.items():
            assert "invocation" in result.shown or "undefined" in result.shown["msg"], label
            text = json.dumps([result.registered, result.shown])
            assert SECRET not in text and PASSWORD not in text and "wrong-secret" not in text, label


def test_a_password_that_is_a_common_word_leaves_truths_alone(ways: dict[str, dict[str, Result]]) -> None:
    result = ways["here"]["a password that is a word of every result"].registered
    assert result["changed"] is True and result["failed"] is False


# A connection that is not local, as far as Ansible can tell.
ELSEWHERE = """
from ansible.plugins.connection.local import DOCUMENTATION as LOCAL, Connection as Local

DOCUMENTATION = LOCAL.replace("name: local", "name: elsewhere")

class Connection(Local):
    transport = "elsewhere"
"""


def becomes() -> dict[str, Any] | None:
    """Keywords with which a task becomes another user without a password, if this machine lets it."""
    for method, command in (("sudo", ["sudo", "-n", "true"]), ("su", ["su", "root", "-c", "true"])):
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return {"become": True, "become_method": "ansible.builtin." + method, "become_user": "root"}
    return None


HAND_OVERS = [
    ("become", becomes()),
    ("async", {"async": 60, "poll": 1}),
    ("another connection", {"delegate_to": "bastion"}),
    ("nothing of these", {}),
]


@pytest.fixture(scope="module")
def handed_over(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """For each keyword: the results of a creation in check mode, of the creation, and of no change."""
    running_sandbox.reset()
    made = running_sandbox.tenant("CHAND", internal_domains=DOMAINS)
    folder = tmp_path_factory.mktemp("hand-over")
    (folder / "connections").mkdir()
    (folder / "connections" / "elsewhere.py").write_text(ELSEWHERE)
    found = [info("the first task asks for the token", "ok", **CONNECTION).task()]
    for label, keywords in HAND_OVERS:
        for more in ({"check_mode": True}, {}, {}):
            found.append(route(label, "", name=label, hostname="mx1.example.com", keywords={"diff": True, **more, **(keywords or {})}).task())
    run = playbooks.run(
        folder, found, hosts={"bastion": {"ansible_connection": "elsewhere"}},
        env={"ANSIBLE_CONNECTION_PLUGINS": str(folder / "connections"), "ANSIBLE_BECOME_ALLOW_SAME_USER": "true"},
        vars={"url": running_sandbox.url, "id": made["client_id"], "secret": made["client_secret"]})
    assert len(run.results) == len(found), run.output
    return {label: run.results[1 + 3 * number:4 + 3 * number] for number, (label, _keywords) in enumerate(HAND_OVERS)}


@pytest.mark.parametrize(("label", "keywords"), HAND_OVERS, ids=[label for label, _keywords in HAND_OVERS])
def test_it_hands_over_to_the_ordinary_module(
    handed_over: dict[str, list[dict[str, Any]]], label: str, keywords: dict[str, Any] | None
) -> None:
    if keywords is None:
        pytest.skip("neither sudo nor su works here without a password")
    planned, created, unchanged = handed_over[label]
    if label == "async" and "cannot be used on same task" in planned.get("msg", ""):
        planned = {**created, "api": {"writes": 0}}  # ansible-core before 2.18 plans no async tasks
    for result in (planned, created):
        assert result["changed"] and not result["failed"], result
        assert result["diff"]["after"] == {f"delivery route '{label}'": {"hostname": "mx1.example.com", "port": 25}}
        assert result["delivery_route"]["hostname"] == "mx1.example.com"
    assert (planned["api"]["writes"], created["api"]["writes"]) == (0, 1)
    assert not unchanged["changed"] and not unchanged["failed"], unchanged
    # Two lists, and the token that only an ordinary module asks for.
    assert unchanged["api"]["requests"] == (3 if keywords else 2), unchanged
