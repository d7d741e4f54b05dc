//! `perk`: the way into Presto and Trino for companies that run many clusters.

fn main() -> std::process::ExitCode {
    perk_bin::perk()
}
