//! A query from its statement to its last row and what goes on around it, over whatever kind of Redis: all that gateways and workers
//! ask of one.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use perk_core::{
    Claim, Delivery, Dialect, Ending, Envelope, Lane, NewQuery, Next, Offered, Outcome, Page,
    PoolName, Priority, QueryId, QueryState, Queue, QueueBounds, ReadLimits, Registry, Renewal,
    Rerunnable, ResultStore, Signal, Statement, Take, Target, TransactionId, UpstreamRef, WorkerId,
    WorkerStatus,
};
use perk_queue::{Redis, RedisConfig};
use tokio::time::{sleep, timeout};

use crate::server::connect;

/// Sooner than anybody looks by itself.
const PROMPT: Duration = Duration::from_secs(3);
/// How long it takes until what has begun to wait does.
const BEGINS: Duration = Duration::from_millis(100);
const LIMITS: ReadLimits = ReadLimits {
    wait: Duration::from_secs(10),
    bytes: 1 << 20,
};

/// A gateway's connections and a worker's.
#[derive(Debug)]
pub(crate) struct Processes {
    gateway: Redis,
    worker: Redis,
}

impl Processes {
    pub(crate) async fn over(config: &RedisConfig) -> Self {
        Self {
            gateway: connect(config).await,
            worker: connect(config).await,
        }
    }

    /// One query's life, in a pool of its own. An error is Redis's; anything that is not as it should be panics.
    pub(crate) async fn round(
        &self,
        name: &str,
        rerunnable: Rerunnable,
    ) -> Result<(), Box<dyn Error>> {
        let pool: PoolName = name.parse().unwrap();
        let me: WorkerId = format!("w-{name}").parse().unwrap();
        self.presence(&pool, &me).await?;
        let (id, lane) = self.waiting(name, rerunnable).await?;
        let pushed = async {
            sleep(BEGINS).await;
            let bounds = QueueBounds::default();
            self.gateway.queue.offer(&lane, &id, bounds).await
        };
        let pulled = timeout(PROMPT, self.worker.queue.pull(&me, &pool, Take::Any(1)));
        let (pulled, pushed) = tokio::join!(pulled, pushed);
        assert_eq!(pushed?, Offered::Taken);
        assert_eq!(
            pulled.expect("word of a push comes")?,
            [Delivery::Query(id.clone())]
        );
        assert_eq!(self.gateway.queue.depth(&pool).await?.pending, 1);
        self.rows(&id, &me).await?;
        self.worker.queue.ack(&me, &id).await?;
        assert!(self.gateway.queue.pending_of(&me).await?.is_empty());
        let unended = self.gateway.store.unended(0).await?;
        assert!(unended.queries.iter().all(|(unended, ..)| *unended != id));
        self.gateway.store.sweep().await?;
        self.worker.queue.leave(&me).await?;
        self.worker.registry.leave(&me).await?;
        Ok(())
    }

    /// A query that may not run twice, up to where its cluster may begin it.
    pub(crate) async fn write_begun(&self, name: &str) -> Result<QueryId, Box<dyn Error>> {
        let (id, _) = self.waiting(name, Rerunnable::No).await?;
        let (store, me) = (&self.worker.store, format!("w-{name}").parse().unwrap());
        let Claim::Granted { attempt, .. } = store.claim(&id, &me).await? else {
            panic!("it is granted");
        };
        store.posted(&id, attempt, upstream()).await?;
        Ok(id)
    }

    /// What a query is doing, as far as is known.
    pub(crate) async fn state(&self, id: &QueryId) -> Result<Option<QueryState>, Box<dyn Error>> {
        let info = self.gateway.store.info(id).await?;
        Ok(info.map(|info| info.state))
    }

    /// A query that waits by its record, and where it is to.
    async fn waiting(
        &self,
        name: &str,
        rerunnable: Rerunnable,
    ) -> Result<(QueryId, Target), Box<dyn Error>> {
        let (id, lane): (QueryId, _) = (name.parse().unwrap(), lane(&name.parse().unwrap()));
        let new = NewQuery {
            id: id.clone(),
            statement: Arc::new(Statement::new(Dialect::Presto, "ann", "SELECT 1")),
            target: lane.clone(),
            rerunnable,
            queued: false,
        };
        self.gateway.store.create(new).await?;
        self.gateway.store.queued(&id).await?;
        Ok((id, lane))
    }

    /// A slug that only this deployment can have given out.
    pub(crate) async fn slug(&self) -> Result<String, Box<dyn Error>> {
        let keys = self.gateway.registry.deployment_keys().await?;
        Ok(keys.slug(&"q".parse().unwrap(), 0).to_string())
    }

    /// Who is there, who sweeps, and whose a transaction is.
    async fn presence(&self, pool: &PoolName, me: &WorkerId) -> Result<(), Box<dyn Error>> {
        let status = WorkerStatus {
            pool: pool.clone(),
            cluster: None,
            running: 0,
            draining: false,
        };
        let (ours, others) = (&self.worker.registry, &self.gateway.registry);
        assert_eq!(ours.renew(me, status).await?, Renewal::Renewed);
        let workers = others.workers().await?;
        assert!(workers.iter().any(|entry| entry.id == *me));
        assert!(others.lost_workers().await?.is_empty());
        others.deployment_keys().await?;
        others.may_sweep("gateway").await?;
        let transaction: TransactionId = "4f9a7dc1".parse().unwrap();
        ours.bind_transaction(&transaction, me).await?;
        let owner = others.transaction_worker(&transaction).await?;
        assert_eq!(owner.as_ref(), Some(me));
        ours.unbind_transaction(&transaction).await?;
        Ok(())
    }

    /// An attempt, whose rows are read as they come.
    async fn rows(&self, id: &QueryId, me: &WorkerId) -> Result<(), Box<dyn Error>> {
        let (reader, writer) = (&self.gateway.store, &self.worker.store);
        let Claim::Granted { attempt, .. } = writer.claim(id, me).await? else {
            panic!("it is granted");
        };
        writer.posted(id, attempt, upstream()).await?;
        self.gateway.queue.signal(me, id, Signal::Cancel).await?;
        writer
            .progress(id, attempt, Bytes::from_static(b"{}"))
            .await?;
        writer.append(id, attempt, 0, page("one")).await?;
        let read = timeout(PROMPT, reader.read(id, 0, LIMITS));
        let written = async {
            sleep(BEGINS).await;
            let (last, end) = ((1, page("two")), finished());
            writer.finish_with_page(id, attempt, last, end).await
        };
        // What is held back comes with the end.
        let (read, written) = tokio::join!(read, written);
        written?;
        let read = read.expect("word of the end comes")?;
        let mut rows = read.pages;
        let mut next = read.next;
        while let Next::Token(token) = next {
            let read = reader.read(id, token, LIMITS).await?;
            rows.extend(read.pages);
            next = read.next;
        }
        assert_eq!(rows, [page("one"), page("two")]);
        assert!(reader.heard(id).await?);
        assert!(reader.info(id).await?.is_some());
        Ok(())
    }
}

fn lane(pool: &PoolName) -> Target {
    Target::Lane(Lane {
        pool: pool.clone(),
        priority: Priority::Normal,
        user: "ann".to_owned(),
    })
}

fn upstream() -> UpstreamRef {
    UpstreamRef {
        origin: "http://cluster:8080".to_owned(),
        dialect: Dialect::Presto,
        query_id: "upstream".to_owned(),
        next_uri: "http://cluster:8080/1".to_owned(),
        user: "ann".to_owned(),
        credential: None,
    }
}

fn page(text: &str) -> Page {
    Page {
        rows: Some(Bytes::from(format!("[[\"{text}\"]]"))),
        ..Page::default()
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
