# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole Postfix of a customer, with its own folder: start it, hand mail to it, read its queue, its mailboxes and its log.

    with postfix_host(names={"eu-smtp-outbound-1.example": "127.0.0.2"}, mailboxes=["alice@acme.example"]) as host:
        host.send("alice@acme.example", "bob@elsewhere.example", subject="hello")
        host.wait_until_gone()

``host.config`` is the folder that goes to `postfix -c`, to postconf and to the option config_directory. ``names`` is all of /etc/hosts that this
Postfix sees (in a mount namespace of its own); it asks no DNS. ``main`` are lines for the end of main.cf, which win over those of MAIN, and ``master``
lines for the end of master.cf. ``listen`` are places for smtpd, host:port; without any it takes mail from `sendmail` alone, which is what ``send``
uses, so it works in any namespace. ``inside`` is put before the command that starts it, such as ("ip", "netns", "exec", NAME). What it delivers to
``mailboxes`` (whose domains are its own) is in ``mailbox``. To see what it sends to others, use mail_recorder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postfix_listeners import SERVICES

PROGRAMS = ("postfix", "postconf", "postqueue", "postsuper", "sendmail", "unshare")
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
# What is deferred is tried again when the queue is flushed. A host that has failed is asked for the next message nevertheless.
MAIN = """
compatibility_level = 3.6
myhostname = {name}
mydestination =
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/etc/mailboxes
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
local_recipient_maps =
alias_maps =
inet_interfaces = all
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_host_lookup = native
smtp_dns_support_level = disabled
smtp_connect_timeout = 5s
smtp_tls_loglevel = 1
default_destination_concurrency_failed_cohort_limit = 1000
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file_prefixes = {folder}
maillog_file = {folder}/maillog
notify_classes =
"""
MORE_SERVICES = """
showq     unix n - n - - showq
flush     unix n - n 1000? 0 flush
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
local     unix - n n - - local
virtual   unix - n n - - virtual
"""


def why_not() -> str:
    """Why Postfix cannot be used here; empty when it can."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    if missing:
        return f"{' and '.join(missing)} not installed"
    return "" if os.geteuid() == 0 else "Postfix starts as root only"


@dataclass(frozen=True)
class PostfixHost:
    """A Postfix in ``folder``; ``inside`` as it was started."""

    folder: Path
    inside: tuple[str, ...] = ()

    @property
    def config(self) -> Path:
        return self.folder / "etc"

    def run(self, *command: str, text: str = "", check: bool = True) -> str:
        """What one of Postfix's programs prints, told which Postfix is meant by MAIL_CONFIG."""
        environment = {**os.environ, "PATH": PATH, "MAIL_CONFIG": str(self.config), "LC_ALL": "C"}
        # A file and no pipe: the daemons would keep a pipe open.
        with tempfile.TemporaryFile("w+") as out:
            done = subprocess.run(command, env=environment, input=text, stdout=out, stderr=out, text=True, timeout=30, check=False)
            out.seek(0)
            said = out.read()
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {said}{self.log()}")
        return said

    def start(self) -> None:
        """Start it, with its own /etc/hosts."""
        self.rest()
        mount = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
        words = ["unshare", "-m", "sh", "-c", mount, "sh", str(self.folder / "hosts"), "postfix", "-c", str(self.config), "start"]
        self.run(*self.inside, *words)

    def stop(self) -> None:
        """Stop it and wait until it is gone."""
        self.run("postfix", "-c", str(self.config), "stop", check=False)

    def reload(self) -> None:
        """After a change of the configuration by the test itself."""
        self.rest()
        self.run("postfix", "-c", str(self.config), "reload")

    def rest(self) -> None:
        """Make the configuration look older: Postfix reads a young file again and again, for 2 s."""
        minute_ago = time.time() - 60
        for path in self.config.iterdir():
            os.utime(path, (minute_ago, minute_ago))

    def settings(self) -> str:
        """What is set in main.cf, as postconf says it."""
        return self.run("postconf", "-n")

    def set(self, **parameters: str) -> None:
        """Set parameters and reload."""
        self.run("postconf", "-e", *(f"{name}={value}" for name, value in parameters.items()))
        self.reload()

    def send(self, sender: str, *recipients: str, subject: str = "hello", body: str = "Hello.") -> None:
        """Hand a message to it, as a program on this machine does."""
        message = f"From: {sender}\nTo: {', '.join(recipients)}\nSubject: {subject}\n\n{body}\n"
        self.run("sendmail", "-C", str(self.config), "-i", "-f", sender, *recipients, text=message)

    def queue(self) -> list[dict[str, Any]]:
        """Messages that wait: queue_id, queue_name, sender, and recipients each with address and perhaps delay_reason."""
        return [json.loads(line) for line in self.run("postqueue", "-j").splitlines() if line.startswith("{")]

    def flush(self) -> None:
        """Try at once what is deferred."""
        self.run("postqueue", "-f")

    def clear(self) -> None:
        """Throw away what waits."""
        self.run("postsuper", "-d", "ALL")

    def wait_until_gone(self, seconds: float = 15) -> None:
        """Until nothing waits, neither to be picked up nor to be delivered."""
        self._wait(lambda: not self.queue() and not any((self.folder / "spool" / "maildrop").iterdir()), seconds, "Mail still waits")

    def wait_until_deferred(self, address: str, seconds: float = 15) -> str:
        """The reason why mail to the address waits."""

        def reasons() -> list[str]:
            found = [one for message in self.queue() if message["queue_name"] == "deferred" for one in message["recipients"]]
            return [one["delay_reason"] for one in found if one["address"] == address and one.get("delay_reason")]

        self._wait(reasons, seconds, f"Mail to {address} is not deferred")
        return reasons()[0]

    def _wait(self, condition: Any, seconds: float, otherwise: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"{otherwise}: {self.queue()}\n{self.log()}")
            time.sleep(0.05)

    def mailbox(self, address: str) -> list[str]:
        """Messages that have been delivered to one of its own mailboxes."""
        return [path.read_text() for path in sorted((self.folder / "mail" / address / "new").glob("*"))]

    def log(self) -> str:
        path = self.folder / "maillog"
        return path.read_text(errors="replace") if path.exists() else ""

    def relays(self, recipient: str) -> list[str]:
        """Where mail to a recipient was sent, in order, as its log has it: name[address]:port."""
        return re.findall(rf"to=<{re.escape(recipient)}>,.* relay=([^,]+),.* status=sent", self.log())


@contextmanager
def postfix_host(
    name: str = "mail.acme.example", names: Mapping[str, str] | None = None, mailboxes: Sequence[str] = (), listen: Sequence[str] = (),
    main: str = "", master: str = "", inside: Sequence[str] = (),
) -> Iterator[PostfixHost]:
    """A running Postfix, which ends with everything that it left."""
    with tempfile.TemporaryDirectory(prefix="mimecast-postfix-") as made:
        host = PostfixHost(Path(made), tuple(inside))
        _write(host, name, {"localhost": "127.0.0.1", name: "127.0.0.1", **(names or {})}, mailboxes)
        (host.config / "main.cf").write_text(_merged(MAIN.format(
            folder=host.folder, name=name, domains=", ".join(sorted({one.partition("@")[2] for one in mailboxes}))), main))
        listeners = "".join(f"{place} inet n - n - - smtpd\n" for place in listen)
        (host.config / "master.cf").write_text(SERVICES.lstrip() + MORE_SERVICES.lstrip() + listeners + master)
        host.start()
        try:
            yield host
        finally:
            host.stop()


def _write(host: PostfixHost, name: str, names: Mapping[str, str], mailboxes: Sequence[str]) -> None:
    host.folder.chmod(0o755)  # Postfix's own user must get in, which temporary folders do not allow
    for part in ("etc", "spool", "data", "mail"):
        (host.folder / part).mkdir()
    shutil.chown(host.folder / "data", "postfix")
    shutil.chown(host.folder / "mail", 65534, 65534)
    (host.folder / "hosts").write_text("".join(f"{address} {one}\n" for one, address in names.items()))
    (host.config / "mailboxes").write_text("".join(f"{one} {one}/\n" for one in mailboxes))


def _merged(base: str, more: str) -> str:
    """main.cf with more lines; a parameter that both have is that of the second."""
    ours = {line.partition("=")[0].strip() for line in more.splitlines() if line[:1].strip()}
    kept = [line for line in base.strip().splitlines() if line.partition("=")[0].strip() not in ours]
    return "\n".join([*kept, more.strip("\n"), ""])
