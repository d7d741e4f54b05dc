//! The simulated clusters: coordinators that know statements, begin them when they are first asked, and can die.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::execution::{Execution, Last, Page, Stage, answers, outside};
use super::history::{ClusterEvent, ClusterName, Event, Run, RunEvent};
use super::lock;
use super::process::Process;
use super::statement::{Spec, Tag, Upset, Verb};
use super::world::World;
use crate::ids::WorkerId;

/// A cluster forgets a query for which nobody has asked for this long.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(100);

/// A coordinator that did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Away {
    /// There was nobody to send anything to.
    Refused,
    /// It may have heard, and said nothing.
    Silent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Up,
    CutOff,
    Down,
    Removed,
}

#[derive(Debug)]
struct Coordinator {
    owner: WorkerId,
    standing: Standing,
    /// The open transactions, by the executions that began them.
    transactions: BTreeSet<Run>,
}

/// What becomes of a GET that has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// The answer takes so long.
    Working(Duration),
    /// The coordinator does not know the query.
    Unknown,
    /// The worker that asked dies of it.
    Deadly,
}

/// All clusters, and all they were ever asked to run.
#[derive(Debug)]
pub(super) struct Clusters {
    world: Arc<World>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    coordinators: Vec<Coordinator>,
    executions: Vec<Execution>,
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl ClusterName {
    pub(super) fn origin(self) -> String {
        format!("http://cluster-{}:8080", self.0)
    }

    pub(super) fn of(origin: &str) -> Self {
        let name = origin.trim_start_matches("http://cluster-");
        let number = name.trim_end_matches(":8080").parse();
        Self(number.unwrap_or(u32::MAX))
    }
}

impl State {
    fn coordinator(&mut self, cluster: ClusterName) -> Option<&mut Coordinator> {
        self.coordinators.get_mut(cluster.0 as usize)
    }

    fn execution(&mut self, run: Run) -> Option<&mut Execution> {
        self.executions.get_mut(run.0 as usize)
    }

    /// Whether an execution's transaction, if it belongs to one, is open.
    fn is_in_order(&mut self, run: Run) -> bool {
        let of = |execution: &mut Execution| Some((execution.cluster, execution.spec.transaction?));
        let Some((cluster, transaction)) = self.execution(run).and_then(of) else {
            return true;
        };
        let coordinator = self.coordinator(cluster);
        coordinator.is_some_and(|coordinator| coordinator.transactions.contains(&transaction))
    }

    fn completed(&mut self, cluster: ClusterName, run: Run, spec: &Spec) {
        let Some(coordinator) = self.coordinator(cluster) else {
            return;
        };
        match (spec.verb, spec.transaction) {
            (Verb::Starts, _) => drop(coordinator.transactions.insert(run)),
            (Verb::Commits, Some(transaction)) => {
                coordinator.transactions.remove(&transaction);
            }
            _ => {}
        }
    }

    fn reach(&mut self, cluster: ClusterName) -> Result<(), Away> {
        match self.coordinator(cluster).map(|c| c.standing) {
            Some(Standing::Up) => Ok(()),
            Some(Standing::CutOff) => Err(Away::Silent),
            Some(Standing::Down | Standing::Removed) | None => Err(Away::Refused),
        }
    }
}

impl Clusters {
    pub(super) fn new(world: Arc<World>) -> Self {
        let state = Mutex::default();
        Self { world, state }
    }

    /// The state, without what its clusters have forgotten by now.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = lock(&self.state);
        for (index, execution) in state.executions.iter_mut().enumerate() {
            let over = matches!(execution.stage, Stage::Gone);
            if !over && execution.polled.elapsed() >= CLIENT_TIMEOUT {
                let silent = execution.stage != Stage::Answered;
                execution.stage = Stage::Gone;
                if silent {
                    let (run, tag) = (Run(number(index)), execution.spec.tag);
                    self.world.note(Event::Run(run, tag, RunEvent::Forgotten));
                }
            }
        }
        state
    }

    fn note(&self, cluster: ClusterName, event: ClusterEvent) {
        self.world.note(Event::Cluster(cluster, event));
    }

    fn turn(&self, cluster: ClusterName, standing: Standing, event: ClusterEvent) {
        let mut state = self.state();
        let Some(coordinator) = state.coordinator(cluster) else {
            return;
        };
        let (was, is) = (coordinator.standing, standing);
        // What is removed stays so, and what is dead can only come back.
        if was == is
            || was == Standing::Removed
            || (was == Standing::Down && is == Standing::CutOff)
        {
            return;
        }
        coordinator.standing = standing;
        self.note(cluster, event);
        if !matches!(is, Standing::Down | Standing::Removed) {
            return;
        }
        coordinator.transactions.clear();
        for (index, execution) in state.executions.iter_mut().enumerate() {
            if execution.cluster == cluster && execution.stage != Stage::Gone {
                let begun = matches!(execution.stage, Stage::Known | Stage::Running);
                execution.stage = Stage::Gone;
                if begun {
                    let (run, tag) = (Run(number(index)), execution.spec.tag);
                    self.world.note(Event::Run(run, tag, RunEvent::Lost));
                }
            }
        }
    }

    pub(super) fn make(&self, owner: &WorkerId) -> ClusterName {
        let mut state = self.state();
        let cluster = ClusterName(number(state.coordinators.len()));
        state.coordinators.push(Coordinator {
            owner: owner.clone(),
            standing: Standing::Up,
            transactions: BTreeSet::new(),
        });
        let owner = owner.clone();
        self.note(cluster, ClusterEvent::Made { owner });
        cluster
    }

    pub(super) fn kill(&self, cluster: ClusterName) {
        self.turn(cluster, Standing::Down, ClusterEvent::Died);
    }

    pub(super) fn cut_off(&self, cluster: ClusterName) {
        self.turn(cluster, Standing::CutOff, ClusterEvent::CutOff);
    }

    pub(super) fn bring_back(&self, cluster: ClusterName) {
        self.turn(cluster, Standing::Up, ClusterEvent::Back);
    }

    pub(super) fn remove(&self, cluster: ClusterName) {
        self.turn(cluster, Standing::Removed, ClusterEvent::Removed);
    }

    /// A worker's clusters that were not removed, the latest first.
    pub(super) fn of(&self, owner: &WorkerId) -> Vec<ClusterName> {
        self.standing(|coordinator| coordinator.owner == *owner)
    }

    /// All clusters that were not removed, the latest first.
    pub(super) fn all(&self) -> Vec<ClusterName> {
        self.standing(|_| true)
    }

    fn standing(&self, which: impl Fn(&Coordinator) -> bool) -> Vec<ClusterName> {
        let state = lock(&self.state);
        let with_names = state.coordinators.iter().enumerate().rev();
        with_names
            .filter(|(_, coordinator)| coordinator.standing != Standing::Removed)
            .filter(|(_, coordinator)| which(coordinator))
            .map(|(index, _)| ClusterName(number(index)))
            .collect()
    }

    pub(super) fn reach(&self, cluster: ClusterName) -> Result<(), Away> {
        lock(&self.state).reach(cluster)
    }

    /// How many queries a cluster runs.
    pub(super) fn running_on(&self, cluster: ClusterName) -> usize {
        let runs = |execution: &&Execution| {
            execution.cluster == cluster && execution.stage == Stage::Running
        };
        self.state().executions.iter().filter(runs).count()
    }

    /// What runs anywhere.
    pub(super) fn running(&self) -> Vec<(Run, Tag)> {
        let state = self.state();
        let executions = state.executions.iter().enumerate();
        executions
            .filter(|(_, execution)| execution.stage == Stage::Running)
            .map(|(index, execution)| (Run(number(index)), execution.spec.tag))
            .collect()
    }

    /// Whether a cluster is a worker's that lives in this process.
    pub(super) fn belongs_to(&self, cluster: ClusterName, process: &Process) -> bool {
        let mut state = lock(&self.state);
        let coordinator = state.coordinator(cluster);
        coordinator.is_some_and(|coordinator| process.is_home_of(&coordinator.owner))
    }

    /// The workers whose clusters run something.
    pub(super) fn busy(&self) -> Vec<WorkerId> {
        let state = self.state();
        let running = state.executions.iter();
        running
            .filter(|execution| execution.stage == Stage::Running)
            .filter_map(|execution| state.coordinators.get(execution.cluster.0 as usize))
            .map(|coordinator| coordinator.owner.clone())
            .collect()
    }

    /// The values that an execution gave or would have given, in its order.
    pub(super) fn values(&self, run: Run) -> Vec<u32> {
        let mut state = lock(&self.state);
        let execution = state.execution(run);
        let answers = execution.map(|execution| execution.answers.clone());
        answers
            .into_iter()
            .flatten()
            .flat_map(|answer| answer.rows)
            .collect()
    }

    /// A statement arrives. Nothing of it runs yet.
    pub(super) fn post(&self, cluster: ClusterName, sql: &str) -> Result<Run, Away> {
        let mut state = self.state();
        state.reach(cluster)?;
        let spec = Tag::of(sql).and_then(|tag| self.world.spec(tag));
        let spec = spec.ok_or(Away::Refused)?;
        let run = Run(number(state.executions.len()));
        state.executions.push(Execution {
            spec,
            cluster,
            stage: Stage::Known,
            answers: answers(&self.world, &spec),
            polled: Instant::now(),
        });
        let sent = RunEvent::Sent(cluster);
        self.world.note(Event::Run(run, spec.tag, sent));
        Ok(run)
    }

    /// A GET arrives; the first one begins the query.
    pub(super) fn arrive(&self, run: Run) -> Result<Arrival, Away> {
        let mut state = self.state();
        let Some(cluster) = state.execution(run).map(|execution| execution.cluster) else {
            return Ok(Arrival::Unknown);
        };
        state.reach(cluster)?;
        let in_order = state.is_in_order(run);
        let Some(execution) = state.execution(run) else {
            return Ok(Arrival::Unknown);
        };
        execution.polled = Instant::now();
        let spec = execution.spec;
        match execution.stage {
            Stage::Gone => return Ok(Arrival::Unknown),
            Stage::Known => {
                execution.stage = Stage::Running;
                if !in_order {
                    execution.answers = outside();
                }
                self.world.note(Event::Run(run, spec.tag, RunEvent::Begun));
            }
            Stage::Running | Stage::Answered => {}
        }
        drop(state);
        match spec.upset {
            Some(Upset::KillsWorker) => return Ok(Arrival::Deadly),
            Some(Upset::KillsCluster) => {
                self.kill(cluster);
                return Err(Away::Silent);
            }
            Some(Upset::Fails { .. }) | None => {}
        }
        let least = Duration::from_millis(1);
        let takes = self.world.between(least, self.world.plan.pace);
        Ok(Arrival::Working(takes))
    }

    /// The answer to a GET that has arrived. `None` when the query has gone meanwhile.
    pub(super) fn answer(&self, run: Run, token: usize) -> Result<Option<Page>, Away> {
        let mut state = self.state();
        let Some(cluster) = state.execution(run).map(|execution| execution.cluster) else {
            return Ok(None);
        };
        state.reach(cluster)?;
        let Some(execution) = state.execution(run) else {
            return Ok(None);
        };
        if execution.stage == Stage::Gone {
            return Ok(None);
        }
        let answer = execution.answers.get(token).cloned();
        let over = match answer.as_ref().map(|answer| answer.last) {
            Some(Last::Finished) => RunEvent::Completed,
            Some(Last::Failed(_)) => RunEvent::Failed,
            Some(Last::No) | None => return Ok(answer),
        };
        if std::mem::replace(&mut execution.stage, Stage::Answered) == Stage::Running {
            let spec = execution.spec;
            self.world.note(Event::Run(run, spec.tag, over));
            state.completed(cluster, run, &spec);
        }
        Ok(answer)
    }

    /// A DELETE. What is unknown does not run.
    pub(super) fn cancel(&self, cluster: ClusterName, run: Run) -> Result<(), Away> {
        let mut state = self.state();
        state.reach(cluster)?;
        if let Some(execution) = state.execution(run)
            && matches!(execution.stage, Stage::Known | Stage::Running)
        {
            execution.stage = Stage::Gone;
            let tag = execution.spec.tag;
            self.world.note(Event::Run(run, tag, RunEvent::Canceled));
        }
        Ok(())
    }
}
