# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Can Exchange Web Services on premises be used as the service uses them? It asks for a folder and changes nothing."""

from __future__ import annotations

import base64
import re
import ssl
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple
from urllib.parse import urlsplit

from ansible_collections.mimecast.connect.plugins.module_utils._probes import tls
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ews_http import MAX_BODY, Answer, exchange
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ews_soap import Spoken, question, read_answer
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure, timed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import SocketProbe, judge
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import CONTROL, printable, without
from ansible_collections.mimecast.connect.plugins.module_utils._probes.verdict import Verdict

MODES = ("strict", "relaxed")
HTTPS = 443
MAX_CONNECTIONS = 10
PATH = re.compile(r"(/[\x21-\x7e]*)?")
HTML = re.compile(rb"<(!doctype\s+)?html[\s>]", re.IGNORECASE)
LOG_ON = re.compile(r"/owa/|/adfs/|log[io]n|cookieauth|saml|/auth|sso", re.IGNORECASE)
# By which an answer tells the server that gave it: the front end, the back end, and the one of Exchange 2010.
SERVER_HEADERS = ("x-feserver", "x-beserver", "x-diaginfo")
# What Exchange says instead of NoError; any other code is ews_refused.
REFUSALS = {
    "ErrorNonExistentMailbox": ("failed", "ews_mailbox_unknown"),
    "ErrorImpersonateUserDenied": ("failed", "ews_impersonation_denied"),
    "ErrorImpersonationDenied": ("failed", "ews_impersonation_denied"),
    "ErrorAccessDenied": ("failed", "ews_access_denied"),
    "ErrorMissingEmailAddress": ("failed", "ews_no_own_mailbox"),
    "ErrorServerBusy": ("degraded", "ews_busy"),
    "ErrorMailboxMoveInProgress": ("degraded", "ews_busy"),
    "ErrorMailboxStoreUnavailable": ("degraded", "ews_busy"),
    "ErrorInternalServerTransientError": ("degraded", "ews_busy"),
}


@dataclass(frozen=True)
class EwsCheck:
    """One check of one EWS endpoint of an Exchange on premises; Exchange Online takes no Basic log-in any more.

    url: where EWS are; https only. Its host is the name that the certificate must carry.
    address: connect to `address` or `address:port` instead of resolving the URL's host.
    tls: strict (TLS 1.2+, trusted chain, name, dates) or relaxed (TLS 1.2+, any certificate).
    ca_path: file or folder of trusted roots that replaces the system's.
    username, password: log in with Basic and ask for the inbox of `mailbox`, or for the account's own.
    impersonate: ask as the owner of `mailbox`, as the service does, instead of with the account's own rights.
    connections: 1 to 10, how many must answer alike from the same server.
    timeout: seconds for the whole check.
    warn_days: a certificate that expires sooner is degraded.
    """

    url: str
    address: Optional[str] = None
    tls: str = "strict"
    ca_path: Optional[str] = None
    username: Optional[str] = None
    password: Optional[str] = None
    mailbox: Optional[str] = None
    impersonate: bool = False
    connections: int = 3
    timeout: float = 10.0
    warn_days: int = 30

    @property
    def host(self) -> str:
        return _place(self.url)[0]

    @property
    def port(self) -> int:
        return _place(self.url)[1]

    @property
    def target(self) -> str:
        """The URL as it appears in messages."""
        try:
            host, port, path = _place(self.url)
        except ProbeFailure:
            return "an EWS URL"  # which may hold a password where none belongs
        where = f" (at {printable(str(self.address), 100)})" if self.address else ""
        return f"https://{_authority(printable(host, 260), port)}{printable(path, 200)}{where}"


def check_ews(check: EwsCheck) -> Verdict:
    """The verdict on one EWS endpoint, within check.timeout; never raises.

    evidence: target, peer, addresses, tls, certificate and verification as for smtp, auth_offered (schemes), exchange
    {version, release} (null where the server does not tell), answers [{said, servers}] (one a connection), same_server
    (null where the servers do not tell), timings_ms {resolve, connect, tls, answer, login, inspect}, findings. Keys are
    missing where the check did not get so far.
    """
    return judge(_EwsProbe, check)


class _EwsProbe(SocketProbe):
    _context: ssl.SSLContext  # the latest one that was tried: after talk_encrypted the one that worked

    def __init__(self, check: EwsCheck) -> None:
        super().__init__(check)
        self._open: List[ssl.SSLSocket] = []
        user, password = check.username or "", check.password or ""
        self._secrets = (password, f"{user}:{password}") if password else ()

    def run(self) -> None:
        check = self._check
        self._validate()
        self._facts = {
            "username": printable(check.username or "", 260),
            "mailbox": f"the mailbox {printable(check.mailbox, 260)}" if check.mailbox else "its own mailbox",
        }
        if (check.username or "").lower().endswith(".local"):
            self.find("degraded", "ews_local_name", **self._facts)
        self.locate()
        answer = self.talk_encrypted(self._talk)
        if answer:
            self._judge_first(answer)
            answers = self._log_in() if check.username else [answer]
            self._compare(answers)

    def close(self) -> None:
        for sock in self._open:
            sock.close()

    def _validate(self) -> None:
        check = self._check
        _place(check.url)
        problems = {
            f"tls is one of {', '.join(MODES)}": check.tls not in MODES,
            "username and password go together": bool(check.username) != bool(check.password),
            "mailbox needs a username": bool(check.mailbox) and not check.username,
            "impersonate needs a mailbox": check.impersonate and not check.mailbox,
            "username holds no colon, which Basic cannot carry": ":" in (check.username or ""),
            f"connections is a number from 1 to {MAX_CONNECTIONS}": not 1 <= check.connections <= MAX_CONNECTIONS,
            "username, password and mailbox hold no line breaks or other control characters": any(
                CONTROL.search(text or "") for text in (check.username, check.password, check.mailbox)),
        }
        for reason, wrong in problems.items():
            if wrong:
                raise ProbeFailure("check_invalid", reason=reason)

    def _talk(self, context: ssl.SSLContext, timings: Dict[str, int]) -> Answer:
        """Ask without credentials, as a client does at first."""
        self._context = context
        sock = self.connect(timings)
        with timed(timings, "tls"):
            encrypted = self.encrypt(sock, context)
        self._open.append(encrypted)
        with timed(timings, "answer"):
            return exchange(encrypted, self._deadline, self._head(), question("", False))

    def _ask(self, credentials: bool) -> Answer:
        """Ask again, on a connection of its own."""
        check = self._check
        sock = self.connect({})
        with tls.handshake(sock, self._context, self._host, self._deadline).sock as encrypted:
            head = self._head() + ([_basic(check.username, check.password)] if credentials else [])
            return exchange(encrypted, self._deadline, head, question(check.mailbox or "", check.impersonate))

    def _head(self) -> List[str]:
        _host, port, path = _place(self._check.url)
        return [
            f"POST {path} HTTP/1.1",
            f"Host: {_authority(self._host, port)}",
            "User-Agent: connectivity_check",
            "Content-Type: text/xml; charset=utf-8",
        ]

    def _judge_first(self, answer: Answer) -> None:
        """Every client is asked to log in, and may do so with Basic."""
        if answer.status != 401:
            raise self._complaint(answer) or ProbeFailure("not_ews", reason="it answers without asking for a log-in")
        self._evidence["auth_offered"] = answer.schemes()
        self._require_basic(answer)
        self.find("ok", "ok_basic_offered")

    def _require_basic(self, answer: Answer) -> None:
        schemes = answer.schemes()
        if "basic" not in [scheme.lower() for scheme in schemes]:
            raise ProbeFailure("ews_basic_not_offered", schemes=self._shown(" and ".join(schemes)) or "no scheme at all")

    def _complaint(self, answer: Answer) -> Optional[ProbeFailure]:
        """What is wrong with an answer before its SOAP is looked at."""
        status, location = answer.status, answer.header("location")
        if 300 <= status < 400:
            code = "ews_forms_redirect" if LOG_ON.search(location) else "ews_redirected"
            return ProbeFailure(code, location=self._shown(location.partition("?")[0]) or "nowhere")
        if status == 440 or (status == 200 and _is_html(answer)):
            return ProbeFailure("ews_forms_page", status=status)
        if status in (404, 410):
            return ProbeFailure("ews_path_not_found", status=status)
        if status == 403:
            return ProbeFailure("ews_forbidden")
        if status > 500 or (status == 500 and not _spoken(answer)):
            return ProbeFailure("ews_server_error", status=status)
        return None if status in (200, 500) else ProbeFailure("ews_unexpected_status", status=status)

    def _log_in(self) -> List[Answer]:
        """The answer to the question as it is meant. A refused log-in ends the check: one more may lock the account."""
        with timed(self._timings, "login"):
            answer = self._ask(credentials=True)
        if answer.status == 401:
            self._require_basic(answer)  # another server behind the same name may offer less
            raise ProbeFailure("ews_login_refused", **self._facts)
        failure = self._complaint(answer)
        if failure:
            raise failure
        try:
            self._read(read_answer(_plain_body(answer)))
        except ValueError as exc:
            raise ProbeFailure("not_ews", reason=self._shown(str(exc))) from exc
        return [answer]

    def _read(self, spoken: Spoken) -> None:
        """What Exchange says of its version and of the mailbox."""
        if not spoken.code:
            raise ValueError("its SOAP has no ResponseCode")
        version = ".".join(map(str, spoken.version)) if spoken.version else None
        self._evidence["exchange"] = {"version": version, "release": spoken.release or None}
        if spoken.too_old or spoken.code == "ErrorInvalidServerVersion":
            release = f"{spoken.release or version} ({version})" if version else "of a version that it does not tell"
            return self.find("failed", "ews_version_too_old", release=release)
        if not version:
            self.find("unknown", "ews_version_unknown")
        if spoken.code == "NoError":
            return self.find("ok", "ok_ews", **self._facts)
        verdict, code = REFUSALS.get(spoken.code, ("failed", "ews_refused"))
        return self.find(verdict, code, reply=self._shown(f"{spoken.code} {spoken.text}".strip()), **self._facts)

    def _compare(self, answers: List[Answer]) -> None:
        """Ask on more connections, and see whether the same server gives the same answer."""
        while len(answers) < self._check.connections and not (self._check.username and answers[-1].status == 401):
            answers.append(self._ask(credentials=bool(self._check.username)))
        said = [_said(answer) for answer in answers]
        servers = [{name: self._shown(answer.header(name)) for name in SERVER_HEADERS if answer.header(name)} for answer in answers]
        self._evidence["answers"] = [{"said": self._shown(one), "servers": told} for one, told in zip(said, servers)]
        told: Dict[str, List[str]] = {}
        for name in SERVER_HEADERS:
            told[name] = list(dict.fromkeys(one[name] for one in servers if name in one))
        several = [names for names in told.values() if len(names) > 1]
        compared = len(answers) > 1 and any(told.values())
        self._evidence["same_server"] = not several if compared else None
        if several:
            self.find("failed", "ews_affinity", servers=", ".join(several[0]))
        if len(set(said)) > 1:
            self.find("failed", "ews_answers_differ", answers=self._shown(", ".join(dict.fromkeys(said))))

    def _shown(self, text: str) -> str:
        """A stranger's text for a report. Servers repeat what they were told, so the password is cut out."""
        return printable(without(text, self._secrets), 300)


def _place(url: str) -> Tuple[str, int, str]:
    """Host, port and path of an https URL; ProbeFailure check_invalid for any other, which is not repeated."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    broken = not host or CONTROL.search(url) or not PATH.fullmatch(parts.path) or parts.query or parts.fragment
    if broken or parts.scheme != "https" or "@" in parts.netloc or port == 0:
        raise ProbeFailure("check_invalid", reason="url is like https://mail.example.com/EWS/Exchange.asmx, with no user and no query")
    return str(host), port or HTTPS, parts.path or "/"


def _authority(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port == HTTPS else f"{shown}:{port}"


def _basic(username: str, password: str) -> str:
    token = base64.b64encode(f"{username}:{password}".encode("utf-8")).decode("ascii")
    return f"Authorization: Basic {token}"


def _is_html(answer: Answer) -> bool:
    return answer.header("content-type").lower().startswith("text/html") or bool(HTML.search(answer.body[:1000]))


def _plain_body(answer: Answer) -> bytes:
    """The body where it is one that was asked for; ValueError otherwise."""
    coding = answer.header("content-encoding").lower()
    if coding not in ("", "identity"):
        raise ValueError("it compresses its answer although this was not asked for")
    if len(answer.body) > MAX_BODY:
        raise ValueError(f"its answer exceeds {MAX_BODY} bytes")
    return answer.body


def _spoken(answer: Answer) -> Optional[Spoken]:
    try:
        return read_answer(_plain_body(answer))
    except ValueError:
        return None


def _said(answer: Answer) -> str:
    """An answer in a word or two, such as `200 NoError`."""
    spoken = _spoken(answer) if answer.status in (200, 500) else None
    return f"{answer.status} {spoken.code}" if spoken else str(answer.status)
