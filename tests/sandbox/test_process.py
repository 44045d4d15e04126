# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line, the state file, seeds, stopping, and the control interface."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import sys
import time

import pytest
import trustme
from conftest import CODE, ROUTES, SANDBOX, Api

from mimecast_sandbox.__main__ import main
from mimecast_sandbox.control import Sandbox, SandboxError

DEFINITIONS = f"{ROUTES}/definitions"
KIND = "delivery_route_definitions"
SEED = """
- account_code: CSEED1
  name: Seeded
  client_id: seed-client
  client_secret: seed-secret
  groups: [Sales]
  internal_domains: [example.com, {domain: example.org, inboundType: any}]
  objects:
    delivery_route_definitions:
      - {description: HQ, hostname: mx.example.com, port: 25}
"""


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--help"], 0, "/_sandbox/rotate-ids"),
        (["--host", "0.0.0.0"], 2, "--allow-remote"),
        (["--host", "example.com"], 2, "--allow-remote"),
        (["--tls-cert", "x"], 2, "belong together"),
        (["--seed", "/nonexistent"], 1, "Cannot run"),
        (["--state-file", "/nonexistent/x"], 2, "does not exist"),
        (["--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"], 1, "Cannot run"),
    ],
)
def test_command_line(capfd, arguments, code, text):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    out, err = capfd.readouterr()
    assert stopped.value.code == code and text in out + err


def test_start_and_stop_with_open_connections(tmp_path):
    state_file = tmp_path / "state.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "mimecast_sandbox", "--state-file", str(state_file)],
        env={**os.environ, "PYTHONPATH": str(SANDBOX)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        state = json.loads(state_file.read_text())
        assert state["url"] in line and state["pid"] == process.pid
        assert stat.S_IMODE(state_file.stat().st_mode) == 0o600
        with Sandbox.attach(state_file) as box:
            client = Api(box.url, box.tenant(code=CODE))
            box.faults([{"kind": "hold", "name": "gate", "operation": "whoAmI"}])
            assert client.get(DEFINITIONS).status == 200  # leaves a keep-alive connection
            held = http.client.HTTPConnection(client.host, client.port)
            held.request("GET", "/identity/whoami", headers=client.headers)
            while not box.health()["waiting"]:
                time.sleep(0.01)
        assert process.poll() is None  # leaving an attached sandbox does not stop it
        process.terminate()
        assert process.wait(5) == 0  # it waits for nobody
        assert not state_file.exists()
        held.close()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_seed_database_and_reset(tmp_path):
    seed, database = tmp_path / "seed.yml", str(tmp_path / "data.sqlite")
    seed.write_text(SEED)
    credential = {"client_id": "seed-client", "client_secret": "seed-secret"}
    with Sandbox("--seed", str(seed), "--database", database) as box:
        client = Api(box.url, credential)
        (first,) = client.get(DEFINITIONS).json["definitions"]
        client.definition("Second")
        assert len(box.objects("CSEED1", "internal_domains")) == 2
    with Sandbox("--seed", str(seed), "--database", database) as box:
        client = Api(box.url, credential)
        kept = client.get(DEFINITIONS).json["definitions"]
        assert [item["description"] for item in kept] == ["HQ", "Second"] and kept[0]["id"] == first["id"]
        box.reset()
        client.login()
        assert [item["description"] for item in client.get(DEFINITIONS).json["definitions"]] == ["HQ"]


def test_tls(tmp_path):
    authority = trustme.CA()
    cert = authority.issue_cert("127.0.0.1")
    cert.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    cert.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with Sandbox("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem")) as box:
        assert box.url.startswith("https://127.0.0.1:")
        plain = Api(box.url.replace("https", "http"))
        plain.connection = http.client.HTTPSConnection(plain.host, plain.port, context=context, timeout=5)
        plain.credential = box.tenant(code=CODE)
        plain.login()
        assert plain.get(DEFINITIONS).status == 200
        box.faults([{"kind": "drop_after"}, {"kind": "cut_body"}])
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError, ssl.SSLError)):
            plain.get(DEFINITIONS)
        plain.connection.close()
        with pytest.raises((http.client.IncompleteRead, ssl.SSLError)):
            plain.get(DEFINITIONS)


def test_keep_alive(api):
    api.get(DEFINITIONS)
    before = api.connection.sock
    for _try in range(3):
        assert api.get(DEFINITIONS).status == 200
    assert api.connection.sock is before is not None


def test_control_needs_its_token(box, api):
    for headers in ({}, {"X-Sandbox-Control": "wrong"}, api.headers):
        assert api.send("GET", "/_sandbox/health", None, headers).status == 401


def test_objects_behind_the_back(box, api):
    main, spare = box.insert(
        CODE, KIND, {"description": "A", "hostname": "a", "port": 25}, {"description": "B", "hostname": "b"}
    )
    box.patch(CODE, KIND, main, port=26, alternateRouteId=spare)
    first, second = api.get(DEFINITIONS).json["definitions"]
    assert (first["port"], first["alternateRouteId"], second["port"]) == (26, second["id"], 25)
    box.patch(CODE, KIND, main, alternateRouteId=None)
    box.delete(CODE, KIND, spare)
    assert box.objects(CODE, KIND) == [{"ref": main, "description": "A", "hostname": "a", "port": 26}]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/tenants", {"account_code": CODE, "client_id": "a", "client_secret": "b"}, 400),
        ("POST", "/tenants", {"account_code": "X", "client_id": "a"}, 400),
        ("POST", "/tenants", {"account_code": "X", "client_id": "a", "client_secret": "b", "colour": 1}, 400),
        ("GET", "/tenants/NONE/groups", None, 404),
        ("GET", f"/tenants/{CODE}/nonsense", None, 404),
        ("POST", f"/tenants/{CODE}/groups", {"colour": 1}, 400),
        ("POST", f"/tenants/{CODE}/groups", ["Sales"], 400),
        ("POST", f"/tenants/{CODE}/groups", {"description": "x", "parentId": "y"}, 400),
        ("PATCH", f"/tenants/{CODE}/groups/999999", {}, 404),
        ("DELETE", f"/tenants/{CODE}/groups/999999", None, 404),
        ("PUT", "/settings", {"colour": 1}, 400),
        ("PUT", "/settings", {"max_page": 0}, 400),
        ("PUT", "/address-book", {"mx.example.com": "192.0.2.1:25"}, 400),
        ("PUT", "/address-book", {"mx": "127.0.0.1"}, 400),
        ("GET", "/nowhere", None, 404),
        ("POST", "/health", {}, 405),
    ],
)
def test_control_refuses(box, api, method, path, body, status):
    with pytest.raises(SandboxError, match=f": {status} "):
        box.call(method, path, body)


def test_drop_tenant(box, api):
    box.drop_tenant(CODE)
    assert api.get(DEFINITIONS).status == 401
    assert CODE not in box.health()["tenants"]
    box.tenant(code=CODE)


def test_request_log_holds_no_secret(box, api):
    box.clear_requests()
    api.login()
    api.definition(smtpAuthentication={"authMechanisms": ["LOGIN"], "username": "u", "password": "s3cret-pass"})
    api.get(f"{DEFINITIONS}?pageSize=5")
    log = box.requests()
    assert [(e["operation"], e["status"], e["wrote"], e["tenant"]) for e in log] == [
        ("getToken", 200, False, CODE),
        ("createDeliveryRouteDefinition", 201, True, CODE),
        ("listDeliveryRouteDefinitions", 200, False, CODE),
    ]
    assert set(log[0]) == {"method", "path", "operation", "status", "tenant", "ms", "wrote", "fault"}
    text = json.dumps(log)
    for secret in (api.credential["client_secret"], "s3cret-pass", api.headers["Authorization"].split()[1]):
        assert secret not in text


def test_wrong_answer_of_ours_is_500_and_recorded(session_box):
    session_box.reset()
    client = Api(session_box.url, session_box.tenant(code=CODE))
    session_box.insert(CODE, KIND, {"description": 5, "hostname": "a"})
    reply = client.get(DEFINITIONS)
    assert (
        reply.status == 500 and reply.error[0] == "sandbox_bug" and "description" in reply.json["errors"][0]["message"]
    )
    assert len(session_box.health()["bugs"]) == 1


def test_garbage_does_not_end_the_server(box, api):
    for data in (
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /oauth/token HTTP/1.1\r\nContent-Length: 99\r\n\r\nx",
    ):
        with socket.create_connection((api.host, api.port), timeout=2) as sock:
            sock.sendall(data)
    assert api.get(DEFINITIONS).status == 200
