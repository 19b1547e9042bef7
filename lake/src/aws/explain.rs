//! From an SDK's error to our own: one reading of codes and statuses for all services.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::remote::{RemoteError, RemoteErrorKind};

/// The error of one call; `target` is what the call was about.
pub fn explain<E>(
    service: &'static str,
    operation: &'static str,
    target: impl Into<String>,
    error: &SdkError<E, HttpResponse>,
) -> RemoteError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let (kind, said) = read(error);
    RemoteError { service, operation, target: target.into(), kind, said }
}

/// An answer whose body broke off: the call itself was good.
pub fn explain_body(
    service: &'static str,
    operation: &'static str,
    target: impl Into<String>,
    error: &dyn std::error::Error,
) -> RemoteError {
    let said = format!("the answer broke off: {}", innermost(error));
    RemoteError { service, operation, target: target.into(), kind: RemoteErrorKind::Unavailable, said }
}

/// The service's code for what went wrong, if it answered with one.
pub fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    match error {
        SdkError::ServiceError(answer) => answer.err().code(),
        _ => None,
    }
}

fn read<E>(error: &SdkError<E, HttpResponse>) -> (RemoteErrorKind, String)
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().code();
            let message = answer.err().message().unwrap_or("no further word");
            let kind = answered(code, status, message);
            let said = match code {
                Some(code) => format!("{code} (HTTP {status}): {message}"),
                None if status == 400 => {
                    "HTTP 400 without a word, as for expired credentials and for a wrong region".to_owned()
                }
                None => format!("HTTP {status}"),
            };
            // S3 names the right region where somebody asks in a wrong one.
            let region = answer.raw().headers().get("x-amz-bucket-region");
            match region.filter(|_| kind == RemoteErrorKind::WrongRegion) {
                Some(region) => (kind, format!("{said}: the bucket is in {region}")),
                None => (kind, said),
            }
        }
        // No credentials shows as a call that was never sent.
        other => match (cause::<CredentialsError>(other), other) {
            // Their source is slow or out of reach at this moment.
            (Some(CredentialsError::ProviderTimedOut(_) | CredentialsError::ProviderError(_)), _) => {
                (RemoteErrorKind::Unavailable, innermost(other))
            }
            (Some(_), _) => (RemoteErrorKind::CredentialsRefused, innermost(other)),
            (None, SdkError::ConstructionFailure(_)) => (RemoteErrorKind::Refused, innermost(other)),
            (None, _) => (RemoteErrorKind::Unavailable, innermost(other)),
        },
    }
}

/// What an answer means. A HEAD request has no body, hence no code: then the status alone speaks.
fn answered(code: Option<&str>, status: u16, message: &str) -> RemoteErrorKind {
    match (code.unwrap_or_default(), status) {
        // The signature names a region, and S3 expects another one.
        ("AuthorizationHeaderMalformed", _) if message.contains("region") => RemoteErrorKind::WrongRegion,
        ("PermanentRedirect" | "IllegalLocationConstraintException", _) | ("", 301) => RemoteErrorKind::WrongRegion,
        ("ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired", _) => {
            RemoteErrorKind::CredentialsExpired
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
        ) => RemoteErrorKind::CredentialsRefused,
        (
            "NoSuchBucket"
            | "NotFound"
            | "NotFoundException"
            | "ResourceNotFound"
            | "ResourceNotFoundException"
            // SQS has kept the code of its old protocol beside that of the new one.
            | "AWS.SimpleQueueService.NonExistentQueue"
            | "QueueDoesNotExist",
            _,
        ) => RemoteErrorKind::Missing,
        ("ValidationException", _) if says_missing(message) => RemoteErrorKind::Missing,
        ("ResourceLimitExceeded" | "ServiceQuotaExceededException" | "LimitExceededException", _) => {
            RemoteErrorKind::Quota
        }
        (code, _) if is_passing(code) => RemoteErrorKind::Unavailable,
        // A 400 without a word: an expired token and a wrong region look alike, and the first passes.
        (_, 408 | 429 | 500..=599) | ("", 400) => RemoteErrorKind::Unavailable,
        (code, 403) if !code.starts_with("KMS") || code.contains("Denied") => RemoteErrorKind::Denied,
        ("AccessDenied" | "AccessDeniedException" | "AuthorizationError" | "AuthorizationErrorException", _) => {
            RemoteErrorKind::Denied
        }
        ("", 404) => RemoteErrorKind::Missing,
        _ => RemoteErrorKind::Refused,
    }
}

/// SageMaker has no code of its own for what is not there.
pub fn says_missing(message: &str) -> bool {
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
pub fn cause<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
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
    const MEANINGS: [(&str, u16, &str, RemoteErrorKind); 72] = [
        ("SlowDown", 503, "", RemoteErrorKind::Unavailable),
        ("Throttling", 400, "", RemoteErrorKind::Unavailable),
        ("ThrottlingException", 400, "", RemoteErrorKind::Unavailable),
        ("ThrottledException", 400, "", RemoteErrorKind::Unavailable),
        ("RequestThrottled", 400, "", RemoteErrorKind::Unavailable),
        ("TooManyRequestsException", 429, "", RemoteErrorKind::Unavailable),
        ("RequestLimitExceeded", 400, "", RemoteErrorKind::Unavailable),
        ("BandwidthLimitExceeded", 400, "", RemoteErrorKind::Unavailable),
        ("RequestTimeout", 400, "", RemoteErrorKind::Unavailable),
        ("RequestTimeoutException", 400, "", RemoteErrorKind::Unavailable),
        ("InternalError", 500, "", RemoteErrorKind::Unavailable),
        ("InternalFailure", 500, "", RemoteErrorKind::Unavailable),
        ("InternalServerError", 400, "", RemoteErrorKind::Unavailable),
        ("ServiceUnavailable", 503, "", RemoteErrorKind::Unavailable),
        ("PriorRequestNotComplete", 400, "", RemoteErrorKind::Unavailable),
        ("ConditionalRequestConflict", 409, "", RemoteErrorKind::Unavailable),
        ("OperationAborted", 409, "", RemoteErrorKind::Unavailable),
        ("NoSuchUpload", 404, "", RemoteErrorKind::Unavailable),
        ("SomethingNew", 429, "", RemoteErrorKind::Unavailable),
        ("SomethingNew", 500, "", RemoteErrorKind::Unavailable),
        ("SomethingNew", 599, "", RemoteErrorKind::Unavailable),
        ("", 400, "", RemoteErrorKind::Unavailable),
        ("", 408, "", RemoteErrorKind::Unavailable),
        ("", 429, "", RemoteErrorKind::Unavailable),
        ("", 500, "", RemoteErrorKind::Unavailable),
        ("", 502, "", RemoteErrorKind::Unavailable),
        ("", 503, "", RemoteErrorKind::Unavailable),
        ("", 504, "", RemoteErrorKind::Unavailable),
        ("", 599, "", RemoteErrorKind::Unavailable),
        ("ExpiredToken", 400, "", RemoteErrorKind::CredentialsExpired),
        ("ExpiredToken", 403, "", RemoteErrorKind::CredentialsExpired),
        ("ExpiredTokenException", 400, "", RemoteErrorKind::CredentialsExpired),
        ("RequestExpired", 400, "", RemoteErrorKind::CredentialsExpired),
        ("TokenRefreshRequired", 400, "", RemoteErrorKind::CredentialsExpired),
        ("InvalidAccessKeyId", 403, "", RemoteErrorKind::CredentialsRefused),
        ("SignatureDoesNotMatch", 403, "", RemoteErrorKind::CredentialsRefused),
        ("InvalidSignatureException", 403, "", RemoteErrorKind::CredentialsRefused),
        ("UnrecognizedClientException", 400, "", RemoteErrorKind::CredentialsRefused),
        ("InvalidClientTokenId", 403, "", RemoteErrorKind::CredentialsRefused),
        ("MissingAuthenticationToken", 403, "", RemoteErrorKind::CredentialsRefused),
        ("RequestTimeTooSkewed", 403, "", RemoteErrorKind::CredentialsRefused),
        ("InvalidToken", 400, "", RemoteErrorKind::CredentialsRefused),
        ("AccessDenied", 403, "", RemoteErrorKind::Denied),
        ("AccessDeniedException", 400, "", RemoteErrorKind::Denied),
        ("AuthorizationError", 403, "", RemoteErrorKind::Denied),
        ("KMSAccessDeniedException", 403, "", RemoteErrorKind::Denied),
        ("", 403, "", RemoteErrorKind::Denied),
        ("NoSuchBucket", 404, "", RemoteErrorKind::Missing),
        ("NotFound", 404, "", RemoteErrorKind::Missing),
        ("NotFoundException", 404, "", RemoteErrorKind::Missing),
        ("ResourceNotFound", 400, "", RemoteErrorKind::Missing),
        ("ResourceNotFoundException", 404, "", RemoteErrorKind::Missing),
        ("AWS.SimpleQueueService.NonExistentQueue", 400, "", RemoteErrorKind::Missing),
        ("QueueDoesNotExist", 400, "", RemoteErrorKind::Missing),
        ("ValidationException", 400, "ModelPackageGroup arn:aws:x does not exist.", RemoteErrorKind::Missing),
        ("", 404, "", RemoteErrorKind::Missing),
        ("ResourceLimitExceeded", 400, "", RemoteErrorKind::Quota),
        ("ServiceQuotaExceededException", 402, "", RemoteErrorKind::Quota),
        ("LimitExceededException", 400, "", RemoteErrorKind::Quota),
        ("PermanentRedirect", 301, "", RemoteErrorKind::WrongRegion),
        ("IllegalLocationConstraintException", 400, "", RemoteErrorKind::WrongRegion),
        ("AuthorizationHeaderMalformed", 400, "the region 'us-east-1' is wrong", RemoteErrorKind::WrongRegion),
        ("", 301, "", RemoteErrorKind::WrongRegion),
        ("AuthorizationHeaderMalformed", 400, "no signature", RemoteErrorKind::Refused),
        ("ValidationException", 400, "1 validation error detected", RemoteErrorKind::Refused),
        ("KMSDisabledException", 403, "", RemoteErrorKind::Refused),
        ("DisabledException", 409, "", RemoteErrorKind::Refused),
        ("InvalidKeyUsageException", 400, "", RemoteErrorKind::Refused),
        ("KeyUnavailableException", 500, "", RemoteErrorKind::Unavailable),
        ("DependencyTimeoutException", 503, "", RemoteErrorKind::Unavailable),
        ("KMSInternalException", 500, "", RemoteErrorKind::Unavailable),
        ("SomethingNew", 404, "", RemoteErrorKind::Refused),
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
