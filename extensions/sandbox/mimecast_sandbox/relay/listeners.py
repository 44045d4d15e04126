# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listeners as sockets: addresses, certificate, start and stop."""
from __future__ import annotations

import asyncio
import re
import ssl
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from ..mail_pki import Pki
from ..state import State
from .handlers import LISTENERS

_NAMES = {"smart_host": "outbound", "inbound": "inbound", "journal": "journal"}
_OWN = re.compile(r"^[a-z]+-smtp-(?:o365-)?(outbound|inbound|journal)-\d\.mimecast[a-z-]*\.(?:com|co\.za)$")
_CERTIFIED = ("*.mimecast.com", "*.mimecast.co.za", "*.mimecast-offshore.com", "*.mimecast-pscom-us.com")


@dataclass
class Listeners:
    """All three. `wanted` says where they listen; port 0 takes a free one. `pem` is key and chain, made here if left out."""

    state: State
    wanted: dict[str, tuple[str, int]]
    pem: Path | None = None
    addresses: dict[str, tuple[str, int]] = field(default_factory=dict)
    _servers: list[asyncio.Server] = field(default_factory=list)
    _folder: tempfile.TemporaryDirectory[str] | None = None

    async def start(self) -> dict[str, Any]:
        """Listen, and say where, and whose certificates are trusted: for the state file."""
        # aiosmtpd warns about what these listeners do on purpose: they take mail without a log-on.
        warnings.filterwarnings("ignore", module="aiosmtpd")
        context, facts = self._context()
        source = self.wanted["inbound"][0]
        for kind, (host, port) in self.wanted.items():
            server = await asyncio.get_running_loop().create_server(self._factory(kind, source, context), host, port)
            self._servers.append(server)
            self.addresses[kind] = (host, server.sockets[0].getsockname()[1])
            facts[kind] = "{}:{}".format(f"[{host}]" if ":" in host else host, self.addresses[kind][1])
        self.state.mail_hosts = self.own
        return facts

    def own(self, name: str) -> tuple[str, int] | None:
        """Where one of the service's host names is: the listener of its kind, whatever its region and number."""
        found = _OWN.match(name)
        return next((self.addresses[kind] for kind, word in _NAMES.items() if found and word == found[1]), None)

    def stop(self) -> None:
        for server in self._servers:
            server.close()
        if self._folder:
            self._folder.cleanup()

    def _context(self) -> tuple[ssl.SSLContext, dict[str, Any]]:
        if self.pem:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.pem)
            return context, {}
        self._folder = tempfile.TemporaryDirectory(prefix="mimecast-sandbox-mail-")
        pki = Pki(Path(self._folder.name), _CERTIFIED)
        return pki.context("rsa"), {"ca": str(pki.ca_path)}

    def _factory(self, kind: str, source: str, context: ssl.SSLContext) -> Any:
        name = f"sandbox-smtp-{_NAMES[kind]}-1.mimecast.com"
        handler = LISTENERS[kind](self.state, name, source)

        def make() -> SMTP:
            # No limit of its own for calls: senders retry within one connection, and tests are quick.
            return SMTP(handler, hostname=name, ident="ESMTP sandbox", tls_context=context, enable_SMTPUTF8=False,
                        authenticator=handler.authenticate if handler.log_in else None, auth_exclude_mechanism=() if handler.log_in else ("LOGIN", "PLAIN"))

        return make
