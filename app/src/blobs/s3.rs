//! Files in a bucket that speaks S3, through the one way out.
//!
//! Three requests are all of S3 that is used: GET, PUT and DELETE of one object, signed with AWS's
//! fourth version (own code: it is a page, and crates for it bring a client or XML along). It must
//! not know whose files they are.

mod sign;

use std::sync::Arc;

use sha2::{Digest, Sha256};
use sync_engine::seal::hex;

use self::sign::{Signer, Stamp, ToSign};
use super::{BlobId, Shelf};
use crate::{
    host::Secret,
    limits,
    outbound::{Errand, Outbound},
    ports::{Blobs, Clock, Fault, Incoming, Method, Outgoing, Pending, Wanted},
};

/// What the configuration says of a bucket; each may be empty, and then there is none.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The bucket's address, `https://host/bucket` or `https://bucket.host`.
    pub url: String,
    /// The region, as the service names it.
    pub region: String,
    /// As whom we ask.
    pub key_id: String,
    /// With what we sign.
    pub key: String,
}

impl Settings {
    /// Tells whether there is a bucket.
    #[must_use]
    pub fn is_set(&self) -> bool {
        !self.url.is_empty()
    }

    /// Lets requests out to the bucket, where there is one.
    ///
    /// # Errors
    /// Says, for who configures, what is missing or unfit.
    pub fn allow(&self, outbound: &mut Outbound) -> Result<(), String> {
        if !self.is_set() {
            return Ok(());
        }
        let plain =
            |text: &str| !text.is_empty() && text.bytes().all(|b| (0x21..0x7f).contains(&b));
        if ![&self.region, &self.key_id, &self.key].into_iter().all(|text| plain(text)) {
            return Err("a bucket wants its region, the key's id and the key".to_owned());
        }
        if self.url.contains(['?', '#', '%']) {
            return Err("the bucket's address ends with its name, without query".to_owned());
        }
        let allowed = outbound.allow(Errand::Blobs, &self.url);
        allowed.map_err(|problem| format!("the bucket's address: {problem}"))
    }

    /// Makes the shelf whose files are there; none where there is no bucket.
    #[must_use]
    pub fn shelf(
        &self,
        (outbound, clock): (Arc<Outbound>, Arc<dyn Clock>),
        room_bytes: u64,
    ) -> Option<Shelf> {
        let bucket = self.bucket(outbound, clock);
        self.is_set().then(|| Shelf::new(Arc::new(bucket), room_bytes))
    }

    fn bucket(&self, outbound: Arc<Outbound>, clock: Arc<dyn Clock>) -> Bucket {
        let url = self.url.trim_end_matches('/').to_owned();
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, path) = (usual_port_left_out(&url, host), path.to_owned());
        let signer = Signer {
            key_id: self.key_id.clone(),
            key: Secret::new(self.key.as_bytes()),
            region: self.region.clone(),
            service: "s3",
        };
        Bucket { outbound, clock, url, host, path, signer }
    }
}

/// Clients leave the usual port out of the header that is signed.
fn usual_port_left_out(url: &str, host: &str) -> String {
    let usual = if url.starts_with("https:") { ":443" } else { ":80" };
    host.strip_suffix(usual).unwrap_or(host).to_owned()
}

/// A bucket.
struct Bucket {
    outbound: Arc<Outbound>,
    clock: Arc<dyn Clock>,
    url: String,
    host: String,
    path: String,
    signer: Signer,
}

impl Bucket {
    async fn ask(&self, method: Method, id: &BlobId, body: Vec<u8>) -> Result<Incoming, Fault> {
        let stamp = Stamp::of(self.clock.now_ms());
        let content = hex(&Sha256::digest(&body));
        let path = format!("{}/{}", self.path, id.as_str());
        let mut to_sign = ToSign {
            method: name(method),
            path: &path,
            query: "",
            // In the order of their names.
            headers: vec![
                ("host", self.host.clone()),
                ("x-amz-content-sha256", content.clone()),
                ("x-amz-date", stamp.time.clone()),
            ],
            content: &content,
        };
        let authorization = self.signer.authorization(&to_sign, &stamp);
        // Whoever sends it names the host.
        to_sign.headers.remove(0);
        let mut headers = to_sign.headers;
        headers.push(("authorization", authorization));
        if method == Method::Put {
            headers.push(("content-type", "application/octet-stream".to_owned()));
        }
        let request = Outgoing {
            method,
            url: format!("{}/{}", self.url, id.as_str()),
            headers,
            body,
            wanted: Wanted {
                headers: &[],
                body_bytes: limits::BLOB_BYTES,
                within_ms: limits::BLOB_MS,
            },
        };
        self.outbound.send(Errand::Blobs, request).await
    }
}

const fn name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    }
}

/// Reads what a bucket says other than yes; none says that there is no such file.
fn judge(answer: &Incoming) -> Option<Fault> {
    let text = String::from_utf8_lossy(&answer.body);
    let status = answer.status;
    if status == 404 && !text.contains("NoSuchBucket") {
        return None;
    }
    // Its code says whose mistake it is; the rest may name keys.
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let code = code.map_or("", |(code, _)| code);
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let detail = format!("the bucket answers {status} {code}");
    let passes = status >= 500 || status == 429;
    Some(if passes { Fault::passing(detail) } else { Fault::lasting(detail) })
}

impl Blobs for Bucket {
    fn get<'a>(&'a self, id: &'a BlobId) -> Pending<'a, Result<Option<Vec<u8>>, Fault>> {
        Box::pin(async move {
            let answer = self.ask(Method::Get, id, Vec::new()).await?;
            if answer.status == 200 {
                return Ok(Some(answer.body));
            }
            judge(&answer).map_or(Ok(None), Err)
        })
    }

    fn put<'a>(&'a self, id: &'a BlobId, bytes: Vec<u8>) -> Pending<'a, Result<(), Fault>> {
        Box::pin(async move {
            let answer = self.ask(Method::Put, id, bytes).await?;
            if answer.status == 200 {
                return Ok(());
            }
            let nowhere = || Fault::lasting("there is no such bucket");
            Err(judge(&answer).unwrap_or_else(nowhere))
        })
    }

    fn delete<'a>(&'a self, id: &'a BlobId) -> Pending<'a, Result<(), Fault>> {
        Box::pin(async move {
            let answer = self.ask(Method::Delete, id, Vec::new()).await?;
            if matches!(answer.status, 200 | 204) {
                return Ok(());
            }
            judge(&answer).map_or(Ok(()), Err)
        })
    }
}

#[cfg(test)]
mod tests;
