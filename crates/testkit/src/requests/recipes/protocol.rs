//! What every action has in common: envelope, signature, region (rules G and I).

use crate::requests::recipe::{Recipe, of, run};
use crate::requests::world::Step;

const TOKEN: Step = Step::Ask("RunInstances", "ClientToken=tok-1");

#[rustfmt::skip]
pub(in crate::requests) const RECIPES: &[Recipe] = &[
    run("G-01", 400, "MissingParameter", "!-Timestamp"),
    run("G-02", 404, "InvalidAccessKeyId.NotFound", "!AccessKeyId=nobody"),
    run("G-03", 400, "InvalidTimeStamp.Expired", "!Timestamp=2026-01-02T02:00:00Z"),
    run("G-04", 400, "SignatureNonceUsed", "SignatureNonce=used").before(&[Step::Ask("RunInstances", "SignatureNonce=used")]),
    run("G-05", 400, "SignatureDoesNotMatch", "!Signature=AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    Recipe { rule: "G-06", ..of("NoSuchAction", 404, "InvalidAction.NotFound", "") },
    run("G-07", 403, "UnsupportedHTTPMethod", "@DELETE"),
    run("", 403, "Forbidden.AccessKeyDisabled", "AccessKeyId=LTAIdisabled"),
    run("", 403, "InvalidAccount.NotFound", "AccessKeyId=LTAIstranger&SecurityGroupId=sg-stranger&VSwitchId=vsw-stranger"),
    run("", 400, "IllegalTimestamp", "!Timestamp=yesterday"),
    run("", 400, "InvalidParamater", "!SignatureMethod=HMAC-MD5"),
    run("I-01", 400, "InvalidClientToken.ValueNotSupported", "ClientToken={a*65}"),
    run("I-02", 400, "IdempotentParameterMismatch", "ClientToken=tok-1&Amount=2").before(&[TOKEN]),
];
