"""Runs the `hatchery` program for the tests beside this file: start, kill, restart, check, the sandbox's levers,
and a signed client of few lines. Standard library only: torture.py needs nothing installed.
"""

import base64
import contextlib
import datetime
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.parse
import uuid

# The world of the catalogue beside this file.
CATALOGUE = pathlib.Path(__file__).resolve().parent / "catalogue.toml"
REGION = "cn-hangzhou"
ZONE = "cn-hangzhou-g"
INSTANCE_TYPE = "ecs.g6.large"
IMAGE = "img-linux"
VPC = "vpc-example"
VSWITCH = "vsw-example"
VSWITCH_BLOCK = "192.168.0.0/16"
SECURITY_GROUP = "sg-example"

START_SECONDS = 30
STOP_SECONDS = 30
CHECK_SECONDS = 120
REQUEST_SECONDS = 20
POLL_SECONDS = 0.05
LOG_TAIL_CHARACTERS = 4000


class TimedOut(AssertionError):
    """A condition did not come true before its deadline."""


class Died(Exception):
    """The program ended when it should have been serving."""


class ConnectionLost(Exception):
    """No answer came: nobody knows whether the request took effect."""


def wait_until(what, condition, seconds=30, poll_seconds=POLL_SECONDS):
    """Calls `condition` until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimedOut(f"waited {seconds} s in vain: {what}")
        time.sleep(poll_seconds)


class Server:
    """One data directory and the process that serves it, if any. The port is new at every start."""

    def __init__(self, program, data, *, catalogue=CATALOGUE, sandbox=False):
        self.program = pathlib.Path(program).resolve()
        self.data = pathlib.Path(data)
        self.log = self.data.with_name(self.data.name + ".log")
        self._catalogue = catalogue
        self._sandbox = sandbox
        self._process = None
        self.port = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    # The process.

    def launch(self):
        """Starts the process and does not wait: it may still be recovering."""
        command = [self.program, "serve", "--listen", "127.0.0.1:0", "--data", self.data]
        command += ["--catalogue", self._catalogue]
        command += ["--sandbox"] if self._sandbox else []
        self.port = None
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        threading.Thread(target=self._read_stdout, args=(self._process,), daemon=True).start()

    def start(self):
        """Starts the process and returns once it is healthy."""
        self.launch()
        try:
            wait_until("the server is healthy", self._is_healthy, START_SECONDS)
        except BaseException:
            self.kill()
            raise
        return self

    def kill(self):
        """SIGKILL: the process gets no chance to tidy up. Harmless when there is none."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self):
        """SIGTERM, the polite end. Returns the exit code."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(STOP_SECONDS)
        self._process = None
        return code

    def check(self):
        """Lets `hatchery check` judge the store. Returns its findings; none means clean."""
        command = [self.program, "check", "--data", self.data]
        done = subprocess.run(command, capture_output=True, text=True, timeout=CHECK_SECONDS)
        if done.returncode == 0:
            return []
        said = (done.stdout + done.stderr).strip().splitlines()
        return said or [f"exit code {done.returncode} and not a word"]

    def log_tail(self):
        return self.log.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:] if self.log.exists() else ""

    def _read_stdout(self, process):
        """Finds the port, keeps the rest in the log, and never lets the pipe fill up."""
        with open(self.log, "ab") as log, process.stdout as lines:
            for line in lines:
                log.write(line)
                log.flush()
                endpoint = re.match(rb"\s*endpoint\s+http://127\.0\.0\.1:(\d+)", line)
                if endpoint and process is self._process:
                    self.port = int(endpoint.group(1))

    def _is_healthy(self):
        code = self._process.poll()
        if code is not None:
            raise Died(f"exit code {code} at start-up; the end of its log:\n{self.log_tail()}")
        if self.port is None:
            return False
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    # Plain HTTP, and the sandbox.

    def get(self, path):
        return self._plain("GET", path, None)

    def advance_clock(self, seconds):
        return self._sandbox_post("/_hatchery/clock/advance", {"seconds": seconds})

    def fail_creations(self, count):
        self._sandbox_post("/_hatchery/creations/fail", {"count": count})

    def delay_creations(self, milliseconds):
        self._sandbox_post("/_hatchery/creations/delay", {"milliseconds": milliseconds})

    def _sandbox_post(self, path, body):
        status, text = self._plain("POST", path, json.dumps(body))
        if not 200 <= status < 300:
            raise AssertionError(f"POST {path} answered {status}: {text}")
        return json.loads(text) if text else None

    def _plain(self, method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=REQUEST_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            reply = connection.getresponse()
            return reply.status, reply.read().decode()

    # Credentials.

    def credentials(self):
        """The key pair that the program made for this data directory: (id, secret)."""
        text = (self.data / "credentials.toml").read_text()
        return tuple(
            re.search(rf'^\s*{field}\s*=\s*"([^"]+)"', text, re.MULTILINE).group(1)
            for field in ("access_key_id", "access_key_secret")
        )


class Client:
    """ECS requests with signature V1 over one kept connection. For one thread. Never repeats a request by itself."""

    def __init__(self, server):
        self._key, self._secret = server.credentials()
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=REQUEST_SECONDS)

    def call(self, action, parameters):
        """Returns the HTTP status and the decoded body; raises `ConnectionLost` when no whole answer came."""
        signed = signed_parameters("POST", self._common(action) | stringified(parameters), self._secret)
        try:
            self._connection.request("POST", "/?" + urllib.parse.urlencode(signed, quote_via=urllib.parse.quote), b"")
            reply = self._connection.getresponse()
            return reply.status, json.loads(reply.read())
        except (OSError, http.client.HTTPException) as lost:
            self._connection.close()
            raise ConnectionLost(repr(lost)) from lost

    def _common(self, action):
        return {
            "Action": action,
            "Version": "2014-05-26",
            "Format": "JSON",
            "RegionId": REGION,
            "AccessKeyId": self._key,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": uuid.uuid4().hex,
            "Timestamp": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def stringified(parameters):
    """Parameters as the wire wants them: booleans in lower case, lists as JSON text."""
    texts = {}
    for name, value in parameters.items():
        if isinstance(value, bool):
            texts[name] = "true" if value else "false"
        elif isinstance(value, (list, tuple)):
            texts[name] = json.dumps(list(value))
        else:
            texts[name] = str(value)
    return texts


def signed_parameters(method, parameters, secret):
    return parameters | {"Signature": signature(method, parameters, secret)}


def signature(method, parameters, secret):
    """Signature version 1.0: HMAC-SHA1 over the sorted, percent-encoded parameters."""
    pairs = (f"{percent_encode(name)}={percent_encode(value)}" for name, value in sorted(parameters.items()))
    to_sign = f"{method}&%2F&{percent_encode('&'.join(pairs))}"
    digest = hmac.new(f"{secret}&".encode(), to_sign.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def percent_encode(text):
    return urllib.parse.quote(text, safe="-_.~")


def launch_parameters(**more):
    """What every launch of these tests says; `more` adds to it or replaces."""
    common = {
        "ImageId": IMAGE,
        "InstanceType": INSTANCE_TYPE,
        "SecurityGroupId": SECURITY_GROUP,
        "VSwitchId": VSWITCH,
    }
    return common | more


def addresses_of(instance):
    """The private addresses in one row of DescribeInstances."""
    return instance["VpcAttributes"]["PrivateIpAddress"]["IpAddress"]


def held_twice(instances):
    """Addresses that more than one of `instances` claims, each with the claimants."""
    holders = {}
    for instance in instances:
        for address in addresses_of(instance):
            holders.setdefault((instance["VpcAttributes"]["VSwitchId"], address), []).append(instance["InstanceId"])
    return {address: ids for address, ids in holders.items() if len(ids) > 1}


def chunks(items, size):
    items = list(items)
    return [items[start:start + size] for start in range(0, len(items), size)]
