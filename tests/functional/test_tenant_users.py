# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known recipients in the tenant document: what is missing is imported before the domains rely on it, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Tenant
from test_users import ADA, BOB, IMPORT, LARGE, PASSWORD, STATUS, csv, fast, held

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import tenant as job_module
from ansible_collections.mimecast.connect.plugins.module_utils._jobs import users_plan as plan_module

__all__ = ["fast"]  # a fixture of the other file, in use here by being imported
HERE = Path(__file__).parent
KNOWN_ONLY = {"name": "example.com", "inbound_type": "known"}
STRANGER = {"email": "x@elsewhere.example"}


@pytest.fixture
def tenant(tenant: Tenant) -> Tenant:
    """One whose domain takes mail for everybody so far."""
    tenant.call("mimecast_domain", name="example.com", inbound_type="any")
    return tenant


def run(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_tenant", check, **options)


def same_both_ways(tenant: Tenant, **options: Any) -> dict[str, Any]:
    """The result of a real run, which check mode has told without a write; a second run changes nothing."""
    tenant.requests()
    predicted = run(tenant, True, **options)
    assert not predicted.get("failed") and tenant.requests(writes=True) == [], predicted
    result = run(tenant, **options)
    assert not result.get("failed"), result
    assert all(predicted[part] == result[part] for part in ("changed", "changes", "diff", "users"))
    tenant.requests()
    again = run(tenant, **options)
    assert (again.get("changed"), again["changes"], again["diff"]) == (False, [], {"before": {}, "after": {}}), again
    assert tenant.requests(writes=True) == []
    return result


def refused(tenant: Tenant, words: str, **options: Any) -> str:
    """Refused in the same words by check mode and by a real run, before anything is asked."""
    tenant.sandbox.clear_requests()
    for check in (True, False):
        result = run(tenant, check, **options)
        assert result.get("failed") and words in result["msg"], result
    assert tenant.sandbox.requests() == []
    return result["msg"]


def test_what_is_missing_is_imported_first(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, "users", [{"emailAddress": "ADA@example.com", "name": "Old"}, {"emailAddress": "else@example.com"}])
    tenant.sandbox.settings(import_duration_ms=100)
    tenant.requests()
    result = run(tenant, users=[ADA, BOB, {"email": "Else@Example.com"}], domains=[KNOWN_ONLY])
    assert result["users"] == {"declared": 3, "created": 1, "updated": 1}
    assert [(change["action"], change["kind"]) for change in result["changes"]] == [("import", "users"), ("update", "domains")]
    assert result["diff"]["before"]["users"] == {"ada@example.com": "Old"} and "domain 'example.com'" in result["diff"]["after"]
    assert result["diff"]["after"]["users"] == {"ada@example.com": "Ada", "bob@example.com": "Bob"}
    assert held(tenant) == {"ADA@example.com": "Ada", "else@example.com": "", "bob@example.com": "Bob"}
    found = [one["operation"] for one in tenant.requests()]
    assert found.count("listUsers") == 1 and found.index(IMPORT) < found.index("updateInternalDomain")
    assert found[found.index("updateInternalDomain") - 1] == STATUS and found.count(STATUS) > 1, "awaited before the domain relies on it"
    assert [one["users"] for one in result["imports"]] == [2] and result["imports"][0]["status"] == "completed"


def test_both_forms_are_idempotent(tenant: Tenant, tmp_path: Path) -> None:
    assert same_both_ways(tenant, users=[ADA], domains=[KNOWN_ONLY])["changed"]
    result = same_both_ways(tenant, users_src=csv(tmp_path, "email,name\nada@example.com,Ada\nbob@example.com,Bob\n"))
    assert result["changes"] == [{"action": "import", "kind": "users", "name": "1 to 1 of 1", "options": []}]
    assert tenant.call("mimecast_users", users=[ADA, BOB])["changed"] is False, "the module and the document agree"


def test_a_document_without_them_does_not_look(tenant: Tenant) -> None:
    run(tenant, domains=[KNOWN_ONLY])
    for options in ({}, {"users": []}):
        tenant.requests()
        result = run(tenant, domains=[KNOWN_ONLY], **options)
        assert "users" not in result and [one["operation"] for one in tenant.requests()] == ["listInternalDomains"]


def test_nobody_is_removed(tenant: Tenant) -> None:
    run(tenant, users=[ADA, BOB])
    assert run(tenant, users=[BOB])["changed"] is False and len(held(tenant)) == 2
    assert "value of purge must be one or more of" in refused(tenant, "users", users=[BOB], purge=["users"])


def test_wrong_rows_are_said_with_everything_else(tenant: Tenant, tmp_path: Path) -> None:
    route = {"name": "HQ", "hostname": "mx1.example.com", "port": 0}
    message = refused(tenant, "user 2: email 'nobody'", users=[ADA, {"email": "nobody"}], delivery_routes=[route])
    assert "port is 0" in message
    message = refused(tenant, "line 2: email 'a b@example.com'", users_src=csv(tmp_path, "email,name\na b@example.com,A\n"), delivery_routes=[route])
    assert "port is 0" in message
    refused(tenant, "mutually exclusive", users=[ADA], users_src="users.csv")


def test_rows_that_the_service_leaves_out_stop_the_run(tenant: Tenant) -> None:
    """A domain must not become one for known recipients while some of them are not known."""
    before = tenant.objects("internal_domains")
    result = run(tenant, users=[ADA, STRANGER], domains=[KNOWN_ONLY])
    assert result["failed"] and result["changed"] and "Cannot import 1 of 2 users" in result["msg"], result
    assert [change["kind"] for change in result["changes"]] == ["users"] and tenant.objects("internal_domains") == before
    assert [(one["line"], one["email"]) for one in result["rejected"]] == [(2, "x@elsewhere.example")]
    assert [change["kind"] for change in run(tenant, users=[ADA], domains=[KNOWN_ONLY])["changes"]] == ["domains"]


def test_waiting_ends(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_module, "WAIT", 1)
    tenant.sandbox.settings(import_duration_ms=60_000)
    result = run(tenant, users=[ADA], domains=[KNOWN_ONLY])
    assert result["failed"] and "after 1 s its status is 'processing'. It goes on at the service" in result["msg"], result
    assert [change["kind"] for change in result["changes"]] == ["users"] and result["imports"][0]["id"]


@pytest.mark.parametrize("operation, fault, works", [
    (IMPORT, {"kind": "drop_before"}, False),
    (IMPORT, {"kind": "drop_after"}, True),
    (IMPORT, {"kind": "status", "status": 403}, False),
    (STATUS, {"kind": "status", "status": 503}, True),
    ("listUsers", {"kind": "drop_before"}, True),
    ("updateInternalDomain", {"kind": "status", "status": 403}, False),
])
def test_faults(tenant: Tenant, operation: str, fault: dict[str, Any], works: bool) -> None:
    tenant.sandbox.faults([{"operation": operation, **fault}])
    document = {"users": [ADA, BOB], "domains": [KNOWN_ONLY]}
    result = run(tenant, **document)
    assert result.get("failed", False) is not works and "Unexpected" not in result.get("msg", ""), result
    if operation == "updateInternalDomain":
        assert [change["kind"] for change in result["changes"]] == ["users"], "what was written before is told"
    assert sum(one["operation"] == IMPORT and one["wrote"] for one in tenant.requests()) <= 1, "never carried out twice"
    tenant.sandbox.clear_faults()
    assert not run(tenant, **document).get("failed")
    assert held(tenant) == {"ada@example.com": "Ada", "bob@example.com": "Bob"} and run(tenant, **document)["changed"] is False


def test_plan_files(tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each user is in the file, no password is; what an interrupted run has left is part of the plan, somebody else is not."""
    monkeypatch.setattr(plan_module, "FILE", 2)
    users = [{"email": "u{0}@example.com".format(number), "password": PASSWORD} for number in range(5)]
    path = str(tmp_path / "plan.json")
    assert run(tenant, True, users=users, plan_file=path)["changed"]
    text = Path(path).read_text(encoding="utf-8")
    changes = json.loads(text)["changes"]
    assert [change["name"] for change in changes] == [user["email"] for user in users] and changes[0]["secrets"] == {"password": ["password"]}
    assert "pass/word" not in text
    message = run(tenant, users=[*users, ADA], apply_plan=path)["msg"]
    assert "create user 'ada@example.com' is not in the plan" in message and held(tenant) == {}
    tenant.sandbox.faults([{"operation": IMPORT, "kind": "status", "status": 403, "after": 1}])
    broken = run(tenant, users=users, apply_plan=path)
    assert broken["failed"] and len(broken["changes"]) == 1 and len(held(tenant)) == 2, broken
    tenant.sandbox.clear_faults()
    rest = run(tenant, users=users, apply_plan=path)
    assert [change["name"] for change in rest["changes"]] == ["1 to 2 of 3", "3 to 3 of 3"] and len(held(tenant)) == 5, rest
    assert run(tenant, users=users, apply_plan=path)["changed"] is False


def test_passwords_are_not_shown(tenant: Tenant, tmp_path: Path) -> None:
    quoted = PASSWORD.replace('"', '""')
    path = csv(tmp_path, 'email,name,password\nada@example.com,Ada,"{0}"\n'.format(quoted))
    result = same_both_ways(tenant, users_src=path)
    assert "pass/word" not in json.dumps(result)


def test_info_lists_them_when_named(tenant: Tenant) -> None:
    run(tenant, users=[BOB, ADA])
    tenant.requests()
    assert sorted(map(str, tenant.call("mimecast_info", gather_subset=["users"])["users"])) == sorted(map(str, [ADA, BOB]))
    assert [one["operation"] for one in tenant.requests()] == ["listUsers"]
    everything = tenant.call("mimecast_info")
    assert not everything.get("failed") and "users" not in everything and "listUsers" not in [one["operation"] for one in tenant.requests()]
    assert "users" in tenant.call("mimecast_info", gather_subset=["all", "users"])


def test_twenty_thousand_users(tenant: Tenant, tmp_path: Path) -> None:
    """No more requests and memory than the module takes: four imports and a few looks, then the pages and nothing else."""
    count, plan = 20_000, str(tmp_path / "plan.json")
    path = csv(tmp_path, "email,name\n" + "".join("user{0}@example.com,User {0}\n".format(number) for number in range(count)))
    code = LARGE.replace('"mimecast_users", src=sys.argv[2]', '"mimecast_tenant", users_src=sys.argv[2], plan_file=sys.argv[3]')
    assert code != LARGE
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for most, changed in ((1 + 4 + 4 * 8, True), (count // 100 + 1, False)):
        tenant.requests()
        command = [sys.executable, "-c", code, json.dumps(tenant.connection), path, plan]
        done = subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["result"]["changed"] is changed and not found["result"].get("failed"), found["result"].get("msg")
        assert found["mib"] < 250 and len(done.stdout) < 100_000, found["mib"]
        requests = tenant.requests()
        assert len(requests) <= most and sum(one["wrote"] for one in requests) == (4 if changed else 0)
    assert len(held(tenant)) == count
