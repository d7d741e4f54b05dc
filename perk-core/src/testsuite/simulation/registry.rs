//! The registry, as one process reaches it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use super::history::{Event, WorkerEvent};
use super::lock;
use super::process::{Site, Step, away, elsewhere};
use crate::error::Unavailable;
use crate::ids::{TransactionId, WorkerId};
use crate::registry::{Registry, Renewal, WorkerEntry, WorkerStatus};
use crate::slug::DeploymentKeys;

/// When each worker's last renewal was taken; `None` once it was found lost.
pub(super) type Renewals = Mutex<BTreeMap<WorkerId, Option<Instant>>>;

#[derive(Debug)]
pub(super) struct SiteRegistry {
    pub(super) site: Site,
    pub(super) inner: Arc<dyn Registry>,
    pub(super) renewals: Arc<Renewals>,
}

impl SiteRegistry {
    fn renewed(&self, worker: &WorkerId) {
        let mut renewals = lock(&self.renewals);
        if renewals
            .insert(worker.clone(), Some(Instant::now()))
            .is_none()
        {
            let began = WorkerEvent::Began(self.site.process.name.clone());
            self.site.world.note(Event::Worker(worker.clone(), began));
        }
    }

    /// Renewals are often slow, so that a worker that stood still too long hears of it after it has gone on a little.
    async fn dawdle(&self) {
        let world = &self.site.world;
        if world.goes_wrong(500) {
            sleep(world.between(Duration::ZERO, world.plan.renewals_take)).await;
        }
    }

    fn found_lost(&self, workers: &[WorkerId]) {
        let mut renewals = lock(&self.renewals);
        for worker in workers {
            let last = renewals.get_mut(worker).and_then(Option::take);
            if let Some(silent) = last.map(|last| last.elapsed()) {
                let sealed = WorkerEvent::Sealed { silent };
                self.site.world.note(Event::Worker(worker.clone(), sealed));
            }
        }
    }
}

#[async_trait]
impl Registry for SiteRegistry {
    async fn renew(&self, worker: &WorkerId, status: WorkerStatus) -> Result<Renewal, Unavailable> {
        let renew = async {
            self.dawdle().await;
            self.inner.renew(worker, status).await
        };
        let seen = |renewal: &Result<_, _>| {
            if matches!(renewal, Ok(Renewal::Renewed)) {
                self.renewed(worker);
            }
            Step::Elsewhere
        };
        self.site.perform(Step::Elsewhere, renew, seen).await
    }

    async fn leave(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        let leave = self.inner.leave(worker);
        let seen = |_: &Result<_, _>| {
            let left = Event::Worker(worker.clone(), WorkerEvent::Left);
            self.site.world.note(left);
            Step::Elsewhere
        };
        self.site.perform(Step::Elsewhere, leave, seen).await
    }

    async fn workers(&self) -> Result<Vec<WorkerEntry>, Unavailable> {
        let workers = self.inner.workers();
        self.site.perform(Step::Elsewhere, workers, elsewhere).await
    }

    async fn lost_workers(&self) -> Result<Vec<WorkerId>, Unavailable> {
        let lost = async {
            // A part that was away itself has not observed anybody for a lease, and says so.
            if !self.site.world.observed() {
                return Err(away());
            }
            self.inner.lost_workers().await
        };
        let seen = |lost: &Result<Vec<WorkerId>, _>| {
            self.found_lost(lost.as_deref().unwrap_or_default());
            Step::Elsewhere
        };
        self.site.perform(Step::Elsewhere, lost, seen).await
    }

    async fn forget(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        let forget = self.inner.forget(worker);
        self.site.perform(Step::Elsewhere, forget, elsewhere).await
    }

    async fn bind_transaction(
        &self,
        transaction: &TransactionId,
        worker: &WorkerId,
    ) -> Result<(), Unavailable> {
        let bind = self.inner.bind_transaction(transaction, worker);
        self.site.perform(Step::Elsewhere, bind, elsewhere).await
    }

    async fn unbind_transaction(&self, transaction: &TransactionId) -> Result<(), Unavailable> {
        let unbind = self.inner.unbind_transaction(transaction);
        self.site.perform(Step::Elsewhere, unbind, elsewhere).await
    }

    async fn transaction_worker(
        &self,
        transaction: &TransactionId,
    ) -> Result<Option<WorkerId>, Unavailable> {
        let worker = self.inner.transaction_worker(transaction);
        self.site.perform(Step::Elsewhere, worker, elsewhere).await
    }

    async fn deployment_keys(&self) -> Result<DeploymentKeys, Unavailable> {
        let keys = self.inner.deployment_keys();
        self.site.perform(Step::Elsewhere, keys, elsewhere).await
    }

    async fn may_sweep(&self, gateway: &str) -> Result<bool, Unavailable> {
        let may = self.inner.may_sweep(gateway);
        self.site.perform(Step::Elsewhere, may, elsewhere).await
    }
}
