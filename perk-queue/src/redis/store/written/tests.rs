//! What is written is read as it was.

use perk_core::{Priority, Random, WorkerStatus};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::super::sealed::{CredentialKey, Sealing};
use super::*;

/// Any text at all.
const TEXT: &str = r"(?s).{0,12}";

fn name<N: std::str::FromStr + std::fmt::Debug>() -> impl Strategy<Value = N> {
    "[a-z0-9]{1,12}".prop_map(|name| name.parse().ok().expect("all may be called so"))
}

/// What a cluster gives as JSON, of which nothing is empty.
fn json() -> impl Strategy<Value = Option<Bytes>> {
    option::of(r"(?s).{1,12}".prop_map(Bytes::from))
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    vec((TEXT, TEXT), 0..4)
}

fn dialects() -> impl Strategy<Value = Dialect> {
    prop_oneof![Just(Dialect::Presto), Just(Dialect::Trino)]
}

prop_compose! {
    fn statements()(
        (sql, user, source) in (r"(?s).{0,40}", TEXT, option::of(TEXT)),
        (long, dialect) in (any::<bool>(), dialects()),
        client_tags in vec(TEXT, 0..3),
        transaction in option::of(name()),
        headers in pairs(),
    ) -> Statement {
        let mut statement = Statement::new(dialect, &user, &sql.repeat(if long { 1000 } else { 1 }));
        statement.source = source;
        statement.client_tags = client_tags;
        statement.transaction = transaction;
        statement.headers = headers;
        statement
    }
}

prop_compose! {
    fn envelopes()(
        headers in pairs(),
        (update_type, update_count, warnings) in (json(), json(), json()),
    ) -> Envelope {
        Envelope { headers, update_type, update_count, warnings }
    }
}

prop_compose! {
    fn pages()(
        rows in option::of(vec(any::<u8>(), 0..40).prop_map(Bytes::from)),
        columns in json(),
        envelope in prop_oneof![Just(Envelope::default()), envelopes()],
    ) -> Page {
        Page { rows, columns, envelope }
    }
}

prop_compose! {
    fn errors()(
        (name, message, code) in (TEXT, TEXT, any::<i32>()),
        error_type in prop_oneof![
            Just(ErrorType::UserError),
            Just(ErrorType::InternalError),
            Just(ErrorType::InsufficientResources),
            Just(ErrorType::External),
        ],
        json in json(),
    ) -> QueryError {
        QueryError { name, code, error_type, message, json }
    }
}

prop_compose! {
    fn upstream_refs()(
        (origin, query_id, next_uri, user) in (TEXT, TEXT, TEXT, TEXT),
        dialect in dialects(),
        credential in option::of(TEXT),
    ) -> UpstreamRef {
        UpstreamRef { origin, dialect, query_id, next_uri, user, credential }
    }
}

fn targets() -> impl Strategy<Value = Target> {
    let priority = prop_oneof![
        Just(Priority::High),
        Just(Priority::Normal),
        Just(Priority::Low)
    ];
    prop_oneof![
        (name(), priority, TEXT).prop_map(|(pool, priority, user)| Target::Lane(Lane {
            pool,
            priority,
            user,
        })),
        name().prop_map(Target::Inbox),
    ]
}

prop_compose! {
    fn statuses()(
        (pool, running, draining) in (name(), any::<usize>(), any::<bool>()),
        cluster in option::of((TEXT, dialects(), TEXT)),
    ) -> WorkerStatus {
        let cluster = cluster.map(|(origin, dialect, version)| perk_core::Cluster {
            origin,
            dialect,
            version,
        });
        WorkerStatus { pool, cluster, running, draining }
    }
}

proptest! {
    #[test]
    fn a_statement(written in statements()) {
        let [headers, _, rest] = write_statement(&written).map(Reply::Bytes);
        let sql = Reply::Bytes(Bytes::from(written.sql.clone()));
        let read = statement(&sql, &headers, &rest).unwrap();
        prop_assert_eq!(format!("{read:?}"), format!("{written:?}"));
    }

    #[test]
    fn a_page(written in pages()) {
        let rows = written.rows.clone().unwrap_or_default();
        let with = write_page(&written, None);
        let read = page(&Reply::Bytes(rows), &Reply::Bytes(with)).unwrap();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn an_ending(error in option::of(errors()), envelope in envelopes()) {
        let outcome = error.clone().map_or(Outcome::Finished, |error| Outcome::Failed(Box::new(error)));
        let written = Ending { outcome, stats: None, columns: None, envelope };
        let read = ending(&Reply::Bytes(write_ending(&written))).unwrap();
        prop_assert_eq!(read.error, error);
        prop_assert_eq!(read.envelope, written.envelope);
    }

    #[test]
    fn an_upstream_query(written in upstream_refs()) {
        let replies = Reply::List(vec![Reply::Bytes(write_upstream(&written))]);
        prop_assert_eq!(upstreams(&replies).unwrap(), [written]);
    }

    #[test]
    fn where_it_waits(written in targets()) {
        let read = target(&Reply::Bytes(write_target(&written))).unwrap();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn what_a_worker_says(written in statuses()) {
        let text = format::write_status(&written);
        let read = format::read_status(std::str::from_utf8(&text).unwrap()).unwrap();
        prop_assert_eq!(read, written);
    }

    /// By its own query's, with the same key; to nobody else.
    #[test]
    fn credentials_are_opened(pairs in vec((TEXT, TEXT), 1..4), nonce in any::<u8>()) {
        let random = || Random::new(move |bytes| bytes.fill(nonce));
        let sealing = Sealing::new(Some(&CredentialKey::new([7; 32])), random());
        let other_key = Sealing::new(Some(&CredentialKey::new([8; 32])), random());
        let (id, other) = ("q".parse().unwrap(), "other".parse().unwrap());
        let secrets: Vec<_> = pairs.iter().map(|(name, value)| (name.clone(), Secret::new(value.clone()))).collect();
        let sealed = Reply::Bytes(sealing.seal(&id, &secrets).unwrap());
        let opened = sealing.open(&id, &sealed).unwrap().unwrap();
        let revealed: Vec<_> = opened.into_iter().map(|(name, value)| (name, value.reveal().to_owned())).collect();
        prop_assert_eq!(revealed, pairs);
        prop_assert!(sealing.open(&other, &sealed).unwrap().is_none());
        prop_assert!(other_key.open(&id, &sealed).unwrap().is_none());
    }
}
