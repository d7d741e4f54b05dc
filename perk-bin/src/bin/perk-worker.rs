//! `perk-worker`: runs queries out of Redis on a cluster.

fn main() -> std::process::ExitCode {
    perk_bin::perk_worker()
}
