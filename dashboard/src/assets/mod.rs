//! Style sheet, script and icon: compiled in, named by what is in them, so that a browser may keep them for ever.

#[cfg(test)]
mod colours;

use std::future::{Ready, ready};
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use protocol::Digest;

/// The path of the route that serves them.
pub const ROUTE: &str = "/assets/{name}";

/// The colours, sizes and fonts; [`crate::chart::Chart::file`] draws with them, too.
pub(crate) const TOKENS: &str = include_str!("../../assets/tokens.css");
/// How charts are painted.
pub(crate) const CHART: &str = include_str!("../../assets/chart.css");

const STYLE: &str = concat!(
    include_str!("../../assets/tokens.css"),
    include_str!("../../assets/dashboard.css"),
    include_str!("../../assets/table.css"),
    include_str!("../../assets/form.css"),
    include_str!("../../assets/chart.css"),
    include_str!("../../assets/customer.css"),
    include_str!("../../assets/print.css"),
);
const SCRIPT: &str = include_str!("../../assets/dashboard.js");
const ICON: &str = include_str!("../../assets/icon.svg");

/// A file that browsers keep for ever.
#[derive(Debug)]
pub struct Asset {
    path: String,
    kind: &'static str,
    content: String,
}

impl Asset {
    fn new(stem: &str, extension: &str, kind: &'static str, content: &str) -> Self {
        let digest = Digest::of(content.as_bytes());
        Self { path: format!("/assets/{stem}-{}.{extension}", digest.short()), kind, content: content.to_owned() }
    }

    /// Its address: the name holds its digest.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is in it.
    pub fn content(&self) -> &str {
        &self.content
    }
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset::new("dashboard", "css", "text/css; charset=utf-8", STYLE),
        Asset::new("dashboard", "js", "text/javascript; charset=utf-8", &bare(SCRIPT)),
        Asset::new("icon", "svg", "image/svg+xml", ICON),
    ]
});

/// A script without what browsers do not read: margins, empty lines, lines of comments.
fn bare(script: &str) -> String {
    let lines = script.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.fold(String::with_capacity(script.len()), |text, line| text + line + "\n")
}

/// The style sheet.
pub fn style() -> &'static Asset {
    &ASSETS[0]
}

/// The script.
pub fn script() -> &'static Asset {
    &ASSETS[1]
}

/// The icon.
pub fn icon() -> &'static Asset {
    &ASSETS[2]
}

/// Serves an asset by its name with digest; any other name is not found.
pub fn serve(Path(name): Path<String>) -> Ready<Response> {
    ready(answer(&name))
}

fn answer(name: &str) -> Response {
    let asked = ASSETS.iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(name));
    let Some(asset) = asked else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, asset.content()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_in_the_file() {
        let other = Asset::new("dashboard", "css", "text/css", "body{}");
        assert_ne!(style().path(), other.path());
        assert!(style().path().starts_with("/assets/dashboard-"));
        assert_eq!(script().path().len(), "/assets/dashboard-0123456789ab.js".len());
    }

    /// The budget of a first visit: 8 kB and 4 kB compressed; a style sheet compresses to about a quarter.
    #[test]
    fn the_files_stay_small() {
        assert!(script().content().len() <= 4_000, "{}", script().content().len());
        assert!(style().content().len() <= 26_000, "{}", style().content().len());
    }

    #[test]
    fn a_script_loses_what_browsers_do_not_read() {
        assert_eq!(bare("// why\n\n  const a = 1; // here\n    // more\n  b();\n"), "const a = 1; // here\nb();\n");
        assert!(script().content().starts_with("\"use strict\";"));
    }

    #[tokio::test]
    async fn what_is_served_may_be_kept_for_ever() {
        let name = |path: &str| path.trim_start_matches("/assets/").to_owned();
        let served = serve(Path(name(style().path()))).await;
        assert_eq!(served.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(served.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(serve(Path("dashboard.css".to_owned())).await.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn nothing_is_asked_of_another_host() {
        for asset in [style(), script(), icon()] {
            // The name of a language, and that of a scheme that the page compares its own with.
            let outside = asset.content().replace("http://www.w3.org/2000/svg", "").replace("\"https:\"", "");
            assert!(!outside.contains("http:") && !outside.contains("https:") && !outside.contains("url("));
        }
    }
}
