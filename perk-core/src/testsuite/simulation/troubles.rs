//! What befalls the world from outside, at any time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::fleet::Fleet;
use super::plan::Trouble;
use super::process::Process;

/// Makes trouble for as long as the plan says, then sets everything right.
pub(super) async fn make(fleet: Arc<Fleet>) {
    let world = fleet.world.clone();
    let until = Instant::now() + world.plan.faults_for;
    loop {
        let least = Duration::from_millis(500);
        let next = Instant::now() + world.between(least, world.plan.troubles_apart);
        if next >= until {
            break;
        }
        sleep_until(next).await;
        if let Some(trouble) = world.pick(&world.plan.troubles) {
            befall(&fleet, *trouble);
        }
    }
    sleep_until(until).await;
    world.calm_down();
    fleet.resume_all();
    for cluster in fleet.clusters.all() {
        fleet.clusters.bring_back(cluster);
    }
}

fn befall(fleet: &Arc<Fleet>, trouble: Trouble) {
    let (world, clusters) = (&fleet.world, &fleet.clusters);
    match trouble {
        Trouble::KillWorker => with_one(fleet, &workers(fleet), |process| fleet.kill(process)),
        Trouble::KillGateway => with_one(fleet, &fleet.gateways(), |process| fleet.kill(process)),
        Trouble::PauseWorker => with_one(fleet, &workers(fleet), |process| pause(fleet, process)),
        Trouble::PauseGateway => {
            with_one(fleet, &fleet.gateways(), |process| pause(fleet, process));
        }
        Trouble::DrainWorker => with_one(fleet, &fleet.workers(), |process| {
            process.told_to_leave.notify_one();
        }),
        Trouble::Outage => {
            world.begin_outage();
            let fleet = fleet.clone();
            let most = Duration::from_secs(25);
            let after = world.between(Duration::from_millis(200), most);
            later(after, move || fleet.world.end_outage());
        }
        Trouble::KillCluster | Trouble::CutOffCluster => {
            let Some(cluster) = world.pick(&clusters.all()).copied() else {
                return;
            };
            match trouble {
                Trouble::KillCluster => clusters.kill(cluster),
                _ => clusters.cut_off(cluster),
            }
            let fleet = fleet.clone();
            let least = Duration::from_secs(1);
            let after = world.between(least, Duration::from_secs(25));
            later(after, move || fleet.clusters.bring_back(cluster));
        }
    }
}

/// Mostly those in which something happens.
fn workers(fleet: &Fleet) -> Vec<Arc<Process>> {
    let busy = fleet.busy_workers();
    if busy.is_empty() || fleet.world.below(4) == 0 {
        fleet.workers()
    } else {
        busy
    }
}

fn with_one(fleet: &Fleet, processes: &[Arc<Process>], what: impl FnOnce(&Arc<Process>)) {
    if let Some(process) = fleet.world.pick(processes) {
        what(process);
    }
}

/// A pause may be shorter or longer than a lease.
fn pause(fleet: &Arc<Fleet>, process: &Arc<Process>) {
    process.pause(&fleet.world);
    let (fleet, process) = (fleet.clone(), process.clone());
    // Most end when others have just taken over.
    let (least, most) = match fleet.world.below(4) {
        0 => (1, 10),
        1 => (30, 90),
        _ => (12, 30),
    };
    let after = fleet
        .world
        .between(Duration::from_secs(least), Duration::from_secs(most));
    later(after, move || process.resume(&fleet.world));
}

fn later(after: Duration, what: impl FnOnce() + Send + 'static) {
    tokio::spawn(async move {
        sleep(after).await;
        what();
    });
}
