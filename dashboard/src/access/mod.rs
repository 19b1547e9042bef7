//! Who may come in and what they may do; what every answer tells the browser; how much one visitor may take; what is
//! written down of all that.
//!
//! Everything stands around the pages ([`layers`]): a page that forgets it is as guarded as one that does not. A page
//! gets [`Person`], [`csrf::Token`] and [`RequestId`] as extensions of its request.

mod around;
pub mod audit;
pub mod csrf;
mod error;
mod gate;
pub mod headers;
mod hosts;
mod limits;
mod login;
mod notice;
mod oidc;
mod person;
mod ready;
mod request_id;
mod routes;
mod session;
mod settings;
mod tokens;
mod tries;
mod visitor;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;

pub use error::{AccessError, Result};
pub use hosts::Hosts;
pub use limits::{ANSWER_WITHIN, AT_ONCE, BODY_BYTES};
pub use oidc::{Fetch, OidcProblem, OidcSettings};
pub use person::{Person, Role};
pub use ready::Readiness;
pub use request_id::RequestId;
pub use routes::{Needed, needed};
pub use session::cookies;
pub use settings::{Access, AccessSettings, Admission, Clock, Hsts, Proxy};

/// The pages with all that stands around them, and the routes of access itself: `/login`, `/logout`, `/healthz`,
/// `/readyz`. The server must tell who is at the other end: `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn layers(access: Arc<Access>, pages: Router) -> Router {
    pages
        .merge(login::routes(Arc::clone(&access)))
        .layer(from_fn_with_state(Arc::clone(&access), gate::gate))
        .layer(from_fn_with_state(access, around::around))
}
