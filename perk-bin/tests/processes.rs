//! Gateways and workers as processes of their own, over a real Redis and scripted coordinators.

mod support;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use support::redis::{self, Answer, RedisServer};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = match redis::required() {
        Ok(()) => vec![Trial::test("redis", || {
            let server = RedisServer::started(&redis::DURABLE);
            server.ask(&["SET", "a", "b\r\nc"]);
            assert_eq!(server.keys(), ["a"]);
            server.kill();
            assert!(server.try_ask(&["PING"]).is_err());
            server.start();
            assert_eq!(server.ask(&["GET", "a"]), Answer::Bytes(b"b\r\nc".into()));
            server.pause();
            server.resume();
            assert!(server.info("used_memory").is_some());
            server.stop();
            server.start();
            server.pause();
            server.kill();
            Ok(())
        })],
        Err(missing) => vec![missing],
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}
