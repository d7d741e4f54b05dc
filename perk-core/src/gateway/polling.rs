//! What a client asks for with a token.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Answer, Gateway, GatewayConfig, PollError, Shared, expired};
use crate::error::QueryError;
use crate::ids::{PageIndex, QueryId};
use crate::query::{Ending, QueryState};
use crate::store::{EndedBy, ReadError, ReadLimits, Reading};

impl Gateway {
    /// Gives the pages from a token on, and pushes a query that waited to be asked for.
    pub async fn poll(
        &self,
        id: &QueryId,
        token: PageIndex,
        slug: &str,
    ) -> Result<Answer, PollError> {
        self.check(id, token, slug)?;
        let waiting = Waiting::begin(&self.shared);
        let limits = self.limits(waiting.time());
        let mut reading = self.read(id, token, limits).await?;
        if reading.state == QueryState::Stored {
            match self.target(&reading.statement).await? {
                Ok(target) => self.push(id, &target).await?,
                Err(lost) => {
                    let ending = Ending::failed(lost);
                    self.shared.store.end(id, ending, EndedBy::Perk).await?;
                }
            }
            reading = self.read(id, token, limits).await?;
        }
        Ok(Answer {
            id: id.clone(),
            reading,
        })
    }

    /// The client is there. Never pushes a query that waits to be asked for.
    pub async fn heartbeat(
        &self,
        id: &QueryId,
        token: PageIndex,
        slug: &str,
    ) -> Result<(), PollError> {
        self.check(id, token, slug)?;
        if self.shared.store.heard(id).await? {
            Ok(())
        } else {
            Err(expired())
        }
    }

    /// Cancels a query for the client that holds one of its tokens. Cancelling what is over is no error.
    pub async fn cancel(
        &self,
        id: &QueryId,
        token: PageIndex,
        slug: &str,
    ) -> Result<(), PollError> {
        self.check(id, token, slug)?;
        Ok(self
            .end(id, QueryError::user_canceled(), EndedBy::Client)
            .await?)
    }

    pub(super) fn check(
        &self,
        id: &QueryId,
        token: PageIndex,
        slug: &str,
    ) -> Result<(), PollError> {
        if self.shared.keys.verify(id, token, slug) {
            Ok(())
        } else {
            Err(PollError::Unknown)
        }
    }

    async fn read(
        &self,
        id: &QueryId,
        token: PageIndex,
        limits: ReadLimits,
    ) -> Result<Reading, PollError> {
        self.shared
            .store
            .read(id, token, limits)
            .await
            .map_err(|error| match error {
                ReadError::Unknown => expired(),
                ReadError::PageGone => PollError::PageGone,
                ReadError::TokenAhead => PollError::Unknown,
                ReadError::Unavailable(unavailable) => unavailable.into(),
            })
    }
}

/// A poll that is being answered.
struct Waiting<'a> {
    shared: &'a Shared,
    /// With this one.
    polls: u32,
}

impl<'a> Waiting<'a> {
    fn begin(shared: &'a Shared) -> Self {
        let polls = shared.polls.fetch_add(1, Ordering::Relaxed) + 1;
        Self { shared, polls }
    }

    fn time(&self) -> Duration {
        poll_wait(&self.shared.config, self.polls)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.shared.polls.fetch_sub(1, Ordering::Relaxed);
    }
}

/// For how long one of so many polls may wait.
fn poll_wait(config: &GatewayConfig, polls: u32) -> Duration {
    let longest = config.longest_poll_wait.max(config.poll_wait);
    let each = Duration::from_secs(1) / config.idle_polls.max(1);
    each.saturating_mul(polls).clamp(config.poll_wait, longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_clients_wait_the_longer_each_does() {
        let config = GatewayConfig {
            poll_wait: Duration::from_secs(1),
            idle_polls: 1000,
            longest_poll_wait: Duration::from_secs(5),
            ..GatewayConfig::default()
        };
        let wait = |polls| poll_wait(&config, polls).as_millis();
        assert_eq!([1, 1000, 3000].map(wait), [1000, 1000, 3000]);
        assert_eq!([10_000, u32::MAX].map(wait), [5000, 5000]);
        let patient = GatewayConfig {
            poll_wait: Duration::from_secs(20),
            ..config
        };
        assert_eq!(poll_wait(&patient, 10_000), patient.poll_wait);
    }
}
