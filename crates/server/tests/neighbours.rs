//! The APIs beside the one of instances that clients ask on their way to it: where it is
//! (Location), and who they are (Sts).

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Client, House, Setup, get, query};
use serde_json::json;

const ENDPOINTS: [(&str, &str); 4] = [
    ("Action", "DescribeEndpoints"),
    ("Version", "2015-12-12"),
    ("Id", "cn-hangzhou"),
    ("ServiceCode", "ecs"),
];
const IDENTITY: [(&str, &str); 2] = [("Action", "GetCallerIdentity"), ("Version", "2015-04-01")];

#[test]
fn the_endpoint_is_this_server_as_the_client_calls_it() {
    let house = House::new(Setup::default());
    let found = house.call(&ENDPOINTS).json();
    assert_eq!(found["Success"], true);
    let expected = json!([{
        "Id": "cn-hangzhou",
        "Namespace": "",
        "SerivceCode": "ecs",
        "Type": "openAPI",
        "Protocols": { "Protocols": ["HTTP", "HTTPS"] },
        "Endpoint": "h",
    }]);
    assert_eq!(found["Endpoints"]["Endpoint"], expected);

    let xml = get(house.address, &query(&ENDPOINTS)).body;
    assert!(xml.contains("<DescribeEndpointsResponse><RequestId>"), "{xml}");
    assert!(xml.contains("<Endpoints><Endpoint><Id>cn-hangzhou</Id>"), "{xml}");
    assert!(
        xml.contains("<Protocols><Protocols>HTTP</Protocols><Protocols>HTTPS</Protocols></Protocols>"),
        "{xml}"
    );
}

#[test]
fn the_caller_is_the_account_of_the_key() {
    let house = House::new(Setup::default());
    let mut found = house.call(&IDENTITY).json();
    assert!(found.as_object_mut().unwrap().remove("RequestId").is_some());
    let expected =
        json!({ "AccountId": "1", "UserId": "1", "Arn": "acs:ram::1:root", "IdentityType": "Account" });
    assert_eq!(found, expected);

    let xml = get(house.address, &query(&IDENTITY)).body;
    assert!(xml.contains("<GetCallerIdentityResponse><RequestId>"), "{xml}");
    assert!(xml.contains("<Arn>acs:ram::1:root</Arn>"), "{xml}");
    assert_eq!(house.send(&Client::new().v3("h", &IDENTITY, false)).code(), "200");
}

#[test]
fn what_is_not_served_is_refused() {
    let house = House::new(Setup::default());
    for (params, expected) in [
        (&[("Action", "DescribeEndpoints"), ("Version", "2014-05-26")][..], "404 InvalidAction.NotFound"),
        (&[("Action", "RunInstances"), ("Version", "2015-12-12")], "404 InvalidAction.NotFound"),
        (&[("Action", "AssumeRole"), ("Version", "2015-04-01")], "404 InvalidAction.NotFound"),
        (&[("Action", "GetCallerIdentity"), ("Version", "2015-04-02")], "404 InvalidAction.NotFound"),
        (&ENDPOINTS[..2], "400 MissingParameter"),
        (&ENDPOINTS[..3], "400 MissingParameter"),
        (&[&ENDPOINTS[..], &[("Id", "nowhere")]].concat(), "404 InvalidRegionId.NotFound"),
    ] {
        assert_eq!(house.call(params).code(), expected, "{params:?}");
    }
}
