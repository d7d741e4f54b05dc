//! `perk workers`: who is there.

use clap::Args;
use perk_core::{Registry, WorkerEntry};
use serde::Serialize;

use crate::command;
use crate::options::RedisOptions;
use crate::table::{Table, age};

/// Show the workers of a deployment.
#[derive(Debug, Args)]
pub(crate) struct Workers {
    /// Print a JSON array with an object for each worker.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    redis: RedisOptions,
}

/// A worker, for programs.
#[derive(Debug, Serialize)]
struct Line<'a> {
    id: &'a str,
    pool: &'a str,
    cluster: Option<ClusterLine<'a>>,
    running: usize,
    draining: bool,
    last_seen_seconds: f64,
}

#[derive(Debug, Serialize)]
struct ClusterLine<'a> {
    origin: &'a str,
    dialect: String,
    version: &'a str,
}

impl Workers {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let mut workers = self.redis.look().await?.registry.workers().await?;
        workers.sort_by(|a, b| (&a.status.pool, &a.id).cmp(&(&b.status.pool, &b.id)));
        command::print(&if self.json {
            let lines: Vec<Line<'_>> = workers.iter().map(line).collect();
            serde_json::to_string(&lines)? + "\n"
        } else {
            table(&workers)
        })
    }
}

fn line(worker: &WorkerEntry) -> Line<'_> {
    let status = &worker.status;
    Line {
        id: worker.id.as_str(),
        pool: status.pool.as_str(),
        cluster: status.cluster.as_ref().map(|cluster| ClusterLine {
            origin: &cluster.origin,
            dialect: cluster.dialect.to_string(),
            version: &cluster.version,
        }),
        running: status.running,
        draining: status.draining,
        last_seen_seconds: worker.silent_for.as_secs_f64(),
    }
}

fn table(workers: &[WorkerEntry]) -> String {
    let mut table = Table::of([
        "worker",
        "pool",
        "cluster",
        "running",
        "draining",
        "last seen",
    ]);
    for worker in workers {
        let status = &worker.status;
        let cluster = status.cluster.as_ref().map_or_else(
            || "none".to_owned(),
            |cluster| {
                format!(
                    "{} ({} {})",
                    cluster.origin, cluster.dialect, cluster.version
                )
            },
        );
        table.push(vec![
            worker.id.to_string(),
            status.pool.to_string(),
            cluster,
            status.running.to_string(),
            if status.draining { "yes" } else { "no" }.to_owned(),
            format!("{} ago", age(worker.silent_for)),
        ]);
    }
    table.text()
}
