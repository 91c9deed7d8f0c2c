//! Golden bodies in both formats, and the escapes.

use super::*;

const ID: &str = "04F0F334-1335-436C-A1D7-6C044FE73368";

fn check(document: &Document, json: &str, xml: &str) {
    assert_eq!(document.render(Format::Json), json);
    let header = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    assert_eq!(document.render(Format::Xml), format!("{header}{xml}"));
    // Both are well-formed in the eyes of somebody else.
    serde_json::from_str::<serde_json::Value>(&document.render(Format::Json)).unwrap();
    let xml = document.render(Format::Xml);
    let mut reader = quick_xml::Reader::from_str(&xml);
    while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
}

#[test]
fn run_instances_in_both_formats() {
    let ids = ["i-bp1aaaaaaaaaaaaaaaa1", "i-bp1aaaaaaaaaaaaaaaa2"];
    let body = Object::new().list("InstanceIdSets", "InstanceIdSet", ids).decimal("TradePrice", 165, 3);
    check(
        &Document::success("RunInstances", ID, body),
        r#"{"RequestId":"04F0F334-1335-436C-A1D7-6C044FE73368","InstanceIdSets":{"InstanceIdSet":["i-bp1aaaaaaaaaaaaaaaa1","i-bp1aaaaaaaaaaaaaaaa2"]},"TradePrice":0.165}"#,
        "<RunInstancesResponse><RequestId>04F0F334-1335-436C-A1D7-6C044FE73368</RequestId><InstanceIdSets><InstanceIdSet>i-bp1aaaaaaaaaaaaaaaa1</InstanceIdSet><InstanceIdSet>i-bp1aaaaaaaaaaaaaaaa2</InstanceIdSet></InstanceIdSets><TradePrice>0.165</TradePrice></RunInstancesResponse>",
    );
}

#[test]
fn nested_objects_and_lists_and_what_is_absent() {
    let instance = Object::new()
        .text("InstanceId", "i-1")
        .integer("Cpu", 2_u32)
        .boolean("IoOptimized", true)
        .text("AutoReleaseTime", "")
        .maybe("OrderId", None::<&str>)
        .object("VpcAttributes", Object::new().list("PrivateIpAddress", "IpAddress", ["192.168.1.1"]))
        .list("Tags", "Tag", Vec::<Object>::new());
    let body = Object::new().integer("TotalCount", 1).list("Instances", "Instance", [instance]);
    check(
        &Document::success("DescribeInstances", "R", body),
        r#"{"RequestId":"R","TotalCount":1,"Instances":{"Instance":[{"InstanceId":"i-1","Cpu":2,"IoOptimized":true,"AutoReleaseTime":"","VpcAttributes":{"PrivateIpAddress":{"IpAddress":["192.168.1.1"]}},"Tags":{"Tag":[]}}]}}"#,
        "<DescribeInstancesResponse><RequestId>R</RequestId><TotalCount>1</TotalCount><Instances><Instance><InstanceId>i-1</InstanceId><Cpu>2</Cpu><IoOptimized>true</IoOptimized><AutoReleaseTime></AutoReleaseTime><VpcAttributes><PrivateIpAddress><IpAddress>192.168.1.1</IpAddress></PrivateIpAddress></VpcAttributes><Tags></Tags></Instance></Instances></DescribeInstancesResponse>",
    );
}

#[test]
fn errors_in_both_formats() {
    let error = ErrorBody {
        request_id: "R",
        host_id: "ecs.aliyuncs.com",
        code: "InvalidInstanceId.NotFound",
        message: "The specified InstanceId does not exist.",
        recommend: None,
    };
    check(
        &Document::error(&error),
        r#"{"RequestId":"R","HostId":"ecs.aliyuncs.com","Code":"InvalidInstanceId.NotFound","Message":"The specified InstanceId does not exist."}"#,
        "<Error><RequestId>R</RequestId><HostId>ecs.aliyuncs.com</HostId><Code>InvalidInstanceId.NotFound</Code><Message>The specified InstanceId does not exist.</Message></Error>",
    );
    let recommend = Some("https://api.aliyun.com/troubleshoot?q=A&product=Ecs");
    check(
        &Document::error(&ErrorBody { recommend, code: "A", message: "B", ..error }),
        r#"{"RequestId":"R","HostId":"ecs.aliyuncs.com","Code":"A","Message":"B","Recommend":"https://api.aliyun.com/troubleshoot?q=A&product=Ecs"}"#,
        "<Error><RequestId>R</RequestId><HostId>ecs.aliyuncs.com</HostId><Code>A</Code><Message>B</Message><Recommend>https://api.aliyun.com/troubleshoot?q=A&amp;product=Ecs</Recommend></Error>",
    );
}

#[test]
fn texts_are_escaped() {
    for (text, json, xml) in [
        ("", r#""""#, ""),
        ("测试 ~", r#""测试 ~""#, "测试 ~"),
        (r#"<a b="c">'&"#, r#""<a b=\"c\">'&""#, "&lt;a b=&quot;c&quot;&gt;&apos;&amp;"),
        ("\\/", r#""\\/""#, "\\/"),
        ("a\tb\nc\rd", r#""a\tb\nc\rd""#, "a\tb\nc&#13;d"),
        ("\u{0}\u{1}\u{1f}", r#""\u0000\u0001\u001f""#, "\u{fffd}\u{fffd}\u{fffd}"),
        ("\u{ffff}]]>", "\"\u{ffff}]]>\"", "\u{fffd}]]&gt;"),
    ] {
        let document = Document::success("A", "R", Object::new().text("T", text));
        check(
            &document,
            &format!(r#"{{"RequestId":"R","T":{json}}}"#),
            &format!("<AResponse><RequestId>R</RequestId><T>{xml}</T></AResponse>"),
        );
    }
}

#[test]
fn numbers_are_exact() {
    for (units, scale, expected) in [
        (0, 0, "0.0"),
        (8, 0, "8.0"),
        (80, 1, "8.0"),
        (165, 3, "0.165"),
        (-165, 3, "-0.165"),
        (100_050, 3, "100.05"),
        (1, 18, "0.000000000000000001"),
        (i64::MIN, 2, "-92233720368547758.08"),
    ] {
        assert_eq!(Decimal { units, scale }.to_string(), expected);
    }
    let body = Object::new().integer("Large", u64::MAX);
    assert_eq!(
        Document::success("A", "R", body).render(Format::Json),
        r#"{"RequestId":"R","Large":9223372036854775807}"#
    );
}

#[test]
fn formats_are_known_in_any_case() {
    for (text, expected) in [
        ("JSON", Some(Format::Json)),
        ("json", Some(Format::Json)),
        ("Xml", Some(Format::Xml)),
        ("", None),
        ("YAML", None),
    ] {
        assert_eq!(Format::parse(text), expected, "{text}");
    }
    assert_eq!(Format::Json.content_type(), "application/json;charset=utf-8");
    assert_eq!(Format::Xml.content_type(), "text/xml;charset=utf-8");
}
