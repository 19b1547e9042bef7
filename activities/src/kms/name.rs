//! The name of a key in AWS KMS, as people write it.

use std::fmt;
use std::str::FromStr;

/// What a name looks like.
const HOW: &str = "give an alias (alias/NAME), a key's ID, or the ARN of either";

/// A key's ID, `alias/NAME`, or the ARN of either; whether there is such a key only KMS knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsKeyName(String);

impl KmsKeyName {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key's region; an alias and an ID have none of their own.
    pub fn region(&self) -> Option<&str> {
        Arn::parse(&self.0).map(|arn| arn.region)
    }

    /// Whether it is an alias, which stands for one key today and may for another tomorrow.
    pub fn is_alias(&self) -> bool {
        resource(&self.0).starts_with("alias/")
    }

    /// Whether this name can stand for the key that KMS calls `key_id`: an alias can for any.
    pub fn may_be(&self, key_id: &str) -> bool {
        self.is_alias() || resource(&self.0) == resource(key_id)
    }
}

impl FromStr for KmsKeyName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_known = match Arn::parse(text) {
            Some(arn) => {
                arn.service == "kms" && (arn.resource.starts_with("key/") || arn.resource.starts_with("alias/"))
            }
            None => text.strip_prefix("alias/").is_some_and(|name| !name.is_empty()) || is_id(text),
        };
        if is_known { Ok(Self(text.to_owned())) } else { Err(format!("`{text}` names no key in AWS KMS: {HOW}")) }
    }
}

impl fmt::Display for KmsKeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, as far as it matters here.
struct Arn<'a> {
    service: &'a str,
    region: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, _, resource] = parts[..] else { return None };
        partition.starts_with("aws").then_some(Self { service, region, resource })
    }
}

/// Of a multi-Region key it begins with `mrk-`.
fn is_id(text: &str) -> bool {
    let id = text.strip_prefix("mrk-").unwrap_or(text);
    id.len() >= 32 && id.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
}

/// `alias/NAME`, or the key's ID: an answer of KMS has it as an ARN or alone.
fn resource(name: &str) -> &str {
    let resource = Arn::parse(name).map_or(name, |arn| arn.resource);
    resource.strip_prefix("key/").unwrap_or(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-2222-3333-4444-555555555555";

    fn named(text: &str) -> KmsKeyName {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_is_an_alias_an_id_or_an_arn() {
        for good in ["alias/models", ID, "mrk-11111111222233334444555555555555"] {
            assert_eq!(named(good).as_str(), good);
            assert_eq!(named(good).region(), None);
        }
        for good in ["key/1234", "alias/models"] {
            let arn = format!("arn:aws:kms:eu-west-1:123456789012:{good}");
            assert_eq!(named(&arn).region(), Some("eu-west-1"));
        }
        for bad in ["", "alias/", "models", "arn:aws:s3:::x", "arn:aws:kms:eu-west-1:123456789012:x"] {
            let problem = bad.parse::<KmsKeyName>().unwrap_err();
            assert!(problem.contains("alias/NAME"), "{problem}");
        }
    }

    #[test]
    fn a_key_is_the_one_that_kms_names_and_an_alias_may_be_any() {
        let arn = format!("arn:aws:kms:eu-west-1:123456789012:key/{ID}");
        let other = "arn:aws:kms:eu-west-1:123456789012:key/99999999-2222-3333-4444-555555555555";
        for name in [ID, &arn] {
            assert!(named(name).may_be(&arn) && named(name).may_be(ID) && !named(name).may_be(other), "{name}");
        }
        assert!(named("alias/models").may_be(other) && named("alias/models").is_alias() && !named(&arn).is_alias());
        assert!(named("arn:aws:kms:eu-west-1:123456789012:alias/models").may_be(other));
    }
}
