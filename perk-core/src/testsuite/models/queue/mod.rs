//! A [`Queue`] beside its model.

mod model;
mod operations;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use proptest::strategy::Just;

use super::trial::{Moment, Trial, Unlike, Waiting, first, same};
use super::{Clock, ModelRun};
use crate::error::Unavailable;
use crate::ids::{QueryId, WorkerId};
use crate::queue::{Delivery, Queue, Take};
use model::{Due, QueueModel};
use operations::{Asked, Change, Operation, Settled, operation, pool_of, workers};

/// Does random things to queues, each made new and empty by `make`. Panics with the shortest list of operations it finds
/// in which one does what the contract does not allow.
pub fn agrees<F, M>(run: &ModelRun, make: F)
where
    F: Fn() -> M,
    M: Future<Output = Arc<dyn Queue>>,
{
    if let Err(unlike) = differs(run, make) {
        panic!("{unlike}");
    }
}

/// As [`agrees`], for one that should not: what was found, if anything.
pub fn differs<F, M>(run: &ModelRun, make: F) -> Result<(), String>
where
    F: Fn() -> M,
    M: Future<Output = Arc<dyn Queue>>,
{
    let case = async |(): (), list: Vec<Operation>, trial: &mut Trial| {
        let mut beside = Beside {
            queue: make().await,
            model: QueueModel::default(),
            trial,
        };
        for operation in &list {
            beside.apply(operation).await?;
            beside.look().await?;
        }
        beside.drain().await
    };
    run.check(Just(()), operation(run.clock == Clock::Paused), &case)
}

/// A queue, and what it should hold.
struct Beside<'a> {
    queue: Arc<dyn Queue>,
    model: QueueModel,
    trial: &'a mut Trial,
}

type Pulled = Result<Vec<Delivery>, Unavailable>;

impl Beside<'_> {
    async fn apply(&mut self, operation: &Operation) -> Result<(), Unlike> {
        match operation {
            Operation::Do(then, asked) => self.wait(asked, then).await,
            Operation::Pull(asked) => self.pull(asked).await.map(|_| ()),
            Operation::Pass => {
                self.trial.note("time passes");
                self.trial.times.pass(Duration::from_secs(7)).await;
                Ok(())
            }
        }
    }

    async fn change(&mut self, change: &Change) -> Result<(), Unlike> {
        let queue = self.queue.clone();
        match change {
            Change::Push(id, target) => {
                let what = format!("{id} is pushed to {target:?}");
                let (answer, at) = self.trial.soon(what, queue.push(target, id)).await?;
                answer?;
                self.model.push(target, id, at);
            }
            Change::Offer(id, target, bounds) => {
                let what = format!("{id} is offered to {target:?} within {bounds:?}");
                let call = queue.offer(target, id, *bounds);
                let (answer, at) = self.trial.soon(what, call).await?;
                same(
                    "offered",
                    &answer?,
                    &self.model.offer(target, id, *bounds, at),
                )?;
            }
            Change::Signal(worker, id, signal) => {
                let call = queue.signal(worker, id, *signal);
                let what = format!("{signal:?} of {id} is sent to {worker}");
                self.trial.soon(what, call).await?.0?;
                self.model.signal(worker, id, *signal);
            }
            Change::Ack(settled) => {
                if let Some((worker, id)) = self.settled(settled) {
                    let (call, what) = (queue.ack(&worker, &id), format!("{worker} acks {id}"));
                    self.trial.soon(what, call).await?.0?;
                    self.model.ack(&worker, &id);
                }
            }
            Change::Release(settled) => {
                if let Some((worker, id)) = self.settled(settled) {
                    let (call, what) = (
                        queue.release(&worker, &id),
                        format!("{worker} releases {id}"),
                    );
                    self.trial.soon(what, call).await?.0?;
                    self.model.release(&worker, &id);
                }
            }
            Change::Remove(id) => {
                let (removed, _) = self
                    .trial
                    .soon(format!("{id} is removed"), queue.remove(id))
                    .await?;
                let removed = removed?;
                same("removed", &removed, &self.model.remove(id))?;
            }
        }
        Ok(())
    }

    fn settled(&self, settled: &Settled) -> Option<(WorkerId, QueryId)> {
        match settled {
            Settled::Pending(number) => self.model.pending(*number),
            Settled::Any(worker, id) => Some((worker.clone(), id.clone())),
        }
    }

    fn due(&self, asked: &Asked) -> Due {
        let Asked { worker, take } = asked;
        self.model.due(worker, &pool_of(worker), *take)
    }

    /// A pull, which knows nothing of who else asks.
    fn pulling(&self, asked: &Asked) -> impl Future<Output = Pulled> + Send + use<> {
        let (queue, asked) = (self.queue.clone(), asked.clone());
        async move {
            let pool = pool_of(&asked.worker);
            queue.pull(&asked.worker, &pool, asked.take).await
        }
    }

    fn given(&mut self, asked: &Asked, pulled: Pulled) -> Result<(), Unlike> {
        let Asked { worker, take } = asked;
        let pulled = pulled?;
        self.model.given(worker, &pool_of(worker), *take, &pulled)
    }

    /// Pulls once: what there must be comes, and what there is not does not. A pull that waits is dropped, which must take
    /// nothing: later pulls show it. Whether anything came.
    async fn pull(&mut self, asked: &Asked) -> Result<bool, Unlike> {
        let what = format!("{} pulls {:?}", asked.worker, asked.take);
        let pulling = self.pulling(asked);
        let pulled = match self.due(asked) {
            Due::Something => Some(self.trial.soon(what, pulling).await?.0),
            Due::Perhaps | Due::Nothing => self.trial.now(what, pulling).await.0,
        };
        let came = pulled.is_some();
        if let Some(pulled) = pulled {
            self.given(asked, pulled)?;
        }
        Ok(came)
    }

    /// Some wait, then something happens: whoever there is something for then gets it, one after the other as far as it
    /// goes, and the others wait on.
    async fn wait(&mut self, asked: &[Asked], then: &Change) -> Result<(), Unlike> {
        let mut waiting: BTreeMap<usize, &Asked> = BTreeMap::new();
        let mut pulls = Waiting::new();
        for (number, asked) in asked.iter().enumerate() {
            // A worker asks for one thing at a time.
            let again = waiting.values().any(|other| other.worker == asked.worker);
            if !again && self.due(asked) == Due::Nothing {
                let pulling = self.pulling(asked);
                pulls.spawn(async move { (number, pulling.await) });
                waiting.insert(number, asked);
            }
        }
        if waiting.is_empty() {
            return self.change(then).await;
        }
        let what = format!("{:?}", waiting.values());
        let (came, _) = self.trial.now(what, first(&mut pulls)).await;
        if let Some((number, pulled)) = came {
            return Err(format!("{:?} should have waited: {pulled:?}", asked[number]).into());
        }
        self.change(then).await?;
        while !waiting.is_empty() {
            let mut due = waiting.values().map(|asked| self.due(asked));
            let what = "one that waited";
            let (number, pulled) = if due.any(|due| due == Due::Something) {
                self.trial.soon(what, first(&mut pulls)).await?.0
            } else if let (Some(came), _) = self.trial.now(what, first(&mut pulls)).await {
                came
            } else {
                break;
            };
            waiting.remove(&number);
            self.given(&asked[number], pulled)?;
        }
        pulls.shutdown().await;
        Ok(())
    }

    /// What can be seen of the queue without taking anything is what the model has.
    async fn look(&mut self) -> Result<(), Unlike> {
        let holders = BTreeSet::from_iter(self.queue.holders().await?);
        let has_any = |worker: &WorkerId| !self.model.pending_of(worker).is_empty();
        let expected = workers().map(|(worker, _)| worker);
        let expected = expected.into_iter().filter(has_any).collect();
        same("who has something", &holders, &expected)?;
        let pools = self.queue.pools().await?;
        for (_, pool) in workers() {
            let listed = pools.contains(&pool) || self.model.depth(&pool).0 == 0;
            same(format_args!("{pool} is listed, or empty"), &listed, &true)?;
        }
        for (worker, pool) in workers() {
            let pending = self.queue.pending_of(&worker).await?;
            let count = pending.len();
            let pending = BTreeSet::from_iter(pending);
            same("how many are pending", &count, &pending.len())?;
            same(
                format_args!("what {worker} has"),
                &pending,
                &self.model.pending_of(&worker),
            )?;
            let (depth, now) = Moment::of(self.queue.depth(&pool)).await;
            let depth = depth?;
            let (waiting, pending, oldest) = self.model.depth(&pool);
            same(
                format_args!("what waits in {pool}"),
                &depth.waiting,
                &waiting,
            )?;
            same(
                format_args!("what is pending of {pool}"),
                &depth.pending,
                &pending,
            )?;
            let age = oldest.map_or(Duration::ZERO..=Duration::ZERO, |pushed| pushed.until(now));
            self.trial
                .lasts("the oldest one's age", depth.oldest, &age)?;
        }
        Ok(())
    }

    /// Everything that is left comes to somebody, in its order: nothing was lost on the way.
    async fn drain(&mut self) -> Result<(), Unlike> {
        for (worker, _) in workers() {
            let asked = Asked {
                worker,
                take: Take::Any(2),
            };
            while self.pull(&asked).await? {}
        }
        self.look().await
    }
}
