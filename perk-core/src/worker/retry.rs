//! Trying a write again while the store is away.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use crate::error::Unavailable;
use crate::store::WriteError;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// An error of which one kind passes by waiting.
pub(super) trait Passing {
    /// What is left when the passing kind is not.
    type Final;

    /// Tells the two kinds apart.
    fn passing(self) -> Result<Unavailable, Self::Final>;
}

impl Passing for Unavailable {
    type Final = Infallible;

    fn passing(self) -> Result<Unavailable, Infallible> {
        Ok(self)
    }
}

/// The store takes nothing more under this attempt.
#[derive(Debug)]
pub(super) struct Fenced;

impl Passing for WriteError {
    type Final = Fenced;

    fn passing(self) -> Result<Unavailable, Fenced> {
        match self {
            WriteError::Unavailable(unavailable) => Ok(unavailable),
            WriteError::Fenced => Err(Fenced),
        }
    }
}

/// Writes until the store has answered. What is written must bear being written twice: the answer may be what was lost.
pub(super) async fn until_answered<T, E, W>(write: impl Fn() -> W) -> Result<T, E::Final>
where
    E: Passing,
    W: Future<Output = Result<T, E>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        match write().await.map_err(E::passing) {
            Ok(written) => return Ok(written),
            Err(Err(last)) => return Err(last),
            Err(Ok(error)) => {
                tracing::warn!(%error, "written again in a moment");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
