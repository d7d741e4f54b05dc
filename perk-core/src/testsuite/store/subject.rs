//! A store under examination, with short ways to say what clauses do all the time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;

use crate::error::{ErrorType, QueryError};
use crate::ids::{Attempt, PageIndex, PoolName, QueryId, WorkerId};
use crate::query::{Ending, Envelope, Outcome, Page, QueryState, Rerunnable, UpstreamRef};
use crate::queue::{Lane, Target};
use crate::rerun::Loss;
use crate::router::Priority;
use crate::statement::{Dialect, Statement};
use crate::store::{
    Claim, GivenUp, NewQuery, Next, ReadError, ReadLimits, Reading, ResultStore, WriteError,
};
use crate::testsuite::SuiteTimes;

/// As long as a client waits: longer than a clause does.
const LONG: Duration = Duration::from_mins(2);

#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) store: Arc<dyn ResultStore>,
    pub(crate) times: SuiteTimes,
    /// How many pages each attempt was given.
    appended: Arc<Mutex<HashMap<(QueryId, Attempt), PageIndex>>>,
}

pub(crate) fn names(prefix: &str, n: usize) -> Vec<QueryId> {
    (0..n)
        .map(|i| format!("{prefix}{i}").parse().unwrap())
        .collect()
}

pub(crate) fn worker(name: &str) -> WorkerId {
    name.parse().unwrap()
}

/// A page of one row that is a text.
pub(crate) fn page(text: &str) -> Page {
    Page {
        rows: Some(Bytes::from(format!("[[\"{text}\"]]"))),
        ..Page::default()
    }
}

pub(crate) fn upstream(name: &str) -> UpstreamRef {
    UpstreamRef {
        origin: "http://coordinator:8080".to_owned(),
        dialect: Dialect::Trino,
        query_id: name.to_owned(),
        next_uri: format!("http://coordinator:8080/v1/statement/queued/{name}/1"),
        user: "ann".to_owned(),
        credential: None,
    }
}

/// The texts of a reading's rows.
pub(crate) fn rows_of(reading: &Reading) -> Vec<String> {
    let text = |page: &Page| {
        let rows = page.rows.as_ref().map(|rows| String::from_utf8_lossy(rows));
        rows.map(|rows| rows.trim_matches(['[', ']', '"']).to_owned())
    };
    reading.pages.iter().filter_map(text).collect()
}

/// A reading's rows, and the token after them, or `None` at the end.
pub(crate) fn reading_of(reading: &Reading) -> (Vec<String>, Option<PageIndex>) {
    let next = match reading.next {
        Next::Token(token) => Some(token),
        Next::End(_) => None,
    };
    (rows_of(reading), next)
}

impl Subject {
    pub(crate) fn new(store: Arc<dyn ResultStore>, times: SuiteTimes) -> Self {
        let appended = Arc::default();
        Self {
            store,
            times,
            appended,
        }
    }

    pub(crate) fn target() -> Target {
        Target::Lane(Lane {
            pool: PoolName::default_pool(),
            priority: Priority::Normal,
            user: "ann".to_owned(),
        })
    }

    pub(crate) async fn stored(&self, name: &str, rerunnable: Rerunnable) -> QueryId {
        let id: QueryId = name.parse().unwrap();
        let statement = Statement::new(Dialect::Presto, "ann", &format!("SELECT '{name}'"));
        let query = NewQuery {
            id: id.clone(),
            statement: Arc::new(statement),
            target: Self::target(),
            rerunnable,
            queued: false,
        };
        self.store.create(query).await.unwrap();
        id
    }

    pub(crate) async fn queued(&self, name: &str, rerunnable: Rerunnable) -> QueryId {
        let id = self.stored(name, rerunnable).await;
        self.store.queued(&id).await.unwrap();
        id
    }

    /// A query that runs on the worker `w`.
    pub(crate) async fn running(&self, name: &str, rerunnable: Rerunnable) -> (QueryId, Attempt) {
        let id = self.queued(name, rerunnable).await;
        let attempt = self.claim(&id, "w").await;
        (id, attempt)
    }

    pub(crate) async fn claim(&self, id: &QueryId, by: &str) -> Attempt {
        self.granted(id, by).await.0
    }

    /// Claims what must be granted: the attempt, and the upstream queries' names that are to be cancelled first.
    pub(crate) async fn granted(&self, id: &QueryId, by: &str) -> (Attempt, Vec<String>) {
        match self.store.claim(id, &worker(by)).await.unwrap() {
            Claim::Granted {
                attempt,
                superseded,
                ..
            } => (
                attempt,
                superseded.into_iter().map(|u| u.query_id).collect(),
            ),
            other => panic!("{id} should have been granted to {by}: {other:?}"),
        }
    }

    /// Claims what must be over: the upstream queries' names that are to be cancelled.
    pub(crate) async fn over(&self, id: &QueryId) -> Vec<String> {
        match self.store.claim(id, &worker("late")).await.unwrap() {
            Claim::Over { superseded } => superseded.into_iter().map(|u| u.query_id).collect(),
            other => panic!("{id} should have been over: {other:?}"),
        }
    }

    /// Appends the attempt's next page.
    pub(crate) async fn try_append(
        &self,
        id: &QueryId,
        attempt: Attempt,
        page: Page,
    ) -> Result<(), WriteError> {
        let key = (id.clone(), attempt);
        let index = self
            .appended
            .lock()
            .unwrap()
            .get(&key)
            .copied()
            .unwrap_or(0);
        self.store.append(id, attempt, index, page).await?;
        self.appended.lock().unwrap().insert(key, index + 1);
        Ok(())
    }

    /// Appends what there must be room for.
    pub(crate) async fn append(&self, id: &QueryId, attempt: Attempt, text: &str) {
        let append = self.try_append(id, attempt, page(text));
        self.times.soon("room", append).await.unwrap();
    }

    pub(crate) async fn finish(&self, id: &QueryId, attempt: Attempt) {
        let ending = Self::finished();
        self.store.finish(id, attempt, ending).await.unwrap();
    }

    pub(crate) fn finished() -> Ending {
        Ending {
            outcome: Outcome::Finished,
            stats: Some(Bytes::from_static(b"{\"state\":\"FINISHED\"}")),
            columns: None,
            envelope: Envelope::default(),
        }
    }

    pub(crate) fn failed(name: &str) -> Ending {
        Ending::failed(QueryError::standard(name, 1, ErrorType::UserError, "why"))
    }

    /// What there is now.
    pub(crate) async fn read(&self, id: &QueryId, token: PageIndex) -> Result<Reading, ReadError> {
        self.read_limited(id, token, Duration::ZERO, 1 << 20).await
    }

    /// What there is now, which must be something.
    pub(crate) async fn see(&self, id: &QueryId, token: PageIndex) -> (Vec<String>, Option<u64>) {
        reading_of(&self.read(id, token).await.unwrap())
    }

    /// What there is sooner or later.
    pub(crate) async fn wait(&self, id: &QueryId, token: PageIndex) -> Result<Reading, ReadError> {
        self.read_limited(id, token, LONG, 1 << 20).await
    }

    pub(crate) async fn read_limited(
        &self,
        id: &QueryId,
        token: PageIndex,
        wait: Duration,
        bytes: usize,
    ) -> Result<Reading, ReadError> {
        let limits = ReadLimits { wait, bytes };
        self.store.read(id, token, limits).await
    }

    /// The name of the error that a token gives.
    pub(crate) async fn error(&self, id: &QueryId, token: PageIndex) -> String {
        let reading = self.read(id, token).await.unwrap();
        assert!(reading.pages.is_empty(), "a failed query gives no rows");
        assert_eq!(reading.state, QueryState::Ended);
        match reading.next {
            Next::End(ending) => match &ending.outcome {
                Outcome::Failed(error) => error.name.clone(),
                Outcome::Finished => panic!("{id} should have failed"),
            },
            Next::Token(token) => panic!("{id} should have ended, not go on at {token}"),
        }
    }

    pub(crate) async fn give_up(&self, id: &QueryId, attempt: Attempt, loss: Loss) -> GivenUp {
        self.store.give_up(id, attempt, loss).await.unwrap()
    }

    pub(crate) async fn take_over(&self, id: &QueryId, from: &str) -> GivenUp {
        self.store.take_over(id, &worker(from)).await.unwrap()
    }

    pub(crate) async fn posted(&self, id: &QueryId, attempt: Attempt, name: &str) {
        let posted = self.store.posted(id, attempt, upstream(name));
        posted.await.unwrap();
    }

    /// This upstream query has been cancelled.
    pub(crate) async fn canceled(&self, id: &QueryId, name: &str) {
        let canceled = [upstream(name)];
        let done = self.store.superseded_canceled(id, &canceled);
        done.await.unwrap();
    }

    /// Every kind of write under this attempt is refused.
    pub(crate) async fn is_fenced(&self, id: &QueryId, attempt: Attempt) {
        let (store, stats) = (&self.store, Bytes::from_static(b"{}"));
        let results = [
            store.posted(id, attempt, upstream("zombie")).await,
            store.append(id, attempt, 0, page("zombie")).await,
            store.progress(id, attempt, stats).await,
            store.finish(id, attempt, Self::finished()).await,
        ];
        for result in results {
            let fenced = matches!(result, Err(WriteError::Fenced));
            assert!(fenced, "{id} under attempt {attempt}: {result:?}");
        }
    }
}
