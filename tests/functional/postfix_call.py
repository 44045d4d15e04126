# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""postfix_routing against a PostfixHost, called as its runner calls it, with two smart hosts and two journal hosts of this test."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from postfix_host import PostfixHost
from programs import run_command

from ansible_collections.mimecast.connect.plugins.module_utils._jobs.postfix_routing import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute

SMART = ("out1.service.example", "out2.service.example")
JOURNAL_HOSTS = ("journal1.service.example", "journal2.service.example")
ADDRESS = "journaling@journal.acme.example"
PLACES = {name: f"127.0.0.{number}" for number, name in enumerate((*SMART, *JOURNAL_HOSTS), 11)}
OWN = ("mimecast_smart_hosts_tls", "mimecast_journal_tls", "mimecast_journal_transport", "mimecast_smart_hosts_password")
LOGIN = {"username": "relay@acme.example", "password": "Pa55+ word:of=$mine#'\"\\"}


class Interrupted(BaseException):
    """What ends a run in the middle, as a signal does: no part of the module may take it for an error of its own."""


@dataclass
class Routing:
    """The module on a host. ``before_command`` sees the words of each program before it is started, and may raise or answer for it."""

    host: PostfixHost
    port: int
    ca: Path | None = None
    before_command: Callable[[list[str]], tuple[int, str, str] | None] | None = None
    commands: list[list[str]] = field(default_factory=list)

    def run(self, check: bool = False, **options: Any) -> dict[str, Any]:
        """The result, its arguments validated as AnsibleModule does."""
        common = {"config_directory": str(self.host.config)} | ({"tls_ca_file": str(self.ca)} if self.ca and "restore" not in options else {})
        checked = ArgumentSpecValidator(JOB.argument_spec, **JOB.rules).validate(json.loads(json.dumps({**common, **options})))
        if checked.error_messages:
            return {"failed": True, "msg": checked.errors.msg}
        return execute(JOB, checked.validated_parameters, check, run_command=self._start)[0]

    def done(self, **options: Any) -> dict[str, Any]:
        """The same, which must not fail."""
        result = self.run(**options)
        assert not result.get("failed"), result
        return result

    def relay(self, **options: Any) -> dict[str, Any]:
        return self.done(smart_hosts=SMART, port=self.port, **options)

    def journal(self, **options: Any) -> dict[str, Any]:
        return self.done(journal=self.copies(), **options)

    def copies(self) -> dict[str, Any]:
        return {"address": ADDRESS, "hosts": JOURNAL_HOSTS, "port": self.port}

    def refused_settings(self, settings: str, **options: Any) -> str:
        """The sentence of a run that was taken back: main.cf may be written otherwise, but says the same."""
        names = set(self.bytes())
        result = self.run(**options)
        assert result.get("failed") and not result.get("changed") and "Unexpected" not in result["msg"], result
        assert self.host.settings() == settings and set(self.bytes()) == names
        return str(result["msg"])

    def refused(self, **options: Any) -> str:
        """The sentence, and that nothing has changed."""
        before = self.bytes()
        whole = {"smart_hosts": SMART, "port": self.port, **options}
        result = self.run(**{name: value for name, value in whole.items() if value is not None})
        assert result.get("failed") and not result.get("changed"), result
        assert self.bytes() == before and "Traceback" not in result["msg"] and "Unexpected" not in result["msg"]
        return str(result["msg"])

    def _start(self, args: list[str], **options: Any) -> tuple[int, str, str]:
        words = [Path(args[2]).name, *args[5:]] if args[3:4] == ["-c"] else args
        self.commands.append(words)
        answer = self.before_command(words) if self.before_command else None
        if answer is not None:
            return answer
        done = run_command(args, **options)
        if words[:2] in (["postconf", "-e"], ["postconf", "-X"]):
            then = time.time() - 60
            os.utime(self.host.config / "main.cf", (then, then))  # Postfix waits for 2 s until it trusts a young file
        return done

    def bytes(self) -> dict[str, tuple[bytes, int]]:
        """Every file of the configuration, with its mode."""
        return {path.name: (path.read_bytes(), path.stat().st_mode) for path in self.host.config.iterdir()}
