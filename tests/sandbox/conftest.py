# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sandbox for the whole session, emptied before each test; http.client and sockets are the judge."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import pytest
import trustme

SANDBOX = Path(__file__).resolve().parents[2] / "extensions" / "sandbox"
sys.path.insert(0, str(SANDBOX))

from mimecast_sandbox.control import Sandbox

FORM = "application/x-www-form-urlencoded"
ROUTES = "/policy-management/cloud-gateway/v1/delivery-route"
CODE = "CEU1"


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def error(self) -> tuple[str, str | None]:
        """(code, field) of the only error."""
        (error,) = self.json["errors"]
        return error["code"], error.get("field")


class Api:
    """A client of the imitated service with one keep-alive connection."""

    def __init__(self, url: str, credential: dict[str, Any] | None = None):
        self.host, self.port = urlsplit(url).hostname or "", urlsplit(url).port or 0
        self.connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        self.credential = credential
        self.headers: dict[str, str] = {}
        if credential:
            self.login()

    def login(self) -> Reply:
        assert self.credential
        self.headers = {}
        reply = self.form(
            grant_type="client_credentials",
            client_id=self.credential["client_id"],
            client_secret=self.credential["client_secret"],
        )
        self.headers = {"Authorization": f"Bearer {reply.json['access_token']}"}
        return reply

    def form(self, headers: dict[str, str] | None = None, **fields: str) -> Reply:
        return self.send("POST", "/oauth/token", urlencode(fields), {"Content-Type": FORM, **(headers or {})})

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Reply:
        data = None if body is None else json.dumps(body)
        media = {} if body is None else {"Content-Type": "application/json"}
        return self.send(method, path, data, {**self.headers, **media, **(headers or {})})

    def send(self, method: str, path: str, data: str | bytes | None, headers: dict[str, str]) -> Reply:
        self.connection.request(method, path, data, headers)
        answer = self.connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def get(self, path: str) -> Reply:
        return self.call("GET", path)

    def create(self, what: str, **body: Any) -> str:
        """Creates a definition or a policy and answers its id."""
        reply = self.call("POST", f"{ROUTES}/{what}", body)
        assert reply.status == 201, reply
        return reply.json["id"]

    def definition(self, description: str = "HQ", **more: Any) -> str:
        return self.create(
            "definitions", **{"description": description, "hostname": "mx.example.com", "port": 25, **more}
        )

    def policy(self, definition: str, description: str = "HQ", **more: Any) -> str:
        return self.create(
            "policies",
            **{
                "description": description,
                "definitionId": definition,
                "from": {"type": "everyone"},
                "to": {"type": "everyone"},
                **more,
            },
        )


def one(what: str, object_id: str) -> str:
    """The path of one definition or policy."""
    return f"{ROUTES}/{what}/{quote(object_id, safe='')}"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def session_box(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    roots = tmp_path_factory.mktemp("pki") / "roots.pem"
    authority.cert_pem.write_to_path(str(roots))
    with Sandbox("--trust", str(roots)) as sandbox:
        yield sandbox


@pytest.fixture
def box(session_box: Sandbox) -> Iterator[Sandbox]:
    session_box.reset()
    yield session_box
    assert session_box.health()["bugs"] == []


@pytest.fixture
def api(box: Sandbox) -> Iterator[Api]:
    client = Api(box.url, box.tenant(code=CODE, name="Example", region="eu"))
    yield client
    client.connection.close()
