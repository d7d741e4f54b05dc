//! `perk-gateway`: speaks the Presto and Trino protocols with clients, in front of a queue and results in Redis.

fn main() -> std::process::ExitCode {
    perk_bin::perk_gateway()
}
