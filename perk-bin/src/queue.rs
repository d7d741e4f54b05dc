//! `perk queue`: what waits.

use std::collections::BTreeSet;

use clap::Args;
use perk_core::{Depth, PoolName, Queue, Registry};
use perk_queue::Redis;
use serde::Serialize;

use crate::command;
use crate::options::RedisOptions;
use crate::table::{Table, age};

/// Show how many queries wait in a deployment, pool by pool.
#[derive(Debug, Args)]
pub(crate) struct Depths {
    /// Print a JSON array with an object for each pool.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    redis: RedisOptions,
}

/// A pool, for programs.
#[derive(Debug, Serialize)]
struct Line<'a> {
    pool: &'a str,
    waiting: usize,
    pending: usize,
    oldest_seconds: f64,
}

impl Depths {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let redis = self.redis.look().await?;
        let mut depths = Vec::new();
        for pool in pools(&redis).await? {
            let depth = redis.queue.depth(&pool).await?;
            depths.push((pool, depth));
        }
        command::print(&if self.json {
            let lines: Vec<Line<'_>> = depths.iter().map(line).collect();
            serde_json::to_string(&lines)? + "\n"
        } else {
            table(&depths)
        })
    }
}

/// The pools that somebody serves, and the one that everybody reaches.
async fn pools(redis: &Redis) -> anyhow::Result<BTreeSet<PoolName>> {
    let workers = redis.registry.workers().await?;
    let served = workers.into_iter().map(|worker| worker.status.pool);
    Ok(served.chain([PoolName::default_pool()]).collect())
}

fn line((pool, depth): &(PoolName, Depth)) -> Line<'_> {
    Line {
        pool: pool.as_str(),
        waiting: depth.waiting,
        pending: depth.pending,
        oldest_seconds: depth.oldest.as_secs_f64(),
    }
}

fn table(depths: &[(PoolName, Depth)]) -> String {
    let mut table = Table::of(["pool", "waiting", "pending", "oldest"]);
    for (pool, depth) in depths {
        let oldest = match depth.waiting {
            0 => "-".to_owned(),
            _ => age(depth.oldest),
        };
        let counts = [depth.waiting, depth.pending].map(|count| count.to_string());
        table.push([vec![pool.to_string()], counts.to_vec(), vec![oldest]].concat());
    }
    table.text()
}
