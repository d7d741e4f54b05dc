//! The registry in Redis.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use perk_core::{
    DeploymentKeys, Random, Registry, Renewal, TransactionId, Unavailable, WorkerEntry, WorkerId,
    WorkerStatus,
};
use tokio::time::Instant;

use super::connection::{Connection, SERVICE};
use super::format;
use super::reply::Reply;
use super::script::{Script, scripts, text};

scripts! { "registry":
    RENEW "renew" Frees;
    LEAVE "leave" Frees;
    WORKERS "workers" Frees;
    LOOK "look" Frees;
    SEAL "seal" Frees;
    FORGET "forget" Frees;
    BIND "bind" Frees;
    UNBIND "unbind" Frees;
    TRANSACTION "transaction" Frees;
    KEYS "keys" Frees;
    MAY_SWEEP "may_sweep" Frees;
}

/// For how many leases a gateway's turn to sweep lasts when it does not ask again.
const TURN_LEASES: u32 = 1;

/// Who is there, by Redis.
///
/// Whether a worker is lost is this process's own judgement, on its own clock: no clock of Redis or of another process
/// comes into it, and time in which Redis did not answer promptly counts for nothing.
#[derive(Debug)]
pub struct RedisRegistry {
    connection: Arc<Connection>,
    base: String,
    lease: Duration,
    random: Random,
    observed: Mutex<Observed>,
}

/// What this process has seen of the workers.
#[derive(Debug, Default)]
struct Observed {
    looked: Option<Instant>,
    /// How often each worker had renewed, and since when it has not since.
    silent: HashMap<WorkerId, (u64, Instant)>,
}

impl Observed {
    /// Takes down what was seen by a look that began and ended at these times. Gives those that have been silent for a
    /// lease, with how often they had renewed.
    fn see(
        &mut self,
        renewals: Vec<(WorkerId, u64)>,
        (began, ended): (Instant, Instant),
        lease: Duration,
    ) -> Vec<(WorkerId, u64)> {
        let away = ended - began > lease / 4;
        let unwatched = self.looked.is_none_or(|looked| began - looked > lease);
        if away || unwatched {
            self.silent.clear();
        }
        self.looked = Some(ended);
        let before = std::mem::take(&mut self.silent);
        let mut ended_leases = Vec::new();
        for (worker, renewed) in renewals {
            let since = match before.get(&worker) {
                Some((was, since)) if *was == renewed => *since,
                _ => ended,
            };
            if began.saturating_duration_since(since) >= lease {
                ended_leases.push((worker.clone(), renewed));
            }
            self.silent.insert(worker, (renewed, since));
        }
        ended_leases
    }
}

impl RedisRegistry {
    pub(super) fn new(connection: Arc<Connection>, lease: Duration, random: Random) -> Self {
        Self {
            base: connection.base("registry"),
            connection,
            lease,
            random,
            observed: Mutex::default(),
        }
    }

    async fn run(&self, script: &Script, arguments: Vec<Bytes>) -> Result<Reply, Unavailable> {
        self.connection.run(script, &self.base, arguments).await
    }

    /// Runs what answers nothing of interest.
    async fn tell(&self, script: &Script, arguments: Vec<Bytes>) -> Result<(), Unavailable> {
        self.run(script, arguments).await.map(drop)
    }

    fn observed(&self) -> MutexGuard<'_, Observed> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look(&self) -> Result<Vec<(WorkerId, u64)>, Unavailable> {
        let began = Instant::now();
        let reply = self.run(&LOOK, Vec::new()).await?;
        let ended = Instant::now();
        let pairs = reply.list()?.chunks_exact(2);
        let renewals = pairs
            .map(|pair| Ok((pair[0].name()?, pair[1].count()?)))
            .collect::<Result<Vec<_>, Unavailable>>()?;
        Ok(self.observed().see(renewals, (began, ended), self.lease))
    }
}

#[async_trait]
impl Registry for RedisRegistry {
    async fn renew(&self, worker: &WorkerId, status: WorkerStatus) -> Result<Renewal, Unavailable> {
        let arguments = vec![text(worker), format::write_status(&status)];
        Ok(match self.run(&RENEW, arguments).await?.number()? {
            0 => Renewal::Sealed,
            _ => Renewal::Renewed,
        })
    }

    async fn leave(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        self.tell(&LEAVE, vec![text(worker)]).await
    }

    async fn workers(&self) -> Result<Vec<WorkerEntry>, Unavailable> {
        let reply = self.run(&WORKERS, Vec::new()).await?;
        let (now, found) = reply
            .list()?
            .split_first()
            .ok_or_else(|| reply.unexpected())?;
        let now: u64 = now.count()?;
        let entry = |pair: &[Reply]| {
            let said = pair[1].text()?.split_once('|');
            let (at, status) = said.ok_or_else(|| pair[1].unexpected())?;
            let at: u64 = at.parse().map_err(|_| pair[1].unexpected())?;
            let status = format::read_status(status).map_err(|reason| Unavailable {
                service: SERVICE,
                reason,
            })?;
            Ok(WorkerEntry {
                id: pair[0].name()?,
                status,
                silent_for: Duration::from_millis(now.saturating_sub(at)),
            })
        };
        found.chunks_exact(2).map(entry).collect()
    }

    async fn lost_workers(&self) -> Result<Vec<WorkerId>, Unavailable> {
        let silent = self.look().await.inspect_err(|_| {
            // The workers may have found Redis away as well.
            *self.observed() = Observed::default();
        })?;
        let pairs = silent
            .into_iter()
            .flat_map(|(worker, renewed)| [text(&worker), text(&renewed)]);
        self.run(&SEAL, pairs.collect()).await?.names()
    }

    async fn forget(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        self.tell(&FORGET, vec![text(worker)]).await
    }

    async fn bind_transaction(
        &self,
        transaction: &TransactionId,
        worker: &WorkerId,
    ) -> Result<(), Unavailable> {
        self.tell(&BIND, vec![text(transaction), text(worker)])
            .await
    }

    async fn unbind_transaction(&self, transaction: &TransactionId) -> Result<(), Unavailable> {
        self.tell(&UNBIND, vec![text(transaction)]).await
    }

    async fn transaction_worker(
        &self,
        transaction: &TransactionId,
    ) -> Result<Option<WorkerId>, Unavailable> {
        match self.run(&TRANSACTION, vec![text(transaction)]).await? {
            Reply::Nil => Ok(None),
            worker => worker.name().map(Some),
        }
    }

    async fn deployment_keys(&self) -> Result<DeploymentKeys, Unavailable> {
        let first = format::hex(&self.random.bytes::<32>());
        let reply = self.run(&KEYS, vec![Bytes::from(first)]).await?;
        let mut keys: Option<DeploymentKeys> = None;
        for key in reply.list()?.iter().rev() {
            let bytes = format::read_key(key.text()?).ok_or_else(|| key.unexpected())?;
            keys = Some(match keys {
                Some(keys) => keys.rotate(bytes),
                None => DeploymentKeys::new(bytes),
            });
        }
        keys.ok_or_else(|| reply.unexpected())
    }

    async fn may_sweep(&self, gateway: &str) -> Result<bool, Unavailable> {
        let turn = (self.lease * TURN_LEASES).as_millis();
        let reply = self
            .run(&MAY_SWEEP, vec![text(gateway), text(&turn)])
            .await?;
        Ok(reply.number()? == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(15);

    /// What each look at these seconds sees of a worker that renewed so often, when each takes so long.
    fn lost_at(looks: &[(u64, u64, u64)]) -> Vec<u64> {
        let start = Instant::now();
        let mut observed = Observed::default();
        let worker: WorkerId = "w".parse().unwrap();
        let mut lost = Vec::new();
        for (at, takes, renewed) in looks {
            let began = start + Duration::from_secs(*at);
            let times = (began, began + Duration::from_secs(*takes));
            let silent = observed.see(vec![(worker.clone(), *renewed)], times, LEASE);
            lost.extend((!silent.is_empty()).then_some(*at));
        }
        lost
    }

    #[test]
    fn a_worker_is_lost_when_it_was_seen_to_be_silent_for_a_lease() {
        assert_eq!(
            lost_at(&[(0, 0, 3), (10, 0, 3), (14, 0, 3), (15, 0, 3)]),
            [15]
        );
        assert!(lost_at(&[(0, 0, 3), (10, 0, 4), (20, 0, 4)]).is_empty());
    }

    #[test]
    fn time_in_which_redis_did_not_answer_promptly_counts_for_nothing() {
        let looks = [(0, 0, 3), (10, 9, 3), (20, 0, 3), (33, 0, 3), (34, 0, 3)];
        assert_eq!(lost_at(&looks), [34]);
    }

    #[test]
    fn time_in_which_nobody_looked_counts_for_nothing() {
        let looks = [(0, 0, 3), (20, 0, 3), (30, 0, 3), (35, 0, 3)];
        assert_eq!(lost_at(&looks), [35]);
    }
}
