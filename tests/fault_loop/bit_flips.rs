//! One bit of a stored table is another one than was written. The next run that needs the table makes
//! it again or refuses it; it never computes on it, and never lets it stand as published.

use super::Extent;
use super::chance::Chance;
use super::ground::{A_DISTURBED_RUN, Ground, Refusal};
use super::report::{Case, Ending};
use super::undisturbed::Undisturbed;

/// What is stored, in the order of the work, and how much of `LATER` must go so that it is read again.
const STORED: [(&str, &str, usize); 19] = [
    ("bronze/hourly_sums", "/hourly_sums.parquet", 0),
    ("bronze/bronze_customer", "/bronze_customer.parquet", 1),
    ("bronze/bronze_customer_month", "/bronze_customer_month.parquet", 1),
    ("bronze/bronze_customer_month", "/readings_report.json", 1),
    ("silver", "/silver_customer.parquet", 2),
    ("silver", "/silver_customer_month.parquet", 2),
    ("gold", "/gold_master.parquet", 3),
    ("models", "/model.ubj", 4),
    ("models", "/preprocessing.json", 4),
    ("models", "/calibrator.json", 4),
    ("models", "/metadata.json", 4),
    ("models", "/reference.parquet", 4),
    ("models", "/training_rows.parquet", 4),
    ("models", "/fold-3.ubj", 4),
    ("evaluated", "/evaluation.json", 5),
    (COPY.0, COPY.1, 5),
    ("scored/scores", "/scores.parquet", 6),
    ("scored/recommendations", "/recommendations.parquet", 7),
    ("monitoring/drift", "/drift.json", 8),
];
/// What is made of it, in the order of the work.
const LATER: [&str; 8] = [
    "bronze/bronze_customer_month",
    "silver",
    "gold",
    "models",
    "evaluated",
    "scored/scores",
    "scored/recommendations",
    "monitoring",
];
/// Where it is damaged, the evaluation that it is a copy of is read; the copy itself stays as it is.
const COPY: (&str, &str) = ("models", "/evaluation.json");
const SHORT: [&str; 3] = ["/bronze_customer_month.parquet", "/gold_master.parquet", "/model.ubj"];

/// Every kind of stored table.
pub fn cases(extent: Extent) -> Vec<Case> {
    let chosen = |ending: &str| extent == Extent::Full || SHORT.contains(&ending);
    let stored = STORED.into_iter().filter(|(_, ending, _)| chosen(ending));
    stored
        .flat_map(|(folder, ending, later)| {
            (1..=extent.choose(1, 3)).map(move |time| {
                Case::new("bit flipped", format!("{folder}{ending} {time}"), move |undisturbed, chance| {
                    flip(undisturbed, chance, (folder, ending), &LATER[later..])
                })
            })
        })
        .collect()
}

fn flip(undisturbed: &Undisturbed, chance: &mut Chance, (folder, ending): (&str, &str), later: &[&str]) -> Ending {
    let ground = undisturbed.copied();
    for folder in later {
        // What no layer before left is not there to be removed.
        let _ = std::fs::remove_dir_all(ground.lake.at(folder));
    }
    let (key, whole) = flip_one_bit(&ground, chance, folder, ending);
    let before = ground.pointers();
    let worker = ground.worker();
    let end = ground.start().end(A_DISTURBED_RUN);
    if (folder, ending) == COPY {
        std::fs::write(ground.lake.at(&key), whole).expect("an object can be changed");
    }
    let ending = ground.judge(end, &before, &undisturbed.contents, Refusal::Allowed);
    ground.leave(vec![worker], ending)
}

/// The object's key, and what it held before.
fn flip_one_bit(ground: &Ground, chance: &mut Chance, folder: &str, ending: &str) -> (String, Vec<u8>) {
    let keys = ground.lake.keys(&[folder]).into_iter().filter(|key| key.ends_with(ending)).collect::<Vec<_>>();
    let key = keys[chance.below(keys.len() as u64) as usize].clone();
    let whole = ground.lake.find(&key).expect("a stored object");
    let mut bytes = whole.clone();
    let place = chance.below(bytes.len() as u64) as usize;
    bytes[place] ^= 1 << chance.below(8);
    std::fs::write(ground.lake.at(&key), bytes).expect("an object can be changed");
    (key, whole)
}
