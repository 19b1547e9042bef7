//! The charts that more than one report draws.

use super::svg::Svg;

/// How wide a chart of lines of text is.
pub const WIDTH: f64 = 560.0;
/// The room for names beside bars and dots.
pub const NAMES: f64 = 250.0;
/// The height of a line of text.
pub const ROW: f64 = 22.0;

const SIDE: f64 = 260.0;
const LEFT: f64 = 24.0;
const TOP: f64 = 8.0;
const HIGHEST: f64 = 110.0;

/// A value from 0 to 1, with its interval where one is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    /// What it is the value of.
    pub name: String,
    /// The value.
    pub value: f64,
    /// Low and high.
    pub interval: Option<(f64, f64)>,
}

/// A line of a square; both axes run from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// How it looks: `line`, `then` (dashed) or `axis` (thin).
    pub class: &'static str,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// Values with their intervals below each other on one axis from 0 to 1; no picture of none.
pub fn dots(title: &str, dots: &[Dot]) -> String {
    if dots.is_empty() {
        return String::new();
    }
    let mut svg = Svg::new(WIDTH, dots.len() as f64 * ROW + 24.0);
    let x = |value: f64| NAMES + (WIDTH - NAMES - 60.0) * value.clamp(0.0, 1.0);
    for (place, dot) in dots.iter().enumerate() {
        let y = place as f64 * ROW + 14.0;
        svg.text("", (0.0, y + 4.0), &dot.name);
        if let Some((low, high)) = dot.interval {
            svg.path("whisker", &[(x(low), y), (x(high), y)]);
        }
        svg.dot("now", (x(dot.value), y));
        svg.text("e", (WIDTH, y + 4.0), &format!("{:.3}", dot.value));
    }
    let bottom = dots.len() as f64 * ROW + 4.0;
    svg.path("axis", &[(x(0.0), bottom), (x(1.0), bottom)]);
    svg.text("", (x(0.0), bottom + 16.0), "0");
    svg.text("e", (x(1.0), bottom + 16.0), "1");
    svg.figure(title)
}

/// Lines in a square from 0 to 1, and what its axes are; no picture where a line has no point.
pub fn square(title: &str, (across, up): (&str, &str), lines: &[Line]) -> String {
    if lines.iter().any(|line| line.points.is_empty()) {
        return String::new();
    }
    let place = |(x, y): (f64, f64)| (LEFT + SIDE * x.clamp(0.0, 1.0), TOP + 16.0 + SIDE * (1.0 - y.clamp(0.0, 1.0)));
    let bottom = TOP + 16.0 + SIDE;
    let mut svg = Svg::new(LEFT + SIDE + 8.0, bottom + 40.0);
    svg.text("", (0.0, TOP + 4.0), up);
    svg.path("axis", &[place((0.0, 1.0)), place((0.0, 0.0)), place((1.0, 0.0))]);
    svg.text("e", (LEFT - 4.0, TOP + 22.0), "1");
    svg.text("e", (LEFT - 4.0, bottom + 4.0), "0");
    svg.text("e", (LEFT + SIDE, bottom + 16.0), "1");
    svg.text("e", (LEFT + SIDE, bottom + 34.0), across);
    for line in lines {
        let points: Vec<(f64, f64)> = line.points.iter().map(|&point| place(point)).collect();
        svg.path(line.class, &points);
    }
    svg.figure(title)
}

/// The shares of bins of equal width between two ends as columns; no picture without one above 0.
pub fn columns(title: &str, (low, high): (f64, f64), shares: &[f64]) -> String {
    let highest = shares.iter().copied().fold(0.0, f64::max);
    if highest <= 0.0 {
        return String::new();
    }
    let width = WIDTH / shares.len() as f64;
    let step = (high - low) / shares.len() as f64;
    let mut svg = Svg::new(WIDTH, HIGHEST + 24.0);
    for (bin, share) in shares.iter().enumerate() {
        let y = HIGHEST * (1.0 - share / highest) + 4.0;
        let tip = format!("from {:.3}: {:.1} %", low + step * bin as f64, 100.0 * share);
        svg.rect("now", (bin as f64 * width + 0.5, y), (width - 1.0, HIGHEST + 4.0 - y), &tip);
    }
    svg.path("axis", &[(0.0, HIGHEST + 4.0), (WIDTH, HIGHEST + 4.0)]);
    svg.text("", (0.0, HIGHEST + 20.0), &format!("{low}"));
    svg.text("e", (WIDTH, HIGHEST + 20.0), &format!("{high}"));
    svg.figure(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_runs_from_its_lower_left_to_its_upper_right_and_beyond_nothing_is_drawn() {
        let line = |points: &[(f64, f64)]| Line { class: "line", points: points.to_vec() };
        let picture = square("t", ("recall", "precision"), &[line(&[(0.0, 0.0), (1.0, 1.0), (1.0, 7.0)])]);
        assert!(picture.contains("d=\"M24,284L284,24L284,24\""), "{picture}");
        assert!(picture.contains(">recall</text>") && picture.contains(">precision</text>"), "{picture}");
        assert_eq!(square("t", ("", ""), &[line(&[(0.0, 0.0)]), line(&[])]), "");
    }

    #[test]
    fn dots_have_whiskers_where_an_interval_is_known() {
        let dot = |interval| Dot { name: "SME <1>".to_owned(), value: 0.5, interval };
        let picture = dots("t", &[dot(Some((0.4, 0.6))), dot(None)]);
        assert_eq!(picture.matches("whisker").count(), 1, "{picture}");
        assert!(picture.contains("SME &lt;1&gt;") && picture.contains(">0.500</text>"), "{picture}");
        assert_eq!(dots("t", &[]), "");
    }

    #[test]
    fn columns_are_as_high_as_their_shares_and_an_empty_bin_is_none() {
        let picture = columns("t", (0.0, 1.0), &[0.75, 0.0, 0.25]);
        assert_eq!(picture.matches("<rect").count(), 2, "{picture}");
        assert!(picture.contains("from 0.667: 25.0 %"), "{picture}");
        assert_eq!(columns("t", (0.0, 1.0), &[0.0]), "");
    }
}
