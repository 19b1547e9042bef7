//! Failures that only this workflow knows.

use protocol::ErrorNumber;
use protocol::steps::MissingOutput;

use crate::run::Failure;

/// A stage did not name an output that the next one needs.
pub fn missing_output(error: &MissingOutput) -> Failure {
    Failure::of(ErrorNumber::MissingObject, error.to_string())
}

/// Others move the champion faster than this run can compare or score.
pub fn champion_keeps_changing(version: &str) -> Failure {
    let message = format!(
        "model {version}: other runs moved the champion again and again while this run compared or scored; let runs not overlap, then run again"
    );
    Failure::of(ErrorNumber::ChampionChanged, message)
}

/// Whether a stored table was not what its digest says: made again, it will be.
pub fn is_damage(stop: &Failure) -> bool {
    stop.is(ErrorNumber::TableDamaged)
}
