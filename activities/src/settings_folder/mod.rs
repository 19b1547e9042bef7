//! The folder of settings: a file there under a name that nobody reads would count for nothing, without a word.

mod nearest;

use std::path::Path;

use self::nearest::nearest;

/// What the configuration is read from, with what is built in; in the order in which problems are listed.
pub(crate) const FILES: [(&str, &str); 8] = [
    ("pipeline.yaml", include_str!("../../../configs/pipeline.yaml")),
    ("feature_tiers.yaml", include_str!("../../../configs/feature_tiers.yaml")),
    ("column_registry.yaml", include_str!("../../../configs/column_registry.yaml")),
    ("intents.yaml", include_str!("../../../configs/intents.yaml")),
    ("model.yaml", include_str!("../../../configs/model.yaml")),
    ("offer_policy.yaml", include_str!("../../../configs/offer_policy.yaml")),
    ("reason_codes.yaml", include_str!("../../../configs/reason_codes.yaml")),
    ("drift.yaml", include_str!("../../../configs/drift.yaml")),
];
/// What is read from there beside the configuration; the last one is Terraform's, and lies in `configs/` with them.
const OTHERS: [&str; 4] = ["schedules.yaml", "outside.yaml", "aws.yaml", "permissions.yaml"];
/// What settings are written in.
const ENDINGS: [&str; 2] = ["yaml", "yml"];

/// Refuses a folder that is not there, and settings under a name that nobody reads, as a key that nobody reads is refused.
/// Notes, hidden files, an editor's copies and folders may lie there.
pub fn check(folder: Option<&Path>) -> churn::Result<()> {
    let Some(folder) = folder else {
        return Ok(());
    };
    require_there(folder)?;
    let unknown = unknown_files(folder)?;
    if unknown.is_empty() {
        return Ok(());
    }
    let told: Vec<_> = unknown.iter().map(|name| in_words(name)).collect();
    let known: Vec<_> = names().collect();
    let problem = format!(
        "no settings are read from {}; rename what shall count and take away the rest; the names are {}",
        told.join(", "),
        known.join(", ")
    );
    Err(churn::Error::settings(folder.display().to_string(), problem))
}

/// Refuses a folder that is not there: one with a typing error would leave everything as it is built in.
pub fn require_there(folder: &Path) -> churn::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let problem = "there is no such folder; name the one with the files, or leave --config (SPANISHGAS_CONFIG) out for the built-in ones";
    Err(churn::Error::settings(folder.display().to_string(), problem))
}

fn unknown_files(folder: &Path) -> churn::Result<Vec<String>> {
    let mut unknown = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(churn::Error::file("list", folder))? {
        let path = entry.map_err(churn::Error::file("list", folder))?.path();
        if looks_like_settings(&path) && !names().any(|known| path.ends_with(known)) {
            unknown.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    unknown.sort();
    Ok(unknown)
}

fn looks_like_settings(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let is_yaml = path.extension().is_some_and(|own| ENDINGS.iter().any(|ending| own.eq_ignore_ascii_case(ending)));
    is_yaml && !is_hidden && !path.is_dir()
}

fn in_words(name: &str) -> String {
    match nearest(name, names()) {
        Some(known) => format!("{name} (is it {known}?)"),
        None => name.to_owned(),
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    FILES.into_iter().map(|(name, _)| name).chain(OTHERS)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn settings_under_another_name_are_named_with_the_name_that_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["pipeline.yml", "gates.YAML", "model.yaml"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let message = check(Some(folder.path())).unwrap_err().to_string();
        let told = "no settings are read from gates.YAML, pipeline.yml (is it pipeline.yaml?); rename";
        assert!(message.contains(told) && message.contains(&folder.path().display().to_string()), "{message}");
        assert!(message.contains("the names are pipeline.yaml, feature_tiers.yaml"), "{message}");
    }

    #[test]
    fn what_is_no_settings_may_lie_there() {
        let folder = tempfile::tempdir().unwrap();
        let copies = ["pipeline.yaml~", "pipeline.yaml.bak", ".pipeline.yaml.swp", "#pipeline.yaml#"];
        for name in copies.iter().chain(&["README.md", ".hidden.yaml", "hook.key", "notes"]) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("before.yaml")).unwrap();
        check(Some(folder.path())).unwrap();
    }

    #[test]
    fn the_project_s_own_folders_have_no_other_names() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for folder in ["configs", "infra/compose/settings/small", "infra/compose/settings/standard"] {
            let folder = repository.join(folder);
            assert!(folder.is_dir(), "{}", folder.display());
            check(Some(&folder)).unwrap();
        }
    }
}
