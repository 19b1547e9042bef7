//! A raw file is replaced by another good one while a run is at work. The run ends in the result of the
//! files before or of the files after, as a whole, or is refused; and no key ever holds the other's content.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Extent;
use super::chance::Chance;
use super::contents::Contents;
use super::ground::{A_DISTURBED_RUN, Ground, Pointers};
use super::marks::Mark;
use super::report::{Case, Ending};
use super::run::End;
use super::undisturbed::Undisturbed;
use support::eventually::let_pass;
use support::home::home;
use support::lake::{CUSTOMERS, raw_files};
use support::spanishgas;

const SHORT: [&str; 2] = ["price_history.csv", "consumption_hourly"];

/// The result of a replaced file, where it has one.
type Made = Option<Arc<Contents>>;

/// When a file is replaced.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// As soon as the raw files were looked at.
    AfterTheLook,
    /// At any moment of the first half.
    Any,
}

/// Every raw file.
pub fn cases(extent: Extent) -> Vec<Case> {
    let files = std::fs::read_dir(raw_files()).expect("the raw files can be listed").flatten();
    let mut names: Vec<_> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let chosen = |name: &String| extent == Extent::Full || SHORT.iter().any(|short| name.starts_with(short));
    let moments = extent.choose(&[Moment::AfterTheLook][..], &[Moment::AfterTheLook, Moment::Any, Moment::Any]);
    let files = names.into_iter().filter(chosen);
    files
        .flat_map(|name| {
            moments.iter().enumerate().map(move |(time, moment)| {
                let (file, moment) = (name.clone(), *moment);
                Case::new("raw file swapped", format!("{name} {}", time + 1), move |undisturbed, chance| {
                    swap(undisturbed, chance, &file, moment)
                })
            })
        })
        .collect()
}

fn swap(undisturbed: &Undisturbed, chance: &mut Chance, file: &str, moment: Moment) -> Ending {
    let after = with_the_other(file);
    let ground = Ground::new();
    let worker = ground.worker();
    let run = ground.start();
    match moment {
        Moment::AfterTheLook => Mark::named("contract of raw").await_in(&ground.lake),
        Moment::Any => let_pass(chance.within(undisturbed.time() / 2)),
    }
    replace(&ground, file);
    let end = run.end(A_DISTURBED_RUN);
    let ending = judge(&ground, &end, &undisturbed.contents, after.as_deref());
    ground.leave(vec![worker], ending)
}

/// Two results are right: that of the files before, and that of the files after, where these are not refused.
fn judge(ground: &Ground, end: &End, before: &Contents, after: Option<&Contents>) -> Ending {
    let found = Contents::of(&ground.lake);
    let right: Vec<&Contents> = [Some(before), after].into_iter().flatten().collect();
    // What a refused delivery leaves behind before its gate is nobody's result.
    if let Some(mixed) = after.and_then(|_| found.beyond(&right)) {
        return Ending::Wrong(format!("a key holds what belongs under another: {mixed}"));
    }
    match end {
        End::Completed => {
            let lacks: Vec<_> = right.iter().map(|whole| whole.missing_in(&found)).collect();
            if lacks.iter().any(Option::is_none) {
                Ending::Right
            } else {
                Ending::Wrong(format!("a mixture: {lacks:?}"))
            }
        }
        End::Failed(number, _) if number.starts_with("SG") => {
            if ground.pointers() == Pointers::default() {
                Ending::Refused(number.clone())
            } else {
                Ending::Wrong(format!("it failed and has published: {number}"))
            }
        }
        other => Ending::Wrong(format!("{other:?}")),
    }
}

/// By a rename, as a careful delivery does it. Prices are those of the same customers, the first of each a tenth: others burn
/// other fuels.
fn replace(ground: &Ground, file: &str) {
    let incoming = ground.lake.at("raw").join(format!("{file}.incoming"));
    if file == "price_history.csv" {
        let prices = std::fs::read_to_string(raw_files().join(file)).expect("the prices can be read");
        let (head, rows) = prices.split_once('\n').expect("a header");
        let cheaper: String = rows.lines().map(|row| row.replacen(",0.", ",0.0", 1) + "\n").collect();
        std::fs::write(&incoming, format!("{head}\n{cheaper}")).expect("a raw file can be written");
    } else {
        std::fs::copy(other_raw_files().join(file), &incoming).expect("a raw file can be copied");
    }
    std::fs::rename(incoming, ground.lake.at("raw").join(file)).expect("a raw file can be replaced");
}

/// What an undisturbed run makes of the raw files with this one replaced, made once a file; nothing where the gate refuses
/// the mixture: prices of other customers have none for the gas that these burn.
fn with_the_other(file: &str) -> Option<Arc<Contents>> {
    static MADE: Mutex<BTreeMap<String, Arc<OnceLock<Made>>>> = Mutex::new(BTreeMap::new());
    let place = MADE.lock().unwrap_or_else(PoisonError::into_inner).entry(file.to_owned()).or_default().clone();
    let make = || {
        let ground = Ground::new();
        replace(&ground, file);
        let worker = ground.worker();
        let end = ground.start().end(A_DISTURBED_RUN);
        let is_refused = matches!(&end, End::Failed(number, _) if number == "SG0002 ContractViolation");
        assert!(matches!(end, End::Completed) || is_refused, "{file} of others: {end:?}");
        let contents = Contents::of(&ground.lake);
        assert_eq!(ground.leave(vec![worker], Ending::Right), Ending::Right);
        (!is_refused).then(|| Arc::new(contents))
    };
    place.get_or_init(make).clone()
}

/// The same customers with other lives.
fn other_raw_files() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let out = home().join("other-raw");
        let text = out.to_str().expect("a UTF-8 path");
        let made =
            spanishgas(None, &["generate-data", "--customers", &CUSTOMERS.to_string(), "--seed", "2", "--out", text]);
        assert_eq!(made.code, Some(0), "{made:#?}");
        out
    })
}
