//! What is said to who gave a command something wrong: what it is and what to do, and no password.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

use libtest_mimic::Trial;

use crate::command::{Done, Running};
use crate::support::perk;
use crate::support::processes::{perk_gateway, perk_worker};
use crate::test;

/// Where nobody answers: the port is no one's.
const NOWHERE: &str = "redis://127.0.0.1:1";
const CLUSTER: [&str; 2] = ["--cluster", "http://127.0.0.1:1"];

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("wrong_arguments_say_what_is_wrong", wrong_arguments),
        test("wrong_files_are_named", wrong_files),
        test("an_address_in_use_is_named", address_in_use),
        test("passwords_are_not_shown", passwords),
    ]
}

fn gateway(arguments: &[&str]) -> Command {
    perk_gateway(&[&["--listen", "127.0.0.1:0", "--redis", NOWHERE], arguments].concat())
}

fn worker(arguments: &[&str]) -> Command {
    perk_worker(&[&["--redis", NOWHERE][..], &CLUSTER, arguments].concat())
}

/// Asserts that a command ends by itself, with these words.
#[track_caller]
fn assert_told(mut command: Command, code: i32, words: &[&str]) -> Done {
    let done = Running::start(&mut command).done();
    done.assert_code(code);
    for word in words {
        assert!(
            done.stderr.contains(word),
            "{command:?} {word}: {}",
            done.stderr
        );
    }
    done
}

fn wrong_arguments() {
    let cases: [(Command, i32, &[&str]); 15] = [
        (perk_gateway(&[]), 2, &["--redis <URL>"]),
        (perk_worker(&["--redis", NOWHERE]), 2, &["--cluster <URL>"]),
        (perk_worker(&CLUSTER), 2, &["--redis <URL>"]),
        (perk(&["workers"]), 2, &["--redis <URL>"]),
        (
            perk(&["queue", "--redis", "localhost:6379"]),
            2,
            &["--redis", "redis://host:6379"],
        ),
        (
            perk(&["workers", "--redis", "http://localhost:6379"]),
            2,
            &["must begin with one of redis://, rediss://"],
        ),
        (
            perk_gateway(&["--redis", "redis://localhost:99999"]),
            2,
            &["port"],
        ),
        (
            perk_gateway(&["--redis", "redis-sentinel://localhost"]),
            2,
            &["sentinelServiceName"],
        ),
        (
            gateway(&["--redis-prefix", "{a}"]),
            2,
            &["--redis-prefix", "letters"],
        ),
        (gateway(&["--lease", "0"]), 2, &["--lease"]),
        (worker(&["--pool", "ETL"]), 2, &["--pool", "a-z"]),
        (worker(&["--concurrency", "0"]), 2, &["--concurrency"]),
        // What is for Redis alone makes no sense without it.
        (perk(&["serve", "--pool", "etl"]), 2, &["--redis <URL>"]),
        // Nobody is there, and nobody is waited for.
        (
            perk(&["workers", "--redis", NOWHERE]),
            1,
            &["127.0.0.1:1", "--redis"],
        ),
        (
            perk(&["queue", "--json", "--redis", NOWHERE]),
            1,
            &["127.0.0.1:1", "--redis"],
        ),
    ];
    for (command, code, words) in cases {
        let done = assert_told(command, code, words);
        assert_eq!(done.stdout, "");
    }
}

/// A file that is removed again.
struct File(PathBuf);

impl File {
    fn new(name: &str, content: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, content).expect("it can be written");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("it is UTF-8")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn wrong_files() {
    let key = |path: &str| gateway(&["--credential-key-file", path]);
    assert_told(key("nowhere.key"), 1, &["nowhere.key", "No such file"]);
    let short = File::new("short.key", "0123456789abcdef-s3cret");
    let words = [
        short.path(),
        "64 hexadecimal digits",
        "openssl rand -hex 32",
    ];
    let told = assert_told(worker(&["--credential-key-file", short.path()]), 1, &words);
    assert!(!told.stderr.contains("s3cret"), "{}", told.stderr);

    let routes = |path: &str| gateway(&["--routes", path]);
    assert_told(routes("nowhere.json"), 1, &["nowhere.json", "No such file"]);
    for (name, content, words) in [
        ("cut.json", "[{\"pool\":", &["line 1"][..]),
        (
            "field.json",
            "[\n{\"pool\": \"etl\", \"tag\": \"x\"}]",
            &["tag", "client_tag", "line 2"],
        ),
        (
            "pool.json",
            "[\n\n{\"pool\": \"ETL\"}]",
            &["a pool's name", "line 3"],
        ),
        (
            "urgent.json",
            "[{\"pool\": \"etl\", \"priority\": \"urgent\"}]",
            &["urgent", "high", "column"],
        ),
    ] {
        let file = File::new(name, content);
        assert_told(routes(file.path()), 1, words);
        assert_told(routes(file.path()), 1, &[file.path()]);
    }
    // Without Redis there is nobody behind another pool.
    let elsewhere = File::new("elsewhere.json", "[{\"pool\": \"etl\"}]");
    let arguments = [
        &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--routes",
            elsewhere.path(),
        ][..],
        &CLUSTER,
    ];
    assert_told(perk(&arguments.concat()), 1, &["pool etl", "--redis"]);
}

fn address_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let listen = ["--listen", &address];
    let words = ["cannot listen on", &address, "--listen"];
    assert_told(
        perk_gateway(&[&listen[..], &["--redis", NOWHERE]].concat()),
        1,
        &words,
    );
    assert_told(
        perk(&[&["serve"][..], &listen, &CLUSTER].concat()),
        1,
        &words,
    );
    assert_told(
        perk(&[&["serve"][..], &listen, &CLUSTER, &["--redis", NOWHERE]].concat()),
        1,
        &words,
    );
}

fn passwords() {
    let with = |url: &str| {
        let mut from_environment = perk_gateway(&[]);
        from_environment.env("PERK_REDIS", url);
        [
            perk_gateway(&["--redis", url]),
            perk_worker(&["--redis", url]),
            perk(&["serve", "--redis", url, "--no-such-option"]),
            perk(&["workers", "--redis", url]),
            perk(&["queue", url]),
            from_environment,
        ]
    };
    for url in [
        "redis:s3cret@host",
        "http://ann:s3cret@host",
        "redis://ann:s3cret@",
        "redis://ann:half/s3cret@host",
        "redis://ann:s3cret@host:port",
        "redis://:with space s3cret@host/x",
        "redis-sentinel://host?sentinelPassword=s3cret",
    ] {
        for mut command in with(url) {
            let done = Running::start(&mut command).done();
            done.assert_code(2);
            let printed = done.stdout + &done.stderr;
            assert!(!printed.contains("s3cret"), "{command:?}: {printed}");
        }
    }
    // What is right as far as one can see, and nobody answers.
    for url in [
        "redis://ann:s3cret@127.0.0.1:1",
        "redis-sentinel://ann:s3cret@127.0.0.1:1?sentinelServiceName=a&sentinelPassword=s3cret",
    ] {
        let told = assert_told(perk(&["workers", "--redis", url]), 1, &["127.0.0.1:1"]);
        assert!(!told.stderr.contains("s3cret"), "{}", told.stderr);
    }
}
