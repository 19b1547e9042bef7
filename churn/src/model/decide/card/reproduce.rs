//! How to make the model again, bit by bit.

use std::fmt::Write;

use crate::model::bundle::metadata::Metadata;

/// What decides its bytes, and who compares them.
pub(super) fn section(metadata: &Metadata) -> String {
    let Metadata { version, training_digest, code_version, settings, .. } = metadata;
    let (split, bootstrap) = (&settings.split, &settings.bootstrap);
    let mut text = format!(
        "## How to make it again\n\n\
         `spanishgas models verify {version}` trains it again from the stored table, by the settings and features of its \
         `metadata.json`, compares every byte, and changes nothing. Where the table is gone it says so: a run with the raw files \
         and the date of then makes it again. It needs a program with the code and the libraries below; another one says so.\n\n\
         | what decides its bytes | which |\n|---|---|\n\
         | table, features, settings, code | SHA-256 `{training_digest}` |\n\
         | code | `{code_version}` |\n"
    );
    for (library, found) in &metadata.libraries {
        let _ = writeln!(text, "| {library} | {found} |");
    }
    let _ = writeln!(
        text,
        "| holdout | {:.0} % of the customers by a hash with the salt `{}` |\n\
         | folds | {} by a hash with the salt `{}` |\n\
         | resamples | {} with the seed {} |",
        100.0 * split.holdout_share,
        split.holdout_salt,
        split.folds,
        split.fold_salt,
        bootstrap.resamples,
        bootstrap.seed
    );
    text
}
