//! What a worker does with its queries.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use perk_core::testsuite::{
    MockClusterProvisioner, MockQueryExecutor, MockQueue, MockRegistry, MockResultStore,
};
use perk_core::{
    Attempt, Claim, Cluster, Delivery, Depth, Dialect, Ending, Envelope, ExecuteError, GivenUp,
    Health, Load, Offered, Outcome, PerkError, PoolName, QueryId, Queue, QueueBounds, Renewal,
    Signal, Take, Target, Unavailable, Worker, WorkerConfig, WorkerId, WorkerParts, WriteError,
};
use tokio::sync::Notify;

use super::{away, random, statement};

/// A `pull` that never comes back once there is nothing more: what the contract asks, and mocks cannot do by themselves.
#[derive(Debug)]
struct Waiting(MockQueue);

#[async_trait]
impl Queue for Waiting {
    async fn push(&self, target: &Target, id: &QueryId) -> Result<(), Unavailable> {
        self.0.push(target, id).await
    }

    async fn offer(
        &self,
        target: &Target,
        id: &QueryId,
        bounds: QueueBounds,
    ) -> Result<Offered, Unavailable> {
        self.0.offer(target, id, bounds).await
    }

    async fn signal(
        &self,
        worker: &WorkerId,
        id: &QueryId,
        signal: Signal,
    ) -> Result<(), Unavailable> {
        self.0.signal(worker, id, signal).await
    }

    async fn pull(
        &self,
        worker: &WorkerId,
        pool: &PoolName,
        take: Take,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let pulled = self.0.pull(worker, pool, take).await?;
        if pulled.is_empty() {
            std::future::pending::<()>().await;
        }
        Ok(pulled)
    }

    async fn ack(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        self.0.ack(worker, id).await
    }

    async fn release(&self, worker: &WorkerId, id: &QueryId) -> Result<(), Unavailable> {
        self.0.release(worker, id).await
    }

    async fn remove(&self, id: &QueryId) -> Result<bool, Unavailable> {
        self.0.remove(id).await
    }

    async fn pending_of(&self, worker: &WorkerId) -> Result<Vec<QueryId>, Unavailable> {
        self.0.pending_of(worker).await
    }

    async fn leave(&self, worker: &WorkerId) -> Result<(), Unavailable> {
        self.0.leave(worker).await
    }

    async fn holders(&self) -> Result<Vec<WorkerId>, Unavailable> {
        self.0.holders().await
    }

    async fn pools(&self) -> Result<Vec<PoolName>, Unavailable> {
        self.0.pools().await
    }

    async fn depth(&self, pool: &PoolName) -> Result<Depth, Unavailable> {
        self.0.depth(pool).await
    }
}

/// Parts of a worker that gets one query and has a cluster.
struct Parts {
    queue: MockQueue,
    store: MockResultStore,
    registry: MockRegistry,
    provisioner: MockClusterProvisioner,
    executor: MockQueryExecutor,
}

impl Parts {
    fn new() -> Self {
        let mut queue = MockQueue::new();
        queue.expect_leave().returning(|_| Ok(()));
        let mut deliveries = vec![Delivery::Query("q".parse().unwrap())];
        queue.expect_pull().returning(move |_, _, take| {
            match if matches!(take, Take::Any(1..)) {
                deliveries.pop()
            } else {
                None
            } {
                Some(delivery) => Ok(vec![delivery]),
                None => Ok(Vec::new()),
            }
        });
        queue.expect_pending_of().returning(|_| Ok(Vec::new()));
        let mut provisioner = MockClusterProvisioner::new();
        let cluster = Cluster {
            origin: "http://c:1".into(),
            dialect: Dialect::Trino,
            version: "476".into(),
        };
        provisioner
            .expect_provision()
            .returning(move |_| Ok(cluster.clone()));
        provisioner.expect_health().returning(|_| Health::Healthy);
        provisioner.expect_load().returning(|_| Ok(Load::default()));
        provisioner.expect_remove().returning(|_| Ok(()));
        let mut registry = MockRegistry::new();
        registry.expect_leave().returning(|_| Ok(()));
        let (store, executor) = (MockResultStore::new(), MockQueryExecutor::new());
        Self {
            queue,
            store,
            registry,
            provisioner,
            executor,
        }
    }

    fn worker(self) -> Worker {
        let parts = WorkerParts {
            queue: Arc::new(Waiting(self.queue)),
            store: Arc::new(self.store),
            registry: Arc::new(self.registry),
            provisioner: Arc::new(self.provisioner),
            executor: Arc::new(self.executor),
        };
        Worker::new(parts, WorkerConfig::default(), random())
    }
}

fn granted() -> Claim {
    let statement = Arc::new(statement("SELECT 1"));
    Claim::Granted {
        attempt: Attempt(1),
        statement,
        superseded: Vec::new(),
    }
}

fn finished() -> Ending {
    Ending {
        outcome: Outcome::Finished,
        stats: None,
        columns: None,
        envelope: Envelope::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_is_written_until_the_store_has_answered() {
    let mut parts = Parts::new();
    parts
        .registry
        .expect_renew()
        .returning(|_, _| Ok(Renewal::Renewed));
    parts
        .store
        .expect_claim()
        .times(1)
        .returning(|_, _| Ok(granted()));
    parts
        .executor
        .expect_execute()
        .times(1)
        .returning(|_, _, _| Ok(finished()));
    let mut failures = 5;
    parts
        .store
        .expect_finish()
        .times(6)
        .returning(move |_, _, _| {
            failures -= 1;
            if failures >= 0 {
                Err(WriteError::Unavailable(away()))
            } else {
                Ok(())
            }
        });
    let acknowledged = Arc::new(Notify::new());
    let told = acknowledged.clone();
    parts.queue.expect_ack().times(1).returning(move |_, _| {
        told.notify_one();
        Ok(())
    });
    let mut worker = parts.worker().spawn();
    acknowledged.notified().await;
    worker.drain(Duration::ZERO);
    worker.stopped().await;
}

#[tokio::test(start_paused = true)]
async fn a_query_that_another_holds_is_left_alone() {
    let mut parts = Parts::new();
    parts
        .registry
        .expect_renew()
        .returning(|_, _| Ok(Renewal::Renewed));
    let asked = Arc::new(Notify::new());
    let told = asked.clone();
    // Neither executed nor acknowledged: that would be a call that no mock expects. It must be found again, so it goes back.
    parts
        .queue
        .expect_release()
        .times(1)
        .returning(|_, _| Ok(()));
    parts.store.expect_claim().times(1).returning(move |_, _| {
        told.notify_one();
        Ok(Claim::Held)
    });
    let mut worker = parts.worker().spawn();
    asked.notified().await;
    worker.drain(Duration::from_secs(5));
    worker.stopped().await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_was_sealed_goes_on_under_a_new_name() {
    let mut parts = Parts::new();
    parts.queue = MockQueue::new();
    parts.queue.expect_leave().returning(|_| Ok(()));
    parts
        .queue
        .expect_pull()
        .returning(|_, _, _| Ok(Vec::new()));
    parts
        .queue
        .expect_pending_of()
        .returning(|_| Ok(Vec::new()));
    let names = Arc::new(std::sync::Mutex::new(Vec::new()));
    let renewed = Arc::new(Notify::new());
    let (known, told) = (names.clone(), renewed.clone());
    parts.registry.expect_renew().returning(move |worker, _| {
        let mut known = known.lock().unwrap();
        if !known.contains(worker) {
            known.push(worker.clone());
        }
        if known.len() == 1 {
            return Ok(Renewal::Sealed);
        }
        told.notify_one();
        Ok(Renewal::Renewed)
    });
    let mut worker = parts.worker().spawn();
    renewed.notified().await;
    worker.drain(Duration::ZERO);
    worker.stopped().await;
    assert_eq!(names.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_panics_is_taken_over_at_once() {
    let mut parts = Parts::new();
    parts
        .registry
        .expect_renew()
        .returning(|_, _| Ok(Renewal::Renewed));
    parts
        .store
        .expect_claim()
        .times(1)
        .returning(|_, _| Ok(granted()));
    parts
        .executor
        .expect_execute()
        .times(1)
        .returning(|_, _, _| panic!("a test's"));
    parts
        .store
        .expect_take_over()
        .times(1)
        .returning(|_, _| Ok(GivenUp::Again));
    let released = Arc::new(Notify::new());
    let told = released.clone();
    parts
        .queue
        .expect_release()
        .times(1)
        .returning(move |_, _| {
            told.notify_one();
            Ok(())
        });
    let mut worker = parts.worker().spawn();
    released.notified().await;
    worker.drain(Duration::from_secs(1));
    worker.stopped().await;
    worker.stopped().await;
}

#[tokio::test(start_paused = true)]
async fn a_write_that_ends_in_nonsense_may_have_had_its_effect() {
    for (sql, expected) in [
        ("SELECT 1", "PERK_BAD_CLUSTER_ANSWER"),
        ("INSERT INTO t SELECT 1", "PERK_OUTCOME_UNKNOWN"),
    ] {
        let mut parts = Parts::new();
        parts
            .registry
            .expect_renew()
            .returning(|_, _| Ok(Renewal::Renewed));
        parts.store.expect_claim().returning(move |_, _| {
            let statement = Arc::new(statement(sql));
            Ok(Claim::Granted {
                attempt: Attempt(1),
                statement,
                superseded: Vec::new(),
            })
        });
        let nonsense = PerkError::BadClusterAnswer.because("nonsense");
        parts
            .executor
            .expect_execute()
            .returning(move |_, _, _| Err(ExecuteError::Failed(Box::new(nonsense.clone()))));
        let (told, mut ended) = tokio::sync::mpsc::unbounded_channel();
        parts
            .store
            .expect_finish()
            .times(1)
            .returning(move |_, _, ending| {
                told.send(ending).unwrap();
                Ok(())
            });
        parts.queue.expect_ack().returning(|_, _| Ok(()));
        let mut worker = parts.worker().spawn();
        match ended.recv().await.unwrap().outcome {
            Outcome::Failed(error) => assert_eq!(error.name, expected),
            Outcome::Finished => panic!("{sql} finished"),
        }
        worker.drain(Duration::from_secs(1));
        worker.stopped().await;
    }
}
