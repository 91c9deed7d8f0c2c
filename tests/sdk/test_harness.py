"""The harness itself, without a server: its signatures against published values, its small helpers."""

import unittest

import harness


class Signature(unittest.TestCase):
    def test_the_published_vector(self):
        parameters = {
            "Timestamp": "2016-02-23T12:46:24Z",
            "Format": "XML",
            "AccessKeyId": "testid",
            "Action": "DescribeRegions",
            "SignatureMethod": "HMAC-SHA1",
            "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
            "Version": "2014-05-26",
            "SignatureVersion": "1.0",
        }
        self.assertEqual(harness.signature("GET", parameters, "testsecret"), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=")

    def test_special_characters_as_the_python_sdk_signs_them(self):
        parameters = {
            "Version": "2014-05-26",
            "Action": "DescribeInstances",
            "RegionId": "cn-hangzhou",
            "InstanceName": "测试 *~+/&=%-_.",
            "InstanceIds": '["i-1","i-2"]',
            "Description": "k8s-node-[1,4]-x'()!",
            "Timestamp": "2026-01-02T03:04:05Z",
            "SignatureMethod": "HMAC-SHA1",
            "SignatureType": "",
            "SignatureVersion": "1.0",
            "SignatureNonce": "0c1d2e3f405162738495a6b7c8d9eaf0",
            "AccessKeyId": "LTAIcontract0001",
            "Format": "JSON",
        }
        signature = harness.signature("GET", parameters, "contractSecret/+=01")
        self.assertEqual(signature, "Fs5LmXytRZDM8tc1gWjv04cMVI4=")


class Helpers(unittest.TestCase):
    def test_parameters_are_written_as_the_wire_wants_them(self):
        written = harness.stringified({"Force": True, "DryRun": False, "Amount": 3, "InstanceIds": ["i-1"]})
        self.assertEqual(written, {"Force": "true", "DryRun": "false", "Amount": "3", "InstanceIds": '["i-1"]'})

    def test_an_address_held_twice_names_both_holders(self):
        rows = [
            {"InstanceId": name, "VpcAttributes": {"VSwitchId": "v", "PrivateIpAddress": {"IpAddress": [address]}}}
            for name, address in [("a", "10.0.0.1"), ("b", "10.0.0.2"), ("c", "10.0.0.1")]
        ]
        self.assertEqual(harness.held_twice(rows), {("v", "10.0.0.1"): ["a", "c"]})

    def test_a_condition_that_never_comes_true_is_named(self):
        with self.assertRaisesRegex(harness.TimedOut, "the moon is cheese"):
            harness.wait_until("the moon is cheese", lambda: False, seconds=0)


if __name__ == "__main__":
    unittest.main()
