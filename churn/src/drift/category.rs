//! A column of texts on both sides: how far its shares moved, and whether by chance.

use std::collections::BTreeMap;

use super::column::{ColumnDrift, ColumnKind, ColumnState, Severity};
use super::settings::DriftSettings;
use super::statistics::categories::{chi_squared, jensen_shannon, stability_index};

/// One side of a category.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    counts: BTreeMap<String, u64>,
    nulls: u64,
}

impl Texts {
    /// Of the cells of a column.
    pub fn of<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut side = Self::default();
        for cell in cells {
            match cell {
                Some(text) => *side.counts.entry(text.to_owned()).or_default() += 1,
                None => side.nulls += 1,
            }
        }
        side
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    fn rows(&self) -> u64 {
        self.count() + self.nulls
    }

    fn null_share(&self) -> f64 {
        self.nulls as f64 / self.rows().max(1) as f64
    }

    /// The counts of the categories that the reference has, of what it has not, and of the nulls.
    fn bins(&self, reference: &Self) -> Vec<u64> {
        let known: Vec<u64> =
            reference.counts.keys().map(|category| self.counts.get(category).copied().unwrap_or_default()).collect();
        let unseen = self.count() - known.iter().sum::<u64>();
        known.into_iter().chain([unseen, self.nulls]).collect()
    }
}

/// Compares both sides. A null is a category of its own, so it is the rows that must be enough.
pub(super) fn compare(column: &str, reference: &Texts, current: &Texts, settings: &DriftSettings) -> ColumnDrift {
    let (n_ref, n_cur) = (reference.count(), current.count());
    if reference.rows().min(current.rows()) < settings.min_rows || n_ref == 0 {
        let scarce = ColumnDrift::scarce(column, n_ref, n_cur, settings.min_rows);
        return ColumnDrift { kind: ColumnKind::Category, ..scarce };
    }
    let (then, now) = (reference.bins(reference), current.bins(reference));
    let test = chi_squared(&then, &now);
    let (psi, distance) = (stability_index(&then, &now), jensen_shannon(&then, &now));
    ColumnDrift {
        kind: ColumnKind::Category,
        n_ref,
        n_cur,
        chi_squared: test,
        p_value: test.map(|test| test.p_value),
        effect: Some(psi.max(distance)),
        severity: severity(psi, distance, settings),
        psi: Some(psi),
        jensen_shannon: Some(distance),
        null_change: Some(current.null_share() - reference.null_share()),
        note: unseen_note(&now),
        ..ColumnDrift::of(column, ColumnState::Compared)
    }
}

/// The distance alone never makes a move critical.
fn severity(psi: f64, distance: f64, settings: &DriftSettings) -> Severity {
    Severity::of(psi, settings).max(Severity::of(distance, settings).min(Severity::Warn))
}

fn unseen_note(bins: &[u64]) -> Option<String> {
    let unseen = bins.iter().rev().nth(1).copied().filter(|unseen| *unseen > 0)?;
    Some(format!("{unseen} rows have a value that the reference has not"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(counts: &[(Option<&str>, usize)]) -> Texts {
        Texts::of(counts.iter().flat_map(|(text, rows)| std::iter::repeat_n(*text, *rows)))
    }

    fn compared(reference: &Texts, current: &Texts) -> ColumnDrift {
        compare("x", reference, current, &DriftSettings::default())
    }

    #[test]
    fn shares_that_moved_have_all_three_statistics() {
        let then = side(&[(Some("a"), 1000), (Some("b"), 20), (Some("c"), 3)]);
        let now = side(&[(Some("a"), 900), (Some("b"), 90), (Some("c"), 10)]);
        let moved = compared(&then, &now);
        // As in the test of the statistics; the two empty bins count for nothing.
        assert!((moved.psi.unwrap() - 0.122_637_996_336_860_43).abs() < 1e-9, "{moved:?}");
        assert!((moved.jensen_shannon.unwrap() - 0.118_725_717_284_298_48).abs() < 1e-9, "{moved:?}");
        assert_eq!((moved.effect, moved.severity, moved.kind), (moved.psi, Severity::Warn, ColumnKind::Category));
        assert!(moved.p_value.unwrap() < 1e-11 && moved.chi_squared.unwrap().degrees == 2);
    }

    #[test]
    fn nulls_and_values_that_are_new_have_a_bin_each() {
        let then = side(&[(Some("a"), 300), (None, 700)]);
        assert_eq!(compared(&then, &then).effect, Some(0.0));
        let unseen = compared(&then, &side(&[(Some("moon"), 300), (None, 700)]));
        assert_eq!((unseen.severity, unseen.null_change), (Severity::Critical, Some(0.0)));
        assert_eq!(unseen.note.as_deref(), Some("300 rows have a value that the reference has not"));
        let nulls = compared(&then, &side(&[(Some("a"), 600), (None, 400)]));
        assert_eq!(nulls.severity, Severity::Critical, "{nulls:?}");
        assert!((nulls.null_change.unwrap() + 0.3).abs() < 1e-12);
    }

    #[test]
    fn one_value_alone_does_not_move_and_a_few_rows_say_nothing() {
        let constant = side(&[(Some("a"), 400)]);
        let same = compared(&constant, &constant);
        assert_eq!((same.effect, same.p_value), (Some(0.0), Some(1.0)));
        let scarce = compared(&constant, &side(&[(Some("b"), 199)]));
        assert_eq!((scarce.state, scarce.effect), (ColumnState::NotEnoughData, None));
        assert_eq!(compared(&side(&[(None, 400)]), &constant).state, ColumnState::NotEnoughData);
    }
}
