//! The memory implementations, held to the contracts, and what they promise beyond them.

mod made;

use std::sync::Arc;

use perk_core::{Queue, Registry, ResultStore, Take};
use perk_queue::{MemoryQueue, MemoryRegistry, MemoryResultStore, MemoryStoreConfig};

mod queue {
    use super::*;

    perk_core::queue_test_suite!(|| async { Arc::new(MemoryQueue::new()) as Arc<dyn Queue> });
}

mod registry {
    use super::*;

    perk_core::registry_test_suite!(|lease| async move {
        Arc::new(MemoryRegistry::new(lease, [7; 32])) as Arc<dyn Registry>
    });
}

mod store {
    use super::*;

    perk_core::result_store_test_suite!(|settings| async move {
        Arc::new(made::store(settings)) as Arc<dyn ResultStore>
    });
}

mod beyond {
    //! What the memory implementations promise beyond the contracts.

    use std::pin::pin;
    use std::time::Duration;

    use bytes::Bytes;
    use perk_core::{
        Attempt, Claim, Delivery, Dialect, EndedBy, Ending, Envelope, Lane, NewQuery, Next,
        Outcome, Page, PoolName, Priority, QueryError, QueryId, ReadError, ReadLimits, Reading,
        Rerunnable, Secret, Statement, Target, WorkerId,
    };
    use tokio::time::timeout;

    use super::*;

    fn lane(user: &str) -> Target {
        Target::Lane(Lane {
            pool: PoolName::default_pool(),
            priority: Priority::Normal,
            user: user.to_owned(),
        })
    }

    fn worker() -> WorkerId {
        "w".parse().unwrap()
    }

    fn page(bytes: usize) -> Page {
        Page {
            rows: Some(Bytes::from(vec![b' '; bytes])),
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

    async fn running(store: &MemoryResultStore, name: &str) -> (QueryId, Attempt) {
        let id: QueryId = name.parse().unwrap();
        let mut statement = Statement::new(Dialect::Presto, "ann", "SELECT 1");
        statement.credentials = vec![("Authorization".to_owned(), Secret::new("Basic eDp5"))];
        let query = NewQuery {
            id: id.clone(),
            statement: Arc::new(statement),
            target: lane("ann"),
            rerunnable: Rerunnable::Yes,
            queued: false,
        };
        store.create(query).await.unwrap();
        match store.claim(&id, &worker()).await.unwrap() {
            Claim::Granted { attempt, .. } => (id, attempt),
            other => panic!("{other:?}"),
        }
    }

    async fn read(store: &MemoryResultStore, id: &QueryId) -> Result<Reading, ReadError> {
        let limits = ReadLimits {
            wait: Duration::ZERO,
            bytes: 1 << 20,
        };
        store.read(id, 0, limits).await
    }

    #[tokio::test]
    async fn one_user_s_ten_thousand_queries_keep_no_other_waiting() {
        let (queue, pool) = (MemoryQueue::new(), PoolName::default_pool());
        let id = |n: usize| format!("q{n}").parse::<QueryId>().unwrap();
        for n in 0..10_000 {
            queue.push(&lane("ann"), &id(n)).await.unwrap();
        }
        queue.pull(&worker(), &pool, Take::Any(1)).await.unwrap();
        let bob = "bob".parse().unwrap();
        queue.push(&lane("bob"), &bob).await.unwrap();
        let pulled = queue.pull(&worker(), &pool, Take::Any(2)).await.unwrap();
        assert!(pulled.contains(&Delivery::Query(bob)), "{pulled:?}");
        assert_eq!(queue.depth(&pool).await.unwrap().waiting, 9_998);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_is_settled_when_every_end_was_read() {
        let store = MemoryResultStore::new(MemoryStoreConfig::default());
        timeout(Duration::from_secs(1), store.settled())
            .await
            .expect("an empty store is settled");
        let (id, attempt) = running(&store, "read").await;
        let (left, _) = running(&store, "left").await;
        let mut settled = pin!(store.settled());
        let mut not_yet = async || timeout(Duration::from_secs(1), &mut settled).await.is_err();
        store.append(&id, attempt, 0, page(10)).await.unwrap();
        assert!(not_yet().await, "two queries run");
        store.finish(&id, attempt, finished()).await.unwrap();
        assert!(not_yet().await, "an end was not read");
        assert!(matches!(
            read(&store, &id).await.unwrap().next,
            Next::End(_)
        ));
        read(&store, &id).await.unwrap();
        assert!(not_yet().await, "a query runs");
        tokio::time::advance(Duration::from_mins(5)).await;
        assert_eq!(store.sweep().await.unwrap()[0].id, left);
        timeout(Duration::from_secs(1), settled)
            .await
            .expect("nobody will read the other end");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_left_of_queries_that_are_over() {
        let store = MemoryResultStore::new(MemoryStoreConfig::default());
        for n in 0..100 {
            let (id, attempt) = running(&store, &format!("q{n}")).await;
            store.append(&id, attempt, 0, page(10)).await.unwrap();
            if n % 2 == 0 {
                store.finish(&id, attempt, finished()).await.unwrap();
                read(&store, &id).await.unwrap();
            } else {
                let canceled = Ending::failed(QueryError::user_canceled());
                store
                    .end(&id, canceled.clone(), EndedBy::Perk)
                    .await
                    .unwrap();
                store.finish(&id, attempt, canceled).await.unwrap_err();
            }
        }
        assert_eq!(store.usage().queries, 100);
        assert_eq!(store.usage().bytes, 50 * 10);
        tokio::time::advance(Duration::from_mins(5)).await;
        assert!(store.sweep().await.unwrap().is_empty());
        assert_eq!(store.usage(), perk_queue::Usage::default());
    }

    #[tokio::test]
    async fn statements_are_taken_within_a_bound() {
        let text = "x".repeat(40_000);
        let store = MemoryResultStore::new(MemoryStoreConfig {
            statements_total: 100_000,
            ..MemoryStoreConfig::default()
        });
        let take = async |name: &str| {
            let query = NewQuery {
                id: name.parse().unwrap(),
                statement: Arc::new(Statement::new(Dialect::Trino, "ann", &text)),
                target: lane("ann"),
                rerunnable: Rerunnable::No,
                queued: false,
            };
            store.create(query).await
        };
        take("one").await.unwrap();
        take("two").await.unwrap();
        let refused = take("three").await.unwrap_err();
        assert!(refused.to_string().contains("100000 bytes"), "{refused}");
        let canceled = Ending::failed(QueryError::user_canceled());
        let one = "one".parse().unwrap();
        store.end(&one, canceled, EndedBy::Client).await.unwrap();
        take("three").await.unwrap();
        let kept = store.info(&one).await.unwrap().unwrap();
        assert_eq!(kept.statement.sql.len(), 1000);
    }

    #[tokio::test]
    async fn a_result_that_was_read_gives_way_to_one_that_was_not() {
        let store = MemoryResultStore::new(MemoryStoreConfig {
            unread_total: 100,
            ..MemoryStoreConfig::default()
        });
        let mut ids = Vec::new();
        for n in 0..5 {
            let (id, attempt) = running(&store, &format!("q{n}")).await;
            store.append(&id, attempt, 0, page(20)).await.unwrap();
            store.finish(&id, attempt, finished()).await.unwrap();
            ids.push(id);
        }
        // The last one stays unread.
        for id in &ids[..4] {
            read(&store, id).await.unwrap();
        }
        let (id, attempt) = running(&store, "new").await;
        for index in 0..3 {
            let append = store.append(&id, attempt, index, page(20));
            timeout(Duration::from_secs(1), append)
                .await
                .expect("there is room")
                .unwrap();
        }
        let mut gone = Vec::new();
        for id in &ids {
            gone.push(matches!(read(&store, id).await, Err(ReadError::Unknown)));
        }
        assert_eq!(gone, [true, true, true, false, false]);
        assert_eq!(store.usage().bytes, 100);
        // It was held back until here, and still is: nothing had to wait.
        assert!(read(&store, &id).await.unwrap().pages.is_empty());
    }

    #[tokio::test]
    async fn credentials_go_when_their_query_ends() {
        let store = MemoryResultStore::new(MemoryStoreConfig::default());
        let (id, attempt) = running(&store, "q").await;
        let credentials = async || {
            let info = store.info(&id).await.unwrap().unwrap();
            info.statement.credentials.len()
        };
        assert_eq!(credentials().await, 1);
        store.finish(&id, attempt, finished()).await.unwrap();
        assert_eq!(credentials().await, 0);
    }
}
