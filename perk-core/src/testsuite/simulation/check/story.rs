//! The events of one statement, put together.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::clusters::Clusters;
use super::super::fleet::Fleet;
use super::super::history::{
    ClientEvent, ClusterEvent, ClusterName, Event, History, Name, Post, ProcessEvent, QueryEvent,
    Run, RunEvent, WorkerEvent, WorldEvent,
};
use super::super::statement::{Spec, Tag};
use crate::ids::WorkerId;

/// A list of events with their times.
pub(super) type Timed<'a, E> = Vec<(Duration, &'a E)>;

/// A query: what became of one POST of a statement.
#[derive(Debug)]
pub(super) struct Story<'a> {
    pub(super) spec: Spec,
    pub(super) query: Timed<'a, QueryEvent>,
    pub(super) client: Timed<'a, ClientEvent>,
}

/// All that happened, sorted by whom it happened to.
#[derive(Debug)]
pub(super) struct Stories<'a> {
    pub(super) posts: BTreeMap<Post, Story<'a>>,
    pub(super) specs: BTreeMap<Tag, Spec>,
    pub(super) runs: BTreeMap<Run, (Tag, Timed<'a, RunEvent>)>,
    /// When nothing went wrong any more.
    pub(super) calm_from: Option<Duration>,
    pub(super) workers: BTreeMap<&'a WorkerId, Timed<'a, WorkerEvent>>,
    pub(super) processes: BTreeMap<&'a Name, Timed<'a, ProcessEvent>>,
    pub(super) clusters: BTreeMap<ClusterName, Timed<'a, ClusterEvent>>,
    pub(super) executions: &'a Clusters,
}

impl<'a> Stories<'a> {
    pub(super) fn of(history: &'a History, fleet: &'a Fleet) -> Self {
        let specs = fleet.world.specs();
        let mut stories = Self {
            posts: BTreeMap::new(),
            runs: BTreeMap::new(),
            calm_from: None,
            workers: BTreeMap::new(),
            processes: BTreeMap::new(),
            clusters: BTreeMap::new(),
            executions: &fleet.clusters,
            specs,
        };
        for (at, event) in history.entries() {
            stories.add(at, event);
        }
        stories
    }

    fn add(&mut self, at: Duration, event: &'a Event) {
        match event {
            Event::Query(post, event) => {
                if let Some(story) = self.story(*post) {
                    story.query.push((at, event));
                }
            }
            Event::Client(post, event) => {
                if let Some(story) = self.story(*post) {
                    story.client.push((at, event));
                }
            }
            Event::Run(run, tag, event) => {
                let (_, events) = self.runs.entry(*run).or_insert((*tag, Vec::new()));
                events.push((at, event));
            }
            Event::Worker(worker, event) => {
                self.workers.entry(worker).or_default().push((at, event));
            }
            Event::Process(name, event) => {
                self.processes.entry(name).or_default().push((at, event));
            }
            Event::Cluster(cluster, event) => {
                self.clusters.entry(*cluster).or_default().push((at, event));
            }
            Event::World(WorldEvent::FaultsEnded) => self.calm_from = Some(at),
            Event::World(_) | Event::Unanswered(..) => {}
        }
    }

    fn story(&mut self, post: Post) -> Option<&mut Story<'a>> {
        let spec = *self.specs.get(&post.tag)?;
        Some(self.posts.entry(post).or_insert(Story {
            spec,
            query: Vec::new(),
            client: Vec::new(),
        }))
    }

    /// How often a statement was begun, whatever it was posted as.
    pub(super) fn begun(&self, tag: Tag) -> Vec<Run> {
        self.runs_that(tag, RunEvent::Begun)
    }

    /// A statement's executions to which this happened.
    pub(super) fn runs_that(&self, tag: Tag, event: RunEvent) -> Vec<Run> {
        let runs = self.runs.iter();
        let which = runs
            .filter(|(_, (of, events))| *of == tag && events.iter().any(|(_, is)| **is == event));
        which.map(|(run, _)| *run).collect()
    }

    /// The process in which a worker lived.
    pub(super) fn process_of(&self, worker: &WorkerId) -> Option<&'a Name> {
        self.workers
            .get(worker)?
            .iter()
            .find_map(|(_, event)| match event {
                WorkerEvent::Began(process) => Some(process),
                _ => None,
            })
    }

    /// When a worker was found lost.
    pub(super) fn sealed(&self, worker: &WorkerId) -> Option<Duration> {
        let events = self.workers.get(worker)?;
        let sealed = |event: &WorkerEvent| matches!(event, WorkerEvent::Sealed { .. });
        events
            .iter()
            .find(|(_, event)| sealed(event))
            .map(|(at, _)| *at)
    }

    /// When a process was told to leave.
    pub(super) fn draining(&self, process: &Name) -> Option<Duration> {
        let events = self.processes.get(process)?;
        let draining = |event: &ProcessEvent| *event == ProcessEvent::Draining;
        events
            .iter()
            .find(|(_, event)| draining(event))
            .map(|(at, _)| *at)
    }
}
