# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line of the sandbox: python -m mimecast_sandbox."""
from __future__ import annotations

import argparse
import logging
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from . import __version__, tenants
from .server import is_loopback, listen, run
from .state import State

if TYPE_CHECKING:
    from .relay.listeners import Listeners

_LISTENERS = ("smart_host", "inbound", "journal")
_EPILOG = """\
control interface (JSON, header X-Sandbox-Control: token from the state file):
  GET    /_sandbox/health                      tenants, waiting calls, bugs of the sandbox
  POST   /_sandbox/tenants                     account_code, client_id, client_secret, name, region, products,
                                               permissions, acts_for, credentials, internal_domains, groups, objects
  DELETE /_sandbox/tenants/CODE                tenant with all its objects
  POST   /_sandbox/tenants/CODE/credentials    one more client id
  GET, POST /_sandbox/tenants/CODE/KIND        stored objects; insert one or many
  PATCH, DELETE /_sandbox/tenants/CODE/KIND/REF  change or remove one behind the client's back
  GET, PUT  /_sandbox/address-book             {"public.name:25": "127.0.0.1:2525"}, used by verify
  GET, PUT  /_sandbox/settings                 switches of the imitation (PUT merges)
  GET, POST, DELETE /_sandbox/faults           rules that make calls go wrong
  POST   /_sandbox/release/NAME                lets calls go that a hold fault keeps
  GET, DELETE /_sandbox/requests               log of the public calls, without tokens and bodies
  GET, DELETE /_sandbox/mail                   log of what the mail listeners took and refused
  POST   /_sandbox/rotate-ids                  ids look different from now on
  POST   /_sandbox/expire-tokens               all tokens, or those of {"tenant": CODE}
  POST   /_sandbox/reset                       back to the state after the start

docs/sandbox.md explains kinds of objects, settings, faults and what is an assumption.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mimecast_sandbox", epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="An offline imitation of the Mimecast API 2.0 for tests and rehearsals. Unofficial.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default 0: a free one)")
    parser.add_argument("--allow-remote", action="store_true", help="allow a --host that is not loopback")
    parser.add_argument("--tls-cert", metavar="FILE", help="serve HTTPS with this certificate chain (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", help="private key of --tls-cert (PEM)")
    parser.add_argument("--database", metavar="FILE", default=":memory:", help="keep the data here (default: memory)")
    parser.add_argument("--state-file", metavar="FILE", type=Path, help="write url, pid and control_token here (0600)")
    parser.add_argument("--seed", metavar="FILE.yml", type=Path, help="YAML list of tenants to create")
    parser.add_argument("--trust", metavar="CAFILE", help="roots that verify trusts (default: those of the system)")
    parser.add_argument("--mail", action="store_true", help="smart host, inbound and journal listeners as well, on loopback and free ports")
    parser.add_argument("--mail-listen", metavar="KIND=ADDRESS:PORT", type=_listener, action="append", default=[],
                        help="where a listener is: smart_host, inbound or journal; mail leaves from the inbound one's address")
    parser.add_argument("--mail-pem", metavar="FILE", type=Path, help="key and certificate chain of the listeners (default: made new)")
    parser.add_argument("--reach", metavar="NETWORK", action="append", default=[],
                        help="beside loopback, for network namespaces: a network within 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32")
    parser.add_argument("--log-level", default="warning", choices=["critical", "error", "warning", "info", "debug"])
    parser.add_argument("--version", action="version", version=__version__)
    return parser


def _listener(text: str) -> tuple[str, tuple[str, int]]:
    kind, _equals, address = text.partition("=")
    if kind not in _LISTENERS:
        raise argparse.ArgumentTypeError(f"{kind} is no listener; there are {', '.join(_LISTENERS)}")
    host, _colon, port = address.rpartition(":")
    return kind, (host.strip("[]"), int(port))


def _mail(state: State, options: argparse.Namespace) -> Listeners | None:
    """The listeners that are asked for; raises ValueError for an address that is out of bounds."""
    if not (options.mail or options.mail_listen):
        return None
    from .relay.listeners import Listeners  # it needs aiosmtpd, which nobody else does

    wanted = {**dict.fromkeys(_LISTENERS, ("127.0.0.1", 0)), **dict(options.mail_listen)}
    for host, _port in wanted.values():
        state.target(f"{host}:1")
    return Listeners(state, wanted, options.mail_pem)


def plant(state: State) -> None:
    """Creates the tenants of the seed that are not there yet (a kept database has them)."""
    for body in state.seed or []:
        if state.store.tenant(body.get("account_code", "")) is None:
            tenants.add_tenant(state, body)


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if bool(options.tls_cert) != bool(options.tls_key):
        parser.error("--tls-cert and --tls-key belong together")
    if not options.allow_remote and not is_loopback(options.host):
        parser.error(f"{options.host} is not a loopback address; the sandbox has no real security: see --allow-remote")
    logging.basicConfig(level=options.log_level.upper(), stream=sys.stderr, format="%(message)s")
    if options.state_file and not options.state_file.absolute().parent.is_dir():
        parser.error(f"the folder of {options.state_file} does not exist")
    try:
        state = State(options.database, options.trust, options.reach)
        mail = _mail(state, options)
        if options.seed:
            state.seed = yaml.safe_load(options.seed.read_text(encoding="utf-8"))
            plant(state)
        sock = listen(options.host, options.port)
        tls = (options.tls_cert, options.tls_key) if options.tls_cert else None
        run(state, plant, sock, options.state_file, tls, options.log_level, mail)
    except (OSError, ValueError, AttributeError, KeyError, yaml.YAMLError, sqlite3.Error) as error:
        parser.exit(1, f"Cannot run the sandbox: {error}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
