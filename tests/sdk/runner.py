"""Runs the checks of a module against one sandboxed server: a line per check, and `N passed, N failed` to close with."""

import argparse
import sys
import tempfile
import time
import unittest

from harness import CATALOGUE, Server


class Lines(unittest.TestResult):
    """One line per check as it ends, then what went wrong in full."""

    def __init__(self):
        super().__init__()
        self._began = None
        self.passed = 0

    def startTest(self, test):
        super().startTest(test)
        self._began = time.monotonic()

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        self._line("ok  ", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line("FAIL", test)

    def addError(self, test, err):
        super().addError(test, err)
        self._line("FAIL", test)

    def print_troubles(self):
        for test, trace in self.failures + self.errors:
            print(f"\n---- {test.id()}\n{trace}")

    def failed(self):
        return len(self.failures) + len(self.errors)

    def _line(self, word, test):
        name = test.id().removeprefix("__main__.").replace(".test_", ": ").replace("_", " ")
        took = time.monotonic() - self._began if self._began else 0.0
        print(f"{word} {took:5.1f} s  {name}", flush=True)


def main(module, description, share, catalogue=CATALOGUE):
    """Ends the process. `share(server, options)` hands the checks what they need before the first runs."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--program", required=True, help="the hatchery program")
    arguments.add_argument("--catalogue", default=catalogue, help="the catalogue it serves")
    arguments.add_argument("--only", help="run only the checks whose name contains this")
    options = arguments.parse_args()

    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{options.only}*"] if options.only else None
    suite = loader.loadTestsFromModule(sys.modules[module])
    lines = Lines()
    with tempfile.TemporaryDirectory(prefix="hatchery-e2e-") as scratch:
        with Server(options.program, f"{scratch}/data", catalogue=options.catalogue, sandbox=True) as server:
            share(server, options)
            suite.run(lines)
            if lines.failed():
                print(f"\n---- the end of the server's log\n{server.log_tail()}")
    lines.print_troubles()
    print(f"\n{lines.passed} passed, {lines.failed()} failed")
    sys.exit(1 if lines.failed() else 0)
