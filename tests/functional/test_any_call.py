# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mimecast_api: reads and writes of both envelopes, pages, the gate, and secrets that only their names give away."""

from __future__ import annotations

import json
from typing import Any

import playbooks
import pytest
from conftest import Tenant
from wires import Reply, WebServer, send

from ansible_collections.mimecast.connect.plugins.module_utils._api.secret_names import secrets_of, without_secrets
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE

ROUTES = CATALOGUE["delivery_routes"].list.path
CONTACT = "/account/cloud-gateway/v1/emergency-contact"
GROUPS = "/directory/cloud-gateway/v1/groups"
PERSON = {"contactName": "Duty", "contactEmailAddress": "duty@example.org", "mobilePhone": "+442079460000"}
FIND, CREATE, MEMBERS = "/api/directory/find-groups", "/api/directory/create-group", "/api/directory/get-group-members"
SECRET = "s3cret-in-the-body"
LOGIN = {"description": "HQ", "hostname": "mx.example.com", "port": 25,
         "smtpAuthentication": {"authMechanisms": ["LOGIN"], "username": "u", "password": SECRET}}


def api(tenant: Tenant, check: bool = False, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_api", check, **options)


def failure(result: dict[str, Any]) -> str:
    assert result.get("failed") and not result.get("changed"), result
    return str(result["msg"])


@pytest.mark.parametrize("check", [False, True])
def test_reads_are_carried_out_in_check_mode_too(tenant: Tenant, check: bool) -> None:
    by_get = api(tenant, check, path="/identity/whoami")
    by_post = api(tenant, check, method="POST", path="/api/audit/get-categories", kind="read")
    assert by_get["changed"] is False and by_get["answer"]["type"] == "full", by_get
    assert by_post["changed"] is False and "policy_logs" in [row["code"] for row in by_post["answer"]["data"]]
    assert by_post["api"] == {"requests": 2, "retries": 0, "waited_s": 0.0, "writes": 0}


def test_a_write_is_a_change_and_check_mode_only_describes_it(tenant: Tenant) -> None:
    call = {"method": "PUT", "path": CONTACT, "body": PERSON}
    planned = api(tenant, True, **call)
    assert planned["changed"] and planned["would_send"] == {"method": "PUT", "path": CONTACT, "query": {}, "body": PERSON}
    assert tenant.requests() == [] and "answer" not in planned
    for _time in range(2):
        assert api(tenant, **call)["changed"] is True
    assert len(tenant.requests(writes=True)) == 2 and api(tenant, path=CONTACT)["answer"]["contactName"] == "Duty"


def test_post_is_a_write_unless_the_user_says_that_it_reads(tenant: Tenant) -> None:
    call = {"method": "POST", "path": "/api/audit/get-categories"}
    assert api(tenant, True, **call)["would_send"]["body"] == {"data": []} and tenant.requests() == []
    assert api(tenant, **call)["changed"] is True
    assert api(tenant, **call, kind="read")["changed"] is False


def test_the_older_envelope(tenant: Tenant) -> None:
    one, two = {"description": "One"}, {"description": "Two"}
    assert api(tenant, True, method="POST", path=CREATE, body=one)["would_send"]["body"] == {"data": [one]}
    made = api(tenant, method="POST", path=CREATE, body=one)
    assert made["changed"] and made["answer"]["fail"] == [], made
    found = api(tenant, method="POST", path=FIND, kind="read", body={"query": "One"})
    assert [group["description"] for group in found["answer"]["data"][0]["folders"]] == ["One"]
    assert "One" in tenant.names("groups")
    refused = failure(api(tenant, method="POST", path=CREATE, body=[two, {**two, "parentId": "nonsense"}]))
    assert refused.startswith("Cannot call POST " + CREATE) and "other items of this call may have been carried out" in refused


def test_pages_of_v1(tenant: Tenant) -> None:
    tenant.sandbox.insert(tenant.code, "groups", [{"description": "G{0}".format(number)} for number in range(250)])
    result = api(tenant, True, path=GROUPS, paged=True, list_key="groups")
    assert result["changed"] is False and len(result["rows"]) == 252 and len(tenant.requests()) == 3
    assert len(api(tenant, path=GROUPS, paged=True, list_key="groups", query={"pageSize": 50})["rows"]) == 252
    assert len(tenant.requests()) == 6
    assert "'groups' where 'folders' was expected" in failure(api(tenant, path=GROUPS, paged=True, list_key="folders"))


def test_pages_of_the_older_envelope(tenant: Tenant) -> None:
    assert tenant.call("mimecast_group", name="Many", members={"set": ["d{0}.example".format(number) for number in range(150)]})["changed"]
    folders = {"method": "POST", "path": FIND, "kind": "read", "paged": True}
    groups = api(tenant, **folders, list_key="folders")["rows"]
    group = next(one for one in groups if one["description"] == "Many")
    tenant.requests()
    call = {"method": "POST", "path": MEMBERS, "kind": "read", "paged": True, "body": {"id": group["id"]}}
    assert len(api(tenant, **call, list_key="groupMembers")["rows"]) == 150 and len(tenant.requests()) == 2
    assert "holds no list 'x' (it has" in failure(api(tenant, **call, list_key="x"))


def test_the_query(tenant: Tenant) -> None:
    found = api(tenant, path=GROUPS, query={"pageSize": 1, "pageToken": None})
    assert len(found["answer"]["groups"]) == 1
    assert "query: x must be a single value" in failure(api(tenant, path=GROUPS, query={"x": {"y": 1}}))


@pytest.mark.parametrize("options, words", [
    ({"path": "identity/whoami"}, "it must begin with one /"),
    ({"path": "https://evil.example/x"}, "it must begin with one /"),
    ({"path": "//evil.example/x"}, "it must begin with one /"),
    ({"path": "/a?b=c"}, "put what follows ? into query"),
    ({"path": "/a b"}, "percent-encode"),
    ({"path": "/a\r\nX-Evil: 1"}, "percent-encode"),
    ({"path": "/a/../oauth/token"}, "it must not hold a part .."),
    ({"path": "/oauth/token", "method": "POST"}, "logging on is done by the collection"),
    ({"path": "/./%6Fauth/token", "method": "POST"}, "logging on is done by the collection"),
    ({"path": "/x", "method": "DELETE", "kind": "read"}, "kind is read, which DELETE never is"),
    ({"path": "/api/x"}, "legacy calls are POST"),
    ({"path": "/x", "envelope": "legacy", "method": "PUT"}, "legacy calls are POST"),
    ({"path": "/x", "paged": True}, "paged needs list_key"),
    ({"path": "/x", "list_key": "y"}, "list_key goes with paged"),
    ({"path": "/api/x", "method": "POST", "paged": True}, "paged goes with reads"),
    ({"path": "/x", "body": {}}, "GET takes no body"),
    ({"path": "/x", "method": "POST", "body": SECRET}, "body must be a mapping or a list"),
    ({"path": "/api/x", "method": "POST", "body": [SECRET]}, "the items of body must be mappings"),
])
def test_input_that_is_wrong_in_itself(tenant: Tenant, options: dict[str, Any], words: str) -> None:
    for check in (True, False):
        text = failure(api(tenant, check, **options))
        assert words in text and SECRET not in text, text
    assert tenant.requests() == [] and tenant.sandbox.requests() == []


def test_without_a_credential_check_mode_says_so(tenant: Tenant) -> None:
    assert "client_secret not set" in failure(api(tenant, True, method="PUT", path=CONTACT, client_secret=None))


@pytest.mark.parametrize("fault", ["drop_after", "status"])
def test_faults(tenant: Tenant, quick: None, fault: str) -> None:
    rule = {"operation": "*", "kind": fault, **({"status": 503} if fault == "status" else {})}
    api(tenant, path="/identity/whoami")
    tenant.sandbox.faults([{**rule, "operation": "whoAmI"}])
    assert api(tenant, path="/identity/whoami")["api"]["retries"] == 1
    tenant.sandbox.clear_faults()
    tenant.sandbox.faults([{**rule, "operation": "createEmergencyContact"}])
    result = api(tenant, method="PUT", path=CONTACT, body=PERSON)
    assert "may have been carried out all the same; look before you send it again" in failure(result)
    assert result["api"]["writes"] == 1, "a write is never repeated"


def test_refusals_are_sentences(tenant: Tenant) -> None:
    assert failure(api(tenant, path="/no/such/path")).startswith("Cannot call GET /no/such/path: the service answered 403")
    assert "mobilePhone" in failure(api(tenant, method="PUT", path=CONTACT, body={**PERSON, "mobilePhone": "x"}))


def test_an_answer_that_is_a_bare_list(tenant: Tenant) -> None:
    with WebServer(lambda request: send(tenant.sandbox.url, request) if "oauth" in request.path else Reply.of([{"a": 1}])) as server:
        result = api(tenant, method="POST", path="/x", body={}, base_url=server.url)
        assert result["changed"] and result["answer"] == {"data": [{"a": 1}]}
        assert api(tenant, path="/x", paged=True, list_key="rows", base_url=server.url)["rows"] == [{"a": 1}]


@pytest.mark.parametrize("value, hidden, found", [
    ({"password": "a", "n": 1}, {"password": "(hidden)", "n": 1}, {"a"}),
    ({"x": [{"client_secret": "b"}]}, {"x": [{"client_secret": "(hidden)"}]}, {"b"}),
    ({"newPassword": ["c", {"d": "e"}]}, {"newPassword": "(hidden)"}, {"c", "e"}),
    ({"key": "f", "keyLength": 2048, "tokens": "g"}, {"key": "(hidden)", "keyLength": 2048, "tokens": "(hidden)"}, {"f", "g"}),
    ({"password": 123456, "passwordLength": 8}, {"password": "(hidden)", "passwordLength": "(hidden)"}, {"123456"}),
    ({"forcePasswordChange": True, "token": None}, {"forcePasswordChange": True, "token": None}, set()),
])
def test_names_of_secrets(value: Any, hidden: Any, found: set[str]) -> None:
    assert without_secrets(value) == hidden and secrets_of(value) == found


def test_check_mode_and_answers_show_no_secret(tenant: Tenant) -> None:
    planned = api(tenant, True, method="POST", path=ROUTES, body=LOGIN, query={"token": SECRET})
    assert SECRET not in json.dumps(planned) and planned["would_send"]["body"]["smtpAuthentication"]["username"] == "u"
    tenant.sandbox.settings(extra_fields={"passPhrase": SECRET, "token": "to-be-published"})
    answer = api(tenant, path="/identity/whoami")["answer"]
    assert SECRET not in json.dumps(answer) and (answer["passPhrase"], answer["token"]) == ("(hidden)", "to-be-published")


@pytest.mark.parametrize("in_process", [True, False])
def test_no_secret_of_the_body_is_shown(tenant: Tenant, tmp_path: Any, in_process: bool) -> None:
    """Neither by check mode, nor by the arguments that -vvv shows, nor by an error that quotes them."""
    tasks = [{"name": label, "mimecast.connect.mimecast_api": {**tenant.connection, "method": "POST", "path": ROUTES, "body": body},
              "check_mode": check, "ignore_errors": True, "vars": {"mimecast_in_process": in_process}}
             for label, check, body in (("planned", True, LOGIN), ("made", False, LOGIN), ("refused", False, {**LOGIN, "port": 0}),
                                        ("no mapping", False, [[{"password": SECRET}], 1]))]
    run = playbooks.run(tmp_path, tasks, "-vvvv")
    assert [task.get("changed") for task in run.shown[:2]] == [True, True], run.output
    assert all(task["msg"].startswith("Cannot call POST") for task in run.shown[2:4]) and run.recap("localhost")["ignored"] == 2
    assert SECRET not in run.output + run.stderr + json.dumps(run.shown)
