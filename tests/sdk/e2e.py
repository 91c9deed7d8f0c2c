"""End to end: the official Python SDK, unmodified, against the real program.

    python e2e.py --program target/release/hatchery

Prints one line per check and closes with `N passed, N failed`. Needs what requirements.txt lists.
"""

import contextlib
import ipaddress
import json
import tempfile
import unittest
import uuid
import warnings
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

import runner
from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkecs.request.v20140526 import (
    CreateInstanceRequest,
    CreateSecurityGroupRequest,
    CreateVpcRequest,
    CreateVSwitchRequest,
    DeleteInstanceRequest,
    DescribeAvailableResourceRequest,
    DescribeImagesRequest,
    DescribeInstanceHistoryEventsRequest,
    DescribeInstancesRequest,
    DescribeInstanceStatusRequest,
    DescribeInstanceTypesRequest,
    DescribeRegionsRequest,
    DescribeSecurityGroupsRequest,
    DescribeVpcsRequest,
    DescribeVSwitchesRequest,
    DescribeZonesRequest,
    RebootInstanceRequest,
    RunInstancesRequest,
    StartInstanceRequest,
    StopInstanceRequest,
)

from harness import (
    IMAGE,
    INSTANCE_TYPE,
    REGION,
    SECURITY_GROUP,
    VPC,
    VSWITCH,
    VSWITCH_BLOCK,
    ZONE,
    Server,
    addresses_of,
    chunks,
    held_twice,
    launch_parameters,
    wait_until,
)

MODULES = {name.removesuffix("Request"): module for name, module in globals().items() if name.endswith("Request")}
FAILURE_EVENT = "SystemFailure.Delete"
FAILURE_RELEASE_SECONDS = 300
BURST_THREADS = 16
BURST_ACKNOWLEDGED = 64


class Ecs:
    """The SDK's client, and its request classes by the name of their action."""

    def __init__(self, server, *, secret=None, auto_retry=True):
        key, own_secret = server.credentials()
        self._client = AcsClient(key, secret or own_secret, REGION, port=server.port, timeout=20, auto_retry=auto_retry)

    def ask(self, action, **fields):
        """Sends one request as an SDK user would and returns the decoded answer."""
        return json.loads(self._client.do_action_with_exception(self._request(action, fields)))

    def ask_xml(self, action, **fields):
        request = self._request(action, fields)
        request.set_accept_format("XML")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return ElementTree.fromstring(self._client.do_action(request))

    @staticmethod
    def _request(action, fields):
        request = getattr(MODULES[action], f"{action}Request")()
        request.set_endpoint("127.0.0.1")
        for name, value in fields.items():
            getattr(request, f"set_{name}")(value)
        return request

    # Launching.

    def run(self, **fields):
        """Launches and returns the instance ids, in the order of the answer."""
        return self.ask("RunInstances", **launch_parameters(**fields))["InstanceIdSets"]["InstanceIdSet"]

    def run_one(self, **fields):
        [instance_id] = self.run(**fields)
        return instance_id

    def run_until_running(self, **fields):
        ids = self.run(**fields)
        return self.wait_for_status(ids, "Running")

    # Reading.

    def instances(self, ids):
        """The rows of `ids` that still exist, however many there are, by id."""
        rows = {}
        for part in chunks(ids, 100):
            page = self.ask("DescribeInstances", InstanceIds=json.dumps(part), PageSize=100)
            rows |= {row["InstanceId"]: row for row in page["Instances"]["Instance"]}
        return rows

    def every_instance(self):
        """Every row there is, by tokens rather than page numbers: nothing is skipped while instances come and go."""
        rows, token = [], None
        while True:
            more = {"NextToken": token} if token else {}
            page = self.ask("DescribeInstances", MaxResults=100, **more)
            rows += page["Instances"]["Instance"]
            token = page.get("NextToken")
            if not token:
                return rows

    def status(self, instance_id):
        """The status of one instance, or None when it is gone."""
        row = self.instances([instance_id]).get(instance_id)
        return row and row["Status"]

    def wait_for_status(self, ids, status):
        """Polls until all of `ids` have `status`; returns their rows in the order of `ids`."""

        def reached():
            rows = self.instances(ids)
            if [rows[one]["Status"] for one in ids if one in rows] == [status] * len(ids):
                return [rows[one] for one in ids]
            return None

        return wait_until(f"{ids} are {status}", reached)

    def wait_until_gone(self, instance_id):
        wait_until(f"{instance_id} is gone", lambda: self.status(instance_id) is None)

    def failure_event(self, instance_id):
        """The one creation-failure event of an instance, by the call the failure document recommends; or None."""
        answer = self.ask(
            "DescribeInstanceHistoryEvents",
            InstanceId=instance_id,
            InstanceEventCycleStatuss=["Executing", "Executed", "Avoided"],
            EventType=FAILURE_EVENT,
        )
        events = answer["InstanceSystemEventSet"]["InstanceSystemEventType"]
        assert len(events) <= 1, f"{len(events)} events for one failed creation: {events}"
        return events[0] if events else None


class Scenario(unittest.TestCase):
    """A check against the sandboxed server that all of them share."""

    server = None

    def setUp(self):
        self.ecs = Ecs(self.server)

    @contextlib.contextmanager
    def refused(self, code, status):
        """The block must end in the SDK's ServerException with this code and HTTP status."""
        with self.assertRaises(ServerException) as caught:
            yield
        refusal = caught.exception
        self.assertEqual((refusal.get_error_code(), refusal.get_http_status()), (code, status), refusal.message)
        self.assertTrue(refusal.get_request_id(), "a refusal carries a RequestId")


class Catalogue(Scenario):
    def test_the_region_is_listed(self):
        regions = self.ecs.ask("DescribeRegions")["Regions"]["Region"]
        self.assertIn(REGION, [region["RegionId"] for region in regions])

    def test_the_zone_offers_the_instance_type(self):
        zones = {zone["ZoneId"]: zone for zone in self.ecs.ask("DescribeZones")["Zones"]["Zone"]}
        self.assertIn(INSTANCE_TYPE, zones[ZONE]["AvailableInstanceTypes"]["InstanceTypes"])

    def test_the_instance_type_has_a_size(self):
        types = self.ecs.ask("DescribeInstanceTypes", InstanceTypess=[INSTANCE_TYPE])["InstanceTypes"]["InstanceType"]
        self.assertEqual([one["InstanceTypeId"] for one in types], [INSTANCE_TYPE])
        self.assertGreater(types[0]["CpuCoreCount"], 0)
        self.assertGreater(types[0]["MemorySize"], 0)

    def test_the_image_is_available(self):
        [image] = self.ecs.ask("DescribeImages", ImageId=IMAGE)["Images"]["Image"]
        self.assertEqual((image["ImageId"], image["Status"]), (IMAGE, "Available"))

    def test_the_type_is_in_stock(self):
        answer = self.ecs.ask("DescribeAvailableResource", DestinationResource="InstanceType", ZoneId=ZONE)
        [zone] = answer["AvailableZones"]["AvailableZone"]
        offers = zone["AvailableResources"]["AvailableResource"][0]["SupportedResources"]["SupportedResource"]
        stock = {offer["Value"]: offer["StatusCategory"] for offer in offers}
        self.assertEqual(stock[INSTANCE_TYPE], "WithStock")


class Launch(Scenario):
    def test_three_instances_reach_running(self):
        tag = {"Key": "purpose", "Value": uuid.uuid4().hex}
        rows = self.ecs.run_until_running(
            Amount=3, MinAmount=3, InstanceName="web", HostName="web", UniqueSuffix=True, Tags=[tag]
        )
        self.assertEqual(sorted(row["InstanceName"] for row in rows), ["web001", "web002", "web003"])
        self.assertEqual(sorted(row["HostName"] for row in rows), ["web001", "web002", "web003"])
        for row in rows:
            self.assertEqual(row["Tags"]["Tag"], [{"TagKey": tag["Key"], "TagValue": tag["Value"]}])
            self.assertEqual((row["VpcAttributes"]["VpcId"], row["VpcAttributes"]["VSwitchId"]), (VPC, VSWITCH))
            self.assertEqual((row["ZoneId"], row["InstanceType"], row["ImageId"]), (ZONE, INSTANCE_TYPE, IMAGE))
            self.assertEqual(row["SecurityGroupIds"]["SecurityGroupId"], [SECURITY_GROUP])

        found = self.ecs.ask("DescribeInstances", Tags=[tag])["Instances"]["Instance"]
        self.assertEqual({row["InstanceId"] for row in found}, {row["InstanceId"] for row in rows})

    def test_a_name_pattern_counts_up(self):
        rows = self.ecs.run_until_running(Amount=3, InstanceName="k8s-[1,3]")
        self.assertEqual(sorted(row["InstanceName"] for row in rows), ["k8s-001", "k8s-002", "k8s-003"])

    def test_a_name_pattern_without_suffix_part_outranks_the_unique_suffix(self):
        rows = self.ecs.run_until_running(Amount=2, InstanceName="db-[7,3]", UniqueSuffix=True)
        self.assertEqual(sorted(row["InstanceName"] for row in rows), ["db-007", "db-008"])

    def test_addresses_are_distinct_and_usable(self):
        rows = self.ecs.run_until_running(Amount=10)
        addresses = [ipaddress.ip_address(address) for row in rows for address in addresses_of(row)]
        block = ipaddress.ip_network(VSWITCH_BLOCK)
        reserved = {block[0], block[-3], block[-2], block[-1]}
        self.assertEqual(len(set(addresses)), 10)
        self.assertTrue(all(address in block for address in addresses), addresses)
        self.assertFalse(reserved & set(addresses))

    def test_a_given_address_is_honoured_and_then_taken(self):
        [row] = self.ecs.run_until_running(PrivateIpAddress="192.168.77.7")
        self.assertEqual(addresses_of(row), ["192.168.77.7"])
        with self.refused("InvalidPrivateIpAddress.Duplicated", 400):
            self.ecs.run(PrivateIpAddress="192.168.77.7")

    def test_an_address_outside_the_block_is_refused(self):
        with self.refused("InvalidPrivateIpAddress", 400):
            self.ecs.run(PrivateIpAddress="10.1.2.3")

    def test_a_reserved_address_is_refused(self):
        with self.refused("InvalidVSwitchId.IpInvalid", 403):
            self.ecs.run(PrivateIpAddress="192.168.255.254")

    def test_the_status_call_agrees_with_the_listing(self):
        ids = self.ecs.run(Amount=2)
        self.ecs.wait_for_status(ids, "Running")
        answer = self.ecs.ask("DescribeInstanceStatus", InstanceIds=ids)["InstanceStatuses"]["InstanceStatus"]
        self.assertEqual({row["InstanceId"]: row["Status"] for row in answer}, dict.fromkeys(ids, "Running"))

    def test_a_minimum_changes_nothing_when_there_is_plenty(self):
        self.assertEqual(len(self.ecs.run(Amount=4, MinAmount=2)), 4)

    def test_a_created_instance_stays_stopped_until_it_is_started(self):
        instance_id = self.ecs.ask("CreateInstance", **launch_parameters())["InstanceId"]
        self.ecs.wait_for_status([instance_id], "Stopped")
        self.ecs.ask("StartInstance", InstanceId=instance_id)
        self.ecs.wait_for_status([instance_id], "Running")

    def test_paging_by_token_visits_every_instance_once(self):
        ids = self.ecs.run(Amount=100) + self.ecs.run(Amount=5)
        seen = [row["InstanceId"] for row in self.ecs.every_instance()]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertLessEqual(set(ids), set(seen))


class Lifecycle(Scenario):
    def test_stop_start_reboot_release(self):
        [row] = self.ecs.run_until_running()
        instance_id = row["InstanceId"]
        for action, status in [("StopInstance", "Stopped"), ("StartInstance", "Running"), ("RebootInstance", "Running")]:
            self.ecs.ask(action, InstanceId=instance_id)
            self.ecs.wait_for_status([instance_id], status)
        self.ecs.ask("StopInstance", InstanceId=instance_id)
        self.ecs.wait_for_status([instance_id], "Stopped")
        self.ecs.ask("DeleteInstance", InstanceId=instance_id)
        self.ecs.wait_until_gone(instance_id)
        with self.refused("InvalidInstanceId.NotFound", 404):
            self.ecs.ask("StartInstance", InstanceId=instance_id)

    def test_a_running_instance_is_released_by_force_only(self):
        [row] = self.ecs.run_until_running()
        with self.refused("IncorrectInstanceStatus", 403):
            self.ecs.ask("DeleteInstance", InstanceId=row["InstanceId"])
        self.ecs.ask("DeleteInstance", InstanceId=row["InstanceId"], Force=True)
        self.ecs.wait_until_gone(row["InstanceId"])

    def test_a_released_address_can_be_taken_again(self):
        [row] = self.ecs.run_until_running(PrivateIpAddress="192.168.78.8")
        self.ecs.ask("DeleteInstance", InstanceId=row["InstanceId"], Force=True)
        self.ecs.wait_until_gone(row["InstanceId"])
        [again] = self.ecs.run_until_running(PrivateIpAddress="192.168.78.8")
        self.assertEqual(addresses_of(again), ["192.168.78.8"])

    def test_the_wrong_status_is_refused(self):
        [row] = self.ecs.run_until_running()
        instance_id = row["InstanceId"]
        with self.refused("IncorrectInstanceStatus", 403):
            self.ecs.ask("StartInstance", InstanceId=instance_id)
        self.ecs.ask("StopInstance", InstanceId=instance_id)
        self.ecs.wait_for_status([instance_id], "Stopped")
        for action in ("StopInstance", "RebootInstance"):
            with self.refused("IncorrectInstanceStatus", 403):
                self.ecs.ask(action, InstanceId=instance_id)


class CreationFailure(Scenario):
    def setUp(self):
        super().setUp()
        # The sandbox fails the next creations of all: none of an earlier check may still be under way.
        wait_until("nothing is being created", self._nothing_is_pending)

    def _nothing_is_pending(self):
        return self.ecs.ask("DescribeInstances", Status="Pending")["TotalCount"] == 0

    def failed_instance(self):
        self.server.fail_creations(1)
        instance_id = self.ecs.run_one()
        self.ecs.wait_for_status([instance_id], "Stopped")
        return instance_id

    def assert_cycle(self, instance_id, cycle):
        event = self.ecs.failure_event(instance_id)
        self.assertIsNotNone(event, f"no {FAILURE_EVENT} for {instance_id}")
        self.assertEqual(event["EventCycleStatus"]["Name"], cycle)
        self.assertEqual((event["EventType"]["Name"], event["InstanceId"]), (FAILURE_EVENT, instance_id))
        return event

    def test_a_failed_instance_is_stopped_and_announced(self):
        instance_id = self.failed_instance()
        event = self.assert_cycle(instance_id, "Executing")
        self.assertTrue(event["EventPublishTime"])
        with self.refused("IncorrectInstanceStatus", 403):
            self.ecs.ask("StartInstance", InstanceId=instance_id)

    def test_its_owner_can_release_it(self):
        instance_id = self.failed_instance()
        self.ecs.ask("DeleteInstance", InstanceId=instance_id)
        self.ecs.wait_until_gone(instance_id)
        self.assert_cycle(instance_id, "Avoided")

    def test_the_system_releases_it_after_five_minutes(self):
        instance_id = self.failed_instance()
        self.assertEqual(self.ecs.status(instance_id), "Stopped")
        self.server.advance_clock(FAILURE_RELEASE_SECONDS + 1)
        self.ecs.wait_until_gone(instance_id)
        event = self.assert_cycle(instance_id, "Executed")
        self.assertTrue(event["EventFinishTime"])

    def test_the_rest_of_the_batch_goes_on(self):
        self.server.fail_creations(1)
        ids = self.ecs.run(Amount=3)
        expected = ["Running", "Running", "Stopped"]
        wait_until(
            "two run and one failed",
            lambda: sorted(row["Status"] for row in self.ecs.instances(ids).values()) == expected,
        )
        events = [self.ecs.failure_event(instance_id) for instance_id in ids]
        self.assertEqual(sum(event is not None for event in events), 1)


class Token(Scenario):
    def test_a_reused_token_answers_the_same_ids(self):
        token = uuid.uuid4().hex
        first = self.ecs.run(Amount=2, ClientToken=token)
        self.assertEqual(self.ecs.run(Amount=2, ClientToken=token), first)

    def test_a_reused_token_answers_the_same_ids_after_the_release(self):
        token = uuid.uuid4().hex
        [row] = self.ecs.run_until_running(ClientToken=token)
        self.ecs.ask("DeleteInstance", InstanceId=row["InstanceId"], Force=True)
        self.ecs.wait_until_gone(row["InstanceId"])
        self.assertEqual(self.ecs.run(ClientToken=token), [row["InstanceId"]])

    def test_a_reused_token_with_another_amount_is_refused(self):
        token = uuid.uuid4().hex
        self.ecs.run(Amount=1, ClientToken=token)
        with self.refused("IdempotentParameterMismatch", 400):
            self.ecs.run(Amount=2, ClientToken=token)

    def test_a_dry_run_creates_nothing_and_leaves_the_token_free(self):
        token = uuid.uuid4().hex
        name = f"dry-{uuid.uuid4().hex}"
        with self.refused("DryRunOperation", 400):
            self.ecs.run(DryRun=True, ClientToken=token, InstanceName=name)
        found = self.ecs.ask("DescribeInstances", InstanceName=name)["Instances"]["Instance"]
        self.assertEqual(found, [])
        self.assertEqual(len(self.ecs.run(ClientToken=token, InstanceName=name)), 1)

    def test_a_refused_launch_leaves_the_token_free(self):
        token = uuid.uuid4().hex
        with self.refused("InvalidImageId.NotFound", 404):
            self.ecs.run(ClientToken=token, ImageId="img-nobody-has")
        self.assertEqual(len(self.ecs.run(ClientToken=token)), 1)


class Refusal(Scenario):
    def test_an_unknown_image(self):
        with self.refused("InvalidImageId.NotFound", 404):
            self.ecs.run(ImageId="img-nobody-has")

    def test_an_unknown_instance(self):
        with self.refused("InvalidInstanceId.NotFound", 404):
            self.ecs.ask("StopInstance", InstanceId="i-nobody-has")

    def test_an_amount_out_of_range(self):
        with self.refused("InvalidMaxAmount.Malformed", 400):
            self.ecs.run(Amount=101)

    def test_a_minimum_above_the_amount(self):
        with self.refused("InvalidMinAmount.Malformed", 400):
            self.ecs.run(Amount=2, MinAmount=3)

    def test_a_wrong_secret_is_told_apart_by_the_sdk(self):
        # The SDK compares our string to sign with its own: equal strings mean that only the secret is wrong.
        stranger = Ecs(self.server, secret="not-the-secret")
        with self.refused("InvalidAccessKeySecret", 400):
            stranger.ask("DescribeRegions")


class Network(Scenario):
    def own_network(self, vpc_block, vswitch_block):
        """A VPC, a vSwitch and a security group of its own: (VpcId, VSwitchId, SecurityGroupId)."""
        vpc = self.ecs.ask("CreateVpc", CidrBlock=vpc_block, VpcName="own-vpc")["VpcId"]
        wait_until(f"{vpc} is available", lambda: self.vpc(vpc)["Status"] == "Available")
        vswitch = self.ecs.ask("CreateVSwitch", VpcId=vpc, ZoneId=ZONE, CidrBlock=vswitch_block)["VSwitchId"]
        wait_until(f"{vswitch} is available", lambda: self.vswitch(vswitch)["Status"] == "Available")
        group = self.ecs.ask("CreateSecurityGroup", VpcId=vpc, SecurityGroupName="own-group")["SecurityGroupId"]
        return vpc, vswitch, group

    def vpc(self, vpc):
        [row] = self.ecs.ask("DescribeVpcs", VpcId=vpc)["Vpcs"]["Vpc"]
        return row

    def vswitch(self, vswitch):
        [row] = self.ecs.ask("DescribeVSwitches", VSwitchId=vswitch)["VSwitches"]["VSwitch"]
        return row

    def test_a_network_of_ones_own_can_be_described_and_launched_into(self):
        vpc, vswitch, group = self.own_network("10.10.0.0/16", "10.10.1.0/24")
        self.assertEqual(self.vpc(vpc)["CidrBlock"], "10.10.0.0/16")
        self.assertIn(vswitch, self.vpc(vpc)["VSwitchIds"]["VSwitchId"])
        before = self.vswitch(vswitch)
        self.assertEqual((before["CidrBlock"], before["AvailableIpAddressCount"]), ("10.10.1.0/24", 252))
        [described] = self.ecs.ask("DescribeSecurityGroups", SecurityGroupId=group)["SecurityGroups"]["SecurityGroup"]
        self.assertEqual((described["VpcId"], described["SecurityGroupName"]), (vpc, "own-group"))

        rows = self.ecs.run_until_running(VSwitchId=vswitch, SecurityGroupId=group, Amount=2)
        block = ipaddress.ip_network("10.10.1.0/24")
        self.assertTrue(all(ipaddress.ip_address(one) in block for row in rows for one in addresses_of(row)))
        self.assertEqual(self.vswitch(vswitch)["AvailableIpAddressCount"], 250)

    def test_the_minimum_takes_what_the_vswitch_has_left(self):
        _, vswitch, group = self.own_network("10.20.0.0/16", "10.20.1.0/29")
        place = {"VSwitchId": vswitch, "SecurityGroupId": group}
        with self.refused("QuotaExceeded.PrivateIpAddress", 400):
            self.ecs.run(Amount=6, **place)
        self.assertEqual(len(self.ecs.run(Amount=6, MinAmount=2, **place)), 4)
        with self.refused("QuotaExceeded.PrivateIpAddress", 400):
            self.ecs.run(**place)

    def test_a_group_of_another_network_is_refused(self):
        _, vswitch, _ = self.own_network("10.30.0.0/16", "10.30.1.0/24")
        with self.refused("InvalidParameter.Mismatch", 400):
            self.ecs.run(VSwitchId=vswitch)


class Xml(Scenario):
    def test_a_launch_and_a_listing(self):
        launched = self.ecs.ask_xml("RunInstances", **launch_parameters(Amount=2, InstanceName="xml", Description="xml <&> \"text\""))
        self.assertEqual(launched.tag, "RunInstancesResponse")
        ids = [one.text for one in launched.findall("InstanceIdSets/InstanceIdSet")]
        self.assertEqual(len(ids), 2)

        listed = self.ecs.ask_xml("DescribeInstances", InstanceIds=json.dumps(ids))
        self.assertEqual((listed.tag, listed.findtext("TotalCount")), ("DescribeInstancesResponse", "2"))
        rows = listed.findall("Instances/Instance")
        self.assertEqual({row.findtext("InstanceId") for row in rows}, set(ids))
        for row in rows:
            self.assertEqual(row.findtext("SecurityGroupIds/SecurityGroupId"), SECURITY_GROUP)
            self.assertTrue(row.findtext("VpcAttributes/PrivateIpAddress/IpAddress"))

    def test_a_refusal(self):
        refusal = self.ecs.ask_xml("StopInstance", InstanceId="i-nobody-has")
        self.assertEqual((refusal.tag, refusal.findtext("Code")), ("Error", "InvalidInstanceId.NotFound"))
        self.assertTrue(refusal.findtext("RequestId"))


class Ending(unittest.TestCase):
    """How the program ends, each on a store of its own."""

    program = None
    catalogue = None

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="hatchery-e2e-")
        self.addCleanup(scratch.cleanup)
        self.server = Server(self.program, f"{scratch.name}/data", catalogue=self.catalogue)
        self.addCleanup(self.server.kill)
        self.server.start()

    def test_a_polite_stop_leaves_a_clean_store(self):
        ids = Ecs(self.server).run(Amount=3)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.server.check(), [])
        self.server.start()
        self.assertEqual(set(Ecs(self.server).instances(ids)), set(ids))

    def test_no_acknowledged_launch_is_lost_by_sigkill(self):
        # This cuts the process off, not the disk: what the page cache holds survives.
        acknowledged = self.burst_cut_short()
        self.assertEqual(self.server.check(), [])

        self.server.start()
        ecs = Ecs(self.server)
        ids = [one for launched in acknowledged.values() for one in launched]
        self.assertEqual(set(ids) - set(ecs.instances(ids)), set(), "acknowledged and lost")
        self.assertEqual(len(ids), len(set(ids)), "one id in two answers")
        for (token, amount), launched in acknowledged.items():
            self.assertEqual(ecs.run(Amount=amount, ClientToken=token), launched)
        self.assertEqual(held_twice(ecs.every_instance()), {})

    def burst_cut_short(self):
        """Launches from many threads and kills the server meanwhile. Returns (token, amount) to acknowledged ids."""
        acknowledged = {}

        def launch_until_cut(number):
            ecs = Ecs(self.server, auto_retry=False)
            amount = 1 + number % 3
            with contextlib.suppress(ClientException):
                while True:
                    token = uuid.uuid4().hex
                    acknowledged[token, amount] = ecs.run(Amount=amount, ClientToken=token)

        with ThreadPoolExecutor(BURST_THREADS) as pool:
            launching = [pool.submit(launch_until_cut, number) for number in range(BURST_THREADS)]
            try:
                wait_until("enough launches are acknowledged", lambda: len(acknowledged) >= BURST_ACKNOWLEDGED)
            finally:
                self.server.kill()
        for one in launching:
            one.result()
        return acknowledged


def share(server, options):
    Scenario.server = server
    Ending.program, Ending.catalogue = options.program, options.catalogue


if __name__ == "__main__":
    runner.main(__name__, "The official SDK against the real program.", share)
