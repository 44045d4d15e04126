# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""One keep-alive HTTP connection, standard library only. Knows nothing of tokens or resources."""

from __future__ import annotations

import contextlib
import functools
import http.client
import os
import select
import socket
import ssl
import time
from base64 import b64encode
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError

MAX_ANSWER = 64 * 1024 * 1024  # bytes; a page of 100 objects is below 100 kB


class NotSent(Exception):
    """The request never left: nothing can have happened. ``final`` when trying again cannot help."""

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Broken(Exception):
    """The request may have arrived, but there is no usable answer."""


class Answer(NamedTuple):
    """Status, headers with lower-case names, and the whole body."""

    status: int
    headers: dict[str, str]
    body: bytes


@functools.lru_cache(maxsize=8)
def tls_context(ca_path: str | None, validate: bool) -> ssl.SSLContext:
    """Made once per process (33 ms with the system roots), so forked workers inherit it."""
    if ca_path and not os.path.exists(ca_path):
        raise InputError("ca_path {0!r} does not exist".format(ca_path))
    try:
        context = _folder_context(ca_path) if ca_path and os.path.isdir(ca_path) else ssl.create_default_context(cafile=ca_path)
    except (ssl.SSLError, OSError) as error:
        raise InputError("ca_path {0!r} holds no usable PEM certificates: {1}".format(ca_path, error)) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not validate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _folder_context(folder: str) -> ssl.SSLContext:
    """The roots of a folder. OpenSSL looks at nothing but the names that ``openssl rehash`` makes; without them, every file."""
    context = ssl.create_default_context(capath=folder)
    names = sorted(os.listdir(folder))
    if any(name.endswith(".0") for name in names):
        return context
    for name in names:
        with contextlib.suppress(ssl.SSLError, OSError):
            context.load_verify_locations(os.path.join(folder, name))
    if not context.cert_store_stats()["x509"]:
        raise OSError("no file in it is one")
    return context


def proxy_for(base_url: str) -> SplitResult | None:
    """The proxy that the environment names for this URL, or None. InputError when it is no address of one."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies, proxy_bypass  # 40 ms, only worth it behind a proxy

    parts = urlsplit(base_url)
    if proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found:
        return None
    proxy = urlsplit(found if "//" in found else "http://" + found)
    with contextlib.suppress(ValueError):  # of a port that is none
        if proxy.scheme in ("http", "https") and proxy.hostname and proxy.port != 0:
            return proxy
    raise InputError("The proxy that the environment names must look like http://proxy.example.com:3128; correct it, or set use_proxy: false")


class Transport:
    """Sends requests over one connection, opened when first needed."""

    def __init__(self, base_url: str, ca_path: str | None, validate: bool, timeout: float, use_proxy: bool) -> None:
        self._url = urlsplit(base_url)
        self._timeout = timeout
        self._tls = tls_context(ca_path, validate) if self._url.scheme == "https" else None
        self._proxy = proxy_for(base_url) if use_proxy else None
        self._connection: http.client.HTTPConnection | None = None

    def exchange(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        """One request, one answer. NotSent: it never left. Broken: it may have been received."""
        connection = self._connected()
        target = self._url.path + path
        if self._proxy and not self._tls:
            target = "{0}://{1}{2}".format(self._url.scheme, self._url.netloc, target)
            headers = dict(headers, **self._proxy_headers())
        try:
            connection.request(method, target, body=body, headers=headers)
            response = connection.getresponse()
            data = self._body(response)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Broken(_reason(error)) from None
        if response.will_close:
            self.close()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, data)

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        deadline = time.monotonic() + 5 * self._timeout
        chunks, size = [], 0
        while True:
            chunk = response.read1(65536) if response.length is None else response.read(min(65536, response.length or 1))
            if not chunk:
                break
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_ANSWER:
                raise http.client.HTTPException("the answer is larger than {0} MiB".format(MAX_ANSWER >> 20))
            if time.monotonic() > deadline:
                raise socket.timeout("the answer took longer than {0:.0f} s".format(5 * self._timeout))
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return b"".join(chunks)

    def _connected(self) -> http.client.HTTPConnection:
        connection = self._connection
        if connection is not None and connection.sock is not None:
            # A server that closed the idle connection would make the outcome of a write unknowable.
            if not select.select([connection.sock], [], [], 0)[0]:
                return connection
            self.close()
        self._connection = connection = self._new()
        try:
            connection.connect()
        except (OSError, http.client.HTTPException, UnicodeError) as error:  # UnicodeError: no name that DNS could hold
            self.close()
            final = isinstance(error, (ssl.SSLCertVerificationError, UnicodeError))
            if self._proxy and not isinstance(error, ssl.SSLError):
                refused = "failed: 407" in str(error)  # how http.client words it
                advice = "; check the user name and password in its address" if refused else ""
                raise NotSent("proxy {0}:{1}: {2}{3}".format(*self._peer(), _reason(error), advice), final or refused) from None
            raise NotSent(_reason(error), final) from None
        return connection

    def _new(self) -> http.client.HTTPConnection:
        host, port = self._peer()
        if not self._tls:
            return http.client.HTTPConnection(host, port, timeout=self._timeout)
        connection = http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._tls)
        if self._proxy:
            connection.set_tunnel(self._url.hostname, self._url.port or 443, self._proxy_headers())
        return connection

    def _peer(self) -> tuple[str | None, int]:
        """Where the connection goes: to the proxy if there is one."""
        url = self._proxy or self._url
        return url.hostname, url.port or (443 if url.scheme == "https" else 80)

    def _proxy_headers(self) -> dict[str, str]:
        if not self._proxy or not self._proxy.username:
            return {}
        pair = "{0}:{1}".format(unquote(self._proxy.username), unquote(self._proxy.password or ""))
        return {"Proxy-Authorization": "Basic " + b64encode(pair.encode()).decode()}

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted ({0}); give your own roots with ca_path".format(error.verify_message)
    if isinstance(error, socket.gaierror):
        return "its name cannot be resolved ({0})".format(error.strerror)
    if isinstance(error, socket.timeout):
        return "it did not answer in time ({0})".format(error)
    if isinstance(error, http.client.IncompleteRead):
        return "the answer broke off"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
