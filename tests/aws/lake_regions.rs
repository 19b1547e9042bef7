//! Expired credentials and a wrong region are told apart, also where S3 answers both without a word; a wrong
//! region is named with the right one.

use activities::Error;
use lake::S3Settings;
use lake::{Lake, Place, S3Lake};

use super::troubled_lake::Troubled;
use support::aws::sdk::aws_sdk_s3;
use support::aws::{Fault, Misdeed, clients};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_without_a_word_is_asked_again_in_words() {
    let troubled = Troubled::new().await;
    troubled.lake.put("data/small", b"abc".to_vec()).await.unwrap();
    // A HEAD answers 400 to an expired token and to a wrong region alike.
    let everything = |what| Fault::new(what, u32::MAX, |_| true);
    troubled.proxy.inject(everything(Misdeed::ExpiredToken));
    let expired = Error::from(troubled.lake.head("data/small").await.unwrap_err());
    assert_eq!(expired.type_name(), "SG0019 CredentialsExpired", "{expired}");
    troubled.proxy.heal();

    troubled.proxy.inject(everything(Misdeed::WrongRegion));
    let wrong = Error::from(troubled.lake.head("data/small").await.unwrap_err());
    assert_eq!((wrong.type_name(), wrong.kind()), ("SG0039 WrongRegion", churn::Kind::Permanent), "{wrong}");
    assert!(wrong.to_string().contains("the bucket is in eu-south-2"), "{wrong}");
    troubled.proxy.heal();

    // Only the HEAD fails: nobody knows why, and both are said.
    troubled.proxy.inject(Fault::on_key(Misdeed::ExpiredToken, u32::MAX, "HEAD", "/data"));
    let unknown = Error::from(troubled.lake.head("data/small").await.unwrap_err());
    assert_eq!((unknown.type_name(), unknown.kind()), ("SG0018 ServiceUnavailable", churn::Kind::Retry), "{unknown}");
    assert!(unknown.to_string().contains("expired") && unknown.to_string().contains("region"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_another_region_is_told_the_right_one() {
    let troubled = Troubled::new().await;
    troubled.lake.put("data/small", b"abc".to_vec()).await.unwrap();
    let there = clients::s3(&troubled.proxy.url()).await.config().to_builder();
    let there = aws_sdk_s3::Client::from_conf(there.region(aws_sdk_s3::config::Region::new("us-east-1")).build());
    let place = Place::parse(&format!("s3://{}", troubled.bucket)).unwrap();
    let lake = Lake::S3(S3Lake::new(there, place, &S3Settings::default(), troubled.scratch.path()));
    let answers = [
        lake.get("data/small").await.map(drop),
        lake.head("data/small").await.map(drop),
        lake.list("data/").await.map(drop),
        lake.put("data/x", vec![1]).await,
    ];
    for answer in answers {
        let error = Error::from(answer.unwrap_err());
        assert_eq!(error.type_name(), "SG0039 WrongRegion", "{error}");
        assert!(error.to_string().contains("eu-west-1"), "{error}");
    }
}
