# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small run of the measurement that `make bench` does with 5,000 domains."""

from __future__ import annotations

import os
import sys

import pytest
from playbooks import ROOT

for library in ("trustme", "dns"):
    pytest.importorskip(library, reason="the certificates and the look-ups need it")
sys.path.insert(0, str(ROOT / "tools"))

import bench_smtp

DOMAINS = 500


def test_many_domains() -> None:
    figures = bench_smtp.check_domains(DOMAINS, bench_smtp.WORKERS, {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert figures.found == [(f"d{number}.example", "ok_strict") for number in range(DOMAINS)]
    assert 8 < figures.peak <= figures.sockets + 1 <= bench_smtp.SOCKETS
    assert figures.megabytes < bench_smtp.MEGABYTES
    assert figures.messages == 0
    # Time is for make bench: here other tests share the machine. One after the other would take 225 s.
    assert figures.seconds < 60
