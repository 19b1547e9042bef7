//! A picture as text: coordinates to a tenth of a pixel, and a title for whoever cannot see it.

use std::fmt::Write as _;

use super::escape;

/// A picture that is being drawn.
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    /// A rectangle with what a pointer over it is told.
    pub fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), tip: &str) {
        if width > 0.0 && height > 0.0 {
            self.push(&format!(
                "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>",
                px(x),
                px(y),
                px(width),
                px(height),
                escape(tip)
            ));
        }
    }

    /// A line through points.
    pub fn path(&mut self, class: &str, points: &[(f64, f64)]) {
        let mut data = String::new();
        for (place, (x, y)) in points.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(data, "{}{},{}", if place == 0 { 'M' } else { 'L' }, px(*x), px(*y));
        }
        self.push(&format!("<path class=\"{class}\" d=\"{data}\"/>"));
    }

    pub fn dot(&mut self, class: &str, (x, y): (f64, f64)) {
        self.push(&format!("<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"4\"/>", px(x), px(y)));
    }

    /// A text on its base line; `class` `e` ends there, any other begins there.
    pub fn text(&mut self, class: &str, (x, y): (f64, f64), text: &str) {
        let anchor = if class == "e" { " text-anchor=\"end\"" } else { "" };
        self.push(&format!("<text class=\"{class}\" x=\"{}\" y=\"{}\"{anchor}>{}</text>", px(x), px(y), escape(text)));
    }

    /// The picture with its title, which is also what somebody hears who cannot see it.
    pub fn figure(self, title: &str) -> String {
        let (width, height, title) = (px(self.width), px(self.height), escape(title));
        format!(
            "<figure><figcaption>{title}</figcaption><svg role=\"img\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\"><title>{title}</title>{}</svg></figure>\n",
            self.body
        )
    }

    fn push(&mut self, element: &str) {
        self.body.push_str(element);
    }
}

/// A coordinate without digits that nobody sees.
fn px(value: f64) -> String {
    format!("{}", (10.0 * value).round() / 10.0 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_a_title_and_short_coordinates() {
        let mut svg = Svg::new(100.0, 20.0);
        svg.rect("now", (1.0 / 3.0, 0.0), (10.0, 5.0), "<tip>");
        svg.rect("now", (0.0, 0.0), (0.0, 5.0), "nothing to see");
        let figure = svg.figure("what it shows");
        assert!(figure.contains("<title>what it shows</title>") && figure.contains("x=\"0.3\""), "{figure}");
        assert!(figure.contains("&lt;tip&gt;") && !figure.contains("nothing"), "{figure}");
    }
}
