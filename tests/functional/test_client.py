# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client: its token, its one connection, pages, bad addresses, bad answers and the write gate."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import DEFINITIONS, Tenant
from wires import Listener, Reply, Request, WebServer, relay

from ansible_collections.mimecast.connect.plugins.module_utils._api import client as client_module
from ansible_collections.mimecast.connect.plugins.module_utils._api import token as token_module
from ansible_collections.mimecast.connect.plugins.module_utils._api import transport as transport_module
from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, WriteRefused
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import LEGACY, READ, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import Settings
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE

ROUTES = CATALOGUE["delivery_routes"].list
LEGACY_LIST = Operation("POST", "/api/things/get-things", READ, LEGACY)
TOKEN = {"access_token": "a-token-from-the-test", "expires_in": 1799}
WORKERS = 8
DOCUMENT = [{"name": "HQ", "hostname": "mx.example.com", "policies": [{"name": "In", "to": {"type": "everyone"}}]}]


def make(tenant: Tenant, folder: Path | None = None, may_write: bool = False, **options: Any) -> Client:
    return Client(Settings(**{**tenant.connection, **options}), may_write, str(folder) if folder else None)


def tokens_asked(tenant: Tenant) -> int:
    found = [one["operation"] for one in tenant.sandbox.requests()].count("getToken")
    tenant.sandbox.clear_requests()
    return found


def info(tenant: Tenant, **options: Any) -> dict[str, Any]:
    return tenant.call("mimecast_info", gather_subset=["delivery_routes"], **options)


def sentence(result: dict[str, Any]) -> str:
    """The message of a failure, which must be one for people."""
    message = result["msg"]
    assert result["failed"] and "\n" not in message and "Traceback" not in message and "Unexpected error" not in message, message
    return message


def answers(*replies: Reply) -> Callable[[Request], Reply]:
    """A service that logs anybody on, and gives these answers in turn, the last one for ever."""
    rest = list(replies)
    return lambda request: Reply.of(TOKEN) if request.path == "/oauth/token" else rest.pop(0) if len(rest) > 1 else rest[0]


# --- one token for each credential and run


def _worker(tenant: Tenant, folder: Path, read: Any, expired: Any) -> None:
    client = make(tenant, folder)
    client.rows(ROUTES, "read routes")
    read.wait(20)
    expired.wait(20)
    client.rows(ROUTES, "read routes")
    os._exit(0)


def test_parallel_workers_ask_once_and_once_more_when_the_token_expires(tenant: Tenant, tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    read, expired = fork.Barrier(WORKERS + 1), fork.Barrier(WORKERS + 1)
    workers = [fork.Process(target=_worker, args=(tenant, tmp_path, read, expired)) for _try in range(WORKERS)]
    for worker in workers:
        worker.start()
    read.wait(20)
    assert tokens_asked(tenant) == 1
    tenant.sandbox.expire_tokens(tenant.code)
    expired.wait(20)
    for worker in workers:
        worker.join(20)
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    assert tokens_asked(tenant) == 1


def test_the_tasks_of_a_run_share_a_private_file(tenant: Tenant, tmp_path: Path) -> None:
    other = Tenant(tenant.sandbox)
    for who in (tenant, tenant, other, tenant):
        assert not info(who, folder=str(tmp_path)).get("failed")
    assert tokens_asked(tenant) == 2
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert all(who.connection[name] not in path.name for path in tmp_path.iterdir() for who in (tenant, other)
               for name in ("client_id", "client_secret"))


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", '["old", 0]', '["dead", 9999999999]'])
def test_a_useless_file_is_replaced(tenant: Tenant, tmp_path: Path, content: str) -> None:
    info(tenant, folder=str(tmp_path))
    (path,) = [path for path in tmp_path.iterdir() if path.suffix != ".lock"]
    path.write_text(content, encoding="utf-8")
    assert not info(tenant, folder=str(tmp_path)).get("failed")
    assert tokens_asked(tenant) == 2


def test_without_the_cache_each_task_asks_and_leaves_no_file(tenant: Tenant, tmp_path: Path) -> None:
    for _try in range(2):
        info(tenant, folder=str(tmp_path), token_cache=False)
    assert (tokens_asked(tenant), list(tmp_path.iterdir())) == (2, [])


@pytest.mark.parametrize(("seconds", "asked"), [(1700, 1), (1745, 2)])
def test_a_token_is_renewed_a_minute_before_its_end(tenant: Tenant, monkeypatch: pytest.MonkeyPatch, seconds: int, asked: int) -> None:
    now = [time.time()]
    monkeypatch.setattr(token_module, "time", SimpleNamespace(time=lambda: now[0]))
    client = make(tenant)
    client.rows(ROUTES, "read routes")
    now[0] += seconds
    client.rows(ROUTES, "read routes")
    assert {one["status"] for one in tenant.sandbox.requests()} == {200}
    assert tokens_asked(tenant) == asked


def test_a_token_that_never_works_is_told_and_not_shown(tenant: Tenant, tmp_path: Path) -> None:
    tenant.sandbox.settings(token_lifetime_s=0)
    message = sentence(info(tenant, folder=str(tmp_path)))
    assert "answered 401" in message and "check client_id and client_secret" in message
    tokens = [json.loads(path.read_text(encoding="utf-8"))[0] for path in tmp_path.iterdir() if path.suffix != ".lock"]
    assert tokens and not any(token in message for token in tokens)
    assert tokens_asked(tenant) <= 3


# --- one connection


def test_a_task_needs_one_connection(tenant: Tenant) -> None:
    with WebServer(relay(tenant.sandbox.url)) as server:
        tenant.connection["base_url"] = server.url
        assert tenant.document(DOCUMENT)["changed"]
        assert (server.connections, len(server.requests)) == (1, 7)


def test_a_service_that_closes_after_each_answer_is_asked_again(tenant: Tenant) -> None:
    def closing(_request: Request, reply: Reply) -> Reply:
        return reply._replace(headers={**reply.headers, "Connection": "close"})

    with WebServer(relay(tenant.sandbox.url, closing)) as server:
        tenant.connection["base_url"] = server.url
        result = tenant.document(DOCUMENT)
        assert (result["changed"], result["api"]["retries"]) == (True, 0)
        assert server.connections == len(server.requests)


def test_what_a_request_says_of_itself(tenant: Tenant) -> None:
    with WebServer(relay(tenant.sandbox.url)) as server:
        info(tenant, base_url=server.url + "/", account_code=tenant.code)
        log_on, *calls = server.requests
    assert "Authorization" not in log_on.headers and tenant.connection["client_secret"] not in log_on.path
    for request in calls:
        assert request.headers["Authorization"].startswith("Bearer ") and request.headers["x-mc-accountcode"] == tenant.code
    assert {request.headers["User-Agent"] for request in server.requests} == {"mimecast.connect (Ansible collection)"}


# --- pages


@pytest.mark.parametrize(("objects", "page", "requests"), [(0, 3, 1), (3, 3, 1), (4, 3, 2), (10, 3, 4), (250, None, 3)])
def test_pages_of_v1(tenant: Tenant, objects: int, page: int | None, requests: int) -> None:
    tenant.sandbox.insert(tenant.code, DEFINITIONS, [{"description": str(n), "hostname": "h.example.com"} for n in range(objects)])
    tenant.sandbox.settings(max_page=page)
    tenant.requests()
    rows = make(tenant).rows(ROUTES, "read routes")
    assert [row["description"] for row in rows] == [str(n) for n in range(objects)]
    assert len(tenant.requests()) == requests


def legacy(rows: list[Any], following: Any = None, fail: Any = ()) -> Reply:
    return Reply.of({"meta": {"status": 200, "pagination": {"pageSize": 100, "next": following}}, "data": rows, "fail": list(fail)})


def test_pages_of_legacy(tenant: Tenant) -> None:
    pages = [legacy([{"n": 1}, {"n": 2}], "t/1="), legacy([{"n": 3}], "t/2="), legacy([{"n": 4}])]
    with WebServer(answers(*pages)) as server:
        assert [row["n"] for row in make(tenant, base_url=server.url).rows(LEGACY_LIST, "read things")] == [1, 2, 3, 4]
        asked = [request.json["meta"]["pagination"] for request in server.requests[1:]]
    assert asked == [{"pageSize": 100}, {"pageSize": 100, "pageToken": "t/1="}, {"pageSize": 100, "pageToken": "t/2="}]


@pytest.mark.parametrize(("pages", "text"), [
    ([legacy([{"n": 1}], "again")], "the same page twice"),
    ([legacy([{"n": 1}], "t1"), legacy([], fail=[{"errors": [{"code": "err_x", "message": "no luck"}]}])], r"no luck \[err_x\]"),
    ([legacy([{"n": 1}], "t1"), Reply.of({"meta": {"status": 200}, "things": [{"n": 2}]})], "objects under 'things'"),
    ([legacy([{"n": 1}], "t1"), Reply.of({})], "without a list"),
])
def test_pages_of_legacy_that_cannot_be_trusted(tenant: Tenant, pages: list[Reply], text: str) -> None:
    with WebServer(answers(*pages)) as server, pytest.raises(ApiError, match="Cannot read things: .*" + text):
        make(tenant, base_url=server.url).rows(LEGACY_LIST, "read things")


# --- addresses


@pytest.mark.parametrize(("url", "text"), [
    ("http://api.services.mimecast.com", "would send the client secret unencrypted"),
    ("http://192.0.2.1:8080", "would send the client secret unencrypted"),
    ("http://localhost.example.com", "would send the client secret unencrypted"),
    ("http://127.0.0.1.example.com", "would send the client secret unencrypted"),
    ("https://me:S3kret@api.services.mimecast.com", "holds a user name or password"),
    ("https://me:S3kret@api.services.mimecast.com:99999", "holds a user name or password"),
    ("me:S3kret@api.services.mimecast.com", "holds a user name or password"),
    ("https://api.services.mimecast.com:99999", "is not a URL"),
    ("https://[::1", "is not a URL"),
    ("ftp://api.services.mimecast.com", "must look like https://"),
    ("api.services.mimecast.com", "must look like https://"),
    ("https://", "must look like https://"),
    ("https://api.services.mimecast.com/?x=1", "must look like https://"),
])
def test_an_address_that_is_refused_before_any_connection(tenant: Tenant, monkeypatch: pytest.MonkeyPatch, url: str, text: str) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_args, **_more: pytest.fail("a connection was tried"))
    message = sentence(info(tenant, base_url=url))
    assert text in message and "S3kret" not in message


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return "http://127.0.0.1:{0}".format(free.getsockname()[1])


@pytest.mark.parametrize(("url", "text"), [
    (closed_port, "Connection refused"),
    (lambda: "https://no-such-host.invalid", "its name cannot be resolved"),
    (lambda: "https://two..dots.example", "encod"),
])
def test_a_service_that_cannot_be_reached(tenant: Tenant, quick: None, url: Callable[[], str], text: str) -> None:
    started = time.monotonic()
    message = sentence(info(tenant, base_url=url()))
    assert message.startswith("Cannot log on to the service with client id") and text in message
    assert time.monotonic() - started < 5


def test_a_service_that_says_nothing(tenant: Tenant, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "TRIES", 2)
    started = time.monotonic()
    with Listener() as server:
        message = sentence(info(tenant, base_url=server.url, timeout=1))
    assert "it did not answer in time" in message and "Tried 2 times" in message
    assert time.monotonic() - started < 4


# --- answers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("at_log_on", [True, False])
def test_a_redirect_is_explained_and_not_followed(tenant: Tenant, status: int, at_log_on: bool) -> None:
    with Listener() as elsewhere:
        redirect = Reply(status, b"", {"Location": elsewhere.url + "/login"})
        with WebServer((lambda _request: redirect) if at_log_on else answers(redirect)) as server:
            message = sentence(info(tenant, base_url=server.url))
        assert "It redirects to {0}/login; set base_url to where the API is".format(elsewhere.url) in message
        assert elsewhere.connections == 0


def test_an_answer_beyond_the_limit(tenant: Tenant, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_ANSWER", 1 << 20)
    with WebServer(answers(Reply.of({"definitions": ["x" * (1 << 20)]}))) as server:
        assert "the answer is larger than 1 MiB" in sentence(info(tenant, base_url=server.url))


ODD = {
    "errors is a number": Reply.of({"errors": 5}, 400),
    "errors is an object": Reply.of({"errors": {"code": "err_x", "message": "no luck"}}, 400),
    "errors is a text": Reply.of({"errors": "no luck"}, 400),
    "fail is a text": Reply.of({"fail": "no luck"}, 400),
    "error is an object": Reply.of({"error": {"code": 7, "message": "no luck"}}, 403),
    "message only": Reply.of({"message": "no luck"}, 404),
    "nothing": Reply(400, b""),
    "not text": Reply(400, b"\xff\xfe\x00"),
    "HTML": Reply(200, b"<html>Log in here</html>", {"Content-Type": "text/html"}),
    "a list": Reply.of([], 200),
    "a number": Reply.of(5, 200),
    "too deep": Reply(200, b"[" * 100_000),
    "rows are texts under another name": Reply.of({"items": ["x"], "meta": {}}),
    "meta is a list, page token an object": Reply.of({"definitions": [], "meta": {"nextPage": {"a": 1}}}),
    "ends early": Reply(200, b'{"definitions": [', {}, length=5000),
    "other status": Reply.of({}, 418),
    "upgrade": Reply(500, b"", {"Content-Type": "x" * 1000}),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("at_log_on", [True, False])
def test_an_odd_answer_is_one_sentence(tenant: Tenant, quick: None, odd: str, at_log_on: bool) -> None:
    with WebServer((lambda _request: ODD[odd]) if at_log_on else answers(ODD[odd])) as server:
        message = sentence(info(tenant, base_url=server.url))
    assert message.startswith("Cannot log on to the service" if at_log_on else "Cannot read delivery route"), message
    assert tenant.connection["client_secret"] not in message and TOKEN["access_token"] not in message


@pytest.mark.parametrize("token", [
    {}, {"access_token": 5}, {"access_token": ""}, {"access_token": "SECRET\r\nX-Injected: 1"}, {"access_token": "SECRÉT"},
    {"access_token": "SECRET", "expires_in": "soon"}, {"access_token": "SECRET", "expires_in": None},
], ids=str)
def test_an_odd_token_is_one_sentence(tenant: Tenant, token: dict[str, Any]) -> None:
    with WebServer(lambda _request: Reply.of(token)) as server:
        message = sentence(info(tenant, base_url=server.url))
        assert len(server.requests) == 1
    assert re.fullmatch("Cannot log on .*: the answer holds no access_token; check base_url", message)


@pytest.mark.parametrize("code", ["CUSA1A1; DROP", "a b", "д", "x\r\ny"])
def test_an_odd_account_code_is_one_sentence(tenant: Tenant, code: str) -> None:
    assert "must consist of letters and digits" in sentence(info(tenant, account_code=code))


# --- the gate


WRITES = [operation for resource in CATALOGUE.resources for operation in (resource.create, resource.update, resource.delete)
          if operation is not None]


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.method + " " + operation.path)
def test_no_write_passes_the_gate(tenant: Tenant, operation: Operation) -> None:
    assert operation.kind == WRITE
    with Listener() as server:
        client = make(tenant, base_url=server.url)
        with pytest.raises(WriteRefused, match=r"Cannot write: this run must not write \(check mode\)"):
            client.write(operation, "write", "some-id", {})
        assert server.connections == 0
    assert client.stats == {"requests": 0, "retries": 0, "waited_s": 0.0, "writes": 0}


def test_reads_that_are_posts_pass_the_gate(tenant: Tenant) -> None:
    facts = tenant.call("mimecast_info", check=True, gather_subset=["account"])
    assert facts["account"]["account_code"] == tenant.code


@pytest.mark.parametrize("resource", CATALOGUE.resources, ids=lambda resource: resource.kind)
def test_what_changes_something_is_declared_a_write(resource: Any) -> None:
    assert resource.list.kind == READ and (resource.get is None or resource.get.kind == READ)
    assert {operation.method for operation in WRITES} <= {"POST", "PATCH", "PUT", "DELETE"}


def test_a_folder_that_cannot_be_used_costs_only_tokens(tenant: Tenant, tmp_path: Path) -> None:
    for _task in range(2):
        assert "msg" not in tenant.call("mimecast_info", folder=str(tmp_path / "missing"), gather_subset=["whoami"])
    assert [one["operation"] for one in tenant.sandbox.requests()] == ["getToken", "whoAmI"] * 2
