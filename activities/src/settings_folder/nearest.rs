//! Which name somebody had in mind who wrote another one.

/// The known name that is nearest to a file's; nothing where that is another word. Endings and capitals do not count.
pub(super) fn nearest<'a>(file: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written = word(file);
    let near = names.filter_map(|name| {
        let meant = word(name);
        let away = strsim::levenshtein(&written, &meant);
        (away <= meant.len().div_ceil(3)).then_some((away, name))
    });
    near.min_by_key(|(away, _)| *away).map(|(_, name)| name)
}

fn word(name: &str) -> String {
    name.split('.').next().unwrap_or(name).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_another_word_has_none() {
        let known = ["pipeline.yaml", "model.yaml", "aws.yaml", "feature_tiers.yaml", "schedules.yaml"];
        let found = |name| nearest(name, known.into_iter());
        assert_eq!(found("Pipeline.yml"), Some("pipeline.yaml"));
        assert_eq!(found("pipeline.old.yaml"), Some("pipeline.yaml"));
        assert_eq!(found("models.yaml"), Some("model.yaml"));
        assert_eq!(found("feature-tier.yaml"), Some("feature_tiers.yaml"));
        assert_eq!(found("schedule.yaml"), Some("schedules.yaml"));
        assert_eq!(found("gates.yaml"), None);
        assert_eq!(found("notes.yaml"), None);
    }
}
