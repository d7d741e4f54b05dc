//! Response bodies: whole ones, and the two that never come to their end.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// The body of an answer.
#[derive(Debug)]
pub(super) enum AnswerBody {
    /// These bytes, one after the other.
    Parts(VecDeque<Bytes>),
    /// None, nor any head: the connection is closed instead.
    Dropped,
    /// The first bytes, then rows without end, as fast as the client reads.
    Endless { first: Option<Bytes>, rows: Bytes },
    /// The first bytes of a body announced to be longer, then a closed connection.
    Cut {
        first: Option<Bytes>,
        whole: u64,
        pause: Pin<Box<Sleep>>,
    },
}

/// The connection was closed in the middle of an answer, or before it, as the script said.
#[derive(Debug)]
pub(super) struct ConnectionDropped;

impl AnswerBody {
    pub(super) fn of(parts: impl IntoIterator<Item = Bytes>) -> Self {
        Self::Parts(parts.into_iter().filter(|part| !part.is_empty()).collect())
    }

    /// Half of the parts' bytes.
    pub(super) fn cut(parts: &[Bytes]) -> Self {
        let text = parts.concat();
        let whole = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let half = Bytes::copy_from_slice(&text[..text.len() / 2]);
        // Long enough that the half is on its way before the connection closes.
        let pause = Box::pin(tokio::time::sleep(Duration::from_millis(20)));
        Self::Cut {
            first: Some(half),
            whole,
            pause,
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = ConnectionDropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ConnectionDropped>>> {
        let bytes = match &mut *self {
            Self::Dropped => return Poll::Ready(Some(Err(ConnectionDropped))),
            Self::Parts(parts) => match parts.pop_front() {
                Some(part) => part,
                None => return Poll::Ready(None),
            },
            Self::Endless { first, rows } => first.take().unwrap_or_else(|| rows.clone()),
            Self::Cut { first, pause, .. } => match first.take() {
                Some(half) => half,
                None => {
                    return pause
                        .as_mut()
                        .poll(context)
                        .map(|()| Some(Err(ConnectionDropped)));
                }
            },
        };
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Parts(parts) if parts.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Parts(parts) => {
                let len: usize = parts.iter().map(Bytes::len).sum();
                SizeHint::with_exact(u64::try_from(len).unwrap_or(u64::MAX))
            }
            Self::Endless { .. } | Self::Dropped => SizeHint::default(),
            Self::Cut { whole, .. } => SizeHint::with_exact(*whole),
        }
    }
}

impl fmt::Display for ConnectionDropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the script closed the connection")
    }
}

impl std::error::Error for ConnectionDropped {}
