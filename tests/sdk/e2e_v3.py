"""End to end: the SDK that signs with ACS3-HMAC-SHA256, unmodified, against the real program.

    python e2e_v3.py --program target/release/hatchery

Prints one line per check and closes with `N passed, N failed`. Needs what requirements-clients.txt lists.
"""

import contextlib
import json
import unittest
import uuid

import runner
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from darabonba.runtime import ExtendsParameters, RuntimeOptions
from harness import IMAGE, INSTANCE_TYPE, REGION, SECURITY_GROUP, VSWITCH, wait_until

LAUNCH = {
    "image_id": IMAGE,
    "instance_type": INSTANCE_TYPE,
    "security_group_id": SECURITY_GROUP,
    "v_switch_id": VSWITCH,
}


class Ecs:
    """The SDK's client, and its methods by the name of their action in snake case."""

    def __init__(self, server, *, secret=None, **config):
        key, own_secret = server.credentials()
        self._client = Client(
            Config(
                access_key_id=key,
                access_key_secret=secret or own_secret,
                region_id=REGION,
                endpoint=f"127.0.0.1:{server.port}",
                protocol="http",
                **config,
            )
        )

    def ask(self, action, headers=None, **fields):
        """Sends one request and returns the decoded answer. `headers` go beside the SDK's own, or in their place."""
        request = getattr(models, f"{camel(action)}Request")(**fields)
        if hasattr(request, "region_id"):
            request.region_id = REGION
        runtime = RuntimeOptions(extends_parameters=ExtendsParameters(headers=headers or {}))
        return getattr(self._client, f"{action}_with_options")(request, runtime).body

    def run(self, **fields):
        return self.ask("run_instances", **LAUNCH | fields).instance_id_sets.instance_id_set

    def release(self, instance_id, *, force):
        self.ask("delete_instance", instance_id=instance_id, force=force)

    def rows(self, ids):
        """The rows of `ids` that still exist, by id."""
        answer = self.ask("describe_instances", instance_ids=json.dumps(ids), page_size=100)
        return {row.instance_id: row for row in answer.instances.instance}

    def run_until_running(self, **fields):
        ids = self.run(**fields)

        def running():
            rows = self.rows(ids)
            return [row.status for row in rows.values()] == ["Running"] * len(ids) and [rows[one] for one in ids]

        return wait_until(f"{ids} are running", running)


def camel(action):
    return "".join(word.capitalize() for word in action.split("_"))


class Scenario(unittest.TestCase):
    server = None

    def setUp(self):
        self.ecs = Ecs(self.server)

    @contextlib.contextmanager
    def refused(self, code, status):
        with self.assertRaises(ClientException) as caught:
            yield
        refusal = caught.exception
        self.assertEqual((refusal.code, refusal.status_code), (code, status), refusal.message)
        self.assertTrue(refusal.request_id)


class Lifecycle(Scenario):
    def test_two_instances_from_launch_to_release(self):
        tag = models.RunInstancesRequestTag(key="purpose", value=f"b c*~ {uuid.uuid4().hex}")
        rows = self.ecs.run_until_running(amount=2, instance_name="k8s-[1,4]-测试", tag=[tag])
        self.assertEqual(sorted(row.instance_name for row in rows), ["k8s-0001-测试", "k8s-0002-测试"])
        ids = {row.instance_id for row in rows}

        wanted = models.DescribeInstancesRequestTag(key=tag.key, value=tag.value)
        listed = self.ecs.ask("describe_instances", tag=[wanted])
        self.assertEqual({row.instance_id for row in listed.instances.instance}, ids)

        for instance_id in ids:
            self.ecs.release(instance_id, force=True)
        wait_until("both are gone", lambda: self.ecs.rows(list(ids)) == {})

    def test_the_listings_of_what_there_is(self):
        regions = self.ecs.ask("describe_regions").regions.region
        self.assertIn(REGION, [region.region_id for region in regions])
        [image] = self.ecs.ask("describe_images", image_id=IMAGE).images.image
        self.assertEqual(image.status, "Available")


class Booleans(Scenario):
    """This SDK writes `True` and `False`."""

    def test_a_dry_run_and_a_run_that_is_none(self):
        with self.refused("DryRunOperation", 400):
            self.ecs.run(dry_run=True)
        self.assertEqual(len(self.ecs.run(dry_run=False)), 1)

    def test_both_inside_a_list(self):
        disks = [models.RunInstancesRequestDataDisk(size=20, delete_with_instance=truth) for truth in (True, False)]
        self.assertEqual(len(self.ecs.run(data_disk=disks)), 1)

    def test_names_are_unique_or_not(self):
        for unique, expected in [(True, ["web001", "web002"]), (False, ["web", "web"])]:
            rows = self.ecs.run_until_running(amount=2, instance_name="web", unique_suffix=unique)
            self.assertEqual(sorted(row.instance_name for row in rows), expected)

    def test_a_running_instance_goes_by_force_alone(self):
        [row] = self.ecs.run_until_running()
        with self.refused("IncorrectInstanceStatus", 403):
            self.ecs.release(row.instance_id, force=False)
        self.ecs.release(row.instance_id, force=True)


class Refusal(Scenario):
    def test_an_unknown_image(self):
        with self.refused("InvalidImageId.NotFound", 404):
            self.ecs.run(image_id="img-nobody-has")

    def test_an_unknown_instance(self):
        with self.refused("InvalidInstanceId.NotFound", 404):
            self.ecs.release("i-nobody-has", force=True)

    def test_a_wrong_secret(self):
        with self.refused("SignatureDoesNotMatch", 400):
            Ecs(self.server, secret="not-the-secret").ask("describe_regions")

    def test_a_nonce_counts_once(self):
        nonce = {"x-acs-signature-nonce": uuid.uuid4().hex}
        self.ecs.ask("describe_regions", headers=nonce)
        with self.refused("SignatureNonceUsed", 400):
            self.ecs.ask("describe_regions", headers=nonce)

    def test_a_date_out_of_the_window(self):
        with self.refused("InvalidTimeStamp.Expired", 400):
            self.ecs.ask("describe_regions", headers={"x-acs-date": "2000-01-01T00:00:00Z"})


class Kinds(Scenario):
    def test_the_same_sdk_can_sign_the_old_way(self):
        old = Ecs(self.server, signature_algorithm="v2")
        self.assertEqual(len(old.run(amount=2, client_token=uuid.uuid4().hex)), 2)

    def test_a_token_counts_whatever_the_signature(self):
        token = uuid.uuid4().hex
        old = Ecs(self.server, signature_algorithm="v2")
        self.assertEqual(self.ecs.run(client_token=token), old.run(client_token=token))


def share(server, _):
    Scenario.server = server


if __name__ == "__main__":
    runner.main(__name__, "The SDK of signature version 3 against the real program.", share)
