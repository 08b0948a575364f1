//! Tests of the signer against AWS's published examples, and of what a bucket's answers mean.

use std::sync::Mutex;

use super::*;
use crate::{outbound::Reach, ports::Http};

/// The secret of AWS's examples, with the end that each of its two pages has.
fn example_key(end: &str) -> Secret {
    Secret::new(format!("wJalrXUtnFEMI/K7MDENG{end}EXAMPLEKEY"))
}

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn signature(signer: &Signer, to_sign: &ToSign<'_>, at_ms: u64) -> String {
    let whole = signer.authorization(to_sign, &Stamp::of(at_ms));
    whole.rsplit_once("Signature=").unwrap().1.to_owned()
}

#[test]
fn the_vectors_of_the_published_suite_come_out() {
    let signer = Signer {
        key_id: "AKIDEXAMPLE".to_owned(),
        key: example_key("+bPxRfiCY"),
        region: "us-east-1".to_owned(),
        service: "service",
    };
    let headers = || {
        vec![
            ("host", "example.amazonaws.com".to_owned()),
            ("x-amz-date", "20150830T123600Z".to_owned()),
        ]
    };
    for (method, expect) in [
        ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ] {
        let to_sign = ToSign { method, path: "/", query: "", headers: headers(), content: EMPTY };
        assert_eq!(signature(&signer, &to_sign, 1_440_938_160_000), expect, "{method}");
    }
}

#[test]
fn the_examples_that_are_published_for_s3_come_out() {
    let signer = Signer {
        key_id: concat!("AK", "IAIOSFODNN7EXAMPLE").to_owned(),
        key: example_key("/bPxRfiCY"),
        region: "us-east-1".to_owned(),
        service: "s3",
    };
    let host = || ("host", "examplebucket.s3.amazonaws.com".to_owned());
    let date = || ("x-amz-date", "20130524T000000Z".to_owned());
    let content = |hash: &str| ("x-amz-content-sha256", hash.to_owned());
    let welcome = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    let put = vec![
        ("date", "Fri, 24 May 2013 00:00:00 GMT".to_owned()),
        host(),
        content(welcome),
        date(),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY".to_owned()),
    ];
    let get = vec![host(), ("range", "bytes=0-9".to_owned()), content(EMPTY), date()];
    let list = vec![host(), content(EMPTY), date()];
    for (method, path, query, headers, content, expect) in [
        (
            "GET",
            "/test.txt",
            "",
            get,
            EMPTY,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test%24file.text",
            "",
            put,
            welcome,
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/",
            "lifecycle=",
            list.clone(),
            EMPTY,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "GET",
            "/",
            "max-keys=2&prefix=J",
            list,
            EMPTY,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ] {
        let to_sign = ToSign { method, path, query, headers, content };
        assert_eq!(signature(&signer, &to_sign, 1_369_353_600_000), expect, "{method} {path}");
    }
}

#[test]
fn a_time_is_written_as_the_calendar_has_it() {
    for (ms, expect) in [
        (0, "19700101T000000Z"),
        (951_782_399_999, "20000228T235959Z"),
        (951_782_400_000, "20000229T000000Z"),
        (951_868_800_000, "20000301T000000Z"),
        (1_735_689_599_000, "20241231T235959Z"),
        (1_795_219_200_000, "20261121T000000Z"),
        (4_107_542_400_000, "21000301T000000Z"),
    ] {
        assert_eq!(Stamp::of(ms).time, expect);
        assert_eq!(Stamp::of(ms).day, expect[..8]);
    }
    // Whatever a clock says, it ends.
    assert!(Stamp::of(u64::MAX).time.starts_with("9999"));
}

/// Says what it is told, and notes what it is asked.
struct Says {
    status: u16,
    body: &'static str,
    asked: Mutex<Vec<Outgoing>>,
}

impl Http for Says {
    fn send<'a>(&'a self, request: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        self.asked.lock().unwrap().push(request);
        let body = self.body.as_bytes().to_vec();
        Box::pin(async move { Ok(Incoming { status: self.status, headers: Vec::new(), body }) })
    }
}

struct Noon;

impl Clock for Noon {
    fn now_ms(&self) -> u64 {
        1_795_219_200_000
    }
}

fn settings(url: &str) -> Settings {
    let text = str::to_owned;
    Settings { url: text(url), region: text("eu"), key_id: text("me"), key: text("s3cret") }
}

fn bucket(url: &str, status: u16, body: &'static str) -> (Bucket, Arc<Says>) {
    let says = Arc::new(Says { status, body, asked: Mutex::default() });
    let mut outbound = Outbound::new(says.clone(), Reach::Public);
    settings(url).allow(&mut outbound).unwrap();
    (settings(url).bucket(Arc::new(outbound), Arc::new(Noon)), says)
}

#[tokio::test]
async fn what_a_bucket_says_is_a_file_none_or_a_fault() {
    let id = BlobId::of(b"x");
    let at = "https://s3.example/relais";
    for (status, body, get, delete) in [
        (200, "x", Ok(true), Ok(())),
        (204, "", Err(false), Ok(())),
        (404, "<Error><Code>NoSuchKey</Code></Error>", Ok(false), Ok(())),
        (404, "<Error><Code>NoSuchBucket</Code></Error>", Err(false), Err(false)),
        (403, "<Error><Code>SignatureDoesNotMatch</Code></Error>", Err(false), Err(false)),
        (302, "", Err(false), Err(false)),
        (429, "", Err(true), Err(true)),
        (503, "<Error><Code>SlowDown</Code></Error>", Err(true), Err(true)),
    ] {
        let (bucket, _) = bucket(at, status, body);
        let got = bucket.get(&id).await.map(|found| found.is_some());
        assert_eq!(got.map_err(|fault| fault.retryable), get, "{status} {body}");
        let deleted = bucket.delete(&id).await.map_err(|fault| fault.retryable);
        assert_eq!(deleted, delete, "{status} {body}");
        let put = bucket.put(&id, b"x".to_vec()).await;
        assert_eq!(put.is_ok(), status == 200, "{status} {body}");
        if let Err(fault) = put {
            assert!(!fault.detail.contains('<') && fault.detail.len() < 100, "{}", fault.detail);
        }
    }
}

#[tokio::test]
async fn a_file_lies_under_its_hash_and_no_secret_leaves() {
    let id = BlobId::of(b"x");
    for (at, url) in [
        ("https://s3.example/relais/", "https://s3.example/relais"),
        ("https://relais.s3.example", "https://relais.s3.example"),
    ] {
        let (bucket, says) = bucket(at, 200, "");
        bucket.put(&id, b"x".to_vec()).await.unwrap();
        let asked = says.asked.lock().unwrap().remove(0);
        assert_eq!((asked.method, asked.body), (Method::Put, b"x".to_vec()));
        assert_eq!(asked.url, format!("{url}/{}", id.as_str()));
        let header = |name| asked.headers.iter().find(|(n, _)| *n == name).unwrap().1.as_str();
        assert_eq!(header("x-amz-content-sha256"), id.as_str());
        assert_eq!(header("x-amz-date"), "20261121T000000Z");
        assert!(header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=me/20261121/eu/"));
        assert!(!format!("{:?}", asked.headers).contains("s3cret"));
    }
}

#[test]
fn a_bucket_that_cannot_be_asked_is_told_at_the_start() {
    let mut outbound = Outbound::default();
    let lacking = Settings { key: String::new(), ..settings("https://s3.example/relais") };
    let plain = settings("http://s3.example/relais");
    let near = settings("https://10.0.0.1/relais");
    let query = settings("https://s3.example/relais?x=1");
    for (settings, why) in
        [(lacking, "the key"), (plain, "http"), (near, "public"), (query, "without query")]
    {
        let refused = settings.allow(&mut outbound).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
    assert!(!Settings::default().is_set());
}
