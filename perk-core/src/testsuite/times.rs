//! How long things take in a suite.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

/// The times that a suite asks an implementation to be made with, and by which it judges it.
#[derive(Debug, Clone, Copy)]
pub struct SuiteTimes {
    /// What must come has come after this.
    pub patience: Duration,
    /// What has not come after this does not come by itself.
    pub quiet: Duration,
    /// A result store's client timeout.
    pub client_timeout: Duration,
    /// For how long a result store keeps a result whose end was read. Less than half the client timeout.
    pub keep_ended: Duration,
    /// A registry's lease.
    pub lease: Duration,
    /// After this a gateway that does not ask again has lost its turn to sweep. Longer than a lease.
    pub sweep_turn: Duration,
}

impl SuiteTimes {
    /// For paused time, which costs nothing: the times are like a deployment's.
    pub fn paused() -> Self {
        Self {
            patience: Duration::from_secs(30),
            quiet: Duration::from_secs(5),
            client_timeout: Duration::from_mins(5),
            keep_ended: Duration::from_secs(10),
            lease: Duration::from_secs(15),
            sweep_turn: Duration::from_mins(5),
        }
    }

    /// For real time: as short as a busy machine allows.
    pub fn real() -> Self {
        Self {
            patience: Duration::from_secs(20),
            quiet: Duration::from_millis(300),
            client_timeout: Duration::from_secs(4),
            keep_ended: Duration::from_millis(1500),
            lease: Duration::from_secs(2),
            sweep_turn: Duration::from_secs(10),
        }
    }

    /// What the future comes to, which must come by itself.
    pub(crate) async fn soon<T>(&self, what: &str, future: impl Future<Output = T>) -> T {
        timeout(self.patience, future)
            .await
            .unwrap_or_else(|_| panic!("{what} did not come"))
    }

    /// The future must not come to anything by itself.
    pub(crate) async fn not_yet<T>(&self, what: &str, future: impl Future<Output = T>) {
        let came = timeout(self.quiet, future).await;
        assert!(came.is_err(), "{what} came, but should have waited");
    }

    /// Lets time pass that the contract speaks of. Not for waiting until something has happened.
    pub(crate) async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
