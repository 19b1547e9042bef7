//! What a run was started for is what it is served with, or it is not served.

use protocol::Digest;
use protocol::steps::Expected;

use crate::error::{Error, Result};
use crate::steps::Environment;

/// Refuses a run that was started for another lake, or for settings that this worker does not have.
pub async fn require_place(environment: &Environment, expected: &Expected) -> Result<()> {
    if let Some(wanted) = &expected.lake {
        let here = environment.lake.identity().await?;
        if here.as_str() != wanted {
            let (lake, found) = (environment.lake.to_string(), here.to_string());
            return Err(Error::OtherLake { wanted: wanted.clone(), found, lake });
        }
    }
    if let Some(wanted) = &expected.settings {
        let found = environment.configuration.digest().short().to_owned();
        if found != *wanted {
            return Err(Error::OtherSettings { wanted: wanted.clone(), found });
        }
    }
    Ok(())
}

/// Refuses raw files that are not those the run was started for.
pub fn require_dataset(expected: &Expected, found: &Digest) -> Result<()> {
    match &expected.dataset {
        Some(wanted) if wanted != found.short() => {
            Err(Error::OtherData { wanted: wanted.clone(), found: found.short().to_owned() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_raw_files_are_refused_and_without_a_wish_all_are_taken() {
        let found = Digest::of(b"files");
        let expected = |dataset: Option<&str>| Expected { dataset: dataset.map(str::to_owned), ..Expected::default() };
        assert!(require_dataset(&expected(None), &found).is_ok());
        assert!(require_dataset(&expected(Some(found.short())), &found).is_ok());
        let refused = require_dataset(&expected(Some("000000000000")), &found).unwrap_err();
        assert_eq!(refused.type_name(), "SG0031 OtherData");
        assert!(refused.to_string().contains("000000000000"), "{refused}");
    }
}
