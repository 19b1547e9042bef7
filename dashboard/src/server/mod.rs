//! Serving the pages: what a request gets, and what is answered where there is no page.

mod answer;
mod error_page;
mod html;
mod page_error;
mod router;
mod site;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod torn_tests;
mod visit;

pub use html::{html, render};
pub use page_error::PageError;
pub use router::{router, serve};
pub use site::{Facts, Parts, People, Site};
pub use visit::Visit;
