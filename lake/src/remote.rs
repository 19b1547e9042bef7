//! What can go wrong with a service on the other side of a network, and whether trying again helps.

use churn::Kind;
use protocol::ErrorNumber;

/// A call to a remote service that did not come to its result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}; {}", self.happened(), .kind.advice())]
pub struct RemoteError {
    /// The service: `s3`, `sagemaker`, `sns`, `cloudwatch`, `kms`, `webhook`, `openlineage` or `mlflow`.
    pub service: &'static str,
    /// The operation, by the service's own name.
    pub operation: &'static str,
    /// What it was about: a URI, a job, a topic.
    pub target: String,
    /// What kind of failure it is; decides everything that follows.
    pub kind: RemoteErrorKind,
    /// What the service (or the network) said.
    pub said: String,
}

/// The kinds of failure of a remote service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteErrorKind {
    /// Throttled, overloaded, broken, slow or out of reach.
    Unavailable,
    /// The credentials have expired; the credentials chain gets new ones.
    CredentialsExpired,
    /// No credentials were found, or the service does not know them.
    CredentialsRefused,
    /// The credentials are good, and the permission is missing.
    Denied,
    /// The bucket, topic or group is not there.
    Missing,
    /// A limit of the account is reached.
    Quota,
    /// The service does not accept the request as it is.
    Refused,
    /// The bucket is in another region than the one that was asked.
    WrongRegion,
}

impl RemoteError {
    /// What happened, without advice: for a place where nobody tries again.
    pub fn happened(&self) -> String {
        let Self { service, operation, target, said, .. } = self;
        format!("{service} {operation} of {target} failed: {said}")
    }
}

impl RemoteErrorKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Unavailable,
        Self::CredentialsExpired,
        Self::CredentialsRefused,
        Self::Denied,
        Self::Missing,
        Self::Quota,
        Self::Refused,
        Self::WrongRegion,
    ];

    /// Its number.
    pub fn number(self) -> ErrorNumber {
        match self {
            Self::Unavailable => ErrorNumber::ServiceUnavailable,
            Self::CredentialsExpired => ErrorNumber::CredentialsExpired,
            Self::CredentialsRefused => ErrorNumber::CredentialsRefused,
            Self::Denied => ErrorNumber::AccessDenied,
            Self::Missing => ErrorNumber::MissingResource,
            Self::Quota => ErrorNumber::QuotaReached,
            Self::Refused => ErrorNumber::RequestRefused,
            Self::WrongRegion => ErrorNumber::WrongRegion,
        }
    }

    /// Whether the same call may succeed when it is made again.
    pub fn kind(self) -> Kind {
        self.number().kind().unwrap_or(Kind::Permanent)
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Unavailable => "it is tried again by itself",
            Self::CredentialsExpired => {
                "it is tried again with new credentials; renew them if they are not renewed by a role"
            }
            Self::CredentialsRefused => {
                "give the worker credentials that the account knows, by role, profile or variable"
            }
            Self::Denied => "grant the role this action (configs/permissions.yaml lists what each role needs)",
            Self::Missing => "create it, or correct its name or the region in the settings",
            Self::Quota => "ask AWS for a higher quota, or choose another instance type in aws.yaml",
            Self::Refused => "correct the setting that the message names",
            Self::WrongRegion => "set that region in aws.yaml (or AWS_REGION), or choose a bucket of this one",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_says_what_was_tried_on_what_and_what_to_do() {
        let error = RemoteError {
            service: "s3",
            operation: "GetObject",
            target: "s3://lake/gold/x".to_owned(),
            kind: RemoteErrorKind::Denied,
            said: "AccessDenied: no".to_owned(),
        };
        let message = error.to_string();
        assert!(message.starts_with("s3 GetObject of s3://lake/gold/x failed: AccessDenied: no; grant"), "{message}");
    }
}
