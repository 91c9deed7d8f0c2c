"""SIGKILL rounds on the real program, on one data directory that lives through all of them.

    python torture.py --program target/release/hatchery --rounds 10

A round: launches and releases from many threads, SIGKILL at a random moment, `hatchery check`, restart, and then the
questions. Is every acknowledged instance there? Does every acknowledged token give the same ids again? Does nobody
share an address, and does every instance belong to a launch somebody asked for? Every tenth round kills recovery too.

This shows that commits are atomic and ordered, not that the disk keeps them: killing a process leaves the page cache.
Standard library only.
"""

import argparse
import pathlib
import random
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from harness import (
    CATALOGUE,
    Client,
    ConnectionLost,
    Server,
    chunks,
    held_twice,
    launch_parameters,
    wait_until,
)

THREADS = 16
AMOUNTS = [1, 1, 1, 2, 5]
KILL_SECONDS_MIN = 0.05
KILL_SECONDS_MAX = 1.5
RECOVERY_KILL_SECONDS_MAX = 0.15
RECOVERY_KILL_EVERY = 10
# A security group holds 1000 instances, so rounds begin with room for a burst.
KEPT_BETWEEN_ROUNDS = 250
OLDER_TOKENS_REPLAYED = 200
RELEASE_SHARE = 0.2
GOING = {"Stopping"}
FINDINGS_SHOWN = 10


class Book:
    """What the clients know, kept outside the program that gets killed."""

    def __init__(self):
        self._lock = threading.Lock()
        self.launches = {}  # token -> (amount, ids), acknowledged
        self.in_flight = {}  # token -> amount, sent and never answered
        self.held = set()  # acknowledged, and nobody asked for its release
        self.released = set()  # the release is acknowledged
        self.refusals = {}  # code -> how often

    def launched(self, token, amount, ids):
        with self._lock:
            self.in_flight.pop(token, None)
            self.launches[token] = (amount, ids)
            self.held.update(ids)

    def unanswered(self, token, amount):
        with self._lock:
            self.in_flight[token] = amount

    def release_asked(self, instance_id):
        """From now on the instance may be there or not."""
        with self._lock:
            self.held.discard(instance_id)

    def release_refused(self, instance_id):
        with self._lock:
            self.held.add(instance_id)

    def release_acknowledged(self, instance_id):
        with self._lock:
            self.released.add(instance_id)

    def refused(self, code):
        with self._lock:
            self.refusals[code] = self.refusals.get(code, 0) + 1

    def every_id(self):
        return {one for _, ids in self.launches.values() for one in ids}


class Findings:
    """Everything that must stay at nought, by kind."""

    KINDS = ("lost", "resurrected", "unasked", "duplicated addresses", "changed replies", "check findings")

    def __init__(self):
        self._found = {kind: [] for kind in self.KINDS}

    def add(self, kind, details):
        """Books every finding and prints the first few."""
        details = list(details)
        self._found[kind] += details
        for detail in details[:FINDINGS_SHOWN]:
            print(f"  {kind}: {detail}")
        if len(details) > FINDINGS_SHOWN:
            print(f"  {kind}: and {len(details) - FINDINGS_SHOWN} more")

    def counts(self):
        return {kind: len(found) for kind, found in self._found.items()}

    def total(self):
        return sum(self.counts().values())


# One request each.


def launch(client, book, token, amount):
    """Sends a launch and books what came of it. Raises `ConnectionLost`."""
    try:
        status, body = client.call("RunInstances", launch_parameters(ClientToken=token, Amount=amount))
    except ConnectionLost:
        book.unanswered(token, amount)
        raise
    if status == 200:
        book.launched(token, amount, body["InstanceIdSets"]["InstanceIdSet"])
    else:
        book.refused(body.get("Code"))


def release(client, book, instance_id):
    """Sends a release and books what came of it. Raises `ConnectionLost`."""
    book.release_asked(instance_id)
    status, body = client.call("DeleteInstance", {"InstanceId": instance_id, "Force": True})
    if status == 200:
        book.release_acknowledged(instance_id)
    else:
        book.release_refused(instance_id)
        book.refused(body.get("Code"))


def describe(client, **filters):
    """Every row that matches, page by page."""
    rows, token = [], ""
    while True:
        more = {"NextToken": token} if token else {}
        status, body = client.call("DescribeInstances", {"MaxResults": 100, **filters, **more})
        if status != 200:
            raise AssertionError(f"DescribeInstances answered {status}: {body}")
        rows += body["Instances"]["Instance"]
        token = body.get("NextToken")
        if not token:
            return rows


# The parts of a round.


def burst(server, book, random_source, seconds):
    """Launches and releases from all threads until the server is killed after `seconds`."""
    releasable = [row["InstanceId"] for row in describe(Client(server), Status="Running")]
    random_source.shuffle(releasable)
    shares = chunks(releasable, max(1, len(releasable) // THREADS + 1))
    shares += [[]] * (THREADS - len(shares))
    with ThreadPoolExecutor(THREADS) as pool:
        fired = [
            pool.submit(fire, Client(server), book, random.Random(random_source.random()), list(share))
            for share in shares
        ]
        try:
            time.sleep(seconds)
        finally:
            server.kill()
    for one in fired:
        one.result()


def fire(client, book, random_source, releasable):
    """One client thread: launches, and now and then a release, until the connection breaks."""
    try:
        while True:
            if releasable and random_source.random() < RELEASE_SHARE:
                release(client, book, releasable.pop())
            else:
                launch(client, book, uuid.UUID(int=random_source.getrandbits(128)).hex, random_source.choice(AMOUNTS))
    except ConnectionLost:
        pass


def kill_recovery(server, random_source):
    server.launch()
    time.sleep(random_source.uniform(0, RECOVERY_KILL_SECONDS_MAX))
    server.kill()


def replay(server, book, findings, tokens):
    """Repeats acknowledged launches; each must answer what it answered before."""

    def ask_again(part):
        client = Client(server)
        for token in part:
            amount, ids = book.launches[token]
            status, body = client.call("RunInstances", launch_parameters(ClientToken=token, Amount=amount))
            answered = body.get("InstanceIdSets", {}).get("InstanceIdSet", body)
            if (status, answered) != (200, ids):
                yield f"token {token}: was {ids}, now {status} {answered}"

    in_threads(ask_again, tokens, lambda changed: findings.add("changed replies", changed))


def settle_in_flight(server, book):
    """Sends the launches nobody answered once more, so that each of them has an outcome the book knows."""

    def send_again(part):
        client = Client(server)
        for token, amount in part:
            launch(client, book, token, amount)
        return []

    in_threads(send_again, list(book.in_flight.items()), lambda _: None)
    # What is refused now was never carried out.
    book.in_flight.clear()


def in_threads(work, items, collect):
    """Deals `items` out to all threads; hands each thread's results to `collect`, in the caller's thread."""
    parts = [items[start::THREADS] for start in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        for results in pool.map(lambda part: list(work(part)), parts):
            collect(results)


def verify(server, book, findings):
    """Compares the fleet with the book."""
    client = Client(server)
    rows = describe(client)
    present = {row["InstanceId"]: row for row in rows}
    # The rows change while they are read, so an instance that a page missed is asked for by its name.
    missing = [one for part in chunks(book.held - set(present), 100) for one in absent(client, part)]
    findings.add("lost", missing)
    findings.add("resurrected", sorted(
        one for one in book.released & set(present) if present[one]["Status"] not in GOING
    ))
    findings.add("duplicated addresses", held_twice(rows).items())
    findings.add("unasked", sorted(set(present) - book.every_id()))


def absent(client, ids):
    return sorted(set(ids) - {row["InstanceId"] for row in describe(client, InstanceIds=list(ids))})


def thin_out(server, book):
    """Releases running instances until the group has room again, and waits until they are gone."""
    client = Client(server)
    surplus = len(describe(client)) - KEPT_BETWEEN_ROUNDS
    if surplus <= 0:
        return
    for status in ("Pending", "Starting"):
        wait_until(f"nothing is {status}", lambda status=status: not describe(client, Status=status))
    running = [row["InstanceId"] for row in describe(client, Status="Running")]

    def let_go(part):
        own = Client(server)
        for instance_id in part:
            release(own, book, instance_id)
        return []

    in_threads(let_go, running[:surplus], lambda _: None)
    wait_until("the released are gone", lambda: not describe(client, Status="Stopping"))


class Torture:
    """All rounds on one data directory."""

    def __init__(self, options, data):
        self.random = random.Random(options.seed)
        self.server = Server(options.program, data, catalogue=options.catalogue)
        self.kill_seconds_max = options.seconds_per_round or KILL_SECONDS_MAX
        self.book = Book()
        self.findings = Findings()
        self.replayed = 0
        self.in_flight = 0

    def round(self, number):
        """One round. Returns how many findings it added."""
        before, known = self.findings.total(), set(self.book.launches)
        if self.server.port is None:
            self.server.start()
        thin_out(self.server, self.book)
        seconds = self.random.uniform(KILL_SECONDS_MIN, self.kill_seconds_max)
        burst(self.server, self.book, self.random, seconds)
        if number % RECOVERY_KILL_EVERY == 0:
            kill_recovery(self.server, self.random)
        self.findings.add("check findings", self.server.check())

        self.server.start()
        fresh = sorted(set(self.book.launches) - known)
        self.in_flight += len(self.book.in_flight)
        settle_in_flight(self.server, self.book)
        older = self.random.sample(sorted(known), min(len(known), OLDER_TOKENS_REPLAYED))
        replay(self.server, self.book, self.findings, fresh + older)
        self.replayed += len(fresh) + len(older)
        verify(self.server, self.book, self.findings)
        print(f"round {number:4}  killed after {seconds:.2f} s  {len(fresh):6} launches", flush=True)
        return self.findings.total() - before

    def summary(self, rounds):
        book, counts = self.book, self.findings.counts()
        instances = len(book.every_id())
        facts = [
            f"{rounds} rounds",
            f"{len(book.launches)} acknowledged launches of {instances} instances",
            f"{len(book.released)} released",
            f"{self.in_flight} in flight when killed",
            f"{self.replayed} tokens replayed",
            *(f"{count} {kind}" for kind, count in counts.items()),
        ]
        refusals = ", ".join(f"{code} {count}" for code, count in sorted(book.refusals.items(), key=str)) or "none"
        return f"torture: {', '.join(facts)}\nrefusals: {refusals}"


def parse_options():
    arguments = argparse.ArgumentParser(description="SIGKILL rounds on the real program.")
    arguments.add_argument("--program", required=True, type=pathlib.Path, help="the hatchery program")
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("--seconds-per-round", type=float, help="the latest moment to kill at")
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    arguments.add_argument("--catalogue", default=CATALOGUE, help="the catalogue it serves")
    return arguments.parse_args()


def main():
    options = parse_options()
    print(f"seed {options.seed}", flush=True)
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="hatchery-torture-") as scratch:
        torture = Torture(options, f"{scratch}/data")
        try:
            for number in range(1, options.rounds + 1):
                if torture.round(number):
                    failed += 1
                else:
                    passed += 1
        except Exception as trouble:
            failed += 1
            print(f"round {passed + failed}: {trouble!r}\n---- the end of the server's log\n{torture.server.log_tail()}")
        finally:
            torture.server.kill()
        print(torture.summary(passed + failed))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
