//! Progress for people: a bar on a terminal, a line now and then elsewhere. Always on standard error.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use churn::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Without a terminal, a line at most this often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Whether a person looks at standard error.
pub fn on_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// An integer with thousands separators.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes in the unit that fits.
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let unit = UNITS.into_iter().find(|(unit, _)| bytes >= *unit);
    unit.map_or_else(|| format!("{bytes} B"), |(unit, name)| format!("{:.1} {name}", bytes as f64 / unit as f64))
}

/// One long computation.
pub struct Bar {
    what: &'static str,
    drawn: ProgressBar,
    last_line: Mutex<Instant>,
}

impl Bar {
    /// A bar for `what`, counted in units that the computation reports.
    pub fn new(what: &'static str) -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {per_sec} eta {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what);
        if !on_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self { what, drawn: bar, last_line: Mutex::new(Instant::now()) }
    }

    /// A bar that is not drawn before [`Self::show`], while others still write lines.
    pub fn hidden(what: &'static str) -> Self {
        let bar = Self::new(what);
        bar.drawn.set_draw_target(ProgressDrawTarget::hidden());
        bar
    }

    /// Draws it from now on, if there is a terminal.
    pub fn show(&self) {
        if on_terminal() {
            self.drawn.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// The computation is over.
    pub fn finish(&self) {
        self.drawn.finish_and_clear();
    }

    fn line(&self, done: u64, total: Option<u64>) {
        let Ok(mut last) = self.last_line.lock() else { return };
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            let percent = total.filter(|total| *total > 0).map(|total| 100 * done / total);
            let percent = percent.map(|percent| format!(" ({percent} %)")).unwrap_or_default();
            eprintln!("{}: {}{percent}", self.what, thousands(done));
        }
    }
}

impl Watch for Bar {
    fn report(&self, done: u64, total: Option<u64>) -> churn::Result<()> {
        if self.drawn.is_hidden() {
            self.line(done, total);
            return Ok(());
        }
        if let Some(total) = total {
            self.drawn.set_length(total);
        }
        self.drawn.set_position(done);
        Ok(())
    }
}

/// So many names of a long list are shown.
const SHOWN: usize = 5;

/// The first names of a list, and how many more there are.
pub fn few(names: &[&str]) -> String {
    let (shown, more) = names.split_at(names.len().min(SHOWN));
    let shown = shown.join(", ");
    if more.is_empty() { shown } else { format!("{shown} and {} more", more.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_list_the_first_five_are_named_and_the_rest_is_counted() {
        assert_eq!(few(&["a", "b", "c", "d", "e"]), "a, b, c, d, e");
        assert_eq!(few(&["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
    }

    #[test]
    fn bytes_are_shown_in_the_unit_that_fits() {
        assert_eq!([size(0), size(999), size(1_000), size(2_140_000)], ["0 B", "999 B", "1.0 kB", "2.1 MB"]);
        assert_eq!(size(3_000_000_000), "3.0 GB");
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(176_549_616), "176,549,616");
    }
}
