//! The queue, as one process reaches it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::history::{QueryEvent, QueueEvent};
use super::lock;
use super::process::{Site, Step, elsewhere};
use crate::error::Unavailable;
use crate::ids::{PoolName, QueryId, WorkerId};
use crate::queue::{Delivery, Depth, Offered, Queue, QueueBounds, Signal, Take, Target};

#[derive(Debug)]
pub(super) struct SiteQueue {
    pub(super) site: Site,
    pub(super) inner: Arc<dyn Queue>,
    /// What was delivered to this process by pulls whose answers were lost, or whose futures were dropped: by the
    /// contract a later pull gives it.
    pub(super) undelivered: Mutex<BTreeMap<WorkerId, Vec<Delivery>>>,
}

impl SiteQueue {
    /// Takes of what was delivered as much as may be given.
    fn give(&self, worker: &WorkerId, take: Take) -> Vec<Delivery> {
        let mut undelivered = lock(&self.undelivered);
        let waiting = undelivered.entry(worker.clone()).or_default();
        let (Take::Any(most) | Take::Inbox(most)) = take;
        let mut queries = 0;
        let (given, kept) =
            std::mem::take(waiting)
                .into_iter()
                .partition(|delivery| match delivery {
                    Delivery::Signal(..) => true,
                    Delivery::Query(_) => {
                        queries += 1;
                        queries <= most
                    }
                });
        *waiting = kept;
        given
    }

    fn noting<T, E>(
        &self,
        id: &QueryId,
        event: QueueEvent,
    ) -> impl FnOnce(&Result<T, E>) -> Step + Send {
        let (world, id) = (self.site.world.clone(), id.clone());
        move |done| {
            if done.is_ok() {
                world.query(&id, QueryEvent::Queue(event));
            }
            Step::Elsewhere
        }
    }

    fn keep(&self, worker: &WorkerId, deliveries: Vec<Delivery>) {
        let mut undelivered = lock(&self.undelivered);
        undelivered
            .entry(worker.clone())
            .or_default()
            .extend(deliveries);
    }
}

#[async_trait]
impl Queue for SiteQueue {
    async fn offer(
        &self,
        target: &Target,
        id: &QueryId,
        bounds: QueueBounds,
    ) -> Result<Offered, Unavailable> {
        let offer = self.inner.offer(target, id, bounds);
        let seen = self.noting(id, QueueEvent::Pushed);
        self.site.perform(Step::Elsewhere, offer, seen).await
    }

    async fn signal(
        &self,
        worker: &WorkerId,
        id: &QueryId,
        signal: Signal,
    ) -> Result<(), Unavailable> {
        let signal = self.inner.signal(worker, id, signal);
        self.site.perform(Step::Elsewhere, signal, elsewhere).await
    }

    async fn pull(
        &self,
        worker: &WorkerId,
        pool: &PoolName,
        take: Take,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let pull = async {
            let given = self.give(worker, take);
            if !given.is_empty() {
                self.keep(worker, given);
                return Ok(());
            }
            let pulled = self.inner.pull(worker, pool, take).await?;
            for delivery in &pulled {
                if let Delivery::Query(id) = delivery {
                    let event = QueryEvent::Queue(QueueEvent::Pulled(worker.clone()));
                    self.site.world.query(id, event);
                }
            }
            // Kept before anything else happens, so that whatever happens loses nothing.
            self.keep(worker, pulled);
            Ok(())
        };
        let pulled = |_: &Result<(), Unavailable>| {
            let undelivered = lock(&self.undelivered);
            let query = |delivery: &Delivery| matches!(delivery, Delivery::Query(_));
            let waiting = undelivered.get(worker);
            if waiting.is_some_and(|waiting| waiting.iter().any(query)) {
                Step::Pulled
            } else {
                Step::Elsewhere
            }
        };
        self.site.perform(Step::Elsewhere, pull, pulled).await?;
        Ok(self.give(worker, take))
    }

    async fn ack(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        let ack = self.inner.ack(worker, id);
        let seen = self.noting(id, QueueEvent::Acknowledged(worker.clone()));
        self.site.perform(Step::BeforeAck, ack, seen).await
    }

    async fn release(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        let release = self.inner.release(worker, id);
        let seen = self.noting(id, QueueEvent::Released(worker.clone()));
        self.site.perform(Step::Elsewhere, release, seen).await
    }

    async fn remove(&self, id: &QueryId) -> Result<bool, Unavailable> {
        let remove = self.inner.remove(id);
        let seen = self.noting(id, QueueEvent::Removed);
        self.site.perform(Step::Elsewhere, remove, seen).await
    }

    async fn pending_of(&self, worker: &WorkerId) -> Result<Vec<QueryId>, Unavailable> {
        let pending = self.inner.pending_of(worker);
        self.site.perform(Step::Elsewhere, pending, elsewhere).await
    }

    async fn leave(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        let leave = self.inner.leave(worker);
        self.site.perform(Step::Elsewhere, leave, elsewhere).await
    }

    async fn holders(&self) -> Result<Vec<WorkerId>, Unavailable> {
        let holders = self.inner.holders();
        self.site.perform(Step::Elsewhere, holders, elsewhere).await
    }

    async fn pools(&self) -> Result<Vec<PoolName>, Unavailable> {
        let pools = self.inner.pools();
        self.site.perform(Step::Elsewhere, pools, elsewhere).await
    }

    async fn depth(&self, pool: &PoolName) -> Result<Depth, Unavailable> {
        let depth = self.inner.depth(pool);
        self.site.perform(Step::Elsewhere, depth, elsewhere).await
    }
}
