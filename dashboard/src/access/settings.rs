//! Where the dashboard listens and who checks who asks: opened once, before anything is served.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;

use super::csrf::CsrfKey;
use super::error::{AccessError, Result};
use super::hosts::Hosts;
use super::limits::{ANSWER_WITHIN, AT_ONCE};
use super::oidc::{Oidc, OidcSettings};
use super::person::{Person, Role};
use super::ready::Readiness;
use super::session::SessionKey;
use super::tokens::Tokens;
use super::tries::Tries;
use crate::link::{KeySource, LinkKey};
use crate::secret::Secret;

/// The time, as the program sees it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Who may come in.
#[derive(Clone)]
pub enum Admission {
    /// Whoever sits at this machine, as an operator of this name.
    Loopback {
        /// The name that approvals and the audit get.
        name: String,
    },
    /// Whoever knows the token of a file: 32 bytes or more, one for viewers, one for operators.
    Tokens {
        /// The viewers' file.
        viewer: PathBuf,
        /// The operators' file.
        operator: PathBuf,
    },
    /// Whoever the load balancer has signed in.
    Oidc(OidcSettings),
}

/// How the dashboard is reached.
#[derive(Clone)]
pub struct AccessSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Who may come in.
    pub admission: Admission,
    /// Names that it answers to, besides those of this machine where it listens on loopback.
    pub hosts: Vec<String>,
    /// The key of customers' links. Without one the tokens make it; on loopback it ends with the process, and with it
    /// every link.
    pub link_key: Option<KeySource>,
    /// Whether browsers are told to come by TLS alone from now on: only behind a certificate.
    pub hsts: Hsts,
    /// Whether the last address of `X-Forwarded-For` is the visitor's.
    pub proxy: Proxy,
    /// Within this a request has its answer, or the page that says that it took too long.
    pub answer_within: Duration,
}

/// Whether `Strict-Transport-Security` is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hsts {
    /// For a year.
    Year,
    /// Not.
    Off,
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxy {
    /// The visitor.
    None,
    /// One proxy, which adds the visitor's address to `X-Forwarded-For`, as a load balancer does.
    One,
}

/// Who or what knows who asks.
pub(super) enum Guard {
    /// The machine: this person.
    Loopback(Person),
    /// Tokens, then a cookie.
    Tokens(Box<Tokens>, Box<SessionKey>),
    /// The load balancer.
    Oidc(Box<Oidc>),
}

/// Access as it is in force: shared by all requests.
pub struct Access {
    pub(super) guard: Guard,
    pub(super) hosts: Hosts,
    pub(super) csrf: CsrfKey,
    pub(super) tries: Tries,
    pub(super) room: Semaphore,
    pub(super) hsts: Hsts,
    pub(super) proxy: Proxy,
    pub(super) answer_within: Duration,
    pub(super) clock: Clock,
    link: LinkKey,
    ready: Readiness,
}

impl AccessSettings {
    /// Loopback, for a person of this machine.
    pub fn loopback(listen: SocketAddr, name: &str) -> Self {
        Self {
            listen,
            admission: Admission::Loopback { name: name.to_owned() },
            hosts: Vec::new(),
            link_key: None,
            hsts: Hsts::Off,
            proxy: Proxy::None,
            answer_within: ANSWER_WITHIN,
        }
    }

    /// Reads the files and refuses what would leave the customers to whoever comes along.
    pub fn open(&self, clock: Clock) -> Result<Access> {
        let (guard, secret) = self.guard()?;
        Ok(Access {
            hosts: self.names(),
            csrf: CsrfKey::of(&secret),
            link: self.link(&secret)?,
            guard,
            tries: Tries::default(),
            room: Semaphore::new(AT_ONCE),
            hsts: self.hsts,
            proxy: self.proxy,
            answer_within: self.answer_within,
            ready: Readiness::default(),
            clock,
        })
    }

    fn guard(&self) -> Result<(Guard, Secret)> {
        match &self.admission {
            Admission::Loopback { .. } if !self.listen.ip().is_loopback() => {
                Err(AccessError::Unguarded { listen: self.listen })
            }
            Admission::Loopback { name } => {
                let person = Person::new(name, Role::Operator).ok_or_else(|| AccessError::Setting {
                    setting: "--name",
                    problem: "a name is 1 to 64 characters on one line; give --name ana".to_owned(),
                })?;
                Ok((Guard::Loopback(person), Secret::random()?))
            }
            Admission::Tokens { viewer, operator } => {
                let (tokens, secret) = Tokens::read(viewer, operator)?;
                Ok((Guard::Tokens(Box::new(tokens), Box::new(SessionKey::of(&secret))), secret))
            }
            Admission::Oidc(settings) => {
                let Some(key) = &self.link_key else {
                    return Err(AccessError::Setting {
                        setting: "--link-key",
                        problem:
                            "every process behind the load balancer needs the same key for customers' links and for \
                                  forms; give a file with 32 random bytes or more: openssl rand -hex 32"
                                .to_owned(),
                    });
                };
                Ok((Guard::Oidc(Box::new(Oidc::open(settings.clone())?)), key.secret()?))
            }
        }
    }

    fn names(&self) -> Hosts {
        match self.admission {
            Admission::Loopback { .. } => Hosts::loopback(&self.hosts),
            Admission::Tokens { .. } | Admission::Oidc(_) => Hosts::given(&self.hosts),
        }
    }

    fn link(&self, secret: &Secret) -> Result<LinkKey> {
        match &self.link_key {
            Some(key) => Ok(LinkKey::of(&key.secret()?)),
            None => Ok(LinkKey::of(secret)),
        }
    }
}

impl Access {
    /// The key of customers' links.
    pub fn link_key(&self) -> &LinkKey {
        &self.link
    }

    /// Whether browsers come by TLS: everywhere but on this machine, since no other sign-in works without.
    pub fn is_over_tls(&self) -> bool {
        !matches!(self.guard, Guard::Loopback(_))
    }

    /// What `/readyz` says; whoever serves the pages sets it.
    pub fn readiness(&self) -> &Readiness {
        &self.ready
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }
}

/// Nothing of the keys is shown.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guard = match &self.guard {
            Guard::Loopback(_) => "loopback",
            Guard::Tokens(..) => "tokens",
            Guard::Oidc(_) => "oidc",
        };
        f.debug_struct("Access").field("guard", &guard).field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use protocol::ErrorNumber;

    use super::*;

    fn clock() -> Clock {
        Arc::new(|| DateTime::UNIX_EPOCH)
    }

    fn at(listen: &str) -> AccessSettings {
        AccessSettings::loopback(listen.parse().unwrap(), "ana")
    }

    #[test]
    fn an_address_of_others_is_not_served_without_a_check_of_who_asks() {
        assert!(at("127.0.0.1:8080").open(clock()).is_ok());
        assert!(at("[::1]:8080").open(clock()).is_ok());
        for open_to_others in ["0.0.0.0:8080", "10.0.0.5:8080", "[::]:8080"] {
            let error = at(open_to_others).open(clock()).unwrap_err();
            assert_eq!(error.number(), ErrorNumber::UnguardedDashboard);
            let said = error.to_string();
            assert!(said.contains(open_to_others) && said.contains("--operator-token"), "{said}");
        }
    }

    #[test]
    fn a_name_that_cannot_stand_in_an_approval_is_refused() {
        let error = AccessSettings::loopback("127.0.0.1:1".parse().unwrap(), "\n").open(clock()).unwrap_err();
        assert_eq!(error.number(), ErrorNumber::UnusableSettings);
    }

    #[test]
    fn links_stay_as_long_as_the_tokens_or_the_key_file_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, letter: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, letter.repeat(32)).unwrap();
            path
        };
        let tokens = Admission::Tokens { viewer: file("viewer", "v"), operator: file("operator", "o") };
        let settings = AccessSettings { admission: tokens, ..at("0.0.0.0:8080") };
        let link = |settings: &AccessSettings| settings.open(clock()).unwrap().link_key().token("c1");
        assert_eq!(link(&settings), link(&settings));
        let keyed = AccessSettings { link_key: Some(KeySource::File(file("link", "l"))), ..at("127.0.0.1:8080") };
        assert_eq!(link(&keyed), link(&keyed));
        assert_ne!(link(&at("127.0.0.1:8080")), link(&at("127.0.0.1:8080")), "loopback without a file: as the process");
    }
}
