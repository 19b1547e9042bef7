//! How far the figures of cards are from those of the published run before.

use super::Morning;
use super::before::Before;
use super::trend::Point;
use crate::format::Format;
use crate::frame::{Delta, Sense};
use crate::server::Visit;
use crate::words::Word;

/// Digits of a measure of a model, as a power of ten: a change is the difference of what is shown.
const SHOWN: f64 = 1e3;

/// What is compared, for whom.
#[derive(Clone, Copy)]
pub struct Changes<'a> {
    /// Who asks.
    pub visit: &'a Visit,
    /// The figures of now and of the run before.
    pub morning: &'a Morning,
}

impl Changes<'_> {
    /// The change of a figure where more of it is as `grows` says. None where there is no run before; where what it was
    /// then is not known, that is said: it is not 0.
    pub fn of(
        self,
        now: f64,
        grows: Sense,
        show: impl Fn(f64) -> String,
        then: impl Fn(&Point, &Before) -> Option<f64>,
    ) -> Option<Delta> {
        let (point, before) = self.morning.trend.before().zip(self.morning.before.as_ref())?;
        let since = self.since(point);
        let Some(then) = then(point, before) else {
            let text = self.visit.format().unknown(self.visit.language.say(Word::OverviewChangeUnknown));
            return Some(Delta { text, sense: Sense::Neutral, since });
        };
        Some(Delta { text: show(now - then).into(), sense: sense(now - then, grows), since })
    }

    /// The change of a count.
    pub fn of_count(self, now: u64, grows: Sense, then: impl Fn(&Point, &Before) -> Option<u64>) -> Option<Delta> {
        let show = |change: f64| self.visit.format().signed(change, 0);
        self.of(now as f64, grows, show, |point, before| then(point, before).map(|count| count as f64))
    }

    /// The change of a measure of the model.
    pub fn of_score(self, now: f64, then: impl Fn(&Before) -> Option<f64>) -> Option<Delta> {
        let show = |change: f64| self.visit.format().signed(change, 3);
        self.of(shown(now), Sense::Better, show, |_, before| then(before).map(shown))
    }

    /// "since 30 Dec".
    fn since(self, point: &Point) -> String {
        let format = self.visit.format();
        let at = point.run.ended.or(point.run.started).map(|at| format.day(Format::day_of(at))).unwrap_or_default();
        format.0.fill(Word::OverviewSince, &[("date", &at)])
    }
}

/// A measure with the digits that are shown.
fn shown(score: f64) -> f64 {
    (score * SHOWN).round() / SHOWN
}

/// Whether a change is good, where more is as `grows` says.
fn sense(change: f64, grows: Sense) -> Sense {
    let shrinks = match grows {
        Sense::Worse => Sense::Better,
        Sense::Better => Sense::Worse,
        Sense::Neutral => Sense::Neutral,
    };
    match change {
        up if up > 0.0 => grows,
        down if down < 0.0 => shrinks,
        _ => Sense::Neutral,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_of_what_is_good_is_better_and_no_change_is_neither() {
        for (change, of_loss, of_skill) in [
            (1.0, Sense::Worse, Sense::Better),
            (-1.0, Sense::Better, Sense::Worse),
            (0.0, Sense::Neutral, Sense::Neutral),
        ] {
            assert_eq!((sense(change, Sense::Worse), sense(change, Sense::Better)), (of_loss, of_skill));
            assert_eq!(sense(change, Sense::Neutral), Sense::Neutral);
        }
        assert_eq!(shown(0.7512) - shown(0.7508), 0.0, "what looks the same has not changed");
    }
}
