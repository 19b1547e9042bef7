//! Where a key is: in a file, or in AWS KMS.

use std::path::PathBuf;
use std::str::FromStr;

use super::KmsKeyName;

/// What a name of a key in KMS begins with, where a file may stand as well.
const KMS: &str = "kms:";

/// Where a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// In a file of ours.
    File(PathBuf),
    /// In AWS KMS, which it never leaves.
    Kms(KmsKeyName),
}

impl FromStr for KeySource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix(KMS) {
            Some(name) => Ok(Self::Kms(name.parse()?)),
            None if text.is_empty() => Err("it is empty; give a file, or kms: and the name of a key".to_owned()),
            None => Ok(Self::File(PathBuf::from(text))),
        }
    }
}

/// Places of keys with commas between them; of an empty text, as of a variable that is set to nothing, none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySources(pub Vec<KeySource>);

impl FromStr for KeySources {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        Ok(Self(text.split(',').map(str::parse::<KeySource>).collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_kms_names_a_key_there_and_all_else_is_a_file() {
        assert_eq!("kms:alias/models".parse(), Ok(KeySource::Kms("alias/models".parse().unwrap())));
        assert_eq!("./keys/model.pem".parse(), Ok(KeySource::File("./keys/model.pem".into())));
        let problem = "kms:models".parse::<KeySource>().unwrap_err();
        assert!(problem.contains("alias/NAME"), "{problem}");
        assert!("".parse::<KeySource>().is_err());
    }

    #[test]
    fn an_empty_text_is_no_key_and_an_empty_one_among_others_is_refused() {
        assert_eq!("".parse(), Ok(KeySources::default()));
        let KeySources(two) = "payload.key,kms:alias/payloads".parse().unwrap();
        let source = |text: &str| text.parse::<KeySource>().unwrap();
        assert_eq!(two, [source("payload.key"), source("kms:alias/payloads")]);
        assert!("payload.key,".parse::<KeySources>().is_err());
    }
}
