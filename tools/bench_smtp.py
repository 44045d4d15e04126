# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail servers of thousands of domains by their MX, where the DNS and the servers take 50 ms for each answer.

The ideal is the time that the answers alone take, shared among the checks that run at the same time. The check is the job of
connectivity_check in a process of its own, so that its memory and its sockets can be counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "functional"), str(ROOT / "extensions" / "sandbox")]

from slow_mail import NAMES, STEPS, slow_mail

DOMAINS, WORKERS, DELAY = 5000, 64, 0.05
TIMES_IDEAL, SOCKETS, MEGABYTES = 2, 200, 200
CHECK = """
import json, resource, sys, time
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.connectivity import JOB
from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute
options = json.load(sys.stdin)
checks = [{"domain": domain, **options["check"]} for domain in options["domains"]]
params = ArgumentSpecValidator(JOB.argument_spec, **JOB.rules).validate({"checks": checks, "workers": options["workers"]}).validated_parameters
start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
result, _secrets = execute(JOB, params, True)
seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF)
spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
found = [[one["name"], one["code"]] for one in result["verdicts"]]
print(json.dumps({"seconds": seconds, "cpu": spent, "found": found, "kilobytes": after.ru_maxrss}))
"""


@dataclass(frozen=True)
class Figures:
    """seconds and cpu of the run; sockets: most at one time; peak: the same as the mail server saw it; found: (domain, code)."""

    seconds: float
    ideal: float
    cpu: float
    sockets: int
    peak: int
    messages: int
    megabytes: float
    found: list[tuple[str, str]]


def check_domains(count: int, workers: int, env: Mapping[str, str]) -> Figures:
    """Check d0.example and so on; env must find ansible_collections."""
    from mimecast_sandbox.mail_pki import Pki

    with tempfile.TemporaryDirectory(prefix="mimecast-mail-domains-") as name:
        pki = Pki(Path(name), [NAMES])
        with slow_mail(str(pki.pem("good")), DELAY) as running:
            check = {"resolver": running.dns, "port": running.port, "ca_path": str(pki.ca_path), "helo": "probe.example", "timeout": 30}
            told = json.dumps({"check": check, "domains": [f"d{number}.example" for number in range(count)], "workers": workers})
            said, sockets = _run(told, env, Path(name) / "said")
    done = json.loads(said)
    return Figures(done["seconds"], count * STEPS * DELAY / workers, done["cpu"], sockets, running.peak, running.messages,
                   done["kilobytes"] / 1024, list(map(tuple, done["found"])))


def _run(told: str, env: Mapping[str, str], said: Path) -> tuple[str, int]:
    """What the process says, and the most sockets that it had when looked at, every 20 ms."""
    with said.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", CHECK], stdin=subprocess.PIPE, stdout=out, env=dict(env), text=True)
    assert process.stdin
    with process.stdin as stdin:
        stdin.write(told)
    most = 0
    while process.poll() is None:
        most = max(most, _sockets(process.pid))
        time.sleep(0.02)
    if process.returncode:
        sys.exit("the check of domains failed")
    return said.read_text(encoding="utf-8"), most


def _sockets(pid: int) -> int:
    found = 0
    try:
        for entry in os.scandir(f"/proc/{pid}/fd"):
            try:
                found += os.readlink(entry.path).startswith("socket:")
            except OSError:
                continue  # it was closed meanwhile
    except OSError:
        pass  # the process has ended
    return found


def mail_domains(env: Mapping[str, str]) -> None:
    """Print the figures beside what is expected of them."""
    figures = check_domains(DOMAINS, WORKERS, env)
    right = [(f"d{number}.example", "ok_strict") for number in range(DOMAINS)]
    print(f"Mail servers of {DOMAINS} domains by MX, {WORKERS} at a time, {DELAY * 1000:.0f} ms for each of {STEPS} answers:")
    for what, shown, met in (
        ("wall time", f"{figures.seconds:.1f} s, ideal {figures.ideal:.1f} s, expected at most {TIMES_IDEAL} times that",
         figures.seconds <= TIMES_IDEAL * figures.ideal),
        ("CPU", f"{figures.cpu:.1f} s, {figures.cpu / DOMAINS * 1000:.1f} ms for each domain", True),
        ("sockets", f"{max(figures.sockets, figures.peak)} at one time, expected at most {SOCKETS}", max(figures.sockets, figures.peak) <= SOCKETS),
        ("memory", f"{figures.megabytes:.0f} MB, expected below {MEGABYTES}", figures.megabytes < MEGABYTES),
        ("results", "each is ok_strict, in order", figures.found == right),
        ("messages sent", str(figures.messages), figures.messages == 0),
    ):
        print(f"  {what:14}{shown}: {'yes' if met else 'NO'}")


if __name__ == "__main__":
    mail_domains(os.environ)
