//! The queue in Redis Streams.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use perk_core::{
    Delivery, Depth, Lane, Offered, PoolName, QueryId, Queue, QueueBounds, Signal, Take, Target,
    Unavailable, WorkerId,
};
use tokio::time::{Instant, timeout_at};

use super::connection::Connection;
use super::format;
use super::reply::Reply;
use super::script::{Script, scripts, text};
use super::topics::Topic;

scripts! { "queue":
    PUSH "push" Takes;
    PULL "pull" Frees;
    SETTLE "settle" Frees;
    REMOVE "remove" Frees;
    SIGNAL "signal" Frees;
    PENDING_OF "pending_of" Frees;
    HOLDERS "holders" Frees;
    LEAVE "leave" Frees;
    POOLS "pools" Frees;
    DEPTH "depth" Frees;
}

/// After how long a worker that has heard nothing looks all the same: word of a push may be lost.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Query ids that wait in Redis: a stream with a consumer group for each lane and inbox, all on one slot, so that what
/// belongs together changes together. An id takes some hundred bytes there; a slot takes many thousands of them a second.
#[derive(Debug)]
pub struct RedisQueue {
    connection: Arc<Connection>,
    base: String,
    /// How each worker's last pull here ended.
    pulls: Mutex<HashMap<WorkerId, Pulled>>,
}

/// What a worker's next pull has to know.
#[derive(Debug)]
struct Pulled {
    topic: Arc<Topic>,
    /// The last batch that came: Redis gives one again that it thinks is not the last.
    batch: u64,
    /// Nothing was left for a pull of this kind.
    nothing_left: Option<NothingLeft>,
}

/// What was seen by the last look.
#[derive(Debug)]
struct NothingLeft {
    pool: PoolName,
    wants: Wants,
    /// How many words had been said to the worker.
    words: u64,
    at: Instant,
}

/// What a pull is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    Signals,
    Inbox,
    Any,
}

impl RedisQueue {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        Self {
            base: connection.base("queue"),
            connection,
            pulls: Mutex::default(),
        }
    }

    async fn run(&self, script: &Script, arguments: Vec<Bytes>) -> Result<Reply, Unavailable> {
        self.connection.run(script, &self.base, arguments).await
    }

    fn pulls(&self) -> MutexGuard<'_, HashMap<WorkerId, Pulled>> {
        self.pulls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn topic(&self, worker: &WorkerId) -> Arc<Topic> {
        let mut pulls = self.pulls();
        let pulled = pulls.entry(worker.clone()).or_insert_with(|| Pulled {
            topic: self.connection.topic(&format!("w:{worker}")),
            batch: 0,
            nothing_left: None,
        });
        pulled.topic.clone()
    }

    /// Asks for what there is.
    async fn look(
        &self,
        worker: &WorkerId,
        pool: &PoolName,
        (wants, most): (Wants, usize),
        topic: &Topic,
    ) -> Result<Vec<Delivery>, Unavailable> {
        // Word that comes from here on may be of what this does not see.
        let words = topic.words();
        let seen = self.pulls().get(worker).map_or(0, |pulled| pulled.batch);
        let arguments = vec![
            self.connection.channel(),
            text(worker),
            text(pool),
            text(&most),
            text(&u8::from(wants == Wants::Any)),
            text(&seen),
        ];
        let reply = self.run(&PULL, arguments).await?;
        let [batch, nothing_left, given @ ..] = reply.list()? else {
            return Err(reply.unexpected());
        };
        let (batch, nothing_left) = (batch.count()?, nothing_left.number()? == 1);
        let deliveries = given.iter().map(delivery).collect::<Result<Vec<_>, _>>()?;
        if let Some(pulled) = self.pulls().get_mut(worker) {
            pulled.batch = batch;
            pulled.nothing_left = nothing_left.then(|| NothingLeft {
                pool: pool.clone(),
                wants,
                words,
                at: Instant::now(),
            });
        }
        Ok(deliveries)
    }
}

#[async_trait]
impl Queue for RedisQueue {
    async fn offer(
        &self,
        target: &Target,
        id: &QueryId,
        bounds: QueueBounds,
    ) -> Result<Offered, Unavailable> {
        let bound = |bound: Option<usize>| bound.map(|bound| text(&bound)).unwrap_or_default();
        let arguments = vec![
            lane(target),
            text(id),
            bound(bounds.pool),
            bound(bounds.user),
        ];
        let reply = self.run(&PUSH, arguments).await?;
        match reply.number()? {
            0 => Ok(Offered::Taken),
            1 => Ok(Offered::PoolFull),
            2 => Ok(Offered::UserFull),
            _ => Err(reply.unexpected()),
        }
    }

    async fn signal(
        &self,
        worker: &WorkerId,
        id: &QueryId,
        signal: Signal,
    ) -> Result<(), Unavailable> {
        let kind = match signal {
            Signal::Cancel => "cancel",
            Signal::CancelLeafStage => "leaf",
        };
        self.run(&SIGNAL, vec![text(worker), text(kind), text(id)])
            .await
            .map(drop)
    }

    async fn pull(
        &self,
        worker: &WorkerId,
        pool: &PoolName,
        take: Take,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let wants = match take {
            Take::Any(0) | Take::Inbox(0) => (Wants::Signals, 0),
            Take::Any(most) => (Wants::Any, most),
            Take::Inbox(most) => (Wants::Inbox, most),
        };
        let topic = self.topic(worker);
        // When to look again though nothing was said: a pull that is dropped and begun anew does not put that off.
        let look_at = |words: u64| {
            let pulls = self.pulls();
            let seen = pulls.get(worker)?.nothing_left.as_ref()?;
            let is_this = (&seen.pool, seen.wants, seen.words) == (pool, wants.0, words);
            is_this.then(|| seen.at + LOOK_AGAIN)
        };
        loop {
            // This counts from here on, so that no word between looking and waiting is missed.
            let told = topic.told();
            match look_at(topic.words()) {
                Some(at) if Instant::now() < at => {
                    let _ = timeout_at(at, told).await;
                }
                _ => {
                    let deliveries = self.look(worker, pool, wants, &topic).await?;
                    if !deliveries.is_empty() {
                        return Ok(deliveries);
                    }
                }
            }
        }
    }

    async fn ack(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        self.run(&SETTLE, vec![text(worker), text(id), text("ack")])
            .await
            .map(drop)
    }

    async fn release(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        self.run(&SETTLE, vec![text(worker), text(id), text("release")])
            .await
            .map(drop)
    }

    async fn remove(&self, id: &QueryId) -> Result<bool, Unavailable> {
        let removed = self.run(&REMOVE, vec![text(id)]).await?;
        Ok(removed.number()? == 1)
    }

    async fn pending_of(&self, worker: &WorkerId) -> Result<Vec<QueryId>, Unavailable> {
        self.run(&PENDING_OF, vec![text(worker)]).await?.names()
    }

    async fn leave(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        self.pulls().remove(worker);
        self.run(&LEAVE, vec![text(worker)]).await.map(drop)
    }

    async fn holders(&self) -> Result<Vec<WorkerId>, Unavailable> {
        self.run(&HOLDERS, Vec::new()).await?.names()
    }

    async fn pools(&self) -> Result<Vec<PoolName>, Unavailable> {
        self.run(&POOLS, Vec::new()).await?.names()
    }

    async fn depth(&self, pool: &PoolName) -> Result<Depth, Unavailable> {
        let reply = self.run(&DEPTH, vec![text(pool)]).await?;
        match reply.list()? {
            [waiting, pending, age] => Ok(Depth {
                waiting: waiting.count()?,
                pending: pending.count()?,
                oldest: Duration::from_millis(age.count()?),
            }),
            _ => Err(reply.unexpected()),
        }
    }
}

/// What the scripts call a target. A user's name may be anything, and so comes last.
fn lane(target: &Target) -> Bytes {
    match target {
        Target::Lane(Lane {
            pool,
            priority,
            user,
        }) => {
            let priority = format::priority_number(*priority);
            text(&format_args!("l:{pool}:{priority}:{user}"))
        }
        Target::Inbox(worker) => text(&format_args!("i:{worker}")),
    }
}

fn delivery(given: &Reply) -> Result<Delivery, Unavailable> {
    let text = given.text()?;
    let (kind, id) = text.split_once('|').ok_or_else(|| given.unexpected())?;
    let id: QueryId = id.parse().map_err(|_| given.unexpected())?;
    match kind {
        "query" => Ok(Delivery::Query(id)),
        "cancel" => Ok(Delivery::Signal(id, Signal::Cancel)),
        "leaf" => Ok(Delivery::Signal(id, Signal::CancelLeafStage)),
        _ => Err(given.unexpected()),
    }
}
