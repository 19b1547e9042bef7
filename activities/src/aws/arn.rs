//! Names that AWS gives, taken apart.

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    pub service: &'a str,
    /// Empty where the service has none.
    pub region: &'a str,
    account: &'a str,
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts[..] else {
            return None;
        };
        partition.starts_with("aws").then_some(Self { service, region, account, resource })
    }

    pub fn is_role(&self) -> bool {
        let named = self.resource.strip_prefix("role/").is_some_and(|name| !name.is_empty());
        self.service == "iam" && self.region.is_empty() && is_account(self.account) && named
    }

    pub fn is_topic(&self) -> bool {
        self.service == "sns" && !self.region.is_empty() && is_account(self.account) && is_name(self.resource)
    }
}

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`; an emulator's has a host of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QueueUrl<'a> {
    host: &'a str,
}

impl<'a> QueueUrl<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        let place = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let parts: Vec<_> = place.split('/').collect();
        let [host, account, name] = parts[..] else {
            return None;
        };
        (!host.is_empty() && is_account(account) && is_name(name)).then_some(Self { host })
    }

    /// Nothing of a host that is not AWS's.
    pub fn region(&self) -> Option<&'a str> {
        let place = self.host.strip_prefix("sqs.")?;
        place.strip_suffix(".amazonaws.com").or_else(|| place.strip_suffix(".amazonaws.com.cn"))
    }
}

/// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Image<'a> {
    pub region: &'a str,
}

impl<'a> Image<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        let (registry, name) = text.split_once('/')?;
        let (account, place) = registry.split_once('.')?;
        let place = place.strip_prefix("dkr.ecr.").or_else(|| place.strip_prefix("dkr.ecr-fips."))?;
        let region = place.strip_suffix(".amazonaws.com").or_else(|| place.strip_suffix(".amazonaws.com.cn"))?;
        (is_account(account) && !name.is_empty() && !region.contains('.')).then_some(Self { region })
    }
}

/// Of a topic or a queue.
fn is_name(text: &str) -> bool {
    let name = text.strip_suffix(".fifo").unwrap_or(text);
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_tells_its_region() {
        let region = |text| Image::parse(text).map(|image| image.region);
        assert_eq!(region("123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1"), Some("eu-west-1"));
        assert_eq!(region("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/churn@sha256:ab"), Some("cn-north-1"));
        for other in ["churn:1", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/", "1.dkr.ecr.x.amazonaws.com/churn"] {
            assert_eq!(region(other), None, "{other}");
        }
    }

    #[test]
    fn a_queue_tells_its_region_unless_it_is_an_emulator_s() {
        let region = |text| QueueUrl::parse(text).map(|queue| queue.region());
        assert_eq!(region("https://sqs.eu-west-1.amazonaws.com/123456789012/raw-events"), Some(Some("eu-west-1")));
        assert_eq!(region("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/a_b.fifo"), Some(Some("cn-north-1")));
        assert_eq!(region("http://127.0.0.1:4566/000000000000/events"), Some(None));
        for other in [
            "churn-raw-events",
            "arn:aws:sqs:eu-west-1:123456789012:churn-raw-events",
            "https://sqs.eu-west-1.amazonaws.com/123456789012",
            "https://sqs.eu-west-1.amazonaws.com/1234/churn-raw-events",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/churn raw events",
            "https:///123456789012/events",
        ] {
            assert_eq!(region(other), None, "{other}");
        }
    }
}
