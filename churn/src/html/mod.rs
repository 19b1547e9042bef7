//! Reports for people as one HTML file each: no script, no other file, pictures drawn in it. What is said is escaped.

pub mod charts;
mod prose;
mod svg;

use std::fmt::Write as _;

pub use prose::of_markdown;
pub use svg::Svg;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;\
color:#1b1f24;background:#fff}h1,h2{line-height:1.2}table{border-collapse:collapse;font-size:13px;margin:1rem 0;\
display:block;overflow-x:auto}th,td{border:1px solid #d0d7de;padding:.2rem .5rem;text-align:right;white-space:nowrap}\
th:first-child,td:first-child{text-align:left}figure{margin:1.5rem 0}figcaption{font-weight:600;margin-bottom:.4rem}\
svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#1b1f24}.now{fill:#0b5cad;fill-opacity:.75}\
path.then{fill:none;stroke:#57606a;stroke-width:1.5;stroke-dasharray:5 3}rect.then{fill:#57606a;fill-opacity:.5}\
.axis{stroke:#7d8793;fill:none}.line{fill:none;stroke:#0b5cad;stroke-width:2}\
.whisker{stroke:#1b1f24;stroke-width:1.5}.level{font-size:1.2rem}\
.words th,.words td{text-align:left;white-space:normal}\
@media (prefers-color-scheme:dark){body{color:#e6edf3;background:#0f1419}th,td{border-color:#6e7a86}\
svg text{fill:#e6edf3}.now{fill:#6cb6ff}path.then{stroke:#9aa7b4}rect.then{fill:#9aa7b4}.whisker{stroke:#e6edf3}\
.line{stroke:#6cb6ff}}";

/// A whole page; `body` is markup.
pub fn document(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         {body}</main>\n</body>\n</html>\n"
    )
}

/// A text without anything that a browser takes for markup.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(sign),
        }
    }
    escaped
}

/// A table; the first column names the row, the others are numbers. Without rows there is none.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cells = |tag: &str, cells: &mut dyn Iterator<Item = String>| {
        cells.fold(String::new(), |row, cell| row + &format!("<{tag}>{cell}</{tag}>"))
    };
    let mut text = String::from("<table><thead><tr>");
    text += &cells("th", &mut head.iter().map(|name| escape(name)));
    text += "</tr></thead><tbody>";
    for row in rows {
        // Writing to a String cannot fail.
        let _ = write!(text, "<tr>{}</tr>", cells("td", &mut row.iter().map(|cell| escape(cell))));
    }
    text + "</tbody></table>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_becomes_markup() {
        let row = vec!["<b>\"x\" & y</b>".to_owned()];
        assert!(table(&["a<b"], &[row]).contains("<td>&lt;b&gt;&quot;x&quot; &amp; y&lt;/b&gt;</td>"));
        assert_eq!(table(&["a"], &[]), "");
        assert!(document("<i>", "").contains("<title>&lt;i&gt;</title>"));
    }
}
