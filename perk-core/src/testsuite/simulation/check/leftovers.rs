//! What is left when all is over.

use std::fmt::Debug;

use super::super::fleet::Fleet;
use super::super::parts::Parts;
use super::{Check, Violation};
use crate::error::Unavailable;
use crate::ids::PoolName;
use crate::testsuite::every_unended;

/// Asks the parts themselves, and the clusters.
pub(in super::super) async fn leftovers(fleet: &Fleet, parts: &Parts) -> Vec<Violation> {
    let mut violations = match asked(fleet, parts).await {
        Ok(violations) => violations,
        Err(error) => vec![left("an answer", &error)],
    };
    for (run, tag) in fleet.clusters.running() {
        let what = format!("{tag:?} still runs as {run:?}");
        violations.push(Violation::new(Check::NothingIsLeft, Some(tag), what));
    }
    if let Err(what) = (parts.nothing_left)() {
        violations.push(left("the implementation", &what));
    }
    violations
}

fn left(whose: &str, what: &impl Debug) -> Violation {
    let what = format!("{whose} has left {what:?}");
    Violation::new(Check::NothingIsLeft, None, what)
}

async fn asked(fleet: &Fleet, parts: &Parts) -> Result<Vec<Violation>, Unavailable> {
    let mut violations = Vec::new();
    let world = &fleet.world;
    for (id, post) in world.ids() {
        if let Some(info) = parts.store.info(&id).await? {
            let what = format!("{post:?} is still in the store: {:?}", info.state);
            let about = Some(post.tag);
            violations.push(Violation::new(Check::NothingIsLeft, about, what));
        }
    }
    let unended = every_unended(&*parts.store).await?;
    if !unended.is_empty() {
        violations.push(left("the store", &unended));
    }
    let depth = parts.queue.depth(&PoolName::default_pool()).await?;
    if (depth.waiting, depth.pending) != (0, 0) {
        violations.push(left("the queue", &depth));
    }
    for worker in fleet.worker_ids() {
        let pending = parts.queue.pending_of(&worker).await?;
        for id in pending {
            let post = world.post(&id);
            let what = format!("{post:?} is pending with {worker}");
            let about = post.map(|post| post.tag);
            violations.push(Violation::new(Check::NothingIsLeft, about, what));
        }
    }
    Ok(violations)
}
