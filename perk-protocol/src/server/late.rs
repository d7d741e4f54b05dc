//! A server that listens before there is anything to serve.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Buf;
use http::{Request, Response, StatusCode};
use hyper::body::Body;
use tower::Service;

use super::{AnswerBody, PrestoService, Refusal};

/// A [`PrestoService`] that begins later. Until then every request is answered 503 and may be sent again; so clients and
/// load balancers see at once that there is nothing yet, where they would wait for a connection that nobody accepts.
#[derive(Debug, Clone, Default)]
pub struct LateService {
    service: Arc<OnceLock<PrestoService>>,
}

impl LateService {
    /// Passes requests on from now on. Only the first service that is given counts.
    pub fn begin(&self, service: PrestoService) {
        // Fails only if one has begun.
        let _ = self.service.set(service);
    }
}

impl<B> Service<Request<B>> for LateService
where
    B: Body + Send + Unpin + 'static,
    B::Data: Buf + Send,
    B::Error: std::fmt::Display + Send,
{
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if let Some(service) = self.service.get() {
            return service.clone().call(request);
        }
        let text =
            "Perk is starting and does not reach its queue yet; send the request again in a moment";
        let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, text);
        Box::pin(async { Ok(refusal.into_response()) })
    }
}
