# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Updates of 10,000 ranges under traffic: nobody who is allowed may notice, and no stranger may slip through."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import netns
import pytest
from firewall_host import Host, host, service

UPDATES = int(os.environ.get("MIMECAST_SOAK_UPDATES", "15"))  # make soak asks for sixty
RANGES = 10_000
PATIENCE = 0.9  # seconds; a SYN that was dropped is sent again after one


def ranges(offset: int) -> tuple[str, ...]:
    """10,000 networks that do not touch each other, others for each offset, and the two who are allowed."""
    own = (f"{20 + offset}.{number // 128}.{number % 128 * 2}.0/25" for number in range(RANGES))
    return (*own, netns.ALLOWED[4], netns.ALLOWED[6])


@contextmanager
def traffic(net: netns.Net) -> Iterator[Counter[str]]:
    """Streams and short connections of everybody, counted by what became of them."""
    found: Counter[str] = Counter()
    over = threading.Event()

    def short(who: str, address: str, patience: float) -> None:
        while not over.is_set():
            try:
                with net.connect(address, timeout=patience) as made:
                    made.sendall(b"x")
                    answered = made.recv(1) == b"x"
            except OSError:
                answered = False
            found[f"{who} {'passed' if answered else 'failed'}"] += 1
            time.sleep(0.002)

    def stream(address: str) -> None:
        with net.connect(address, timeout=2) as made:
            while not over.is_set():
                try:
                    made.sendall(b"p" * 200)
                    found["stream passed" if made.recv(4096) else "stream failed"] += 1
                except OSError:
                    found["stream failed"] += 1
                    return
                time.sleep(0.002)

    threads = [threading.Thread(target=stream, args=(netns.ALLOWED[family],)) for family in (4, 6)]
    threads += [threading.Thread(target=short, args=("allowed", netns.ALLOWED[family], PATIENCE)) for family in (4, 6)]
    threads += [threading.Thread(target=short, args=("stranger", netns.STRANGER[family], 0.25)) for family in (4, 6)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        over.set()
        for thread in threads:
            thread.join(10)


@pytest.fixture(params=["nftables", "iptables"])
def gateway(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    with host(request.param, tmp_path) as made, netns.echo(made.net, 25):
        yield made


def test_nobody_notices_many_updates(gateway: Host) -> None:
    lists = [service(sources=ranges(offset)) for offset in (0, 1)]
    gateway.done(lists[0])
    foreign = gateway.foreign()
    with traffic(gateway.net) as found:
        for number in range(UPDATES):
            result = gateway.done(lists[(number + 1) % 2], allow_removals=["smtp"])
            assert result["changed"] and result["services"][0]["sources"] == RANGES + 2
    print(gateway.variant, dict(found))
    assert (found["allowed failed"], found["stream failed"], found["stranger passed"]) == (0, 0, 0), found
    assert min(found["allowed passed"], found["stream passed"]) > 10 * UPDATES and found["stranger failed"] > UPDATES, found
    assert gateway.foreign() == foreign


def test_the_traffic_would_notice_an_update_that_is_not_atomic(gateway: Host) -> None:
    gateway.done(service(sources=ranges(0)))
    name = "smtp_4" if gateway.backend == "nftables" else "mimecast-smtp-4"
    emptied = ("nft", f"flush set inet mimecast_connect {name}") if gateway.backend == "nftables" else ("ipset", "flush", name)
    with traffic(gateway.net) as found:
        gateway.net.inside(*emptied)
        time.sleep(2 * PATIENCE)
        gateway.done(service(sources=ranges(0)))
    assert found["allowed failed"] > 0 and found["stream failed"] == 0, found
