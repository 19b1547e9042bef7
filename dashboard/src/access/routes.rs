//! Which role each route needs. What is not listed is closed: whatever changes something is an operator's, whatever
//! shows something a viewer's.

use axum::http::Method;

use super::person::Role;

/// Routes that show nothing of the customers.
const OPEN: [&str; 3] = ["/healthz", "/readyz", "/login"];
/// The style, the script, the icon.
const ASSETS: &str = "/assets/";
/// What a viewer sends: a search, a good-bye.
const SENT_BY_VIEWERS: [&str; 2] = ["/customers", "/logout"];
/// The pages of what operators do.
const OPERATE: &str = "/operate";

/// Who may ask for a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// Anybody who reaches us.
    Nobody,
    /// A person of this role, or of a higher one.
    Role(Role),
}

/// What a route needs, by its template (`/customers/{token}`); `None` is a path that leads nowhere.
pub fn needed(method: &Method, route: Option<&str>) -> Needed {
    let Some(route) = route else { return Needed::Role(Role::Viewer) };
    if OPEN.contains(&route) || route.starts_with(ASSETS) {
        return Needed::Nobody;
    }
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let operates = route.strip_prefix(OPERATE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if (reads && !operates) || SENT_BY_VIEWERS.contains(&route) {
        return Needed::Role(Role::Viewer);
    }
    Needed::Role(Role::Operator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_listed_is_closed() {
        let role = |method: Method, route| needed(&method, Some(route));
        for open in ["/healthz", "/readyz", "/login", "/assets/dashboard-0f1e.css", "/assets/{name}"] {
            assert_eq!(role(Method::GET, open), Needed::Nobody, "{open}");
        }
        for page in ["/", "/risk", "/risk/export.csv", "/customers/{token}", "/runs/{run}", "/operated", "/assetsx"] {
            assert_eq!(role(Method::GET, page), Needed::Role(Role::Viewer), "{page}");
            assert_eq!(role(Method::POST, page), Needed::Role(Role::Operator), "{page}");
        }
        assert_eq!(role(Method::POST, "/customers"), Needed::Role(Role::Viewer));
        assert_eq!(role(Method::GET, "/operate/{act}"), Needed::Role(Role::Operator));
        assert_eq!(role(Method::DELETE, "/risk"), Needed::Role(Role::Operator));
        assert_eq!(needed(&Method::GET, None), Needed::Role(Role::Viewer), "who is not signed in learns no paths");
    }
}
