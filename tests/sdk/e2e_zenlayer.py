"""End to end: the Python SDK of Zenlayer, unmodified, against the real program.

    python e2e_zenlayer.py --program target/release/hatchery

Prints one line per check and closes with `N passed, N failed`. Needs what requirements-clients.txt lists.
"""

import contextlib
import pathlib
import tempfile
import unittest

import runner
from harness import wait_until
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


class Machines(Scenario):
    """What the checks of instances do most."""

    def create(self, **more):
        """Asks for machines and returns their ids."""
        return self.bmc.ask("CreateInstances", **(SIMPLEST | more)).instanceIdSet

    def rows(self, **filters):
        return self.bmc.ask("DescribeInstances", **filters).dataSet

    def status(self, instance):
        """What is seen of an instance; nothing once it is gone."""
        rows = self.rows(instanceIds=[instance])
        return rows[0].instanceStatus if rows else None

    def wait_for(self, instance, wanted, *allowed):
        """Polls until the status is `wanted`; on the way there only the others may be seen."""
        def reached():
            status = self.status(instance)
            self.assertIn(status, (wanted, *allowed))
            return status == wanted
        wait_until(f"{instance} is {wanted}", reached)

    def running(self, **more):
        """Machines that run."""
        instances = self.create(**more)
        for instance in instances:
            self.wait_for(instance, "RUNNING", "PENDING", "CREATING", "INSTALLING")
        return instances

    def give_back(self, instance):
        """As the vendor's Terraform provider does: terminate, see it in the bin at once, release, see nothing."""
        self.bmc.ask("TerminateInstance", instanceId=instance)
        self.assertEqual(self.status(instance), "RECYCLE")
        self.bmc.ask("ReleaseInstances", instanceIds=[instance])
        wait_until(f"{instance} is gone", lambda: self.status(instance) is None)


class Life(Machines):
    def test_two_machines_with_a_system_come_up_and_are_given_back(self):
        first, second = self.create(amount=2, imageId=IMAGE, instanceName="web_[3,3]", hostname="web")
        seen = set()

        def up():
            seen.update(row.instanceStatus for row in self.rows(instanceIds=[first, second]))
            return seen and all(self.status(one) == "RUNNING" for one in (first, second))

        wait_until("both run", up)
        self.assertLessEqual(seen, {"PENDING", "CREATING", "INSTALLING", "RUNNING"})
        rows = self.rows(instanceName="web*", zoneId=ZONE, instanceStatus="RUNNING", imageId=IMAGE)
        self.assertEqual(sorted(row.instanceName for row in rows), ["web003", "web004"])
        self.assertEqual(len({row.primaryPublicIpAddress for row in rows}), 2)
        self.assertEqual(rows[0].instanceType.instanceTypeId, TYPE)
        for instance in (first, second):
            self.give_back(instance)

    def test_power(self):
        (instance,) = self.running()
        self.bmc.ask("StopInstances", instanceIds=[instance])
        self.wait_for(instance, "STOPPED", "STOPPING")
        with self.refused("OPERATION_DENIED_INSTANCE_NOT_RUNNING"):
            self.bmc.ask("StopInstances", instanceIds=[instance])
        self.bmc.ask("StartInstances", instanceIds=[instance])
        self.wait_for(instance, "RUNNING", "BOOTING")
        self.bmc.ask("RebootInstances", instanceIds=[instance])
        self.wait_for(instance, "RUNNING", "BOOTING")
        with self.refused("OPERATION_DENIED_INSTANCE_NOT_STOPPED"):
            self.bmc.ask("StartInstances", instanceIds=[instance])
        with self.refused("OPERATION_DENIED_INSTANCE_NOT_RECYCLED"):
            self.bmc.ask("ReleaseInstances", instanceIds=[instance])
        self.give_back(instance)

    def test_another_system(self):
        (instance,) = self.running()
        self.bmc.ask("ReinstallInstance", instanceId=instance, imageId=IMAGE, hostname="anew")
        self.wait_for(instance, "RUNNING", "INSTALLING")
        (row,) = self.rows(instanceIds=[instance])
        self.assertEqual((row.imageId, row.hostname), (IMAGE, "anew"))
        self.bmc.ask("ModifyInstancesAttribute", instanceIds=[instance], instanceName="renamed")
        self.assertEqual(len(self.rows(instanceName="renamed")), 1)
        self.give_back(instance)

    def test_the_bin_is_emptied_after_a_day(self):
        (instance,) = self.running()
        self.bmc.ask("TerminateInstance", instanceId=instance)
        with self.refused("OPERATION_DENIED_INSTANCE_RECYCLED"):
            self.bmc.ask("TerminateInstance", instanceId=instance)
        self.server.advance_clock(24 * 60 * 60)
        wait_until("it is gone", lambda: self.status(instance) is None)

    def test_a_failed_creation_is_there_until_it_is_terminated(self):
        self.server.fail_creations(1)
        (instance,) = self.create()
        self.wait_for(instance, "CREATE_FAILED", "PENDING", "CREATING")
        self.server.advance_clock(10 * 60)
        self.assertEqual(self.status(instance), "CREATE_FAILED")
        self.bmc.ask("TerminateInstance", instanceId=instance)
        self.assertIsNone(self.status(instance))


class Refusals(Machines):
    def test_what_is_not_there(self):
        for code, more in {
            "INVALID_ZONE_NOT_FOUND": {"zoneId": "SEL--A"},
            "INVALID_INSTANCE_TYPE_NOT_FOUND": {"instanceTypeId": "M7"},
            "INVALID_IMAGE_NOT_FOUND": {"imageId": "img-none"},
            "INVALID_SUBNET_NOT_FOUND": {"subnetId": "sub-none"},
            "RESOURCES_SOLDOUT_INSTANCE_TYPE": {"zoneId": "HKG-A"},
            "OPERATION_DENIED_INSTANCE_QUOTA_EXCEED": {"amount": QUOTA + 1},
            "INVALID_BANDWIDTH_VALUE_EXCEED_MAXIMUM": {"internetMaxBandwidthOut": 501},
            "INVALID_PARAMETER_VALUE": {"amount": 101},
        }.items():
            with self.subTest(code), self.refused(code):
                self.create(**more)
        self.assertEqual(self.rows(instanceIds=["nobody"]), [])


class Catalogue(Scenario):
    def test_what_can_be_had(self):
        zones = self.bmc.ask("DescribeZones").zoneSet
        self.assertEqual({zone.zoneId for zone in zones}, {ZONE, "HKG-A"})
        (machine,) = self.bmc.ask("DescribeInstanceTypes", instanceTypeIds=[TYPE]).instanceTypes
        self.assertEqual((machine.supportRaids, machine.diskInfo.totalDiskSize), ([0, 1], 1000))
        (image,) = self.bmc.ask("DescribeImages", instanceTypeId=TYPE, catalog="Ubuntu").images
        self.assertEqual(image.imageId, IMAGE)
        asked = self.bmc.ask("DescribeAvailableResources", instanceChargeType="POSTPAID", zoneId=ZONE)
        self.assertEqual(asked.availableResources[0].sellStatus, "SELL")
        price = self.bmc.ask(
            "InquiryPriceCreateInstance",
            zoneId=ZONE,
            instanceTypeId=TYPE,
            instanceChargeType="POSTPAID",
            internetChargeType="ByBandwidth",
        )
        self.assertEqual(price.instancePrice.unitPrice, 0.25)


class Subnets(Machines):
    def available(self, listing, status, **ids):
        """Polls, as clients do, until a network can be used; before that it may only be seen being made."""
        def reached():
            (row,) = self.bmc.ask(listing, **ids).dataSet
            self.assertIn(getattr(row, status), ("CREATING", "AVAILABLE"))
            return getattr(row, status) == "AVAILABLE"
        wait_until(f"{ids} is there", reached)

    def test_a_subnet_is_made_used_and_deleted(self):
        subnet = self.bmc.ask("CreateSubnet", zoneId=ZONE, cidrBlock="10.9.1.0/24", subnetName="mine").subnetId
        self.available("DescribeSubnets", "subnetStatus", subnetIds=[subnet])
        (instance,) = self.running(subnetId=subnet)
        (row,) = self.rows(subnetId=subnet)
        self.assertEqual(row.privateIpAddresses, ["10.9.1.1"])
        (shown,) = self.bmc.ask("DescribeSubnets", subnetIds=[subnet]).dataSet
        self.assertEqual([member.instanceId for member in shown.subnetInstanceSet], [instance])
        with self.refused("OPERATION_DENIED_SUBNET_EXIST_INSTANCE"):
            self.bmc.ask("DeleteSubnet", subnetId=subnet)
        self.give_back(instance)
        self.bmc.ask("DeleteSubnet", subnetId=subnet)
        self.assertEqual(self.bmc.ask("DescribeSubnets", subnetIds=[subnet]).dataSet, [])

    def test_a_network_of_subnets(self):
        vpc = self.bmc.ask("CreateVpc", cidrBlock="10.8.0.0/16", vpcRegionId="asia", vpcName="mine").vpcId
        self.available("DescribeVpcs", "vpcStatus", vpcIds=[vpc])
        subnet = self.bmc.ask("CreateSubnet", zoneId=ZONE, cidrBlock="10.8.1.0/24", vpcId=vpc).subnetId
        self.available("DescribeSubnets", "subnetStatus", subnetIds=[subnet])
        with self.refused("OPERATION_DENIED_VPC_EXIST_SUBNET_ASSIGN"):
            self.bmc.ask("DeleteVpc", vpcId=vpc)
        self.bmc.ask("DeleteSubnet", subnetId=subnet)
        self.bmc.ask("DeleteVpc", vpcId=vpc)


# The world of the samples, with an account that may have few machines.
WORLD = pathlib.Path(__file__).resolve().parents[1] / "worlds" / "zenlayer.toml"
QUOTA = 12
ZONE, TYPE, IMAGE = "SEL-A", "M6C", "img-ubuntu"
SIMPLEST = {
    "zoneId": ZONE,
    "instanceChargeType": "POSTPAID",
    "instanceTypeId": TYPE,
    "internetChargeType": "ByBandwidth",
}


def share(server, _):
    Scenario.server = server


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="hatchery-world-") as folder:
        world = pathlib.Path(folder, "zenlayer.toml")
        world.write_text(f"{WORLD.read_text()}\n[account]\ninstance_limit = {QUOTA}\n")
        runner.main(__name__, "The Python SDK of Zenlayer against the real program.", share, world)
