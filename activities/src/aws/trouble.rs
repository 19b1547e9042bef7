//! From an SDK's error to our own: one reading of codes and statuses for all services.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::remote::{RemoteError, Trouble};

/// The error of one call; `target` is what the call was about.
pub(crate) fn explain<E>(
    service: &'static str,
    operation: &'static str,
    target: impl Into<String>,
    error: &SdkError<E, HttpResponse>,
) -> RemoteError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let (trouble, said) = read(error);
    RemoteError { service, operation, target: target.into(), trouble, said }
}

/// An answer whose body broke off: the call itself was good.
pub(crate) fn explain_body(
    service: &'static str,
    operation: &'static str,
    target: impl Into<String>,
    error: &dyn std::error::Error,
) -> RemoteError {
    let said = format!("the answer broke off: {}", innermost(error));
    RemoteError { service, operation, target: target.into(), trouble: Trouble::Unavailable, said }
}

/// The service's code for what went wrong, if it answered with one.
pub(crate) fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    match error {
        SdkError::ServiceError(answer) => answer.err().code(),
        _ => None,
    }
}

fn read<E>(error: &SdkError<E, HttpResponse>) -> (Trouble, String)
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().code();
            let message = answer.err().message().unwrap_or("no further word");
            let trouble = answered(code, status, message);
            let said = match code {
                Some(code) => format!("{code} (HTTP {status}): {message}"),
                None if status == 400 => {
                    "HTTP 400 without a word, as for expired credentials and for a wrong region".to_owned()
                }
                None => format!("HTTP {status}"),
            };
            // S3 names the right region where somebody asks in a wrong one.
            let region = answer.raw().headers().get("x-amz-bucket-region");
            match region.filter(|_| trouble == Trouble::WrongRegion) {
                Some(region) => (trouble, format!("{said}: the bucket is in {region}")),
                None => (trouble, said),
            }
        }
        // No credentials shows as a call that was never sent.
        other => match (cause::<CredentialsError>(other), other) {
            // Their source is slow or out of reach at this moment.
            (Some(CredentialsError::ProviderTimedOut(_) | CredentialsError::ProviderError(_)), _) => {
                (Trouble::Unavailable, innermost(other))
            }
            (Some(_), _) => (Trouble::CredentialsRefused, innermost(other)),
            (None, SdkError::ConstructionFailure(_)) => (Trouble::Refused, innermost(other)),
            (None, _) => (Trouble::Unavailable, innermost(other)),
        },
    }
}

/// What an answer means. A HEAD request has no body, hence no code: then the status alone speaks.
fn answered(code: Option<&str>, status: u16, message: &str) -> Trouble {
    match (code.unwrap_or_default(), status) {
        // The signature names a region, and S3 expects another one.
        ("AuthorizationHeaderMalformed", _) if message.contains("region") => Trouble::WrongRegion,
        ("PermanentRedirect" | "IllegalLocationConstraintException", _) | ("", 301) => Trouble::WrongRegion,
        ("ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired", _) => {
            Trouble::CredentialsExpired
        }
        (
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "MissingAuthenticationToken"
            | "RequestTimeTooSkewed"
            | "InvalidToken",
            _,
        ) => Trouble::CredentialsRefused,
        ("NoSuchBucket" | "NotFound" | "NotFoundException" | "ResourceNotFound" | "ResourceNotFoundException", _) => {
            Trouble::Missing
        }
        ("ValidationException", _) if says_missing(message) => Trouble::Missing,
        ("ResourceLimitExceeded" | "ServiceQuotaExceededException" | "LimitExceededException", _) => Trouble::Quota,
        (code, _) if is_passing(code) => Trouble::Unavailable,
        // A 400 without a word: an expired token and a wrong region look alike, and the first passes.
        (_, 408 | 429 | 500..=599) | ("", 400) => Trouble::Unavailable,
        (code, 403) if !code.starts_with("KMS") || code.contains("Denied") => Trouble::Denied,
        ("AccessDenied" | "AccessDeniedException" | "AuthorizationError" | "AuthorizationErrorException", _) => {
            Trouble::Denied
        }
        ("", 404) => Trouble::Missing,
        _ => Trouble::Refused,
    }
}

/// SageMaker has no code of its own for what is not there.
pub(crate) fn says_missing(message: &str) -> bool {
    let message = message.to_lowercase();
    ["not found", "could not find", "does not exist"].iter().any(|words| message.contains(words))
}

fn is_passing(code: &str) -> bool {
    code.contains("Throttl")
        || matches!(
            code,
            "SlowDown"
                | "TooManyRequestsException"
                | "RequestLimitExceeded"
                | "BandwidthLimitExceeded"
                | "RequestTimeout"
                | "RequestTimeoutException"
                | "InternalError"
                | "InternalFailure"
                | "InternalServerError"
                | "ServiceUnavailable"
                | "PriorRequestNotComplete"
                // Two conditional writes met: S3 asks to try again.
                | "ConditionalRequestConflict"
                | "OperationAborted"
                // The next attempt begins a new one.
                | "NoSuchUpload"
        )
}

/// The error of this type in the chain of causes, if there is one.
pub(crate) fn cause<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    let mut cause = Some(error);
    while let Some(current) = cause {
        if let Some(found) = current.downcast_ref() {
            return Some(found);
        }
        cause = current.source();
    }
    None
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code, status, message: what they mean. Whoever changes a line decides about retries.
    const MEANINGS: [(&str, u16, &str, Trouble); 65] = [
        ("SlowDown", 503, "", Trouble::Unavailable),
        ("Throttling", 400, "", Trouble::Unavailable),
        ("ThrottlingException", 400, "", Trouble::Unavailable),
        ("ThrottledException", 400, "", Trouble::Unavailable),
        ("RequestThrottled", 400, "", Trouble::Unavailable),
        ("TooManyRequestsException", 429, "", Trouble::Unavailable),
        ("RequestLimitExceeded", 400, "", Trouble::Unavailable),
        ("BandwidthLimitExceeded", 400, "", Trouble::Unavailable),
        ("RequestTimeout", 400, "", Trouble::Unavailable),
        ("RequestTimeoutException", 400, "", Trouble::Unavailable),
        ("InternalError", 500, "", Trouble::Unavailable),
        ("InternalFailure", 500, "", Trouble::Unavailable),
        ("InternalServerError", 400, "", Trouble::Unavailable),
        ("ServiceUnavailable", 503, "", Trouble::Unavailable),
        ("PriorRequestNotComplete", 400, "", Trouble::Unavailable),
        ("ConditionalRequestConflict", 409, "", Trouble::Unavailable),
        ("OperationAborted", 409, "", Trouble::Unavailable),
        ("NoSuchUpload", 404, "", Trouble::Unavailable),
        ("SomethingNew", 429, "", Trouble::Unavailable),
        ("SomethingNew", 500, "", Trouble::Unavailable),
        ("SomethingNew", 599, "", Trouble::Unavailable),
        ("", 400, "", Trouble::Unavailable),
        ("", 408, "", Trouble::Unavailable),
        ("", 429, "", Trouble::Unavailable),
        ("", 500, "", Trouble::Unavailable),
        ("", 502, "", Trouble::Unavailable),
        ("", 503, "", Trouble::Unavailable),
        ("", 504, "", Trouble::Unavailable),
        ("", 599, "", Trouble::Unavailable),
        ("ExpiredToken", 400, "", Trouble::CredentialsExpired),
        ("ExpiredToken", 403, "", Trouble::CredentialsExpired),
        ("ExpiredTokenException", 400, "", Trouble::CredentialsExpired),
        ("RequestExpired", 400, "", Trouble::CredentialsExpired),
        ("TokenRefreshRequired", 400, "", Trouble::CredentialsExpired),
        ("InvalidAccessKeyId", 403, "", Trouble::CredentialsRefused),
        ("SignatureDoesNotMatch", 403, "", Trouble::CredentialsRefused),
        ("InvalidSignatureException", 403, "", Trouble::CredentialsRefused),
        ("UnrecognizedClientException", 400, "", Trouble::CredentialsRefused),
        ("InvalidClientTokenId", 403, "", Trouble::CredentialsRefused),
        ("MissingAuthenticationToken", 403, "", Trouble::CredentialsRefused),
        ("RequestTimeTooSkewed", 403, "", Trouble::CredentialsRefused),
        ("InvalidToken", 400, "", Trouble::CredentialsRefused),
        ("AccessDenied", 403, "", Trouble::Denied),
        ("AccessDeniedException", 400, "", Trouble::Denied),
        ("AuthorizationError", 403, "", Trouble::Denied),
        ("KMSAccessDeniedException", 403, "", Trouble::Denied),
        ("", 403, "", Trouble::Denied),
        ("NoSuchBucket", 404, "", Trouble::Missing),
        ("NotFound", 404, "", Trouble::Missing),
        ("NotFoundException", 404, "", Trouble::Missing),
        ("ResourceNotFound", 400, "", Trouble::Missing),
        ("ResourceNotFoundException", 404, "", Trouble::Missing),
        ("ValidationException", 400, "ModelPackageGroup arn:aws:x does not exist.", Trouble::Missing),
        ("", 404, "", Trouble::Missing),
        ("ResourceLimitExceeded", 400, "", Trouble::Quota),
        ("ServiceQuotaExceededException", 402, "", Trouble::Quota),
        ("LimitExceededException", 400, "", Trouble::Quota),
        ("PermanentRedirect", 301, "", Trouble::WrongRegion),
        ("IllegalLocationConstraintException", 400, "", Trouble::WrongRegion),
        ("AuthorizationHeaderMalformed", 400, "the region 'us-east-1' is wrong", Trouble::WrongRegion),
        ("", 301, "", Trouble::WrongRegion),
        ("AuthorizationHeaderMalformed", 400, "no signature", Trouble::Refused),
        ("ValidationException", 400, "1 validation error detected", Trouble::Refused),
        ("KMSDisabledException", 403, "", Trouble::Refused),
        ("SomethingNew", 404, "", Trouble::Refused),
    ];

    #[test]
    fn a_code_and_a_status_have_one_meaning() {
        for (code, status, message, meant) in MEANINGS {
            let code = Some(code).filter(|code| !code.is_empty());
            assert_eq!(answered(code, status, message), meant, "{code:?} {status}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_from_an_invalid_request() {
        assert!(says_missing("Requested resource not found."));
        assert!(says_missing("Could not find training job x"));
        assert!(!says_missing("1 validation error detected"));
    }
}
