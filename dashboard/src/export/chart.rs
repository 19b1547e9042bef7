//! A chart that stands alone: on a page its colours come from the page's style, in a file it brings them along.

/// What makes a text an SVG file.
const NAMESPACE: &str = "xmlns=\"http://www.w3.org/2000/svg\"";

/// The chart of a page with its style inside; `style` is CSS of ours, the rules of charts with the colours of the light
/// mode. Nothing for a text that is no chart.
pub fn standalone(svg: &str, style: &str) -> Option<String> {
    let svg = svg.trim();
    let (head, rest) = svg.strip_prefix("<svg")?.split_once('>')?;
    let namespace = if head.contains("xmlns=") { String::new() } else { format!(" {NAMESPACE}") };
    // Nothing of a style sheet may end the element that it stands in.
    let style = style.replace("]]>", "]] >");
    Some(format!("<svg{namespace}{head}><style><![CDATA[{style}]]></style>{rest}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_brings_its_colours_and_its_namespace_along() {
        let svg = "<svg viewBox=\"0 0 10 10\" role=\"img\"><title>t</title></svg>";
        assert_eq!(
            standalone(svg, ".bar{fill:#0b5cad}").as_deref(),
            Some(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 10\" role=\"img\">\
                 <style><![CDATA[.bar{fill:#0b5cad}]]></style><title>t</title></svg>\n"
            )
        );
        let once = standalone("<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>", "").unwrap();
        assert_eq!(once.matches("xmlns").count(), 1);
        assert_eq!(standalone("<p>no chart</p>", ""), None);
    }
}
