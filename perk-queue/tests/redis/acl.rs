//! A Redis user with just the rights that the operator's guide names.

use perk_core::{Random, Rerunnable};
use perk_queue::{Redis, RedisConfig};

use crate::round::Processes;
use crate::server::{Server, until};

const PASSWORD: &str = "s3cret";

/// A server that knows the guide's user, with its password, and a replica for `WAIT`.
fn servers() -> Option<(Server, Server)> {
    let guide = include_str!("../../../docs/operating-redis.md");
    let mut lines = guide.lines().map(str::trim);
    let line = lines.find(|line| line.starts_with("ACL SETUSER "));
    let command = line.expect("the guide tells how to make the user");
    let command = command.replace("PASSWORD", PASSWORD);
    let server = Server::own()?;
    let words: Vec<_> = command.split_whitespace().collect();
    assert_eq!(server.send(&words).lines().next(), Some("+OK"));
    let port = server.port();
    let replica = Server::with(|_| format!("replicaof 127.0.0.1 {port}\n"))?;
    Some((server, replica))
}

/// The guide's prefix is the one that is used when nothing else is said.
fn config(server: &Server, password: &str) -> RedisConfig {
    let address = format!("redis://perk:{password}@127.0.0.1:{}", server.port());
    RedisConfig {
        replicas: 1,
        ..RedisConfig::new(address)
    }
}

#[tokio::test]
async fn the_guide_s_user_may_do_all_that_is_needed_and_not_more() {
    let Some((server, _replica)) = servers() else {
        return;
    };
    until("the replica follows", || {
        server.send(&["WAIT", "1", "100"]).starts_with(":1")
    })
    .await;
    let processes = Processes::over(&config(&server, PASSWORD)).await;
    for rerunnable in [Rerunnable::No, Rerunnable::Yes] {
        let name = format!("{rerunnable:?}").to_lowercase();
        processes.round(&name, rerunnable).await.unwrap();
    }
    let refused = server.send(&["ACL", "LOG"]);
    assert!(refused.starts_with("*0"), "{refused}");
    for others in [["GET", "other"], ["GET", "{other:queue}"], ["KEYS", "*"]] {
        let allowed = [&["ACL", "DRYRUN", "perk"][..], &others].concat();
        let answer = server.send(&allowed);
        assert!(!answer.starts_with("+OK"), "{others:?}: {answer}");
    }
    for dangerous in ["FLUSHALL", "SHUTDOWN", "CONFIG", "DEBUG"] {
        let answer = server.send(&["ACL", "DRYRUN", "perk", dangerous, "x"]);
        assert!(!answer.starts_with("+OK"), "{dangerous}: {answer}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_and_not_shown() {
    let Some((server, _replica)) = servers() else {
        return;
    };
    let connected = Redis::connect(config(&server, "wr0ng"), Random::system()).await;
    let error = connected.expect_err("nobody is let in with it");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("WRONGPASS"), "{shown}");
    assert!(!shown.contains("wr0ng"), "{shown}");
}
