"""End to end: the Python SDK of Zenlayer, unmodified, against the real program.

    python e2e_zenlayer.py --program target/release/hatchery

Prints one line per check and closes with `N passed, N failed`. Needs what requirements-clients.txt lists.
"""

import contextlib
import unittest

import runner
from zenlayercloud.bmc.v20221120 import bmc_client, models
from zenlayercloud.common.config import Config
from zenlayercloud.common.credential import Credential, TokenCredential
from zenlayercloud.common.excpetion.zenlayer_cloud_sdk_exception import ZenlayerCloudSdkException


class Bmc:
    """The SDK's client, and its request classes by the name of their action."""

    def __init__(self, server, *, secret=None, credential=None):
        key, own_secret = server.credentials()
        config = Config(scheme="http", domain=f"127.0.0.1:{server.port}", request_timeout=20)
        self._client = bmc_client.BmcClient(credential or Credential(key, secret or own_secret), config)

    def ask(self, action, **fields):
        """Sends one request as an SDK user would and returns the decoded answer."""
        request = getattr(models, f"{action}Request")()
        for name, value in fields.items():
            setattr(request, name, value)
        return getattr(self._client, action)(request)

    def ask_for_what_nobody_serves(self):
        return self._client._api_call("NoSuchAction", models.DescribeZonesRequest())


class Scenario(unittest.TestCase):
    """A check against the server that all of them share."""

    server = None

    def setUp(self):
        self.bmc = Bmc(self.server)

    @contextlib.contextmanager
    def refused(self, code):
        """The block must end in the SDK's exception with this code. It does not tell the HTTP status."""
        with self.assertRaises(ZenlayerCloudSdkException) as caught:
            yield
        refusal = caught.exception
        self.assertEqual(refusal.code, code, refusal.message)
        self.assertTrue(refusal.request_id)
        self.assertTrue(refusal.message)


class Authentication(Scenario):
    def test_the_key_of_the_other_dialect_reaches_the_actions(self):
        with self.refused("INVALID_ACTION"):
            self.bmc.ask_for_what_nobody_serves()

    def test_a_wrong_secret(self):
        with self.refused("AUTHFAILURE_SIGNATURE_FAILURE"):
            Bmc(self.server, secret="not-the-secret").ask("DescribeZones")

    def test_an_unknown_key(self):
        with self.refused("AUTHFAILURE_SIGNATURE_FAILURE"):
            Bmc(self.server, credential=Credential("nobody", "secret")).ask("DescribeZones")

    def test_a_bearer_token(self):
        with self.refused("AUTHFAILURE_SIGNATURE_FAILURE"):
            Bmc(self.server, credential=TokenCredential("token")).ask("DescribeZones")


def share(server, _):
    Scenario.server = server


if __name__ == "__main__":
    runner.main(__name__, "The Python SDK of Zenlayer against the real program.", share)
