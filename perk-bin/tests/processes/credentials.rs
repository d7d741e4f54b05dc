//! Clients' credentials: stored encrypted, or not taken.

use std::fs;

use libtest_mimic::Trial;
use perk_protocol::testsuite::Flavor;

use crate::deployment::{Deployment, Outcome, post, rest, send};
use crate::support::redis::{Answer, DURABLE, RedisServer};
use crate::test;

const SECRETS: [(&str, &str); 2] = [
    ("Authorization", "Bearer s3cret-of-ann"),
    ("X-Trino-Extra-Credential", "token=other-s3cret"),
];

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("credentials_are_refused_without_a_key", refused),
        test("credentials_are_stored_encrypted", encrypted),
    ]
}

/// Nothing is compressed, so that whatever is stored in the clear is found.
fn deployment() -> Deployment {
    let plain = ["--rdbcompression", "no", "--aof-use-rdb-preamble", "no"];
    Deployment::over(RedisServer::started(&[&DURABLE[..], &plain].concat()))
}

/// Whether Redis has these bytes in one of its values, or has ever had them among what it was told.
fn holds(deployment: &Deployment, text: &str) -> (bool, bool) {
    let contains = |bytes: &[u8]| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    let dumped = |key: &String| match deployment.redis.ask(&["DUMP", key]) {
        Answer::Bytes(dump) => contains(&dump),
        _ => false,
    };
    let now = deployment.redis.keys().iter().any(dumped);
    let folder = deployment.redis.folder().join("appendonlydir");
    let told = fs::read_dir(folder).expect("what it was told is on disk");
    let told = told.map(|file| fs::read(file.unwrap().path()).unwrap());
    (now, told.into_iter().any(|file| contains(&file)))
}

fn refused() {
    let deployment = deployment();
    let cluster = deployment.cluster(Flavor::Trino);
    let gateway = deployment.gateway(&[]);
    for (header, value) in SECRETS {
        let refused = send(&gateway, &[(header, value)], "SELECT 'refused'");
        assert_eq!(refused.status, 400, "{refused:?}");
        let name = header.trim_start_matches("X-Trino-").to_lowercase();
        for part in [&name, "credential key", "no key"] {
            assert!(refused.body.contains(part), "{refused:?}");
        }
        assert!(!refused.body.contains("s3cret"), "{refused:?}");
    }
    assert_eq!(holds(&deployment, "refused"), (false, false));
    // Who has none is served.
    let _worker = deployment.worker(&cluster, &[]);
    assert_eq!(rest(&[&gateway], post(&gateway, "SELECT 1")).error, None);
}

fn encrypted() {
    let deployment = deployment();
    let cluster = deployment.cluster(Flavor::Trino);
    // As digits to one, as bytes to the other.
    let [digits, bytes] = ["key.hex", "key.bin"].map(|name| deployment.redis.folder().join(name));
    fs::write(&digits, "0123456789abcdef".repeat(4) + "\n").unwrap();
    let key = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef].repeat(4);
    fs::write(&bytes, key).unwrap();
    let key = |file: &std::path::Path| file.to_str().unwrap().to_owned();
    let gateway = deployment.gateway(&["--credential-key-file", &key(&digits)]);
    let worker = deployment.worker(&cluster, &["--credential-key-file", &key(&bytes)]);

    let sql = "INSERT INTO marked SELECT 1 /*script work_ms=1500 update=INSERT count=1*/";
    let taken = send(&gateway, &SECRETS, sql).json();
    let secrets = ["s3cret-of-ann", "other-s3cret"];
    // It is stored, and nothing else; the statement shows that what is stored is seen.
    assert_eq!(holds(&deployment, "INSERT INTO marked"), (true, true));
    for secret in secrets {
        assert_eq!(holds(&deployment, secret), (false, false), "{secret}");
    }
    assert_eq!(rest(&[&gateway], taken), Outcome::default());
    for secret in secrets {
        assert_eq!(holds(&deployment, secret), (false, false), "{secret}");
    }
    let seen = cluster.coordinator.seen();
    let posted = seen.requests.iter().find(|request| {
        request
            .sql
            .as_deref()
            .is_some_and(|sql| sql.contains("INTO marked"))
    });
    let posted = posted.expect("it ran");
    for (header, value) in SECRETS {
        assert_eq!(posted.header(header), Some(value));
    }
    for process in [&gateway, &worker] {
        assert!(!process.log().contains("s3cret"), "{}", process.log());
    }
}
