//! Writes SVG: shapes with classes, texts escaped, coordinates to a tenth of a pixel.

use std::fmt::Write as _;

/// At which end of a text its coordinate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A place: pixels from the left, pixels from the top.
pub(super) type Point = (f64, f64);

/// A picture that is being drawn.
pub(super) struct Svg {
    width: f64,
    body: String,
}

impl Svg {
    /// An empty picture of this width; its height is known at the end.
    pub fn new(width: f64) -> Self {
        Self { width, body: String::with_capacity(2048) }
    }

    /// A rectangle; what has no extent is left out.
    pub fn rect(&mut self, class: &str, (x, y): Point, (width, height): Point) {
        self.shape(class, (x, y), (width, height), "");
    }

    /// A rectangle that tells something to a pointer over it.
    pub fn rect_with_tip(&mut self, class: &str, (x, y): Point, (width, height): Point, tip: &str) {
        self.shape(class, (x, y), (width, height), tip);
    }

    /// A straight line.
    pub fn line(&mut self, class: &str, from: Point, to: Point) {
        let (x1, y1, x2, y2) = (px(from.0), px(from.1), px(to.0), px(to.1));
        self.push(format_args!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"));
    }

    /// A line through points; where one is missing, the line is broken.
    pub fn path(&mut self, class: &str, points: impl IntoIterator<Item = Option<Point>>) {
        let mut data = String::new();
        let mut pen = 'M';
        for point in points {
            let Some((x, y)) = point.filter(|(x, y)| x.is_finite() && y.is_finite()) else {
                pen = 'M';
                continue;
            };
            // Writing to a text cannot fail.
            let _ = write!(data, "{pen}{},{}", px(x), px(y));
            pen = 'L';
        }
        if !data.is_empty() {
            self.push(format_args!("<path class=\"{class}\" d=\"{data}\"/>"));
        }
    }

    /// A dot.
    pub fn circle(&mut self, class: &str, (x, y): Point, radius: f64, tip: &str) {
        let (x, y, radius, tip) = (px(x), px(y), px(radius), title(tip));
        let shape = format!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"");
        if tip.is_empty() {
            self.push(format_args!("{shape}/>"));
            return;
        }
        self.push(format_args!("{shape}>{tip}</circle>"));
    }

    /// A triangle that points down at a place.
    pub fn pointer(&mut self, class: &str, (x, y): Point, tip: &str) {
        let (x, y, tip) = (px(x), px(y), title(tip));
        self.push(format_args!("<path class=\"{class}\" d=\"M{x},{y}l4,-7h-8z\">{tip}</path>"));
    }

    /// A text on its base line.
    pub fn text(&mut self, class: &str, (x, y): Point, anchor: Anchor, text: &str) {
        let (x, y, text) = (px(x), px(y), escape(text));
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        self.push(format_args!("<text{class} x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>"));
    }

    /// The whole picture. Title and description are what somebody hears who cannot see it.
    pub fn finish(self, height: f64, name: &str, description: &str) -> String {
        let (width, height) = (px(self.width), px(height));
        let (name, body) = (title(name), self.body);
        let description = match description {
            "" => String::new(),
            _ => format!("<desc>{}</desc>", escape(description)),
        };
        format!(
            "<svg class=\"c\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
             {name}{description}{body}</svg>"
        )
    }

    fn shape(&mut self, class: &str, (x, y): Point, (width, height): Point, tip: &str) {
        if !(width > 0.0 && height > 0.0 && x.is_finite() && y.is_finite()) {
            return;
        }
        let (x, y, width, height, tip) = (px(x), px(y), px(width), px(height), title(tip));
        let shape = format!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        if tip.is_empty() {
            self.push(format_args!("{shape}/>"));
            return;
        }
        self.push(format_args!("{shape}>{tip}</rect>"));
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a text cannot fail.
        let _ = self.body.write_fmt(text);
    }
}

fn title(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<title>{}</title>", escape(text))
}

/// A coordinate without digits that nobody sees.
fn px(value: f64) -> String {
    let rounded = (10.0 * value).round() / 10.0;
    // -0.0 is shown as 0.
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

fn escape(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_a_name_and_texts_cannot_break_it() {
        let mut svg = Svg::new(10.0);
        svg.text("m", (1.04, -0.01), Anchor::End, "<a & \"b\">");
        let drawn = svg.finish(20.0, "x < y", "");
        assert_eq!(
            drawn,
            "<svg class=\"c\" role=\"img\" width=\"10\" height=\"20\" viewBox=\"0 0 10 20\"><title>x &lt; y</title>\
             <text class=\"m\" x=\"1\" y=\"0\" text-anchor=\"end\">&lt;a &amp; &quot;b&quot;&gt;</text></svg>"
        );
    }

    #[test]
    fn a_line_is_broken_where_a_point_is_missing() {
        let mut svg = Svg::new(10.0);
        svg.path("cur", [Some((0.0, 1.0)), Some((1.0, 2.0)), None, Some((3.0, f64::NAN)), Some((4.0, 5.25))]);
        assert!(svg.finish(1.0, "t", "d").contains("d=\"M0,1L1,2M4,5.3\""));
    }

    #[test]
    fn what_has_no_extent_is_not_drawn() {
        let mut svg = Svg::new(10.0);
        svg.rect("a", (0.0, 0.0), (0.0, 7.0));
        svg.rect("a", (f64::NAN, 0.0), (3.0, 7.0));
        assert!(!svg.finish(1.0, "t", "").contains("<rect"));
    }
}
