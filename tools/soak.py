# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill runs of a tenant document at random places, and a customer's journey at each of its tasks, and update firewalls under traffic, far
more often than the gates do.

MIMECAST_SOAK_KILLS says how often the document is killed (30), MIMECAST_SOAK_SEED chooses other places; the seed is printed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import envs
import steps
import tree
from gates import pytest_counts
from paths import TREE, inside

TESTS = "tests/functional/test_kills.py"
JOURNEY = "tests/functional/test_roles_journey_kills.py"
FIREWALLS = [f"tests/functional/test_firewall_{name}.py" for name in ("updates", "firewalld", "ufw")]


def main() -> int:
    """Prepare as `make functional` does, run the one file, and say in one line how it went."""
    kills, seed = os.environ.get("MIMECAST_SOAK_KILLS", "30"), os.environ.get("MIMECAST_SOAK_SEED", "20300131")
    try:
        venv = envs.ensure("tools")
    except envs.Unavailable as error:
        sys.exit(f"Cannot make the private environment: {error}")
    tree.build_and_install("tools")
    steps.install_servers(steps.Log("soak"))
    env = steps.pytest_env(venv) | {
        "MIMECAST_SOAK_KILLS": kills, "MIMECAST_SOAK_SEED": seed, "MIMECAST_SOAK_TASKS": "all",
        "MIMECAST_SOAK_UPDATES": "60", "PYTHONUNBUFFERED": "1"}
    pytest = [str(venv / "bin" / "python"), "-m", "pytest", "-v", "-rs", "-p", "no:cacheprovider"]
    command = [*pytest, TESTS, "-k", "killed_run"]
    start, lines = time.monotonic(), []
    with subprocess.Popen(command, cwd=inside(TREE), env=env, stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    counts = pytest_counts("".join(lines))
    recovered, failed = counts.get("passed", 0), counts.get("failed", 0)
    print(f"\n{kills} kills, seed {seed}: {recovered} recovered, {failed} did not, in {time.monotonic() - start:.0f} s")
    journey = subprocess.run([*pytest, "-s", JOURNEY], cwd=inside(TREE), env=env, check=False)
    firewalls = subprocess.run([*pytest, "-s", "-k", "updates", *FIREWALLS], cwd=inside(TREE), env=env, check=False)
    return int(running.returncode != 0 or str(recovered) != kills or journey.returncode != 0 or firewalls.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
