//! The registry in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use perk_core::{
    DeploymentKeys, Registry, Renewal, TransactionId, Unavailable, WorkerEntry, WorkerId,
    WorkerStatus,
};
use tokio::time::Instant;

use super::lock;

/// For how many leases a gateway's turn to sweep lasts when it does not ask again.
const TURN_LEASES: u32 = 1;

/// Who is there, in this process.
#[derive(Debug)]
pub struct MemoryRegistry {
    lease: Duration,
    keys: DeploymentKeys,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What each unsealed worker said last, and when.
    workers: BTreeMap<WorkerId, (WorkerStatus, Instant)>,
    /// Sealed, and not yet taken over.
    lost: BTreeSet<WorkerId>,
    /// Every name that was ever sealed.
    sealed: HashSet<WorkerId>,
    transactions: HashMap<TransactionId, WorkerId>,
    /// Who sweeps, and when it last asked.
    sweeper: Option<(String, Instant)>,
}

impl MemoryRegistry {
    /// An empty registry. A worker that has not renewed for `lease` is lost. `key` makes the deployment's slugs and must
    /// come from a source that cannot be guessed.
    pub fn new(lease: Duration, key: [u8; 32]) -> Self {
        Self {
            lease,
            keys: DeploymentKeys::new(key),
            state: Mutex::default(),
        }
    }
}

impl State {
    fn unbind_all(&mut self, worker: &WorkerId) {
        self.transactions.retain(|_, owner| owner != worker);
    }
}

#[async_trait]
impl Registry for MemoryRegistry {
    async fn renew(&self, worker: &WorkerId, status: WorkerStatus) -> Result<Renewal, Unavailable> {
        let mut state = lock(&self.state);
        if state.sealed.contains(worker) {
            return Ok(Renewal::Sealed);
        }
        state
            .workers
            .insert(worker.clone(), (status, Instant::now()));
        Ok(Renewal::Renewed)
    }

    async fn leave(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        let mut state = lock(&self.state);
        state.workers.remove(worker);
        state.unbind_all(worker);
        Ok(())
    }

    async fn workers(&self) -> Result<Vec<WorkerEntry>, Unavailable> {
        let state = lock(&self.state);
        let entries = state.workers.iter().map(|(id, (status, at))| WorkerEntry {
            id: id.clone(),
            status: status.clone(),
            silent_for: at.elapsed(),
        });
        Ok(entries.collect())
    }

    async fn lost_workers(&self) -> Result<Vec<WorkerId>, Unavailable> {
        let mut state = lock(&self.state);
        let silent =
            |(_, (_, at)): &(&WorkerId, &(WorkerStatus, Instant))| at.elapsed() >= self.lease;
        let ended: Vec<WorkerId> = state
            .workers
            .iter()
            .filter(silent)
            .map(|(id, _)| id.clone())
            .collect();
        for worker in ended {
            state.workers.remove(&worker);
            // From here on nothing may be sent to its inbox, where nobody would find it.
            state.unbind_all(&worker);
            state.sealed.insert(worker.clone());
            state.lost.insert(worker);
        }
        Ok(state.lost.iter().cloned().collect())
    }

    async fn forget(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        lock(&self.state).lost.remove(worker);
        Ok(())
    }

    async fn bind_transaction(
        &self,
        transaction: &TransactionId,
        worker: &WorkerId,
    ) -> Result<(), Unavailable> {
        let mut state = lock(&self.state);
        if !state.sealed.contains(worker) {
            state
                .transactions
                .insert(transaction.clone(), worker.clone());
        }
        Ok(())
    }

    async fn unbind_transaction(&self, transaction: &TransactionId) -> Result<(), Unavailable> {
        lock(&self.state).transactions.remove(transaction);
        Ok(())
    }

    async fn transaction_worker(
        &self,
        transaction: &TransactionId,
    ) -> Result<Option<WorkerId>, Unavailable> {
        Ok(lock(&self.state).transactions.get(transaction).cloned())
    }

    async fn deployment_keys(&self) -> Result<DeploymentKeys, Unavailable> {
        Ok(self.keys.clone())
    }

    async fn may_sweep(&self, gateway: &str) -> Result<bool, Unavailable> {
        let mut state = lock(&self.state);
        let taken = state.sweeper.as_ref().is_some_and(|(sweeper, asked)| {
            sweeper != gateway && asked.elapsed() < self.lease * TURN_LEASES
        });
        if !taken {
            state.sweeper = Some((gateway.to_owned(), Instant::now()));
        }
        Ok(!taken)
    }
}
