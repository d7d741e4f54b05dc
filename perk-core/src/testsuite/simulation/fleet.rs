//! The processes: gateways and workers, each started again under a new name when it has died or left.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::time::sleep;

use super::clusters::Clusters;
use super::executor::SiteExecutor;
use super::history::{Event, ProcessEvent};
use super::lock;
use super::parts::Parts;
use super::process::{Process, Role, Site, Step};
use super::provisioner::SiteProvisioner;
use super::queue::SiteQueue;
use super::registry::{Renewals, SiteRegistry};
use super::store::SiteStore;
use super::world::World;
use crate::gateway::{Gateway, GatewayConfig};
use crate::ids::WorkerId;
use crate::router::Router;
use crate::worker::{Worker, WorkerConfig, WorkerHandle, WorkerParts};

/// How long a process that is told to leave is given to finish what it runs.
const GRACE: Duration = Duration::from_secs(10);

/// A gateway that clients can reach.
#[derive(Debug, Clone)]
pub(super) struct Front {
    pub(super) process: Arc<Process>,
    pub(super) gateway: Gateway,
}

#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) world: Arc<World>,
    pub(super) clusters: Arc<Clusters>,
    parts: Parts,
    renewals: Arc<Renewals>,
    /// By slot; `None` while the slot's gateway is dead.
    fronts: Mutex<Vec<Option<Front>>>,
    /// The workers' processes by slot, dead ones included.
    workers: Mutex<Vec<Option<Arc<Process>>>>,
    started: Mutex<u32>,
}

impl Fleet {
    pub(super) fn new(world: Arc<World>, clusters: Arc<Clusters>, parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            fronts: Mutex::new(vec![None; world.plan.gateways as usize]),
            workers: Mutex::new(vec![None; world.plan.workers as usize]),
            started: Mutex::default(),
            renewals: Arc::default(),
            world,
            clusters,
            parts,
        })
    }

    /// Starts everything. It goes on until the runtime ends.
    pub(super) fn start(self: &Arc<Self>) {
        for slot in 0..lock(&self.fronts).len() {
            tokio::spawn(self.clone().keep_gateway(slot));
        }
        for slot in 0..lock(&self.workers).len() {
            tokio::spawn(self.clone().keep_worker(slot));
        }
    }

    /// A gateway, as a load balancer picks one.
    pub(super) fn front(&self) -> Option<Front> {
        let fronts = lock(&self.fronts);
        let alive: Vec<&Front> = fronts.iter().flatten().collect();
        self.world.pick(&alive).map(|front| (*front).clone())
    }

    pub(super) fn gateways(&self) -> Vec<Arc<Process>> {
        let fronts = lock(&self.fronts);
        let alive = fronts.iter().flatten();
        alive.map(|front| front.process.clone()).collect()
    }

    pub(super) fn workers(&self) -> Vec<Arc<Process>> {
        lock(&self.workers).iter().flatten().cloned().collect()
    }

    /// The workers' processes that have something to do, once for each query.
    pub(super) fn busy_workers(&self) -> Vec<Arc<Process>> {
        let (busy, processes) = (self.clusters.busy(), self.workers());
        let process = |worker: &WorkerId| {
            let lives_in = |process: &&Arc<Process>| process.is_home_of(worker);
            processes.iter().find(lives_in).cloned()
        };
        busy.iter().filter_map(process).collect()
    }

    /// Every worker that ever held a lease.
    pub(super) fn worker_ids(&self) -> Vec<WorkerId> {
        lock(&self.renewals).keys().cloned().collect()
    }

    fn site(&self, role: Role) -> Site {
        let mut started = lock(&self.started);
        *started += 1;
        let kind = match role {
            Role::Gateway => "gateway",
            Role::Worker => "worker",
        };
        let name = format!("{kind}-{started}");
        let process = Process::new(name.into(), role);
        let started = Event::Process(process.name.clone(), ProcessEvent::Started);
        self.world.note(started);
        Site {
            world: self.world.clone(),
            process,
        }
    }

    fn queue(&self, site: &Site) -> Arc<SiteQueue> {
        Arc::new(SiteQueue {
            site: site.clone(),
            inner: self.parts.queue.clone(),
            undelivered: Mutex::default(),
        })
    }

    fn store(&self, site: &Site) -> Arc<SiteStore> {
        let (site, inner) = (site.clone(), self.parts.store.clone());
        Arc::new(SiteStore { site, inner })
    }

    fn registry(&self, site: &Site) -> Arc<SiteRegistry> {
        Arc::new(SiteRegistry {
            site: site.clone(),
            inner: self.parts.registry.clone(),
            renewals: self.renewals.clone(),
        })
    }

    async fn keep_gateway(self: Arc<Self>, slot: usize) {
        loop {
            let site = self.site(Role::Gateway);
            let lives = async {
                let gateway = self.gateway(&site).await;
                let front = Front {
                    process: site.process.clone(),
                    gateway: gateway.clone(),
                };
                lock(&self.fronts)[slot] = Some(front);
                gateway.keep_house().await;
            };
            tokio::select! {
                biased;
                () = site.process.crashed() => {}
                () = lives => {}
            }
            lock(&self.fronts)[slot] = None;
            self.before_the_next().await;
        }
    }

    async fn gateway(&self, site: &Site) -> Gateway {
        let config = GatewayConfig {
            answer_bytes: self.world.plan.answer_bytes,
            clock: || SystemTime::UNIX_EPOCH,
            ..GatewayConfig::default()
        };
        loop {
            let made = Gateway::new(
                self.queue(site),
                self.store(site),
                self.registry(site),
                Router::default(),
                config.clone(),
                self.world.random(),
            );
            match made.await {
                Ok(gateway) => return gateway,
                Err(_) => sleep(Duration::from_secs(1)).await,
            }
        }
    }

    async fn keep_worker(self: Arc<Self>, slot: usize) {
        // A worker that has died does nothing any more; dropping its handle would tell it to drain.
        let mut dead = Vec::new();
        loop {
            let site = self.site(Role::Worker);
            lock(&self.workers)[slot] = Some(site.process.clone());
            let mut handle = self.worker(&site);
            tokio::select! {
                biased;
                () = site.process.crashed() => {}
                () = self.drained(&site, &mut handle) => {}
            }
            dead.push(handle);
            lock(&self.workers)[slot] = None;
            self.collect_clusters_of(&site);
            self.before_the_next().await;
        }
    }

    fn worker(&self, site: &Site) -> WorkerHandle {
        let clusters = self.clusters.clone();
        let executor = SiteExecutor {
            site: site.clone(),
            clusters: clusters.clone(),
        };
        let provisioner = SiteProvisioner {
            site: site.clone(),
            clusters,
        };
        let parts = WorkerParts {
            queue: self.queue(site),
            store: self.store(site),
            registry: self.registry(site),
            provisioner: Arc::new(provisioner),
            executor: Arc::new(executor),
        };
        let config = WorkerConfig {
            host: site.process.name.to_string(),
            concurrency: self.world.plan.concurrency,
            lease: self.world.plan.settings.lease,
            ..WorkerConfig::default()
        };
        Worker::new(parts, config, self.world.random()).spawn()
    }

    async fn drained(&self, site: &Site, handle: &mut WorkerHandle) {
        site.process.told_to_leave.notified().await;
        let name = &site.process.name;
        let note = |event| self.world.note(Event::Process(name.clone(), event));
        note(ProcessEvent::Draining);
        handle.drain(GRACE);
        handle.stopped().await;
        note(ProcessEvent::Left);
    }

    /// The cluster of a worker that is gone is collected after a while, as Kubernetes does.
    fn collect_clusters_of(self: &Arc<Self>, site: &Site) {
        let (fleet, process) = (self.clone(), site.process.clone());
        let after = self
            .world
            .between(Duration::from_secs(1), Duration::from_mins(1));
        tokio::spawn(async move {
            sleep(after).await;
            for worker in fleet.worker_ids() {
                if process.is_home_of(&worker) {
                    for cluster in fleet.clusters.of(&worker) {
                        fleet.clusters.remove(cluster);
                    }
                }
            }
        });
    }

    async fn before_the_next(&self) {
        let most = Duration::from_secs(20);
        sleep(self.world.between(Duration::from_millis(500), most)).await;
    }

    /// Nothing is paused any more.
    pub(super) fn resume_all(&self) {
        for process in self.gateways().iter().chain(&self.workers()) {
            process.resume(&self.world);
        }
    }

    /// Kills a process from outside.
    pub(super) fn kill(&self, process: &Process) {
        process.crash(&self.world, Step::Elsewhere);
    }
}
