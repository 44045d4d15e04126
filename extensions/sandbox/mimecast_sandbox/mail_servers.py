# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real SMTP servers for tests and rehearsals, one per behaviour that a customer's mail server may show.

    python -m mimecast_sandbox.mail_servers --state-file state.json [--only trusted,no_tls]

All of them share one process and one event loop, listen on free ports, and stop on SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import ssl
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from mimecast_sandbox.mail_pki import Pki

DEFAULT_NAMES = "mx1.acme.example,mx1.globex.example"


@dataclass(frozen=True)
class Variant:
    """How one server behaves: its certificate (None: no TLS) and what it does beyond the ordinary."""

    certificate: str | None = "good"
    tls_required: bool = False
    implicit_tls: bool = False
    tls10_only: bool = False
    recipient_reply: str = ""


VARIANTS = {
    "trusted": Variant(),
    "self_signed": Variant("self_signed"),
    "no_tls": Variant(None),
    "expired": Variant("expired"),
    "expires_soon": Variant("expires_soon"),
    "not_yet_valid": Variant("not_yet_valid"),
    "wrong_name": Variant("wrong_name"),
    "other_ca": Variant("other_ca"),
    "tls_required": Variant(tls_required=True),
    "implicit_tls": Variant(implicit_tls=True),
    "refuses_recipients": Variant(recipient_reply="550 5.1.1 User unknown"),
    "defers_recipients": Variant(recipient_reply="451 4.7.1 Greylisted, try again later"),
    "tls10_only": Variant("rsa", tls10_only=True),
}


class Recorder:
    """Counts the messages that arrive, per server, in a file that tests read: a probe must leave it at zero."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._counts: Counter[str] = Counter()
        self._write()

    def add(self, server: str) -> None:
        self._counts[server] += 1
        self._write()

    def _write(self) -> None:
        if self._path:
            write_json(self._path, {"total": sum(self._counts.values()), "servers": dict(self._counts)})


class Handler:
    """What aiosmtpd asks about each message of one server."""

    def __init__(self, name: str, variant: Variant, recorder: Recorder) -> None:
        self._name, self._variant, self._recorder = name, variant, recorder

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        reply = self._variant.recipient_reply
        if reply and address.partition("@")[0].lower() != "postmaster":
            return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self._recorder.add(self._name)
        return "250 2.0.0 Ok: counted and thrown away"


def context_of(variant: Variant, pki: Pki) -> ssl.SSLContext | None:
    if variant.certificate is None:
        return None
    context = pki.context(variant.certificate)
    if variant.tls10_only:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def protocol_factory(name: str, variant: Variant, pki: Pki, recorder: Recorder, hostname: str) -> Callable[[], SMTP]:
    starttls = None if variant.implicit_tls else context_of(variant, pki)
    handler = Handler(name, variant, recorder)
    return lambda: SMTP(
        handler, hostname=hostname, ident="ESMTP sandbox", tls_context=starttls, require_starttls=variant.tls_required
    )


def write_json(path: Path, content: Any) -> None:
    """Write all or nothing, readable by the owner only."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # 0600 by contract
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=2)
    os.replace(temporary, path)


async def serve(options: argparse.Namespace, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if options.stop_on_eof:
        loop.add_reader(sys.stdin.fileno(), stop.set)

    pki = Pki(folder, options.names)
    recorder = Recorder(options.received_file)
    listeners, state = [], {}
    for name in options.only:
        variant = VARIANTS[name]
        factory = protocol_factory(name, variant, pki, recorder, options.names[0])
        tls = context_of(variant, pki) if variant.implicit_tls else None
        listener = await loop.create_server(factory, options.host, 0, ssl=tls)
        listeners.append(listener)
        state[name] = {"host": options.host, "port": listener.sockets[0].getsockname()[1]}
    write_json(options.state_file, {"pid": os.getpid(), "ca": str(pki.ca_path), "names": options.names, "servers": state})

    await stop.wait()
    for listener in listeners:
        listener.close()
    options.state_file.unlink(missing_ok=True)


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state-file", type=Path, required=True, help="written when all servers listen, removed at the end")
    parser.add_argument("--received-file", type=Path, help="JSON count of the messages received, per server")
    parser.add_argument("--only", type=words, default=list(VARIANTS), help=f"some of: {','.join(VARIANTS)}")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--names", type=words, default=words(DEFAULT_NAMES), help="names in the certificates")
    parser.add_argument("--stop-on-eof", action="store_true", help="stop when standard input closes")
    options = parser.parse_args(argv)
    unknown = [name for name in options.only if name not in VARIANTS]
    if unknown:
        parser.error(f"unknown server {', '.join(unknown)}; there are {', '.join(VARIANTS)}")
    if not options.only or not options.names:
        parser.error("--only and --names need at least one entry")
    return options


def main() -> int:
    options = parse_args()
    # aiosmtpd warns about things that these servers do on purpose (no authentication, implicit TLS).
    warnings.filterwarnings("ignore", module="aiosmtpd")
    with tempfile.TemporaryDirectory(prefix="mimecast-mail-") as folder:
        asyncio.run(serve(options, Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
