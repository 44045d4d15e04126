# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""firewall_allowlist with 10,000 ranges, in a network namespace, against bare ``nft -f`` and ``ipset restore`` of the same ranges."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from paths import COLLECTIONS, ROOT

sys.path.insert(0, str(ROOT / "tests" / "functional"))

RANGES = 10_000
ROUNDS = 5
MOST_SECONDS = 1.0  # for a run with nothing to change, from options to result
# A change that replaces all ranges may cost this many times the bare program; ipset alone takes half of what nft takes.
TIMES_BARE = {"nftables": 3, "iptables": 5}
BACKENDS = {"nftables": ("nft",), "iptables": ("iptables", "ip6tables", "ipset")}


def ranges(offset: int) -> list[str]:
    """Networks that do not touch each other, others for each offset."""
    return [f"{20 + offset}.{number // 128}.{number % 128 * 2}.0/25" for number in range(RANGES)]


def spent() -> float:
    """CPU seconds of this process and its children."""
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in own)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.monotonic(), spent()
    work()
    return time.monotonic() - wall, spent() - cpu


def bare_text(backend: str, offset: int) -> tuple[list[str], str]:
    """What somebody without a module writes."""
    if backend == "nftables":
        text = "flush set inet mimecast_connect smtp_4\nadd element inet mimecast_connect smtp_4 {{ {0} }}\n"
        return ["nft", "-f", "-"], text.format(", ".join(ranges(offset)))
    lines = ["create other hash:net maxelem 65536", *(f"add other {one}" for one in ranges(offset)), "swap other mimecast-smtp-4", "destroy other"]
    return ["ipset", "restore"], "\n".join(lines) + "\n"


def measure(backend: str) -> dict[str, tuple[float, float]]:
    """Medians of wall and CPU seconds: runs with nothing to change and with everything, the change alone, the bare program."""
    import netns

    found: dict[str, list[tuple[float, float]]] = {"nothing to change": [], "whole run": [], "change alone": [], "bare program": []}
    with tempfile.TemporaryDirectory(prefix="mimecast-bench-") as folder, netns.namespace() as name, netns.entered(name):
        machine = Machine(backend, Path(folder))
        machine.run(0)
        for number in range(ROUNDS):
            offset = 1 + 2 * number
            command, text = bare_text(backend, offset)
            found["bare program"].append(timed(lambda: subprocess.run(command, input=text, text=True, check=True)))
            found["whole run"].append(timed(lambda: machine.run(offset + 1)))
            found["nothing to change"].append(timed(lambda: machine.run(offset + 1)))
            found["change alone"].append(timed(machine.change(offset)))
    return {way: (statistics.median(one[0] for one in times), statistics.median(one[1] for one in times)) for way, times in found.items()}


class Machine:
    """The namespace that this process is in, with files of its own."""

    def __init__(self, backend: str, folder: Path) -> None:
        from ansible_collections.mimecast.connect.plugins.module_utils._jobs.firewall_allowlist import JOB

        self.job, self.backend = JOB, backend
        self.paths = {option: str(folder / option) for option in JOB.argument_spec["paths"]["options"]}
        Path(self.paths["nftables_main"]).write_text("flush ruleset\n", encoding="ascii")

    def run(self, offset: int) -> None:
        """The whole job, from options to result."""
        from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
        from ansible_collections.mimecast.connect.plugins.module_utils._runner import execute
        from programs import run_command

        services = [{"name": "smtp", "ports": [25], "mode": "enforce", "sources": ranges(offset)}]
        options = {"services": services, "backend": self.backend, "paths": self.paths, "allow_removals": ["smtp"], "allow_unobserved": ["smtp"]}
        result, _secrets = execute(
            self.job, ArgumentSpecValidator(self.job.argument_spec).validate(options).validated_parameters, False, run_command=run_command)
        if result.get("failed"):
            sys.exit(result["msg"])

    def change(self, offset: int) -> Callable[[], None]:
        """Making the transaction, carrying it out, reading all of it back, and writing the files."""
        from ansible_collections.mimecast.connect.plugins.module_utils._firewall.backends.choose import choose
        from ansible_collections.mimecast.connect.plugins.module_utils._firewall.change import carry_out, prepare
        from ansible_collections.mimecast.connect.plugins.module_utils._firewall.plan import wishes

        backend, live = choose(self.backend)
        declared = [{"name": "smtp", "ports": [25], "mode": "enforce", "sources": ranges(offset)}]
        desired = live.allowlist.with_(wishes(declared, live.allowlist, int(time.time()))[0])
        return lambda: carry_out(prepare(backend, live, desired, self.paths, True))


def compare() -> None:
    """Print all, and whether they keep within what the design expects."""
    import netns

    for backend, programs in BACKENDS.items():
        if netns.why_not(*programs):
            print(f"The firewall with {backend} is not measured: {netns.why_not(*programs)}")
            continue
        path = os.pathsep.join([str(COLLECTIONS), str(ROOT / "tests" / "functional")])
        command = [sys.executable, str(Path(__file__).resolve()), backend]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})
        show(backend, json.loads(done.stdout))


def show(backend: str, found: dict[str, list[float]]) -> None:
    """One backend's figures."""
    print(f"\nfirewall_allowlist with {backend} and {RANGES} ranges (median of {ROUNDS}):")
    for way, (wall, cpu) in found.items():
        print(f"  {way:18}{wall * 1000:7.0f} ms wall {cpu * 1000:7.0f} ms CPU")
    wall = found["nothing to change"][0]
    print(f"  {wall:6.2f} s with nothing to change; expected less than {MOST_SECONDS}: {'yes' if wall < MOST_SECONDS else 'NO'}")
    ratio, whole = (found[way][1] / found["bare program"][1] for way in ("change alone", "whole run"))
    print(f"  {ratio:6.2f} times the CPU of the bare program to replace all; expected at most {TIMES_BARE[backend]}: "
          f"{'yes' if ratio <= TIMES_BARE[backend] else 'NO'}")
    print(f"  {whole:6.2f} times the CPU with the look before it, the guards, the messages and the diff")


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
