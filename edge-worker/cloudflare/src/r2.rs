//! Files in R2, behind a binding of the Worker.
//!
//! It must not know whose files they are.

use app::{
    blobs::BlobId,
    ports::{Blobs, Fault, Pending},
};
use worker::{
    Bucket, Error,
    send::{SendFuture, SendWrapper},
};

/// A bucket.
pub(crate) struct R2(SendWrapper<Bucket>);

impl R2 {
    /// Wraps the binding.
    pub(crate) const fn new(bucket: Bucket) -> Self {
        Self(SendWrapper(bucket))
    }

    async fn bytes(&self, id: &BlobId) -> worker::Result<Option<Vec<u8>>> {
        let Some(object) = self.0.get(id.as_str()).execute().await? else { return Ok(None) };
        match object.body() {
            Some(body) => body.bytes().await.map(Some),
            None => Ok(None),
        }
    }
}

/// R2 tells what went wrong in words only; what it refuses today it may take in a moment.
fn fault(error: &Error) -> Fault {
    Fault::passing(format!("R2: {error}"))
}

impl Blobs for R2 {
    fn get<'a>(&'a self, id: &'a BlobId) -> Pending<'a, Result<Option<Vec<u8>>, Fault>> {
        Box::pin(SendFuture::new(async move { self.bytes(id).await.map_err(|e| fault(&e)) }))
    }

    fn put<'a>(&'a self, id: &'a BlobId, bytes: Vec<u8>) -> Pending<'a, Result<(), Fault>> {
        Box::pin(SendFuture::new(async move {
            let put = self.0.put(id.as_str(), bytes).execute().await;
            put.map(drop).map_err(|error| fault(&error))
        }))
    }

    fn delete<'a>(&'a self, id: &'a BlobId) -> Pending<'a, Result<(), Fault>> {
        Box::pin(SendFuture::new(async move {
            self.0.delete(id.as_str()).await.map_err(|error| fault(&error))
        }))
    }
}
