//! A load balancer of our own: what it signs is believed, and nothing else.

mod key_server;

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::*;

const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/churn/50dc6c495c0c9188";

/// A load balancer.
struct Balancer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Balancer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        Self { pair, random }
    }

    fn pem(&self) -> String {
        let begin = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
            0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        let der = [&begin[..], self.pair.public_key().as_ref()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    /// Signs with the filling that AWS leaves in.
    fn sign(&self, head: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE.encode(value.to_string());
        let signed = format!("{}.{}", part(head), part(claims));
        let signature = self.pair.sign(&self.random, signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE.encode(signature))
    }

    fn fetch(&self) -> Fetch {
        let pem = self.pem();
        Arc::new(move |address: String| -> BoxFuture<'static, std::result::Result<String, String>> {
            assert_eq!(address, "https://public-keys.auth.elb.eu-west-1.amazonaws.com/key-1");
            let pem = pem.clone();
            Box::pin(async move { Ok(pem) })
        })
    }

    fn check(&self) -> Oidc {
        Oidc::open(settings(self.fetch())).unwrap()
    }
}

fn settings(fetch: Fetch) -> OidcSettings {
    OidcSettings {
        signer: ARN.to_owned(),
        client: Some("client-1".to_owned()),
        issuer: Some("https://idp".to_owned()),
        name_claim: "email".to_owned(),
        groups_claim: "cognito:groups".to_owned(),
        viewers: vec!["retention".to_owned()],
        operators: vec!["churn-operators".to_owned()],
        fetch,
    }
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn head() -> Value {
    let exp = (now() + TimeDelta::seconds(120)).timestamp();
    json!({ "typ": "JWT", "alg": "ES256", "kid": "key-1", "signer": ARN, "iss": "https://idp", "client": "client-1", "exp": exp })
}

fn claims() -> Value {
    json!({ "sub": "s-1", "email": "ana@example.com", "cognito:groups": ["staff", "retention"] })
}

fn with(mut value: Value, key: &str, to: Value) -> Value {
    value[key] = to;
    value
}

fn headers(data: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(DATA, HeaderValue::from_str(data).unwrap());
    headers
}

async fn asked(balancer: &Balancer, head: &Value, claims: &Value) -> std::result::Result<Session, OidcProblem> {
    balancer.check().session(&headers(&balancer.sign(head, claims)), now()).await
}

#[tokio::test]
async fn whom_the_load_balancer_signed_in_has_the_role_of_their_group() {
    let balancer = Balancer::new();
    let session = asked(&balancer, &head(), &claims()).await.unwrap();
    assert_eq!(session.person, Person { name: "ana@example.com".to_owned(), role: Role::Viewer });
    assert_eq!(session.id, "s-1");
    for (groups, role) in [
        (json!(["retention", "churn-operators"]), Role::Operator),
        (json!("[\"churn-operators\"]"), Role::Operator),
        (json!("staff, retention"), Role::Viewer),
        (json!("[staff retention, retention]"), Role::Viewer),
    ] {
        let claims = with(claims(), "cognito:groups", groups);
        assert_eq!(asked(&balancer, &head(), &claims).await.unwrap().person.role, role, "{claims}");
    }
}

#[tokio::test]
async fn what_is_of_another_signer_client_issuer_time_or_algorithm_is_refused_before_its_key_is_asked_for() {
    let balancer = Balancer::new();
    let never: Fetch = Arc::new(|_: String| -> BoxFuture<'static, std::result::Result<String, String>> {
        panic!("a key was asked for")
    });
    let check = Oidc::open(settings(never)).unwrap();
    let other = "arn:aws:elasticloadbalancing:eu-west-1:210987654321:loadbalancer/app/evil/1";
    for (key, value, words) in [
        ("signer", json!(other), "which is not the load balancer"),
        ("client", json!("client-2"), "client-2"),
        ("iss", json!("https://idp.evil.example"), "which is not that of --oidc-issuer"),
        ("iss", json!(null), "head is not that of a load balancer"),
        ("exp", json!(now().timestamp()), "ended at"),
        ("exp", json!(i64::MAX), "no time"),
        ("alg", json!("none"), "not ES256"),
        ("alg", json!("HS256"), "not ES256"),
        ("kid", json!("../../secrets"), "no load balancer"),
        ("kid", json!(""), "no load balancer"),
    ] {
        let data = balancer.sign(&with(head(), key, value), &claims());
        let problem = check.session(&headers(&data), now()).await.unwrap_err().to_string();
        assert!(problem.contains(words), "{problem}");
    }
    assert_eq!(check.session(&HeaderMap::new(), now()).await, Err(OidcProblem::Absent));
}

#[tokio::test]
async fn what_another_key_signed_or_somebody_changed_is_forged() {
    let (balancer, other) = (Balancer::new(), Balancer::new());
    let check = balancer.check();
    let foreign = other.sign(&head(), &claims());
    assert_eq!(check.session(&headers(&foreign), now()).await, Err(OidcProblem::Forged));

    let data = balancer.sign(&head(), &claims());
    let mut parts = data.split('.');
    let (head, _, signature) = (parts.next().unwrap(), parts.next(), parts.next().unwrap());
    let raised = with(claims(), "cognito:groups", json!(["churn-operators"])).to_string();
    let changed = format!("{head}.{}.{signature}", URL_SAFE.encode(raised));
    assert_eq!(check.session(&headers(&changed), now()).await, Err(OidcProblem::Forged));
    let empty = format!("{head}.{}.", URL_SAFE_NO_PAD.encode(claims().to_string()));
    assert_eq!(check.session(&headers(&empty), now()).await, Err(OidcProblem::Forged));
}

#[tokio::test]
async fn who_is_in_no_group_or_has_no_name_does_not_come_in() {
    let balancer = Balancer::new();
    for groups in [json!(["staff"]), json!([]), json!(null), json!(3), json!("retention2")] {
        let claims = with(claims(), "cognito:groups", groups);
        assert_eq!(asked(&balancer, &head(), &claims).await, Err(OidcProblem::NoMember), "{claims}");
    }
    let everybody = OidcSettings { viewers: vec!["*".to_owned()], ..settings(balancer.fetch()) };
    let data = headers(&balancer.sign(&head(), &with(claims(), "cognito:groups", json!(null))));
    let session = Oidc::open(everybody).unwrap().session(&data, now()).await.unwrap();
    assert_eq!(session.person.role, Role::Viewer, "whoever is signed in may look, and no more");
    let nameless = with(claims(), "email", json!(null));
    assert_eq!(asked(&balancer, &head(), &nameless).await, Err(OidcProblem::Nameless("email".to_owned())));
}

#[tokio::test]
async fn a_key_is_asked_for_once_and_made_up_ones_not_often() {
    let balancer = Balancer::new();
    let calls = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let (counted, pem) = (Arc::clone(&calls), balancer.pem());
    let fetch: Fetch = Arc::new(move |address: String| -> BoxFuture<'static, std::result::Result<String, String>> {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let answer = if address.ends_with("/key-1") { Ok(pem.clone()) } else { Err("404".to_owned()) };
        Box::pin(async move { answer })
    });
    let check = Oidc::open(settings(fetch)).unwrap();
    let data = headers(&balancer.sign(&head(), &claims()));
    for _ in 0..20 {
        check.session(&data, now()).await.unwrap();
    }
    assert_eq!(calls.load(std::sync::atomic::Ordering::Relaxed), 1);
    for made_up in 0..50 {
        let data = balancer.sign(&with(head(), "kid", json!(format!("made-up-{made_up}"))), &claims());
        let problem = check.session(&headers(&data), now()).await.unwrap_err();
        assert!(matches!(problem, OidcProblem::NoKey { .. }), "{problem}");
    }
    assert!(calls.load(std::sync::atomic::Ordering::Relaxed) <= 5);
    check.session(&data, now()).await.unwrap();
}

#[tokio::test]
async fn a_message_without_an_issuer_or_a_client_counts_only_where_any_does() {
    let balancer = Balancer::new();
    let mut without = head();
    without.as_object_mut().unwrap().retain(|key, _| key != "iss" && key != "client");
    let data = headers(&balancer.sign(&without, &claims()));
    let check = |client: Option<&str>, issuer: Option<&str>| {
        let (client, issuer) = (client.map(str::to_owned), issuer.map(str::to_owned));
        Oidc::open(OidcSettings { client, issuer, ..settings(balancer.fetch()) }).unwrap()
    };
    assert!(check(None, None).session(&data, now()).await.is_ok());
    let other_client = check(Some("client-1"), None).session(&data, now()).await;
    assert_eq!(other_client, Err(OidcProblem::OtherClient(String::new())));
    let other_issuer = check(None, Some("https://idp")).session(&data, now()).await;
    assert_eq!(other_issuer, Err(OidcProblem::OtherIssuer(String::new())));
}

#[test]
fn keys_are_asked_for_where_the_partition_of_the_load_balancer_publishes_them() {
    let of = |partition: &str, region: &str| keys_at(&ARN.replacen("aws", partition, 1).replace("eu-west-1", region));
    assert_eq!(of("aws", "eu-south-2").as_deref(), Some("https://public-keys.auth.elb.eu-south-2.amazonaws.com"));
    assert_eq!(
        of("aws-us-gov", "us-gov-west-1").as_deref(),
        Some("https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1")
    );
    assert_eq!(of("aws-cn", "cn-north-1"), None, "nobody says where");
    assert_eq!(of("aws", "evil.example/"), None);
}

#[test]
fn settings_that_let_nobody_in_or_name_no_load_balancer_are_refused() {
    let balancer = Balancer::new();
    let refused = |change: fn(&mut OidcSettings)| {
        let mut settings = settings(balancer.fetch());
        change(&mut settings);
        Oidc::open(settings).unwrap_err().to_string()
    };
    assert!(refused(|settings| settings.signer = "churn-lb".to_owned()).contains("ARN"));
    assert!(refused(|settings| settings.signer = ARN.replace("eu-west-1", "evil.example/")).contains("ARN"));
    assert!(
        refused(|settings| {
            settings.viewers.clear();
            settings.operators.clear();
        })
        .contains("nobody could come in")
    );
    assert!(refused(|settings| settings.groups_claim.clear()).contains("claims"));
}

proptest! {
    #[test]
    fn no_header_text_panics_or_lets_in(text in "[ -~]{0,200}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let balancer = Balancer::new();
        let check = Oidc::open(settings(balancer.fetch())).unwrap();
        prop_assert!(runtime.block_on(check.session(&headers(&text), now())).is_err());
    }
}
