# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mimecast_users: rows judged by line before anything is sent, imports that are awaited, and only what is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from conftest import Tenant

from ansible_collections.mimecast.connect.plugins.module_utils._jobs import users as job_module
from ansible_collections.mimecast.connect.plugins.module_utils._jobs import users_plan as plan_module
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute, masked

ADA, BOB = {"email": "ada@example.com", "name": "Ada"}, {"email": "bob@example.com", "name": "Bob"}
PASSWORD = "pass/word of \"Ada\""
IMPORT, STATUS = "legacyImportUsers", "legacyGetImportStatus"
PAGES = 200
HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def fast(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_module, "PAUSES", (0.0, 0.02, 0.05, 0.1))
    monkeypatch.setattr(job_module, "LOOKS", (0.0, 0.05, 0.1, 0.2))


def run(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_users", check, **options)


def held(tenant: Tenant) -> dict[str, str]:
    return {row["emailAddress"]: row.get("name", "") for row in tenant.objects("users")}


def members(tenant: Tenant) -> list[str]:
    return sorted(row.get("emailAddress") or row["domain"] for row in tenant.objects("group_members"))


def csv(tmp_path: Path, text: str, encoding: str = "utf-8") -> str:
    path = tmp_path / "users.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


def refused(tenant: Tenant, words: str, **options: Any) -> str:
    """Refused in the same words by check mode and by a real run; nothing is sent, not even a log-on."""
    tenant.sandbox.clear_requests()
    for check in (True, False):
        result = run(tenant, check, **options)
        assert result.get("failed") and words in result["msg"] and "\n" not in result["msg"], result
    assert tenant.sandbox.requests() == []
    return result["msg"]


def same_both_ways(tenant: Tenant, **options: Any) -> dict[str, Any]:
    """Check mode writes nothing and says what a real run does; a second run does nothing."""
    tenant.requests()
    planned = run(tenant, True, **options)
    assert tenant.requests(writes=True) == []
    real = run(tenant, **options)
    assert not real.get("failed"), real
    assert {key: planned[key] for key in ("changed", "users", "changes", "diff")} == {key: real[key] for key in ("changed", "users", "changes", "diff")}
    tenant.requests()
    again = run(tenant, **options)
    assert again["changed"] is False and tenant.requests(writes=True) == [], again
    return real


def test_only_missing_and_renamed_users_are_imported(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, "users", [{"emailAddress": "ADA@example.com", "name": "Old"}, {"emailAddress": "else@example.com"}])
    result = same_both_ways(tenant, users=[ADA, BOB, {"email": "Else@Example.com"}])
    assert result["users"] == {"declared": 3, "created": 1, "updated": 1, "joined": 0, "removed_from_group": 0}
    assert result["diff"] == {"before": {"users": {"ada@example.com": "Old"}}, "after": {"users": {"ada@example.com": "Ada", "bob@example.com": "Bob"}}}
    assert held(tenant) == {"ADA@example.com": "Ada", "else@example.com": "", "bob@example.com": "Bob"}
    assert [one["users"] for one in result["imports"]] == [2] and result["imports"][0]["status"] == "completed"


@pytest.mark.parametrize("text, encoding", [
    ("email,name\nada@example.com,Ada\n", "utf-8"),
    ("email,name\nada@example.com,Ada", "utf-8-sig"),
    ("Our people;;\r\n;;\r\nx;name;email;password\r\n1;Ada;ada@example.com;\r\n;;;\r\n", "utf-8"),
    ('"email";"name"\n"ada@example.com";"Ada"\n', "utf-8"),
    ("a\tname\temail\n\tAda\tADA@EXAMPLE.COM\n", "utf-8"),
], ids=["plain", "byte order mark, no last break", "heading further down", "quoted, semicolons", "tabs"])
def test_csv_files(tenant: Tenant, tmp_path: Path, text: str, encoding: str) -> None:
    same_both_ways(tenant, src=csv(tmp_path, text, encoding))
    assert held(tenant) == {"ada@example.com": "Ada"}


@pytest.mark.parametrize("text, words", [
    ("Email,name\na@example.com,A\n", "no cell of the first 99 lines and the columns A to M is 'email'; line 1 has 'Email', but the case of letters"),
    ("," * 13 + "email,name\n", "no cell of the first 99 lines"),
    ("\n" * 99 + "email,name\n", "no cell of the first 99 lines"),
    ("", "no cell of the first 99 lines"),
    ("email,Name\n", "the heading in line 1 must hold email, name and, if wanted, password: 'name' is missing"),
    ("email,name,email\n", "'email' stands there twice"),
    ('email,name\na@example.com,"A\n', "line 2 is not CSV"),
    ("email,name\n\na b@example.com,A\n", "line 3: email 'a b@example.com': an address holds no blanks"),
    ('email,name\n"""a""@example.com",A\n', "line 2: email '\"a\"@example.com': an address stands without quotes"),
    ("email,name\n'a@example.com',A\n", "an address stands without quotes"),
    ("email,name\nexample.com,A\n,B\n", "2 problems: line 2: email 'example.com': it is not a mail address such as postmaster@example.com; "
                                        "line 3: email '': it is missing"),
    ('email,name\na@example.com,"A\nB"\nb@example.com,B\nA@example.com,C\n',
     "line 2: name 'A\\nB': it must be one line without control characters; line 5: a@example.com stands in line 2 already"),
    ("email,name,password\na@example.com,A, hush\n", "line 2: password: it must be one line without control characters or blanks at its ends "
                                                     "(a bad password fails a whole import)"),
])
def test_bad_files(tenant: Tenant, tmp_path: Path, text: str, words: str) -> None:
    assert "hush" not in refused(tenant, words, src=csv(tmp_path, text))


@pytest.mark.parametrize("options, words", [
    ({"src": "/nowhere/users.csv"}, "Cannot import users from '/nowhere/users.csv': No such file"),
    ({"src": "users.xls"}, "Cannot import users from 'users.xls': save it as XLSX or CSV"),
    ({"users": [ADA, BOB, {"email": "ADA@example.com"}]}, "1 problem: user 3: ada@example.com stands in user 1 already"),
    ({"users": [ADA], "src": "users.csv"}, "mutually exclusive"),
    ({}, "one of the following is required: users, src"),
    ({"users": [ADA], "wait_timeout": 0}, "wait_timeout is 0: give a number of seconds"),
    ({"users": [ADA], "clear_group": True}, "clear_group is True but all of the following are missing: group"),
    ({"users": [ADA], "clear_group": True, "group": "Sales"}, "Cannot import users into group 'Sales': clear_group takes all other members out of it; "
                                                              "set allow_clear_group: true"),
    ({"users": [], "clear_group": True, "group": "Sales", "allow_clear_group": True}, "without any user would only empty it"),
    ({"users": [{"email": "u{0}@example.com".format(n)} for n in range(5001)], "clear_group": True, "group": "Sales", "allow_clear_group": True,
      "wait": False}, "with more than 5000 users takes several imports, of which the first clears; set wait: true"),
])
def test_bad_options(tenant: Tenant, options: dict[str, Any], words: str) -> None:
    refused(tenant, words, **options)


def test_a_long_list_of_problems_is_cut(tenant: Tenant) -> None:
    message = refused(tenant, "25 problems", users=[{"email": "nobody"} for _number in range(25)])
    assert "user 20:" in message and "user 21:" not in message and message.endswith("; and 5 more")


def test_latin1_is_not_guessed_at(tenant: Tenant, tmp_path: Path) -> None:
    refused(tenant, "it is not UTF-8", src=csv(tmp_path, "email,name\na@example.com,J\u00f6rg\n", "latin-1"))


def test_xlsx(tenant: Tenant, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "Users.XLSX"
    book = openpyxl.Workbook()
    for cells in ([], ["", "name", "email", "password"], [None, "Ada", "ada@example.com", "s3cret-of-ada"], [], [1, "Bob", "bob@example.com"]):
        book.active.append(cells)
    book.save(path)
    same_both_ways(tenant, src=str(path))
    assert held(tenant) == {"ada@example.com": "Ada", "bob@example.com": "Bob"}
    book.active.append([None, "Cy", "c y@example.com", 1234])
    book.save(path)
    assert "1234" not in refused(tenant, "line 6: password: the cell holds a number or a date; make it text", src=str(path))
    path.write_bytes(b"no workbook")
    refused(tenant, "it is not a readable XLSX file", src=str(path))


def test_xlsx_without_the_library(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    refused(tenant, "Failed to import the required Python library (openpyxl)", src="users.xlsx")


def test_users_join_a_group(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, "users", [{"emailAddress": "ada@example.com", "name": "Ada"}])
    run(tenant, users=[{"email": "old@example.com"}], group="Sales")
    result = same_both_ways(tenant, users=[ADA, BOB], group="Sales")
    assert result["users"]["joined"] == 1 and result["users"]["created"] == 1
    assert result["diff"]["after"]["members of group 'Sales'"] == ["ada@example.com", "bob@example.com"]
    assert members(tenant) == ["ada@example.com", "bob@example.com", "old@example.com"]


def test_clearing_a_group(tenant: Tenant) -> None:
    tenant.call("mimecast_group", name="Sales", members={"set": ["old@example.com", "other.example", "ada@example.com"]})
    clear = {"group": "Sales", "clear_group": True, "allow_clear_group": True}
    result = same_both_ways(tenant, users=[ADA, BOB], **clear)
    assert result["diff"]["before"]["members of group 'Sales'"] == ["old@example.com", "other.example"]
    assert result["users"]["removed_from_group"] == 2 and result["changes"][0]["options"] == ["clear_group"]
    assert members(tenant) == ["ada@example.com", "bob@example.com"]
    more = run(tenant, users=[ADA, BOB, {"email": "new@example.com"}], **clear)
    assert more["changes"][0] == {"action": "import", "kind": "users", "name": "1 to 1 of 1", "options": []}, "nobody has to leave: nothing is cleared"


def test_only_the_first_of_several_imports_clears(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "FILE", 2)
    tenant.call("mimecast_group", name="Sales", members={"set": ["old@example.com"]})
    users = [{"email": "u{0}@example.com".format(number)} for number in range(5)]
    result = same_both_ways(tenant, users=users, group="Sales", clear_group=True, allow_clear_group=True)
    assert [(change["name"], change["options"]) for change in result["changes"]] == [("1 to 2 of 5", ["clear_group"]), ("3 to 4 of 5", []), ("5 to 5 of 5", [])]
    assert members(tenant) == [user["email"] for user in users]


@pytest.mark.parametrize("change, words", [
    ({"group": "Nobody"}, "Cannot import users into group 'Nobody': the tenant has none of that name; make it with mimecast_group first"),
    ({"group": "Staff"}, "Cannot import users into group 'Staff': it comes from the directory"),
])
def test_groups_that_cannot_be_joined(tenant: Tenant, change: dict[str, Any], words: str) -> None:
    tenant.sandbox.insert(tenant.code, "groups", [{"description": "Staff", "source": "ldap"}])
    for check in (True, False):
        assert words in run(tenant, check, users=[ADA], **change)["msg"]
    assert tenant.requests(writes=True) == []


def test_rows_that_the_service_leaves_out(tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "FILE", 2)
    path = csv(tmp_path, "people\nemail,name\nada@example.com,Ada\nx@elsewhere.example,X\nbob@example.com,Bob\ny@elsewhere.example,Y\n")
    result = run(tenant, src=path)
    assert result["failed"] and result["changed"] and len(result["changes"]) == 2
    assert result["msg"].startswith("Cannot import 2 of 4 users, the service left them out: line 4, x@elsewhere.example: err_"), result["msg"]
    assert [(one["line"], one["email"]) for one in result["rejected"]] == [(4, "x@elsewhere.example"), (6, "y@elsewhere.example")]
    assert held(tenant) == {"ada@example.com": "Ada", "bob@example.com": "Bob"}


@pytest.mark.parametrize("report", ["", "report-7.csv", None, "a\0b", "\"x"])
def test_rows_left_out_without_a_report_that_can_be_read(tenant: Tenant, monkeypatch: pytest.MonkeyPatch, report: Any) -> None:
    monkeypatch.setattr(job_module, "_reasons", lambda given, addresses, honest=job_module._reasons: honest(report, addresses))
    result = run(tenant, users=[ADA, {"email": "x@elsewhere.example"}])
    assert result["rejected"] == [{"line": 2, "email": "x@elsewhere.example", "reason": "the service does not say why"}]


def test_waiting_ends(tenant: Tenant) -> None:
    tenant.sandbox.settings(import_duration_ms=1500)
    result = run(tenant, users=[ADA], wait_timeout=1)
    assert result["failed"] and result["changed"] and result["imports"][0]["id"]
    assert "after 1 s its status is 'processing'. It goes on at the service: see it in the console" in result["msg"]
    assert 4 < sum(one["operation"] == STATUS for one in tenant.requests()) < 20, "looks at growing intervals"
    assert not run(tenant, users=[ADA], wait_timeout=5).get("failed"), "whether or not the first import is through by now"


def test_without_waiting_nobody_looks(tenant: Tenant) -> None:
    tenant.sandbox.settings(import_duration_ms=60_000)
    result = run(tenant, users=[ADA], wait=False)
    assert result["changed"] and result["imports"][0]["status"] == "" and not result.get("failed")
    assert [one["operation"] for one in tenant.requests()] == ["listUsers", IMPORT]


@pytest.mark.parametrize("operation, fault, works", [
    (IMPORT, {"kind": "status", "status": 503}, False),
    (IMPORT, {"kind": "status", "status": 503, "before_commit": False}, True),
    (IMPORT, {"kind": "drop_before"}, False),
    (IMPORT, {"kind": "drop_after"}, True),
    (IMPORT, {"kind": "cut_body"}, True),
    (IMPORT, {"kind": "status", "status": 429, "reset_ms": 10}, True),
    (IMPORT, {"kind": "expire_token"}, True),
    (IMPORT, {"kind": "status", "status": 403}, False),
    (STATUS, {"kind": "status", "status": 503}, True),
    (STATUS, {"kind": "status", "status": 503, "times": 99}, False),
    ("listUsers", {"kind": "drop_before"}, True),
    ("listUsers", {"kind": "status", "status": 403}, False),
])
def test_faults(tenant: Tenant, operation: str, fault: dict[str, Any], works: bool) -> None:
    tenant.call("mimecast_group", name="Sales", members={"set": ["old@example.com"]})
    options = {"users": [ADA, {**BOB, "password": PASSWORD}], "group": "Sales", "clear_group": True, "allow_clear_group": True}
    tenant.requests()
    tenant.sandbox.faults([{"operation": operation, **fault}])
    result = run(tenant, **options)
    assert result.get("failed", False) is not works, result
    assert works or ("\n" not in result["msg"] and "Unexpected" not in result["msg"]), result
    assert sum(one["operation"] == IMPORT and one["wrote"] for one in tenant.requests()) <= 1, "never carried out twice"
    tenant.sandbox.clear_faults()
    assert not run(tenant, **options).get("failed")
    assert held(tenant) == {"ada@example.com": "Ada", "bob@example.com": "Bob"} and members(tenant) == ["ada@example.com", "bob@example.com"]


def test_a_password_that_the_service_repeats_is_hidden(tenant: Tenant, tmp_path: Path) -> None:
    quoted = PASSWORD.replace('"', '""')
    path = csv(tmp_path, 'email,name,password\nada@example.com,Ada,"{0}"\n'.format(quoted))
    body = {"errors": [{"code": "err_bad_password", "message": "too weak: " + PASSWORD}]}
    tenant.sandbox.faults([{"operation": IMPORT, "kind": "status", "status": 400, "body": body}])
    checked = ArgumentSpecValidator(job_module.JOB.argument_spec).validate({**tenant.connection, "src": path})
    result, secrets = execute(job_module.JOB, checked.validated_parameters, False)
    assert "One password that the service does not take fails the whole import" in result["msg"]
    assert PASSWORD in secrets and PASSWORD not in json.dumps(masked(result, secrets)) and "too weak" in masked(result, secrets)["msg"]
    assert PASSWORD not in json.dumps(run(tenant, src=path)), "neither in a result nor in a diff"


LARGE = """
import json, resource, sys
from conftest import Tenant
tenant = Tenant.__new__(Tenant)
tenant.connection = json.loads(sys.argv[1])
result = tenant.call("mimecast_users", src=sys.argv[2])
kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"result": result, "mib": kib / 1024}))
"""


def test_twenty_thousand_users(tenant: Tenant, tmp_path: Path) -> None:
    """A page for each hundred users, four imports and a few looks; a second run reads the pages and nothing else."""
    count = 100 * PAGES
    path = csv(tmp_path, "email,name\n" + "".join("user{0}@example.com,User {0}\n".format(number) for number in range(count)))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for most, changed in ((1 + 4 + 4 * 8, True), (PAGES + 1, False)):
        tenant.requests()
        command = [sys.executable, "-c", LARGE, json.dumps(tenant.connection), path]
        done = subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["result"]["changed"] is changed and not found["result"].get("failed"), found["result"].get("msg")
        assert found["mib"] < 250 and len(done.stdout) < 100_000
        requests = tenant.requests()
        assert len(requests) <= most and sum(one["wrote"] for one in requests) == (4 if changed else 0)
    assert len(held(tenant)) == count
