use std::sync::Arc;

use async_trait::async_trait;
use perk_core::{
    Delivery, Depth, Lane, Offered, PoolName, Priority, QueryId, Queue, QueueBounds, Signal, Take,
    Target, Unavailable, WorkerId,
};
use perk_queue::MemoryQueue;

use super::flaws;

flaws! {
    /// What is wrong with a queue.
    QueueFlaw {
        AckIsForgotten,
        LastComesFirst,
        LanesAreOne,
        PrioritiesAreOne,
        PushedAgainMovesToTheEnd,
        ReleasedMovesToTheEnd,
        SignalsAreLost,
        SignalsComeLastFirst,
        DroppedPullTakes,
        NoneAskedForGivesOne,
        InboxIsOfItsPool,
    }
}

#[derive(Debug)]
pub(crate) struct FlawedQueue {
    sound: Arc<MemoryQueue>,
    flaw: QueueFlaw,
}

impl FlawedQueue {
    pub(crate) fn new(flaw: QueueFlaw) -> Self {
        let sound = Arc::new(MemoryQueue::new());
        Self { sound, flaw }
    }

    fn has(&self, flaw: QueueFlaw) -> bool {
        self.flaw == flaw
    }

    /// Where the flaw puts what is pushed to `target`.
    fn target(&self, target: &Target) -> Target {
        let mut target = target.clone();
        match (self.flaw, &mut target) {
            (QueueFlaw::LanesAreOne, Target::Lane(lane)) => "everybody".clone_into(&mut lane.user),
            (QueueFlaw::PrioritiesAreOne, Target::Lane(lane)) => lane.priority = Priority::Normal,
            (QueueFlaw::InboxIsOfItsPool, Target::Inbox(_)) => {
                return Target::Lane(Lane {
                    pool: PoolName::default_pool(),
                    priority: Priority::High,
                    user: "nobody".to_owned(),
                });
            }
            _ => {}
        }
        target
    }
}

#[async_trait]
impl Queue for FlawedQueue {
    async fn push(&self, target: &Target, id: &QueryId) -> Result<(), Unavailable> {
        if self.has(QueueFlaw::PushedAgainMovesToTheEnd) {
            self.sound.remove(id).await?;
        }
        self.sound.push(&self.target(target), id).await
    }

    async fn offer(
        &self,
        target: &Target,
        id: &QueryId,
        bounds: QueueBounds,
    ) -> Result<Offered, Unavailable> {
        self.sound.offer(&self.target(target), id, bounds).await
    }

    async fn signal(
        &self,
        worker: &WorkerId,
        id: &QueryId,
        signal: Signal,
    ) -> Result<(), Unavailable> {
        if self.has(QueueFlaw::SignalsAreLost) && signal == Signal::CancelLeafStage {
            return Ok(());
        }
        self.sound.signal(worker, id, signal).await
    }

    async fn pull(
        &self,
        worker: &WorkerId,
        pool: &PoolName,
        take: Take,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let take = match take {
            Take::Any(0) if self.has(QueueFlaw::NoneAskedForGivesOne) => Take::Any(1),
            take => take,
        };
        let mut pulled = if self.has(QueueFlaw::DroppedPullTakes) {
            // A task goes on when nobody waits for it.
            let (sound, worker, pool) = (self.sound.clone(), worker.clone(), pool.clone());
            let pulling = tokio::spawn(async move { sound.pull(&worker, &pool, take).await });
            pulling.await.unwrap()?
        } else {
            self.sound.pull(worker, pool, take).await?
        };
        let is_signal = |delivery: &Delivery| matches!(delivery, Delivery::Signal(..));
        let signals = pulled.iter().take_while(|one| is_signal(one)).count();
        match self.flaw {
            QueueFlaw::LastComesFirst => pulled[signals..].reverse(),
            QueueFlaw::SignalsComeLastFirst => pulled[..signals].reverse(),
            _ => {}
        }
        Ok(pulled)
    }

    async fn ack(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        if self.has(QueueFlaw::AckIsForgotten) {
            return Ok(());
        }
        self.sound.ack(worker, id).await
    }

    async fn release(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        self.sound.release(worker, id).await?;
        if self.has(QueueFlaw::ReleasedMovesToTheEnd) && self.sound.remove(id).await? {
            let target = Target::Lane(Lane {
                pool: PoolName::default_pool(),
                priority: Priority::Normal,
                user: "user0".to_owned(),
            });
            self.sound.push(&target, id).await?;
        }
        Ok(())
    }

    async fn remove(&self, id: &QueryId) -> Result<bool, Unavailable> {
        self.sound.remove(id).await
    }

    async fn pending_of(&self, worker: &WorkerId) -> Result<Vec<QueryId>, Unavailable> {
        self.sound.pending_of(worker).await
    }

    async fn holders(&self) -> Result<Vec<WorkerId>, Unavailable> {
        self.sound.holders().await
    }

    async fn pools(&self) -> Result<Vec<PoolName>, Unavailable> {
        self.sound.pools().await
    }

    async fn depth(&self, pool: &PoolName) -> Result<Depth, Unavailable> {
        self.sound.depth(pool).await
    }
}
