# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults, seen from a raw socket where the connection matters; rate limits."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time

import pytest
from conftest import CODE, ROUTES, Api, one

from mimecast_sandbox.control import SandboxError

DEFINITIONS = f"{ROUTES}/definitions"
BODY = {"description": "HQ", "hostname": "mx.example.com", "port": 25}


def stored(box):
    return box.objects(CODE, "delivery_route_definitions")


def create(api):
    return api.call("POST", DEFINITIONS, BODY)


def raw_create(api) -> bytes:
    """All bytes that come back on a connection of its own, until the server closes it."""
    data = json.dumps(BODY)
    head = [
        f"POST {DEFINITIONS} HTTP/1.1",
        f"Host: {api.host}",
        "Content-Type: application/json",
        f"Authorization: {api.headers['Authorization']}",
        f"Content-Length: {len(data)}",
        "",
        data,
    ]
    received = b""
    with socket.create_connection((api.host, api.port), timeout=5) as sock:
        sock.sendall("\r\n".join(head).encode())
        try:
            while chunk := sock.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    return received


@pytest.mark.parametrize(("kind", "rows"), [("drop_before", 0), ("drop_after", 1)])
def test_drop_closes_the_connection(box, api, kind, rows):
    box.faults([{"operation": "createDeliveryRoute*", "kind": kind}])
    assert raw_create(api) == b""
    assert len(stored(box)) == rows
    (entry,) = [entry for entry in box.requests() if entry["fault"]]
    assert (entry["fault"], entry["status"], entry["wrote"]) == (kind, None, bool(rows))
    assert create(api).status == 201


def test_drop_as_http_client_sees_it(box, api):
    box.faults([{"kind": "drop_before", "operation": "createDelivery*"}])
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        create(api)


def test_cut_body(box, api):
    box.faults([{"operation": "createDeliveryRouteDefinition", "kind": "cut_body"}])
    head, _blank, body = raw_create(api).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 201")
    (length,) = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    assert 0 < len(body) == length // 2 and len(stored(box)) == 1


@pytest.mark.parametrize(
    ("rule", "status", "rows"),
    [
        ({"status": 503}, 503, 0),
        ({"status": 504, "before_commit": True}, 504, 0),
        ({"status": 502, "before_commit": False}, 502, 1),
    ],
)
def test_status(box, api, rule, status, rows):
    box.faults([{"operation": "create*", "kind": "status", "retry_after": 3, "reset_ms": 250, **rule}])
    reply = create(api)
    assert (reply.status, reply.headers["retry-after"], reply.headers["x-ratelimit-reset"]) == (status, "3", "250")
    assert len(stored(box)) == rows
    assert create(api).status == 201


def test_status_with_own_body(box, api):
    box.faults(
        [{"kind": "status", "status": 500, "body": {"message": "odd"}}, {"kind": "status", "status": 500, "body": None}]
    )
    assert [api.get(DEFINITIONS).raw for _call in range(2)] == [b'{"message":"odd"}', b""]


def test_wrong_type(box, api):
    box.faults([{"kind": "wrong_type", "operation": "create*"}])
    reply = create(api)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html") and reply.raw.startswith(b"<html>")
    assert len(stored(box)) == 1


def test_expire_token(box, api):
    box.faults([{"kind": "expire_token", "operation": "createDelivery*"}])
    assert create(api).error == ("token_expired", None)
    assert stored(box) == []
    api.login()
    assert create(api).status == 201


def test_slow(box, api):
    box.faults([{"kind": "slow", "delay_ms": 120}])
    started = time.monotonic()
    assert api.get(DEFINITIONS).status == 200
    assert 0.11 < time.monotonic() - started < 2


def test_times_after_and_order(box, api):
    box.faults(
        [
            {"operation": "listDelivery*", "kind": "status", "status": 503, "times": 2, "after": 1},
            {"operation": "*", "kind": "status", "status": 429},
        ]
    )
    assert [api.get(DEFINITIONS).status for _call in range(5)] == [429, 503, 503, 200, 200]
    assert [(rule["matched"], rule["fired"]) for rule in box.faults()] == [(3, 2), (1, 1)]
    box.clear_faults()
    assert box.faults() == []


def test_fault_on_token_and_unknown_path(box, api):
    box.faults(
        [
            {"operation": "getToken", "kind": "status", "status": 503},
            {"operation": "unknown", "kind": "status", "status": 502},
        ]
    )
    assert api.form(grant_type="client_credentials").status == 503
    assert api.get("/nowhere").status == 502


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "nonsense"},
        {"kind": "status"},
        {"kind": "hold"},
        {"kind": "slow"},
        {"kind": "lag", "delay_ms": 1, "colour": 1},
    ],
)
def test_bad_rule_is_refused(box, rule):
    with pytest.raises(SandboxError, match="400"):
        box.faults([rule])


def test_lag_hides_writes_from_reads(box, api):
    first = api.definition("First")
    second = api.definition("Second")
    box.faults(
        [
            {"operation": f"{verb}DeliveryRouteDefinition", "kind": "lag", "delay_ms": 300}
            for verb in ("create", "update", "delete")
        ]
    )
    third = api.definition("Third")
    assert api.call("PATCH", one("definitions", first), {"port": 26}).status == 204
    assert api.call("DELETE", one("definitions", second)).status == 204
    seen = [(item["description"], item["port"]) for item in api.get(DEFINITIONS).json["definitions"]]
    assert seen == [("First", 25), ("Second", 25)]
    assert api.get(one("definitions", third)).status == 404
    assert [row["description"] for row in stored(box)] == ["First", "Third"]
    time.sleep(0.35)
    seen = [(item["description"], item["port"]) for item in api.get(DEFINITIONS).json["definitions"]]
    assert seen == [("First", 26), ("Third", 25)]


def in_threads(url, credential, count):
    """Starts `count` clients that each list once; answers the threads and the list of their statuses."""
    clients, statuses = [Api(url, credential) for _call in range(count)], []
    threads = [
        threading.Thread(target=lambda c=client: statuses.append(c.get(DEFINITIONS).status)) for client in clients
    ]
    for thread in threads:
        thread.start()
    return threads, statuses


def until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_hold_until_released(box, api):
    box.faults([{"operation": "listDelivery*", "kind": "hold", "name": "gate", "times": 2}])
    threads, statuses = in_threads(box.url, api.credential, 2)
    until(lambda: box.health()["waiting"] == {"gate": 2})
    assert statuses == []
    assert box.release("gate") == 2
    for thread in threads:
        thread.join(5)
    assert statuses == [200, 200] and box.release("gate") == 0


def test_hold_as_barrier(box, api):
    box.faults([{"operation": "listDelivery*", "kind": "hold", "name": "pair", "count": 2}])
    first, statuses = in_threads(box.url, api.credential, 1)
    until(lambda: box.health()["waiting"] == {"pair": 1})
    assert api.get(DEFINITIONS).status == 200
    first[0].join(5)
    assert statuses == [200]


def test_hold_gives_up(box, api):
    box.faults([{"kind": "hold", "name": "gate", "delay_ms": 50}])
    assert api.get(DEFINITIONS).status == 200


def limit_headers(reply):
    return [reply.headers.get(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset")]


def test_rate_limit(box, api):
    box.settings(rate_limits={"listDelivery*": {"limit": 2, "window_ms": 400}})
    replies = [api.get(DEFINITIONS) for _call in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert limit_headers(replies[0]) == ["2", "1", "0"]
    assert limit_headers(replies[1])[:2] == ["2", "0"] and 0 < int(limit_headers(replies[1])[2]) <= 400
    reset = int(limit_headers(replies[2])[2])
    assert replies[2].error == ("rate_limited", None) and 0 < reset <= 400
    assert limit_headers(api.get("/identity/whoami")) == [None] * 3
    time.sleep(reset / 1000)
    assert api.get(DEFINITIONS).status == 200


def test_rate_limit_per_client_operation_and_error(box, api):
    box.settings(rate_limits={"*": {"limit": 1, "window_ms": 60000}}, rate_limit_reset=False)
    other = Api(box.url, box.tenant(code="CEU2"))
    assert api.call("GET", DEFINITIONS, headers={"Authorization": "Bearer x"}).status == 401
    for client in (api, other):
        first, second = client.get(DEFINITIONS), client.get(DEFINITIONS)
        assert (first.status, second.status) == (200, 429)
        assert limit_headers(first) == limit_headers(second) == ["1", "0", None]
        assert client.get("/directory/cloud-gateway/v1/groups?colour=1").headers["x-ratelimit-limit"] == "1"
