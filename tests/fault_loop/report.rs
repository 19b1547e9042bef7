//! Cases, what became of them, and the table that a person reads.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::chance::Chance;
use super::undisturbed::Undisturbed;

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// In the bytes of an undisturbed run.
    Right,
    /// In a failure with this number, and nothing published.
    Refused(String),
    /// Not tried: this machine or user cannot make the fault.
    Skipped(String),
    /// In anything else.
    Wrong(String),
}

/// What is done to one run.
pub type Work = Box<dyn FnOnce(&Undisturbed, &mut Chance) -> Ending + Send>;

/// One fault.
pub struct Case {
    kind: &'static str,
    name: String,
    work: Work,
}

impl Case {
    /// A fault of a kind, by its own name.
    pub fn new(
        kind: &'static str,
        name: impl Into<String>,
        work: impl FnOnce(&Undisturbed, &mut Chance) -> Ending + Send + 'static,
    ) -> Self {
        Self { kind, name: name.into(), work: Box::new(work) }
    }

    /// Kind and name.
    pub fn label(&self) -> String {
        format!("{}: {}", self.kind, self.name)
    }
}

/// What became of all cases, kind by kind in the order of the first case.
pub struct Report(Vec<(&'static str, String, Ending)>);

impl Report {
    /// Works through the cases, some at once.
    pub fn of(cases: Vec<Case>, undisturbed: &Undisturbed, seed: u64, at_once: usize) -> Self {
        let waiting: Mutex<VecDeque<_>> = Mutex::new(cases.into_iter().enumerate().collect());
        let ended = Mutex::new(Vec::new());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        std::thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|| {
                    while let Some((place, case)) = next() {
                        let (kind, name) = (case.kind, case.name.clone());
                        let ending = work(case, undisturbed, seed);
                        ended.lock().unwrap_or_else(PoisonError::into_inner).push((place, (kind, name, ending)));
                    }
                });
            }
        });
        let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
        ended.sort_by_key(|(place, _)| *place);
        Self(ended.into_iter().map(|(_, case)| case).collect())
    }

    /// Whether nothing ended wrong.
    pub fn all_well(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|(.., ending)| !matches!(ending, Ending::Wrong(_)))
    }

    fn count(&self, kind: &str, wanted: fn(&Ending) -> bool) -> usize {
        self.0.iter().filter(|(of, _, ending)| *of == kind && wanted(ending)).count()
    }
}

fn work(case: Case, undisturbed: &Undisturbed, seed: u64) -> Ending {
    let label = case.label();
    let mut chance = Chance::of(seed, &label);
    let begun = Instant::now();
    let ending = catch_unwind(AssertUnwindSafe(|| (case.work)(undisturbed, &mut chance)));
    // An assertion of the test's own tools is a fault that was not survived, and has words of its own.
    let ending = ending.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Ending::Wrong(text.unwrap_or_else(|| "a panic without words".to_owned()))
    });
    println!("{label}: {ending:?} ({:.1} s)", begun.elapsed().as_secs_f64());
    ending
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kinds: Vec<&str> = Vec::new();
        self.0.iter().for_each(|(kind, ..)| {
            if !kinds.contains(kind) {
                kinds.push(kind);
            }
        });
        writeln!(f, "{:<36} {:>6} {:>6} {:>8} {:>8} {:>6}", "kind", "cases", "right", "refused", "skipped", "WRONG")?;
        for kind in kinds {
            let [all, right, refused, skipped, wrong] = [
                self.count(kind, |_| true),
                self.count(kind, |ending| matches!(ending, Ending::Right)),
                self.count(kind, |ending| matches!(ending, Ending::Refused(_))),
                self.count(kind, |ending| matches!(ending, Ending::Skipped(_))),
                self.count(kind, |ending| matches!(ending, Ending::Wrong(_))),
            ];
            writeln!(f, "{kind:<36} {all:>6} {right:>6} {refused:>8} {skipped:>8} {wrong:>6}")?;
        }
        for (kind, name, ending) in &self.0 {
            match ending {
                Ending::Wrong(why) => writeln!(f, "WRONG    {kind}: {name}: {why}")?,
                Ending::Skipped(why) => writeln!(f, "SKIPPED  {kind}: {name}: {why}")?,
                Ending::Right | Ending::Refused(_) => {}
            }
        }
        Ok(())
    }
}
