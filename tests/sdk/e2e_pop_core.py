"""End to end: the generic RPC client for node, unmodified, against the real program.

    npm ci --prefix pop-core
    python e2e_pop_core.py --program target/release/hatchery

The checks are in pop-core/e2e.js, beside the package and its lock; this starts the program for them.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

from harness import CATALOGUE, Server

CHECKS = pathlib.Path(__file__).resolve().parent / "pop-core" / "e2e.js"
CHECKS_SECONDS = 300


def main():
    arguments = argparse.ArgumentParser(description="The generic RPC client for node against the real program.")
    arguments.add_argument("--program", required=True, help="the hatchery program")
    arguments.add_argument("--catalogue", default=CATALOGUE, help="the catalogue it serves")
    arguments.add_argument("--checks", default=CHECKS, help="e2e.js, where its packages are installed")
    options = arguments.parse_args()

    with tempfile.TemporaryDirectory(prefix="hatchery-e2e-") as scratch:
        with Server(options.program, f"{scratch}/data", catalogue=options.catalogue) as server:
            key, secret = server.credentials()
            facts = {
                "HATCHERY_ENDPOINT": f"http://127.0.0.1:{server.port}",
                "HATCHERY_KEY": key,
                "HATCHERY_SECRET": secret,
            }
            done = subprocess.run(["node", options.checks], env=os.environ | facts, timeout=CHECKS_SECONDS)
            if done.returncode:
                print(f"\n---- the end of the server's log\n{server.log_tail()}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
