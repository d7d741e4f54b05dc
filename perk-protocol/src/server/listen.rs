//! Accepting connections until told to stop.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Either;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tower::Service;
use tower_http::CompressionLevel;
use tower_http::compression::Compression;
use tower_http::compression::predicate::SizeAbove;

use super::{AnswerBody, PeerAddress, Refusal};

/// How long an open connection may bring no request. Longer than clients keep theirs, so that they close first.
const IDLE: Duration = Duration::from_mins(10);
/// Clients with many prepared statements send them all in headers, with every statement.
const HEADER_BYTES: usize = 1 << 20;
const HEADERS: usize = 1000;
/// How much is read, so that who sends more than is taken can be told why. Who sends more than this is told 431 and no more.
const HEADER_BYTES_READ: usize = 2 << 20;
const HEADERS_READ: usize = 2000;
/// How long answers under way may take once the server is told to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// From how many bytes on an answer is compressed: what fits into one packet comes no sooner for being smaller.
const COMPRESSED_FROM: u16 = 1400;

/// Serves HTTP/1.1, and HTTP/2 without TLS, with answers compressed for clients that ask for gzip, until `stop` resolves; then answers what is under way and returns.
pub async fn serve<S>(listener: TcpListener, service: S, stop: impl Future<Output = ()>)
where
    S: Service<Request<Incoming>, Response = Response<AnswerBody>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(HEADER_BYTES_READ)
        .max_headers(HEADERS_READ);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(HEADER_BYTES_READ).unwrap_or(u32::MAX));
    // The first level takes out nearly as much of rows of JSON as the last, in a fraction of the time.
    let service = Compression::new(service)
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(COMPRESSED_FROM));
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, say: connections must end before others can begin.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let _ = stream.set_nodelay(true);
        let service = service.clone();
        let answer = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(PeerAddress(peer.ip()));
            // Called at once, not when it is polled: see the service about those who hang up.
            let answered = match beyond_limits(request.headers()) {
                Some(refusal) => Err(refusal),
                None => Ok(service.clone().call(request)),
            };
            async move {
                Ok::<_, Infallible>(match answered {
                    Err(refusal) => refusal.map(Either::Left),
                    Ok(answer) => answer.await?.map(Either::Right),
                })
            }
        });
        let connection = builder
            .serve_connection(TokioIo::new(stream), answer)
            .into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%peer, %error, "a connection ended abnormally");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_ANSWERS, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some answers were not waited for");
    }
}

/// What is said to a request with more headers than are taken.
fn beyond_limits(headers: &HeaderMap) -> Option<Response<AnswerBody>> {
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len())
        .sum();
    (bytes > HEADER_BYTES || headers.len() > HEADERS).then(|| {
        let text = format!(
            "the request has {} headers of {bytes} bytes together; up to {HEADERS} and {HEADER_BYTES} are taken: deallocate \
             prepared statements that are not needed any more",
            headers.len()
        );
        Refusal::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text).into_response()
    })
}
