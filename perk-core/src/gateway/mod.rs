//! The gateway: takes statements and gives results, whatever protocol is in front of it.
//!
//! | module | its job |
//! |---|---|
//! | here | what a gateway is; statements taken, queries shown and ended |
//! | `polling` | what a client asks for with a token |
//! | `housekeeping` | what has to happen though nobody asks: lost workers, absent clients, stopping |

mod housekeeping;
mod polling;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::error::{PerkError, QueryError, Unavailable};
use crate::ids::{PageIndex, QueryId, WorkerId};
use crate::query::{Ending, QueryState, Rerunnable};
use crate::queue::{Lane, Offered, Queue, QueueBounds, Signal, Target};
use crate::random::Random;
use crate::registry::Registry;
use crate::rerun;
use crate::router::Router;
use crate::slug::{DeploymentKeys, Slug};
use crate::statement::Statement;
use crate::store::{Ended, EndedBy, NewQuery, Next, QueryInfo, ReadLimits, Reading, ResultStore};

/// How a gateway behaves.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// How long a POST waits for rows, where the client reads them from its answer.
    pub post_wait: Duration,
    /// How long a poll waits for rows.
    pub poll_wait: Duration,
    /// About how many polls are answered with nothing in a second: where more clients wait, each waits longer, so that many who
    /// wait cost those who do not hardly anything.
    pub idle_polls: u32,
    /// How long a poll waits for rows where very many do. Clients give an answer up after 30 s, load balancers some after 10 s.
    pub longest_poll_wait: Duration,
    /// About how many bytes of pages one answer holds; a larger page goes alone.
    pub answer_bytes: usize,
    /// How often housekeeping looks for absent clients and lost workers.
    pub sweep_interval: Duration,
    /// How often housekeeping looks for queries that wait in no queue.
    pub reconcile_interval: Duration,
    /// For how long a lost worker's name is watched for queries it may still have pulled: longer than a lease, within which
    /// it hears that it is lost.
    pub forget_after: Duration,
    /// How many queries may wait. One too many fails with `PERK_QUEUE_FULL`.
    pub bounds: QueueBounds,
    /// What says the date that a query's id begins with.
    pub clock: fn() -> SystemTime,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            post_wait: Duration::from_millis(100),
            poll_wait: Duration::from_secs(1),
            idle_polls: 1000,
            longest_poll_wait: Duration::from_secs(5),
            answer_bytes: 1 << 20,
            sweep_interval: Duration::from_secs(1),
            reconcile_interval: Duration::from_secs(10),
            forget_after: Duration::from_mins(1),
            bounds: QueueBounds::default(),
            clock: SystemTime::now,
        }
    }
}

/// What a client can do with the answer to its POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostAnswer {
    /// It reads columns, rows and the end there, if they come in time.
    MayHoldRows,
    /// It wants a token to ask with.
    TokenOnly,
}

/// What a client gets for a statement or a token.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The query.
    pub id: QueryId,
    /// What there is.
    pub reading: Reading,
}

/// Why a statement was not taken. Nothing was stored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    /// Perk is being stopped.
    #[error("Perk is being stopped and takes no more statements; send it again in a moment")]
    ShuttingDown,
    /// The store, queue or registry is away.
    #[error("{0}; the statement was not taken, send it again")]
    Unavailable(#[from] Unavailable),
}

/// Why a client that asked for a query got nothing of it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PollError {
    /// There is no such query for this client: wrong id or wrong slug, it does not say which.
    #[error("no such query")]
    Unknown,
    /// The token was right, but the query is over and removed.
    #[error("{}", _0.message)]
    Expired(QueryError),
    /// The page has been asked for before, and then a later one.
    #[error("this page is gone: a later one has been asked for")]
    PageGone,
    /// The store is away; the same request may be sent again.
    #[error("{0}")]
    Unavailable(#[from] Unavailable),
}

/// Takes statements and gives their results. Keeps nothing itself: what there is of a query is in the store, so any
/// gateway of a deployment answers for any query. Cloning it is cheap and gives the same gateway.
#[derive(Debug, Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    queue: Arc<dyn Queue>,
    store: Arc<dyn ResultStore>,
    registry: Arc<dyn Registry>,
    router: Router,
    config: GatewayConfig,
    keys: DeploymentKeys,
    random: Random,
    /// The name under which this gateway sweeps.
    name: String,
    shutting_down: AtomicBool,
    /// How many polls are being answered.
    polls: AtomicU32,
    /// Since when workers are known to be lost.
    lost: Mutex<HashMap<WorkerId, Instant>>,
}

impl Gateway {
    /// A gateway over these parts. Fetches the deployment's keys from the registry.
    pub async fn new(
        queue: Arc<dyn Queue>,
        store: Arc<dyn ResultStore>,
        registry: Arc<dyn Registry>,
        router: Router,
        config: GatewayConfig,
        random: Random,
    ) -> Result<Self, Unavailable> {
        let keys = registry.deployment_keys().await?;
        let name = format!("{:x}", u64::from_be_bytes(random.bytes()));
        let shutting_down = AtomicBool::new(false);
        let shared = Shared {
            queue,
            store,
            registry,
            router,
            config,
            keys,
            random,
            name,
            shutting_down,
            polls: AtomicU32::default(),
            lost: Mutex::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Takes a statement. A re-runnable one is pushed at once; any other waits for the first poll of its token, since the
    /// client may lose this answer and send the statement again.
    ///
    /// Where the answer may hold rows, this waits for them a little. If the future is dropped meanwhile (the client has
    /// gone, and was never told of the query), the query is cancelled.
    pub async fn submit(
        &self,
        statement: Statement,
        answer: PostAnswer,
    ) -> Result<Answer, SubmitError> {
        let shared = &self.shared;
        // What a client has begun it may end, as long as the worker that drains waits for it.
        if shared.shutting_down.load(Ordering::Acquire) && statement.transaction.is_none() {
            return Err(SubmitError::ShuttingDown);
        }
        let id = self.new_id();
        let rerunnable = rerun::judge(&statement);
        let statement = Arc::new(statement);
        let target = match self.target(&statement).await? {
            Ok(target) => target,
            Err(lost) => return self.fail(id, statement, lost, answer).await,
        };
        let mut unanswered = Unanswered {
            gateway: self,
            id: Some(&id),
        };
        let query = NewQuery {
            id: id.clone(),
            statement: statement.clone(),
            target: target.clone(),
            rerunnable,
            queued: rerunnable == Rerunnable::Yes,
        };
        tracing::debug!(%id, user = statement.user, ?rerunnable, "statement taken");
        let mut reading = waiting(statement, QueryState::Stored);
        if rerunnable == Rerunnable::Yes {
            // At once, so that nobody waits twice. Whoever pulls it before it is stored finds nothing to run; it is found then.
            let (created, offered) = tokio::join!(
                biased;
                shared.store.create(query),
                shared.queue.offer(&target, &id, shared.config.bounds),
            );
            if let Err(unavailable) = created {
                // Otherwise whoever pulls it finds that there is nothing to run.
                let _ = shared.queue.remove(&id).await;
                return Err(unavailable.into());
            }
            // From here on the statement is stored: an error would make clients send it twice. The store's word that the
            // query is gone, or silence, is for the poll to tell.
            reading.state = QueryState::Queued;
            let placed = match offered {
                Ok(offered) => self.placed(&id, offered).await,
                Err(unavailable) => Err(unavailable),
            };
            if placed.is_ok()
                && answer == PostAnswer::MayHoldRows
                && let Ok(read) = shared
                    .store
                    .read(&id, 0, self.limits(shared.config.post_wait))
                    .await
            {
                reading = read;
            }
        } else {
            shared.store.create(query).await?;
        }
        unanswered.id = None;
        drop(unanswered);
        Ok(Answer { id, reading })
    }

    /// Answers a statement that cannot run at all with why: at once, or at its token for a client that wants one.
    pub async fn reject(
        &self,
        statement: Statement,
        error: QueryError,
        answer: PostAnswer,
    ) -> Result<Answer, SubmitError> {
        let id = self.new_id();
        self.fail(id, Arc::new(statement), error, answer).await
    }

    async fn fail(
        &self,
        id: QueryId,
        statement: Arc<Statement>,
        error: QueryError,
        answer: PostAnswer,
    ) -> Result<Answer, SubmitError> {
        let ending = Ending::failed(error);
        let waiting = waiting(statement.clone(), QueryState::Queued);
        let reading = match answer {
            PostAnswer::MayHoldRows => Reading {
                state: QueryState::Ended,
                next: Next::End(Arc::new(ending)),
                ..waiting
            },
            PostAnswer::TokenOnly => {
                let query = NewQuery {
                    id: id.clone(),
                    target: Target::Lane(self.lane(&statement)),
                    statement,
                    rerunnable: Rerunnable::No,
                    queued: false,
                };
                self.shared.store.create(query).await?;
                self.shared.store.end(&id, ending, EndedBy::Perk).await?;
                waiting
            }
        };
        Ok(Answer { id, reading })
    }

    /// Cancels a query by its id alone, for the user who began it.
    pub async fn cancel_as(&self, id: &QueryId, user: &str) -> Result<(), PollError> {
        self.info_as(id, user).await?;
        Ok(self
            .end(id, QueryError::user_canceled(), EndedBy::Client)
            .await?)
    }

    /// Ends the last running leaf stage of a query, so that it finishes with the rows it has (the CLIs' partial cancel).
    pub async fn cancel_leaf_stage(&self, id: &QueryId, slug: &str) -> Result<(), PollError> {
        self.check(id, LEAF_STAGE_TOKEN, slug)?;
        let info = self.shared.store.info(id).await?.ok_or_else(expired)?;
        if let QueryState::Running { worker, .. } = info.state {
            self.shared
                .queue
                .signal(&worker, id, Signal::CancelLeafStage)
                .await?;
        }
        Ok(())
    }

    /// A query's particulars, for the user who began it.
    pub async fn info_as(&self, id: &QueryId, user: &str) -> Result<QueryInfo, PollError> {
        let info = self
            .shared
            .store
            .info(id)
            .await?
            .ok_or(PollError::Unknown)?;
        if info.statement.user == user {
            Ok(info)
        } else {
            Err(PollError::Unknown)
        }
    }

    /// A query's particulars, for whoever knows its id, of which nothing private may be shown.
    pub async fn info(&self, id: &QueryId) -> Result<QueryInfo, PollError> {
        self.shared.store.info(id).await?.ok_or(PollError::Unknown)
    }

    /// The slug for a query's token.
    pub fn slug(&self, id: &QueryId, token: PageIndex) -> Slug {
        self.shared.keys.slug(id, token)
    }

    /// The slug for cancelling a query's leaf stage.
    pub fn leaf_stage_slug(&self, id: &QueryId) -> Slug {
        self.shared.keys.slug(id, LEAF_STAGE_TOKEN)
    }

    /// The version of a cluster behind this gateway, once one is ready.
    pub async fn cluster_version(&self) -> Option<String> {
        let workers = self.shared.registry.workers().await.ok()?;
        workers
            .into_iter()
            .find_map(|worker| worker.status.cluster.map(|cluster| cluster.version))
    }

    fn new_id(&self) -> QueryId {
        QueryId::new((self.shared.config.clock)(), self.shared.random.bytes())
    }

    fn limits(&self, wait: Duration) -> ReadLimits {
        ReadLimits {
            wait,
            bytes: self.shared.config.answer_bytes,
        }
    }

    /// Where a statement waits: a transaction's with the worker whose cluster began it.
    async fn target(
        &self,
        statement: &Statement,
    ) -> Result<Result<Target, QueryError>, Unavailable> {
        let Some(transaction) = &statement.transaction else {
            return Ok(Ok(Target::Lane(self.lane(statement))));
        };
        let worker = self.shared.registry.transaction_worker(transaction).await?;
        Ok(worker.map(Target::Inbox).ok_or_else(transaction_lost))
    }

    fn lane(&self, statement: &Statement) -> Lane {
        let route = self.shared.router.route(statement);
        Lane {
            pool: route.pool,
            priority: route.priority,
            user: statement.user.clone(),
        }
    }

    /// Pushes a stored query first and marks it then: dying in between leaves one that the next poll pushes again, which changes
    /// nothing.
    async fn push(&self, id: &QueryId, target: &Target) -> Result<(), Unavailable> {
        let shared = &self.shared;
        let bounds = shared.config.bounds;
        let offered = shared.queue.offer(target, id, bounds).await?;
        self.placed(id, offered).await?;
        self.tidy_inbox(id, target).await?;
        shared.store.queued(id).await
    }

    /// Ends a query for which there was no place in the queue.
    async fn placed(&self, id: &QueryId, offered: Offered) -> Result<(), Unavailable> {
        let shared = &self.shared;
        let bounds = shared.config.bounds;
        let (whose, bound) = match offered {
            Offered::Taken => return Ok(()),
            Offered::PoolFull => ("", bounds.pool),
            Offered::UserFull => ("of yours ", bounds.user),
        };
        let message = format!(
            "{} queries {whose}wait already, which is as many as may: run it again when some of them have run",
            bound.unwrap_or_default()
        );
        let ending = Ending::failed(PerkError::QueueFull.because(message));
        shared.store.end(id, ending, EndedBy::Perk).await.map(drop)
    }

    /// Takes out of an inbox again what has ended meanwhile: whoever ended it found nothing there. A lane's workers see to that,
    /// but the worker of an inbox may have left.
    async fn tidy_inbox(&self, id: &QueryId, target: &Target) -> Result<(), Unavailable> {
        let shared = &self.shared;
        if matches!(target, Target::Inbox(_)) {
            let info = shared.store.info(id).await?;
            if info.is_none_or(|info| info.state == QueryState::Ended) {
                shared.queue.remove(id).await?;
            }
        }
        Ok(())
    }

    /// Ends a query wherever it stands: out of the queue, or on its cluster by way of its worker.
    async fn end(&self, id: &QueryId, error: QueryError, by: EndedBy) -> Result<(), Unavailable> {
        let was = self.shared.store.end(id, Ending::failed(error), by).await?;
        self.carry_out(id, was).await
    }

    async fn carry_out(&self, id: &QueryId, was: Ended) -> Result<(), Unavailable> {
        match was {
            Ended::Waiting => self.shared.queue.remove(id).await.map(drop),
            Ended::Running(worker) => self.shared.queue.signal(&worker, id, Signal::Cancel).await,
            Ended::Before | Ended::WaitingToCancel => Ok(()),
        }
    }
}

/// No result has this many pages: its slug is for cancelling the leaf stage.
const LEAF_STAGE_TOKEN: PageIndex = PageIndex::MAX;

fn expired() -> PollError {
    let message = "the query is over and its result is gone: it was read to its end, cancelled, or not asked for in time";
    PollError::Expired(PerkError::QueryExpired.because(message))
}

fn transaction_lost() -> QueryError {
    let message = "the transaction is unknown, or the cluster that began it is gone: roll back and begin again";
    PerkError::TransactionLost.because(message)
}

/// What is known of a query that was just stored.
fn waiting(statement: Arc<Statement>, state: QueryState) -> Reading {
    Reading {
        dialect: statement.dialect,
        statement,
        state,
        elapsed: Duration::ZERO,
        queued: Duration::ZERO,
        columns: None,
        pages: Vec::new(),
        progress: None,
        next: Next::Token(0),
    }
}

/// Cancels a query when the answer to its POST is dropped before it was given: nobody knows of it.
struct Unanswered<'a> {
    gateway: &'a Gateway,
    id: Option<&'a QueryId>,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let (Some(id), Ok(runtime)) = (self.id, tokio::runtime::Handle::try_current()) {
            let (gateway, id) = (self.gateway.clone(), id.clone());
            runtime.spawn(async move {
                if let Err(error) = gateway.end(&id, QueryError::abandoned(), EndedBy::Client).await {
                    tracing::warn!(%id, %error, "an unanswered query could not be cancelled; its time limit will");
                }
            });
        }
    }
}
