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
            let said =
                code.map_or_else(|| format!("HTTP {status}"), |code| format!("{code} (HTTP {status}): {message}"));
            (answered(code, status), said)
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
fn answered(code: Option<&str>, status: u16) -> Trouble {
    match (code.unwrap_or_default(), status) {
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
        ("ResourceLimitExceeded" | "ServiceQuotaExceededException" | "LimitExceededException", _) => Trouble::Quota,
        (code, _) if is_passing(code) => Trouble::Unavailable,
        (_, 408 | 429 | 500..=599) => Trouble::Unavailable,
        (code, 403) if !code.starts_with("KMS") || code.contains("Denied") => Trouble::Denied,
        ("AccessDenied" | "AccessDeniedException" | "AuthorizationError" | "AuthorizationErrorException", _) => {
            Trouble::Denied
        }
        ("", 404) => Trouble::Missing,
        // S3 answers a HEAD with an expired token like this, without a word.
        ("", 400) => Trouble::CredentialsExpired,
        _ => Trouble::Refused,
    }
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
    use churn::Kind;

    use super::*;

    #[test]
    fn a_code_and_a_status_have_one_meaning() {
        let cases = [
            (Some("SlowDown"), 503, Trouble::Unavailable),
            (Some("ThrottlingException"), 400, Trouble::Unavailable),
            (Some("InternalError"), 500, Trouble::Unavailable),
            (None, 408, Trouble::Unavailable),
            (None, 429, Trouble::Unavailable),
            (Some("SomethingNew"), 429, Trouble::Unavailable),
            (None, 502, Trouble::Unavailable),
            (Some("SomethingNew"), 599, Trouble::Unavailable),
            (Some("ExpiredToken"), 400, Trouble::CredentialsExpired),
            (None, 400, Trouble::CredentialsExpired),
            (Some("InvalidAccessKeyId"), 403, Trouble::CredentialsRefused),
            (Some("AccessDenied"), 403, Trouble::Denied),
            (Some("AccessDeniedException"), 400, Trouble::Denied),
            (None, 403, Trouble::Denied),
            (Some("NoSuchBucket"), 404, Trouble::Missing),
            (None, 404, Trouble::Missing),
            (Some("SomethingNew"), 404, Trouble::Refused),
            (Some("ResourceLimitExceeded"), 400, Trouble::Quota),
            (Some("ValidationException"), 400, Trouble::Refused),
            (Some("PermanentRedirect"), 301, Trouble::Refused),
        ];
        for (code, status, meant) in cases {
            assert_eq!(answered(code, status), meant, "{code:?} {status}");
        }
    }

    #[test]
    fn what_passes_by_itself_is_tried_again_and_nothing_else() {
        let retried: Vec<_> = Trouble::ALL.into_iter().filter(|trouble| trouble.kind() == Kind::Retry).collect();
        assert_eq!(retried, [Trouble::Unavailable, Trouble::CredentialsExpired]);
    }
}
