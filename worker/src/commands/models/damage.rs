//! What is damaged, in words.

use lake::LakeError;

/// The words for an object that is not what it must be; any other trouble stays an error.
pub fn damage(error: lake::Error) -> anyhow::Result<String> {
    match error {
        lake::Error::Lake(LakeError::TableDamaged { key, expected, found }) => {
            Ok(format!("{key} had SHA-256 {expected} and has {found}"))
        }
        lake::Error::Lake(
            error @ (LakeError::Missing { .. } | LakeError::Unreadable { .. } | LakeError::Damaged { .. }),
        ) => Ok(error.to_string()),
        other => Err(other.into()),
    }
}
