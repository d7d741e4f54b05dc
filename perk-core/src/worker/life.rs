//! One life of a worker under one name.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{self, JoinSet};
use tokio::time::Instant;
use tracing::Instrument;

use super::attempt::{Job, Seen};
use super::retry::until_answered;
use super::sink::Controls;
use super::slots::Slots;
use super::transactions::Transactions;
use super::{Order, Worker, WorkerConfig, WorkerParts, lease, leaving};
use crate::ids::{QueryId, TransactionId, WorkerId};
use crate::provisioner::{Cluster, Health, Load, ProvisionError};
use crate::queue::{Delivery, Signal, Take};
use crate::random::Random;
use crate::registry::WorkerStatus;

/// Between two tries at something that failed at once.
const PAUSE: Duration = Duration::from_millis(500);
/// What attempts get beyond a drain's deadline to cancel what they run.
const STOPPING: Duration = Duration::from_secs(5);

/// Lives until ordered to drain, under a new name whenever a lease was lost.
pub(super) async fn live(worker: Worker, mut orders: watch::Receiver<Order>) {
    let Worker {
        parts,
        config,
        random,
    } = worker;
    let config = Arc::new(config);
    loop {
        let life = Life::new(&parts, &config, &random);
        let span = tracing::info_span!("worker", id = %life.id);
        match life.run(&mut orders).instrument(span).await {
            LifeEnd::Drained => return,
            LifeEnd::Sealed => tracing::warn!("the lease was lost; going on under a new name"),
        }
    }
}

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LifeEnd {
    Drained,
    Sealed,
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is under way with the cluster.
enum ClusterWork {
    /// It is being brought up.
    BringUp(Boxed<Result<Cluster, ProvisionError>>),
    /// It is looked at, after a while.
    Watch(Cluster, Boxed<(Health, Option<Load>)>),
}

enum ClusterNews {
    Ready(Cluster),
    Failed(ProvisionError),
    Seen(Health, Option<Load>),
}

impl ClusterWork {
    async fn news(&mut self) -> ClusterNews {
        match self {
            Self::BringUp(ready) => match ready.await {
                Ok(cluster) => ClusterNews::Ready(cluster),
                Err(error) => ClusterNews::Failed(error),
            },
            Self::Watch(_, look) => {
                let (health, load) = look.await;
                ClusterNews::Seen(health, load)
            }
        }
    }
}

struct Life {
    id: WorkerId,
    parts: WorkerParts,
    config: Arc<WorkerConfig>,
    slots: Arc<Slots>,
    transactions: Arc<Transactions>,
    /// In an order that is the same in every run: they are told to stop one after another.
    running: BTreeMap<QueryId, Arc<Controls>>,
    /// Queries that were delivered while their last attempt here had not quite ended.
    delivered_again: HashSet<QueryId>,
    jobs: JoinSet<Seen>,
    /// Whose job it is.
    ids: HashMap<task::Id, QueryId>,
    cluster: ClusterWork,
    /// The last cluster's.
    origin: Option<String>,
    bad_looks: u32,
    load: Load,
    status: watch::Sender<WorkerStatus>,
}

impl Life {
    fn new(parts: &WorkerParts, config: &Arc<WorkerConfig>, random: &Random) -> Self {
        let id = WorkerId::new(&config.host, random.bytes());
        let status = WorkerStatus {
            pool: config.pool.clone(),
            cluster: None,
            running: 0,
            draining: false,
        };
        Self {
            cluster: ClusterWork::BringUp(bring_up(parts, &id, Duration::ZERO)),
            id,
            parts: parts.clone(),
            config: config.clone(),
            slots: Arc::new(Slots::new(config.concurrency, config.parked)),
            transactions: Arc::default(),
            running: BTreeMap::new(),
            delivered_again: HashSet::new(),
            jobs: JoinSet::new(),
            ids: HashMap::new(),
            origin: None,
            bad_looks: 0,
            load: Load::default(),
            status: watch::Sender::new(status),
        }
    }

    async fn run(mut self, orders: &mut watch::Receiver<Order>) -> LifeEnd {
        let (held, mut renewed) = watch::channel(None);
        let lease = lease::keep(
            self.parts.registry.clone(),
            self.id.clone(),
            self.status.subscribe(),
            self.config.lease,
            held,
        );
        let mut sealed = tokio::spawn(lease);
        let end = self.serve(orders, &mut sealed, &mut renewed).await;
        sealed.abort();
        self.jobs.shutdown().await;
        leaving::leave(&self.parts, &self.id, &end).await;
        end
    }

    async fn serve(
        &mut self,
        orders: &mut watch::Receiver<Order>,
        sealed: &mut tokio::task::JoinHandle<()>,
        renewed: &mut watch::Receiver<Option<Instant>>,
    ) -> LifeEnd {
        let mut deadline = None;
        loop {
            // Who was never heard of cannot be missed, and who was not heard of for a lease may be taken for lost: nothing is pulled
            // before the lease has begun, nor when it may be over.
            let held_until = renewed.borrow_and_update().map(|at| at + self.config.lease);
            let held = held_until.is_some_and(|until| Instant::now() < until);
            if let Order::Drain { deadline: at } = *orders.borrow_and_update() {
                deadline = Some(at);
                self.status.send_modify(|status| status.draining = true);
            }
            if deadline.is_some() && self.jobs.is_empty() && !self.waits_for_transactions() {
                return LifeEnd::Drained;
            }
            let take = match deadline {
                _ if !held => Take::Any(0),
                None => Take::Any(self.room()),
                // Nobody else can run them, and nothing may keep a COMMIT waiting until the grace is over. Then it is: what
                // would begin now would be stopped at once.
                Some(at) if Instant::now() < at && self.waits_for_transactions() => {
                    Take::Inbox(usize::MAX)
                }
                Some(_) => Take::Any(0),
            };
            let idle = match deadline {
                None => self.config.transaction_idle,
                Some(_) => self.config.transaction_idle_draining,
            };
            tokio::select! {
                biased;
                gone = orders.changed() => if gone.is_err() {
                    self.give_back_all().await;
                    return LifeEnd::Drained;
                },
                _ = &mut *sealed => {
                    self.running.values().for_each(|controls| controls.stop());
                    return LifeEnd::Sealed;
                }
                Ok(()) = renewed.changed() => {}
                () = at(held_until), if held => {}
                Some(ended) = self.jobs.join_next_with_id() => self.ended(ended),
                () = self.slots.changed() => {}
                news = self.cluster.news(), if deadline.is_none() => self.cluster_news(news),
                transaction = self.transactions.idle(idle) => self.forget(transaction),
                () = at(deadline) => self.give_back_all().await,
                deliveries = pull(&self.parts, &self.config, &self.id, take) => {
                    for delivery in deliveries {
                        self.delivered(delivery);
                    }
                }
            }
            self.status
                .send_modify(|status| status.running = self.running.len());
        }
    }

    /// Whether a drain may still end well for those who have begun something here.
    fn waits_for_transactions(&self) -> bool {
        matches!(self.cluster, ClusterWork::Watch(..)) && !self.transactions.is_empty()
    }

    /// Its next statement is told that it is lost; the cluster ends it by itself.
    fn forget(&mut self, transaction: TransactionId) {
        tracing::info!(%transaction, "a transaction is forgotten");
        let registry = self.parts.registry.clone();
        self.jobs.spawn(async move {
            let Ok(()) = until_answered(|| registry.unbind_transaction(&transaction)).await;
            Seen::Nothing
        });
    }

    /// How many queries to take now. A cluster in which more queries wait than run gets one at a time: what would wait
    /// there waits as well in the queue, from where any other cluster can take it.
    fn room(&self) -> usize {
        match &self.cluster {
            ClusterWork::BringUp(_) => 0,
            ClusterWork::Watch(..) if self.load.queued > self.load.running => {
                usize::from(self.running.is_empty())
            }
            ClusterWork::Watch(..) => self.slots.room(self.running.len()),
        }
    }

    fn delivered(&mut self, delivery: Delivery) {
        match delivery {
            // Its last attempt here has given it back and is about to end, or the queue says it twice: one at a time.
            Delivery::Query(id) if self.running.contains_key(&id) => {
                self.delivered_again.insert(id);
            }
            Delivery::Query(id) => self.begin(id),
            Delivery::Signal(id, signal) => {
                if let Some(controls) = self.running.get(&id) {
                    match signal {
                        Signal::Cancel => controls.stop(),
                        Signal::CancelLeafStage => controls.cancel_leaf_stage(),
                    }
                }
            }
        }
    }

    fn begin(&mut self, id: QueryId) {
        // Without a cluster there was no room, and so no query was pulled; but one may have been delivered again before.
        let cluster = match &self.cluster {
            ClusterWork::Watch(cluster, _) => Some(cluster.clone()),
            ClusterWork::BringUp(_) => None,
        };
        let controls = Arc::new(Controls::new());
        self.running.insert(id.clone(), controls.clone());
        let span = tracing::info_span!("query", %id);
        let job = Job {
            parts: self.parts.clone(),
            config: self.config.clone(),
            worker: self.id.clone(),
            cluster,
            id: id.clone(),
            controls,
            slots: self.slots.clone(),
            transactions: self.transactions.clone(),
        };
        let job = self.jobs.spawn(job.run().instrument(span));
        self.ids.insert(job.id(), id);
    }

    fn ended(&mut self, ended: Result<(task::Id, Seen), task::JoinError>) {
        let job = ended
            .as_ref()
            .map_or_else(task::JoinError::id, |(job, _)| *job);
        let Some(id) = self.ids.remove(&job) else {
            return;
        };
        match ended {
            Ok((_, seen)) => {
                self.running.remove(&id);
                if seen == Seen::ClusterAway {
                    self.replace_cluster();
                }
                if self.delivered_again.remove(&id) {
                    self.begin(id);
                }
            }
            Err(error) => {
                tracing::error!(%id, %error, "an attempt ended abnormally");
                let (parts, worker, query) = (self.parts.clone(), self.id.clone(), id.clone());
                let job = self.jobs.spawn(async move {
                    let Ok(_) = until_answered(|| parts.store.take_over(&query, &worker)).await;
                    let Ok(()) = until_answered(|| parts.queue.release(&worker, &query)).await;
                    Seen::Nothing
                });
                self.ids.insert(job.id(), id);
            }
        }
    }

    fn cluster_news(&mut self, news: ClusterNews) {
        match news {
            ClusterNews::Ready(cluster) => {
                tracing::info!(origin = cluster.origin, dialect = %cluster.dialect, version = cluster.version, "cluster ready");
                let before = self.origin.replace(cluster.origin.clone());
                if before.is_some_and(|before| before != cluster.origin) {
                    // Another cluster knows nothing of them.
                    for transaction in self.transactions.take_all() {
                        self.forget(transaction);
                    }
                }
                self.bad_looks = 0;
                self.load = Load::default();
                self.status
                    .send_modify(|status| status.cluster = Some(cluster.clone()));
                self.cluster = self.watch(cluster);
            }
            ClusterNews::Failed(error) => {
                tracing::warn!(%error, "the cluster could not be brought up; trying again");
                self.replace_cluster();
            }
            ClusterNews::Seen(health, load) => {
                self.load = load.unwrap_or_default();
                if let Health::Unhealthy(seen) = health {
                    self.bad_looks += 1;
                    tracing::warn!(
                        seen,
                        looks = self.bad_looks,
                        "the cluster does not look well"
                    );
                } else {
                    self.bad_looks = 0;
                }
                match &self.cluster {
                    ClusterWork::Watch(cluster, _)
                        if self.bad_looks < self.config.unhealthy_after =>
                    {
                        self.cluster = self.watch(cluster.clone());
                    }
                    _ => self.replace_cluster(),
                }
            }
        }
    }

    /// Takes nothing more until the provisioner has a cluster that answers: the same one, or another.
    fn replace_cluster(&mut self) {
        self.status.send_modify(|status| status.cluster = None);
        self.cluster = ClusterWork::BringUp(bring_up(&self.parts, &self.id, PAUSE));
    }

    fn watch(&self, cluster: Cluster) -> ClusterWork {
        let provisioner = self.parts.provisioner.clone();
        let (interval, looked_at) = (self.config.health_interval, cluster.clone());
        let look = async move {
            tokio::time::sleep(interval).await;
            let health = provisioner.health(&looked_at).await;
            (health, provisioner.load(&looked_at).await.ok())
        };
        ClusterWork::Watch(cluster, Box::pin(look))
    }

    /// The grace is over: what still runs is cancelled on the cluster and given back.
    async fn give_back_all(&mut self) {
        self.transactions.take_all();
        self.running.values().for_each(|controls| controls.stop());
        let all = async { while self.jobs.join_next().await.is_some() {} };
        if tokio::time::timeout(STOPPING, all).await.is_err() {
            tracing::warn!("some queries could not be cancelled on the cluster in time");
            self.jobs.abort_all();
        }
    }
}

fn bring_up(
    parts: &WorkerParts,
    id: &WorkerId,
    pause: Duration,
) -> Boxed<Result<Cluster, ProvisionError>> {
    let (provisioner, id) = (parts.provisioner.clone(), id.clone());
    Box::pin(async move {
        tokio::time::sleep(pause).await;
        provisioner.provision(&id).await
    })
}

async fn pull(
    parts: &WorkerParts,
    config: &WorkerConfig,
    id: &WorkerId,
    take: Take,
) -> Vec<Delivery> {
    match parts.queue.pull(id, &config.pool, take).await {
        Ok(deliveries) => deliveries,
        Err(error) => {
            tracing::warn!(%error, "nothing could be pulled; trying again");
            tokio::time::sleep(PAUSE).await;
            Vec::new()
        }
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
