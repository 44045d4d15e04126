# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's way to the service: private roots, and real proxies for https and http."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from conftest import Tenant
from mimecast_sandbox.control import Sandbox
from wires import Listener, Proxy

API = "api.customer.example"  # known to the proxy only
LOGIN = "me:p@ss/word"
AUTHORITY = "me:p%40ss%2Fword@"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ca.pem, the chain and key of the sandbox, and roots that have nothing to do with it."""
    folder = tmp_path_factory.mktemp("pki")
    ours, other = trustme.CA(), trustme.CA(organization_name="Somebody else")
    leaf = ours.issue_cert("127.0.0.1", API)
    ours.cert_pem.write_to_path(str(folder / "ca.pem"))
    other.cert_pem.write_to_path(str(folder / "other.pem"))
    leaf.private_key_pem.write_to_path(str(folder / "key.pem"))
    (folder / "chain.pem").write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    (folder / "garbage.pem").write_text("no certificate", encoding="ascii")
    for name in ("plain", "hashed", "useless", "empty"):
        (folder / name).mkdir()
    for name in ("plain", "hashed"):
        for root in ("ca.pem", "other.pem"):
            shutil.copy(folder / root, folder / name)
    (folder / "plain" / "README").write_text("no certificate either", encoding="ascii")
    (folder / "useless" / "README").write_text("no certificate either", encoding="ascii")
    if shutil.which("openssl"):
        subprocess.run(["openssl", "rehash", str(folder / "hashed")], check=True)
    return folder


@pytest.fixture(scope="module")
def secure_sandbox(pki: Path) -> Iterator[Sandbox]:
    with Sandbox("--tls-cert", str(pki / "chain.pem"), "--tls-key", str(pki / "key.pem")) as sandbox:
        yield sandbox


@pytest.fixture
def secure(secure_sandbox: Sandbox, quick: None) -> Tenant:
    """A tenant behind https."""
    return Tenant(secure_sandbox)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def who(tenant: Tenant, **options: Any) -> str:
    """The tenant's code as whoami tells it, or the message of the failure."""
    result = tenant.call("mimecast_info", gather_subset=["whoami"], **options)
    if not result.get("failed"):
        return str(result["whoami"]["account_codes"]["cg"])
    assert "\n" not in result["msg"] and "Unexpected error" not in result["msg"]
    return str(result["msg"])


# --- private roots


@pytest.mark.parametrize("options", [
    {"ca_path": "ca.pem"}, {"ca_path": "plain"}, {"ca_path": "hashed"}, {"validate_certs": False}, {"validate_certs": False, "ca_path": "other.pem"},
], ids=str)
def test_a_service_with_a_private_root(secure: Tenant, pki: Path, options: dict[str, Any]) -> None:
    if "ca_path" in options:
        options = {**options, "ca_path": str(pki / options["ca_path"])}
    assert who(secure, **options) == secure.code


@pytest.mark.parametrize(("ca_path", "text"), [
    (None, "its certificate is not trusted (unable to get local issuer certificate); give your own roots with ca_path"),
    ("other.pem", "its certificate is not trusted"),
    ("nowhere.pem", "nowhere.pem' does not exist"),
    ("garbage.pem", "garbage.pem' holds no usable PEM certificates"),
    ("useless", "useless' holds no usable PEM certificates"),
    ("empty", "empty' holds no usable PEM certificates"),
])
def test_a_service_that_cannot_be_trusted_gets_no_secret(secure: Tenant, pki: Path, ca_path: str | None, text: str) -> None:
    secure.sandbox.clear_requests()
    assert text in who(secure, ca_path=ca_path and str(pki / ca_path))
    assert secure.sandbox.requests() == []


def test_a_certificate_of_another_name(secure: Tenant, pki: Path) -> None:
    secure.connection["base_url"] = secure.sandbox.url.replace("127.0.0.1", "localhost")
    assert "its certificate is not trusted (Hostname mismatch" in who(secure, ca_path=str(pki / "ca.pem"))


def test_https_spoken_to_a_plain_server(tenant: Tenant, quick: None) -> None:
    tenant.connection["base_url"] = tenant.sandbox.url.replace("http:", "https:")
    message = who(tenant)
    assert message.startswith("Cannot log on to the service") and "Tried 5 times; check base_url" in message


# --- proxies


def port_of(sandbox: Sandbox) -> int:
    return int(sandbox.url.rpartition(":")[2])


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_https_goes_through_a_tunnel(secure: Tenant, pki: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The proxy alone knows the name; the certificate is that of the far side."""
    secure.connection["base_url"] = "https://" + API
    with Proxy(LOGIN, {API: ("127.0.0.1", port_of(secure.sandbox))}) as proxy:
        monkeypatch.setenv(variable, "http://{0}127.0.0.1:{1}".format(AUTHORITY, proxy.port))
        assert who(secure, ca_path=str(pki / "ca.pem")) == secure.code
        assert proxy.seen == [("CONNECT", API + ":443")]
        assert "its certificate is not trusted" in who(secure)


def test_http_goes_by_absolute_uris(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    document = [{"name": "HQ", "hostname": "mx.example.com", "policies": [{"name": "In", "to": {"type": "everyone"}}]}]
    with Proxy(LOGIN) as proxy:
        monkeypatch.setenv("http_proxy", "http://{0}127.0.0.1:{1}".format(AUTHORITY, proxy.port))
        assert tenant.document(document)["changed"]
        assert (proxy.connections, len(proxy.seen)) == (1, 7)
        assert all(target.startswith(tenant.sandbox.url + "/") for _method, target in proxy.seen)


@pytest.mark.parametrize(("scheme", "environment", "options", "used"), [
    ("https", {"HTTPS_PROXY": "http://PROXY"}, {}, True),
    ("https", {"HTTPS_PROXY": "PROXY"}, {}, True),
    ("https", {"HTTPS_PROXY": "http://PROXY", "NO_PROXY": "localhost,example.com"}, {}, True),
    ("https", {"HTTPS_PROXY": "http://PROXY", "NO_PROXY": "127.0.0.1"}, {}, False),
    ("https", {"HTTPS_PROXY": "http://PROXY", "no_proxy": "*"}, {}, False),
    ("https", {"HTTPS_PROXY": "http://PROXY"}, {"use_proxy": False}, False),
    ("https", {"HTTP_PROXY": "http://PROXY"}, {}, False),
    ("http", {"http_proxy": "PROXY"}, {}, True),
    ("http", {"http_proxy": "http://PROXY", "NO_PROXY": "127.0.0.1"}, {}, False),
    ("http", {"http_proxy": "http://PROXY"}, {"use_proxy": False}, False),
    ("http", {"HTTPS_PROXY": "http://PROXY"}, {}, False),
], ids=str)
def test_when_the_proxy_is_used(
    tenant: Tenant, secure: Tenant, pki: Path, monkeypatch: pytest.MonkeyPatch,
    scheme: str, environment: dict[str, str], options: dict[str, Any], used: bool,
) -> None:
    target = secure if scheme == "https" else tenant
    with Proxy() as proxy:
        for name, value in environment.items():
            monkeypatch.setenv(name, value.replace("PROXY", "127.0.0.1:{0}".format(proxy.port)))
        assert who(target, ca_path=str(pki / "ca.pem"), **options) == target.code
        assert bool(proxy.seen) is used


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_proxy_that_refuses_us(tenant: Tenant, secure: Tenant, pki: Path, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    target = secure if scheme == "https" else tenant
    with Proxy(LOGIN) as proxy:
        monkeypatch.setenv(scheme + "_proxy", "http://me:WrongPass@127.0.0.1:{0}".format(proxy.port))
        message = who(target, ca_path=str(pki / "ca.pem"))
        assert len(proxy.seen) == 1, "a refusal for good is not worth a second try"
    assert message.startswith("Cannot log on to the service") and "407" in message and "proxy" in message.lower()
    assert "WrongPass" not in message


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_proxy_that_is_not_there_is_named(tenant: Tenant, secure: Tenant, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    with Listener() as gone:
        address = "127.0.0.1:{0}".format(gone.port)
    monkeypatch.setenv(scheme + "_proxy", "http://me:WrongPass@" + address)
    message = who(secure if scheme == "https" else tenant)
    assert "proxy {0}: Connection refused".format(address) in message and "WrongPass" not in message


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:99999", "socks5://127.0.0.1:1080", "http://"])
def test_a_proxy_address_that_cannot_work(tenant: Tenant, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    message = who(tenant)
    assert message == "The proxy that the environment names must look like http://proxy.example.com:3128; correct it, or set use_proxy: false"
