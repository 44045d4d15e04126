# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at -vvvv --diff, both ways, with successes and failures of every kind: the secrets are nowhere afterwards."""

from __future__ import annotations

import base64
import json
import os
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import playbooks
import pytest
from conftest import DOMAINS, GROUPS
from every_module import CASES, DOCUMENT, SECRET, Case, job, module_names, secret_options, secrets_of, under
from mimecast_sandbox.control import Sandbox
from mimecast_sandbox.mail_control import MailServers
from playbooks import Run

# With everything that Python, JSON, YAML, URLs and shells write in another form.
CLIENT_SECRET = "Kl!ent/Geheim+7\\\"x'%41&=zß"
PASSWORD = "Pa$$ \"wörd\"\\n'/+&=%42:9"
LOGIN = {"mechanisms": ["LOGIN"], "username": "mimecast", "password": "{{ password }}"}
SYSLOG = Path("/dev/log")
ECHO = "Echo"


def traces(secret: str) -> set[bytes]:
    """The secret in every form in which it might turn up, base64 in its three alignments."""
    raw = secret.encode()
    found = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1],
             json.dumps(json.dumps(secret))[3:-3], secret.replace('"', '""'), quote(secret), quote(secret, safe=""), quote_plus(secret)}
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + raw).decode()
        inner = whole[(offset * 8 + 5) // 6:(offset + len(raw)) * 8 // 6]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {form.encode() for form in found}


class Echo(BaseHTTPRequestHandler):
    """Passes everything on to the sandbox, notes the tokens, and refuses what names ECHO or a word of its own by repeating the request."""

    protocol_version = "HTTP/1.1"
    sandbox = ""
    tokens: set[str] = set()
    refuses: set[bytes] = set()

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if ECHO.encode() in body or ECHO in str(self.headers) or any(word in body for word in self.refuses):
            said = f"cannot read {self.command} {self.path} {self.headers} {body.decode()}"
            status = 401 if ECHO in str(self.headers) else 400
            content = {"error": "invalid", "error_description": said} if "oauth" in self.path else {"errors": [{"code": "err", "message": said}]}
            self.reply(status, json.dumps(content).encode())
            return
        there = HTTPConnection(urlsplit(self.sandbox).netloc, timeout=30)
        there.request(self.command, self.path, body or None, {name: value for name, value in self.headers.items() if name.lower() != "host"})
        answer = there.getresponse()
        content = answer.read()
        there.close()
        if "oauth" in self.path and answer.status == 200:
            self.tokens.add(json.loads(content)["access_token"])
        self.reply(answer.status, content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def reply(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_text: Any) -> None:
        """Stays silent."""


class Refusing(Echo):
    """Refuses whatever holds the password."""

    refuses: set[bytes] = set()


@contextmanager
def echo(sandbox: Sandbox, kind: type[Echo] = Echo) -> Iterator[str]:
    Echo.sandbox, Echo.tokens = sandbox.url, set()
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield "http://127.0.0.1:{0}".format(server.server_address[1])
        finally:
            server.shutdown()


@contextmanager
def syslog(lines: list[bytes]) -> Iterator[bool]:
    """Listens where syslog would, if nobody does; False when that is not possible."""
    if os.geteuid() != 0 or SYSLOG.exists():
        yield False
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(SYSLOG))
        listener.settimeout(0.1)
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    lines.append(listener.recv(1 << 20))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield True
        finally:
            ended.set()
            thread.join()
            SYSLOG.unlink()


@dataclass
class Watch:
    """What was seen from outside while the run was on."""

    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    commands: set[bytes] = field(default_factory=set)

    def look(self, home: Path) -> None:
        for path in home.glob("tmp/ansible-local-*/mimecast-token-*"):
            with suppress(OSError):
                self.files[path.name] = tuple(stat.S_IMODE(place.stat().st_mode) for place in (path, path.parent))
        for process in os.listdir("/proc"):
            with suppress(OSError):  # it ended meanwhile, or is no process
                self.commands.add(Path("/proc", process, "cmdline").read_bytes())


@dataclass
class Story:
    """The run, and everything in which a secret might have been left."""

    run: Run
    watch: Watch
    syslog: list[bytes]
    has_syslog: bool
    tokens: set[str]
    labels: list[str]


def tasks(way: str) -> dict[str, dict[str, Any]]:
    """Tasks by label; names hold the way, so that each of them really changes something."""
    def route(**options: Any) -> dict[str, Any]:
        return {"mimecast.connect.mimecast_delivery_route": {"name": f"{way} HQ", **options}}

    refused = {"host": "mx1.acme.example", "address": "{{ refuses }}", "ca_path": "{{ ca }}", "recipient": "nobody@acme.example"}
    found = {
        "read": {"mimecast.connect.mimecast_info": {}},
        "create": route(hostname="mx1.example.com", smtp_authentication=LOGIN),
        "change": route(port=26, smtp_authentication=LOGIN, update_secret="always"),
        "document": {"mimecast.connect.mimecast_tenant": {"delivery_routes": [
            {"name": f"{way} Two", "hostname": "192.0.2.1", "smtp_authentication": LOGIN}]}},
        # Only planned, because a name that is stored would be shown to whoever reads the tenant later.
        "secret in a name": {**route(name=way + " route of {{ password }}!", hostname="192.0.2.1", smtp_authentication=LOGIN), "check_mode": True},
        "wrong recipient": {"mimecast.connect.connectivity_check": {"checks": [refused], "assert": True}},
        "403": route(account_code="CSOMEBODY"),
        "quoted by the module": route(hostname="mx {{ password }}", smtp_authentication=LOGIN),
        "quoted by a choice": route(state="{{ password }}", smtp_authentication=LOGIN),
        "quoted by a type": route(port="{{ password }}", smtp_authentication=LOGIN),
        "in the wrong shape": route(policies={"in": [LOGIN]}),
        "quoted by a choice, the client secret": route(state="{{ lookup('env', 'MIMECAST_CLIENT_SECRET') }}"),
        "echoed with the password": route(name=ECHO, hostname="mx1.example.com", smtp_authentication=LOGIN),
        "echoed with the token": route(account_code=ECHO),
        "echoed with the client secret": route(client_id=ECHO),
    }
    return {f"{way}: {label}": {**task, "vars": {"mimecast_in_process": way == "here"}} for label, task in found.items()}


NEVER_SENT = ("mimecast_server_connection", "connectivity_check", "mimecast_tls_policy")


def table_cases() -> tuple[list[Case], list[Case]]:
    """The cases with a secret, and one without for each other module; the whole document last, since it makes what the others do."""
    able = [case for case in CASES if not case.before and not case.insert]
    secret = sorted((case for case in able if SECRET in json.dumps(case.options)), key=lambda case: case is DOCUMENT)
    rest = [module for module in module_names() if module not in {case.module for case in secret}]
    # What needs another call before it finds that done by the cases with secrets.
    return secret, [next(case for case in CASES if case.module == module) for module in rest]


def table_tasks(way: str) -> dict[str, dict[str, Any]]:
    """Calls of the table, its secrets being the password; first refused by a service that repeats it, then carried out.

    As ordinary modules, which take their time, only once what has a secret of its own.
    """
    def task(case: Case, url: str) -> dict[str, Any]:
        options = json.loads(json.dumps(case.options).replace(SECRET, "{{ password }}"))
        connection = {"client_id": "id-" + way, "client_secret": "{{ client_secret }}", "base_url": url}
        return {"mimecast.connect." + case.module: {**options, **connection}, "vars": {"mimecast_in_process": way == "here"}}

    secret, rest = table_cases()
    sent = [case for case in secret if case.module not in NEVER_SENT]
    good = [*secret, *rest] if way == "here" else [case for case in secret if case not in sent or case is DOCUMENT]
    return {**{f"{way}: {case.label}, refused": task(case, "{{ refusing }}") for case in sent},
            **{f"{way}: {case.label}": task(case, "{{ passing }}") for case in good}}


@pytest.mark.parametrize("module", module_names())
def test_every_secret_option_is_part_of_the_run(module: str) -> None:
    """A new module, or a new option that is not to be logged, has to be in the table."""
    run = [case.options for case in [*table_cases()[0], *table_cases()[1]] if case.module == module]
    assert run and "client_secret" in secret_options(job(module).argument_spec)
    assert {path for path in secrets_of(module) if SECRET not in [value for options in run for value in under(options, path)]} == set()


@pytest.fixture(scope="module", params=[tasks, table_tasks], ids=["stories", "table"])
def story(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Story]:
    for package in ("aiosmtpd", "trustme"):
        pytest.importorskip(package, reason="the real mail servers need it")
    running_sandbox.reset()
    for name in ("secret", "here", "there"):
        running_sandbox.tenant("C" + name.upper(), client_id="id-" + name, client_secret=CLIENT_SECRET, internal_domains=DOMAINS, groups=GROUPS)
    Refusing.refuses = traces(PASSWORD)
    folder, given = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("given") / "variables.json"
    listed = {**request.param("here"), **request.param("there")}
    whole = [{**task, "name": label} for label, task in listed.items()]
    whole.append({"ansible.builtin.set_fact": {
        "kept": "{{ [" + ", ".join(f"r{number}" for number in range(len(listed))) + "] }}", "cacheable": True}})
    whole.append({"ansible.builtin.debug": {"var": "kept"}})
    watch, lines = Watch(), []
    with MailServers(only=["refuses_recipients"]) as mail, echo(running_sandbox) as url, \
            echo(running_sandbox, Refusing) as refusing, syslog(lines) as has_syslog:
        given.write_text(json.dumps({
            "password": PASSWORD, "client_secret": CLIENT_SECRET, "passing": url, "refusing": refusing,
            "ca": mail.ca, "refuses": mail.address("refuses_recipients")}))
        process = playbooks.start(
            folder, *playbooks.write_play(folder, whole), "-e", f"@{given}", "-vvvv", "--diff",
            MIMECAST_CLIENT_ID="id-secret", MIMECAST_CLIENT_SECRET=CLIENT_SECRET, MIMECAST_BASE_URL=url,
            ANSIBLE_CACHE_PLUGIN="ansible.builtin.jsonfile", ANSIBLE_CACHE_PLUGIN_CONNECTION=str(folder / "facts"),
            ANSIBLE_LOG_PATH=str(folder / "ansible.log"))
        watching = threading.Thread(target=_watch, args=(process, watch, folder / "ansible"))
        watching.start()
        run = playbooks.finish(process, folder)
        watching.join()
    assert len(run.results) == len(whole), run.output[-3000:]
    yield Story(run, watch, lines, has_syslog, set(Echo.tokens), list(listed))


def _watch(process: subprocess.Popen[bytes], watch: Watch, home: Path) -> None:
    while process.poll() is None:
        watch.look(home)
        time.sleep(0.06)


def found_in(text: bytes, tokens: set[str]) -> list[str]:
    """The secrets of which a trace is in the text."""
    named = {"client secret": [CLIENT_SECRET], "password": [PASSWORD], "token": tokens}
    return [name for name, secrets in named.items() if any(form in text for secret in secrets for form in traces(secret))]


def test_the_run_was_what_it_claims(story: Story) -> None:
    results = dict(zip(story.labels, story.run.results))
    if "here: read" not in results:
        return check_table(results)
    for label, result in results.items():
        _way, _colon, kind = label.partition(": ")
        good = kind in ("read", "create", "change", "document", "secret in a name")
        assert result["failed"] is not good, (label, result)
        assert result["changed"] is (good and kind != "read"), (label, result)
    assert len(story.tokens) > 5, "one token in process, one for each ordinary module"
    assert "cannot read POST" in results["here: echoed with the password"]["msg"]
    assert "Bearer ********" in results["there: echoed with the token"]["msg"]
    assert "client_secret=********" in results["there: echoed with the client secret"]["msg"]
    assert results["here: secret in a name"]["changes"][0]["name"] == "here route of ********!"
    assert list(results["there: secret in a name"]["diff"]["after"]) == ["delivery route 'there route of ********!'"]
    assert "AnsiballZ_mimecast_info" in story.run.stdout and "TASK [here: read]" in story.run.stdout


def check_table(results: dict[str, dict[str, Any]]) -> None:
    for label, result in results.items():
        assert result["failed"] is label.endswith("refused"), (label, result)
        assert not result["failed"] or "cannot read POST" in result["msg"] and "********" in result["msg"], (label, result)


@pytest.mark.parametrize("where", ["stdout", "stderr", "results", "shown"])
def test_no_secret_in_what_ansible_says(story: Story, where: str) -> None:
    said = getattr(story.run, where)
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    assert (len(text) > 1000 or where == "stderr") and found_in(text.encode(), story.tokens) == []


def test_no_secret_in_any_file(story: Story) -> None:
    """The log, the fact cache, everything below TMPDIR, ANSIBLE_HOME and the remote temporary folder."""
    files = [path for path in story.run.folder.rglob("*") if path.is_file()]
    assert {"ansible.log", "localhost", "shown.jsonl"} <= {path.name.removeprefix("s1_") for path in files}, files
    assert {str(path): found for path in files if (found := found_in(path.read_bytes(), story.tokens))} == {}


def test_no_secret_in_a_command_line(story: Story) -> None:
    assert any(b"AnsiballZ" in command for command in story.watch.commands), "no module was seen at work"
    assert [command for command in story.watch.commands if found_in(command, story.tokens)] == []


def test_no_secret_in_the_syslog(story: Story) -> None:
    if not story.has_syslog:
        pytest.skip("needs root, and a machine on which nobody listens on /dev/log")
    assert any(b"mimecast_delivery_route" in line and b"Invoked" in line for line in story.syslog), story.syslog[:3]
    assert [line for line in story.syslog if found_in(line, story.tokens)] == []


def test_the_token_cache_is_private_and_gone(story: Story) -> None:
    assert story.watch.files, "no token cache was seen while the run was on"
    for name, modes in story.watch.files.items():
        assert [oct(mode) for mode in modes] == ["0o600", "0o700"], name
    assert list((story.run.folder / "ansible").rglob("mimecast-token-*")) == []


def test_traces_find_what_they_should() -> None:
    for text in (CLIENT_SECRET, json.dumps({"x": CLIENT_SECRET}), repr([CLIENT_SECRET]), quote_plus(CLIENT_SECRET),
                 base64.b64encode(f"id:{CLIENT_SECRET}".encode()).decode(), json.dumps(json.dumps([CLIENT_SECRET]))):
        assert found_in(text.encode(), set()) == ["client secret"], text
    assert found_in(b"nothing of the kind", {"token"}) == []
