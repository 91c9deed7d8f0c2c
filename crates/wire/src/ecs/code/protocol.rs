//! Codes of every action: the protocol, signatures, tokens, accounts (rules G, I).

use super::Message::{Around, Dynamic, Fixed};
use super::{Code, codes};

codes! {
    PROTOCOL;

    /// Rules G-01, P-01, N-01, N-04, N-10: a parameter is absent that must be there.
    MISSING_PARAMETER = 400 "MissingParameter"
        Around { before: "The input parameter \"", after: "\" that is mandatory for processing this request is not supplied." };
    /// Rule G-02: `AccessKeyId` unknown.
    INVALID_ACCESS_KEY_ID_NOT_FOUND = 404 "InvalidAccessKeyId.NotFound"
        Fixed("Specified access key is not found or invalid.");
    /// Rule G-03: Timestamp outside the allowed skew (use 15 minutes each way).
    INVALID_TIME_STAMP_EXPIRED = 400 "InvalidTimeStamp.Expired"
        Fixed("Specified time stamp or date value is expired.");
    /// Rule G-04: `SignatureNonce` already used by the same `AccessKeyId` inside the skew window.
    SIGNATURE_NONCE_USED = 400 "SignatureNonceUsed"
        Fixed("The request signature nonce has been used.");
    /// Rule G-05: signature does not verify.
    SIGNATURE_DOES_NOT_MATCH = 400 "SignatureDoesNotMatch"
        Around { before: "Specified signature is not matched with our calculation. server string to sign is:", after: "" };
    /// Common error document: the signature covers too little, or cannot be read.
    INCOMPLETE_SIGNATURE = 400 "IncompleteSignature"
        Fixed("The request signature does not conform to Aliyun standards.");
    /// Rule G-06: (Action, Version) names no API.
    INVALID_ACTION_NOT_FOUND = 404 "InvalidAction.NotFound"
        Fixed("Specified api is not found, please check your url and method.");
    /// Rule G-07: HTTP method is neither GET nor POST.
    UNSUPPORTED_HTTP_METHOD = 403 "UnsupportedHTTPMethod"
        Fixed("This HTTP method is not supported.");
    /// Rule G-08: request rate over the limit.
    THROTTLING = 400 "Throttling"
        Fixed("You have made too many requests within a short time; your request is denied due to request throttling.");
    /// Rule I-01: `ClientToken` longer than 64 characters or with a non-ASCII character.
    INVALID_CLIENT_TOKEN_VALUE_NOT_SUPPORTED = 400 "InvalidClientToken.ValueNotSupported"
        Fixed("clienttoken is not valid.");
    /// Rule I-02: `ClientToken` known, same account/action/region, other business parameters.
    IDEMPOTENT_PARAMETER_MISMATCH = 400 "IdempotentParameterMismatch"
        Fixed("The request is retried with updated parameters.");
    /// Rule I-03: first request with this `ClientToken` still in flight.
    LAST_TOKEN_PROCESSING = 403 "LastTokenProcessing"
        Fixed("The last token request is processing.");
    /// Common error document: `SignatureMethod` or `SignatureVersion` is none that is served (sic).
    INVALID_PARAMATER = 400 "InvalidParamater"
        Around { before: "The specified parameter \"", after: "\" is not valid." };
    /// Common error document: a value is not valid, and the parameter has no code of its own.
    INVALID_PARAMETER_NAMED = 400 "InvalidParameter"
        Around { before: "The specified parameter \"", after: "\" is not valid." };
    /// Common error document: the request as a whole cannot be read.
    INVALID_PARAMETER_DETAIL = 400 "InvalidParameter"
        Dynamic;
    /// Common error document: Timestamp is there and is no time. The message is the document's own.
    ILLEGAL_TIMESTAMP = 400 "IllegalTimestamp"
        Fixed(r#"The input parameter "Timestamp" that is mandatory for processing this request is not supplied."#);
    /// Common error document: the key exists and is switched off.
    FORBIDDEN_ACCESS_KEY_DISABLED = 403 "Forbidden.AccessKeyDisabled"
        Fixed("The AccessKey is disabled.");
    /// Common error document: the key is of an account that is not there.
    INVALID_ACCOUNT_NOT_FOUND = 403 "InvalidAccount.NotFound"
        Fixed("The specified Account does not exist.");
    /// Common error document: the caller may not touch the resource.
    FORBIDDEN_UNAUTHORIZED = 403 "Forbidden.Unauthorized"
        Fixed("User not authorized to operate on the specified resource.");
    /// Common error document: a feature that is not served.
    UNSUPPORTED_PARAMETER = 400 "UnsupportedParameter"
        Fixed("The parameters is unsupported.");
    /// Common error document: two requests met; the client may try again.
    OPERATION_CONFLICT = 409 "OperationConflict"
        Fixed("Request was denied due to conflict with a previous request.");
    /// Common error document: overload; nothing was changed.
    SERVICE_UNAVAILABLE = 503 "ServiceUnavailable"
        Fixed("The request has failed due to a temporary failure of the server.");
    /// Tables of `RunInstances` and `CreateInstance`: our fault. Never after a commit: clients repeat it.
    INTERNAL_ERROR = 500 "InternalError"
        Fixed("The request processing has failed due to some unknown error, exception or failure.");
}
