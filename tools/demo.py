# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole journey of three customers without an account: one archives, one has email security, one has both.

Runs the playbook mimecast.connect.connect from the installed tarball against the sandbox, real SMTP servers and a real name server on loopback.
Where a customer needs a person, the demo plays it and says so. Ends with 1 when anything that the summary claims did not happen.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import envs
import tree
from paths import ROOT, VENVS

sys.path.insert(0, str(ROOT / "extensions" / "sandbox"))


def ready() -> None:
    """Make what is needed, then go on inside the private environment."""
    if Path(sys.prefix) != VENVS / "run":
        print("Making the private environment, which takes a while the first time", flush=True)
    try:
        venv = envs.ensure("run")
    except envs.Unavailable as error:
        sys.exit(f"Cannot make the demo's private environment: {error}")
    except subprocess.CalledProcessError:
        sys.exit(f"Cannot make the demo's private environment: pip failed, see {envs.log_of('run')}")
    if Path(sys.prefix) != venv:
        print("Building the collection and installing it from its tarball", flush=True)
        tree.build_and_install("run")
        python = str(venv / "bin" / "python")
        os.execve(python, [python, __file__], envs.environment(venv))


def main() -> int:
    """Start the servers, tell the story, sum up."""
    ready()
    from demo_story import ACTS, Proofs
    from demo_world import FOLDER, world

    start, proofs = time.monotonic(), Proofs()
    with world() as at:
        for one in ACTS:
            one(at, proofs)
    print("\nWhat was proved:")
    for truth, text in proofs.rows:
        print(f"  {'yes' if truth else 'NO '}  {text}")
    print(f"\nPages for people, as they were after acts 2, 5 and 6: {FOLDER.relative_to(ROOT)}/pages (open the .html in a browser)\n"
          f"Scripts, settings and rules for administrators:       {FOLDER.relative_to(ROOT)}/handover\n"
          f"The customer files as the demo has left them:         {FOLDER.relative_to(ROOT)}/customers\n\n"
          "For a real tenant: set MIMECAST_CLIENT_ID and MIMECAST_CLIENT_SECRET, write one file for each customer, and run\n"
          "  ansible-playbook -i hosts.mimecast_customers.yml mimecast.connect.connect --check --diff\n"
          f"\n{time.monotonic() - start:.0f} s")
    return 0 if all(truth for truth, _text in proofs.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
