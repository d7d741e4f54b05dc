//! Who closed which attempt, for what reason, and how often that happened to one query.

use std::time::Duration;

use super::super::history::{ClusterEvent, Name, Post, QueryEvent, Run, RunEvent, WorkerEvent};
use super::super::plan::Settings;
use super::super::statement::Upset;
use super::story::{Stories, Story};
use super::{Check, Violation};
use crate::ids::{Attempt, WorkerId};
use crate::rerun::{Loss, MAX_LOST_ATTEMPTS};
use crate::store::GivenUp;

/// What befell a cluster so long before an attempt began may still be what the attempt was lost by.
const AFTERMATH: Duration = Duration::from_mins(1);

/// An attempt that a worker was granted.
struct Open<'a> {
    since: Duration,
    owner: &'a WorkerId,
    attempt: Attempt,
}

/// The end of an attempt without a result of its own.
struct Closing<'a> {
    at: Duration,
    by: By<'a>,
    became: &'a GivenUp,
    /// The attempt that was open: the latest that was granted.
    open: Option<Open<'a>>,
}

enum By<'a> {
    Itself(Attempt, Loss),
    Another(&'a WorkerId, &'a Name),
}

fn closings<'a>(story: &Story<'a>) -> Vec<Closing<'a>> {
    let mut closings = Vec::new();
    let mut open = None;
    for (at, event) in &story.query {
        let (by, became) = match event {
            QueryEvent::Claimed { worker, attempt } => {
                open = Some(Open {
                    since: *at,
                    owner: worker,
                    attempt: *attempt,
                });
                continue;
            }
            QueryEvent::Finished { .. } => {
                open = None;
                continue;
            }
            QueryEvent::GivenUp {
                attempt,
                loss,
                became,
            } => (By::Itself(*attempt, *loss), became),
            QueryEvent::TakenOver { from, by, became } => (By::Another(from, by), became),
            _ => continue,
        };
        if *became != GivenUp::Fenced {
            closings.push(Closing {
                at: *at,
                by,
                became,
                open: open.take(),
            });
        }
    }
    closings
}

/// How many attempts at a query were lost until it ended.
pub(super) fn lost(story: &Story<'_>) -> u32 {
    let mut lost = 0;
    for closing in closings(story) {
        let counts = match closing.by {
            By::Itself(_, how) => matches!(how, Loss::ClusterLost | Loss::WorkerLost),
            By::Another(..) => true,
        };
        lost += u32::from(counts);
        if *closing.became == GivenUp::Failed {
            break;
        }
    }
    lost
}

pub(super) fn check(stories: &Stories<'_>, settings: &Settings) -> Vec<Violation> {
    let mut violations: Vec<Violation> = leases(stories, settings).collect();
    violations.extend(poison(stories));
    for (post, story) in &stories.posts {
        let tag = Some(post.tag);
        let lost = lost(story);
        if lost > MAX_LOST_ATTEMPTS {
            let what = format!("{post:?}: {lost} attempts were lost");
            violations.push(Violation::new(Check::NoPoison, tag, what));
        }
        for closing in closings(story) {
            if let Err(what) = reason(stories, *post, story, &closing) {
                let check = Check::AttemptsAreClosedForAReason;
                violations.push(Violation::new(check, tag, what));
            }
        }
    }
    violations
}

/// What takes its worker or its cluster down is begun three times, unless it was given back in between.
fn poison<'a>(stories: &'a Stories<'_>) -> impl Iterator<Item = Violation> + 'a {
    let poison = stories.specs.values().filter(|spec| {
        let deadly = |upset| matches!(upset, Upset::KillsWorker | Upset::KillsCluster);
        spec.upset.is_some_and(deadly)
    });
    poison.filter_map(|spec| {
        let posts = stories
            .posts
            .iter()
            .filter(|(post, _)| post.tag == spec.tag);
        let allowed = posts.map(|(_, story)| {
            let given_back = |closing: &&Closing<'_>| {
                matches!(closing.by, By::Itself(_, Loss::GivenBack | Loss::NotBegun))
            };
            let given_back = closings(story).iter().filter(given_back).count();
            MAX_LOST_ATTEMPTS as usize + given_back
        });
        let (allowed, begun) = (allowed.sum(), stories.begun(spec.tag).len());
        (begun > allowed).then(|| {
            let what = format!("{:?} was begun {begun} times", spec.tag);
            Violation::new(Check::NoPoison, Some(spec.tag), what)
        })
    })
}

fn leases(stories: &Stories<'_>, settings: &Settings) -> impl Iterator<Item = Violation> {
    let sealed = stories.workers.iter().flat_map(|(worker, events)| {
        let silences = events.iter().filter_map(|(_, event)| match event {
            WorkerEvent::Sealed { silent } => Some(*silent),
            _ => None,
        });
        silences.map(move |silent| (*worker, silent))
    });
    let early = sealed.filter(|(_, silent)| *silent < settings.lease);
    early.map(|(worker, silent)| {
        let what = format!("{worker} was found lost {silent:?} after a renewal");
        Violation::new(Check::LeasesLast, None, what)
    })
}

fn reason(
    stories: &Stories<'_>,
    post: Post,
    story: &Story<'_>,
    closing: &Closing<'_>,
) -> Result<(), String> {
    let Some(open) = &closing.open else {
        return Err(format!("{post:?}: an attempt that nobody had was closed"));
    };
    let (owner, attempt) = (open.owner, open.attempt);
    let happened = |at: Option<Duration>| at.is_some_and(|at| at <= closing.at);
    let leaves = stories
        .process_of(owner)
        .is_some_and(|process| happened(stories.draining(process)));
    let sealed = happened(stories.sealed(owner));
    let wrong = match &closing.by {
        By::Another(from, by) if *from != owner => {
            format!("{by} took {from}'s attempt over, and closed {owner}'s")
        }
        By::Another(from, by) if !sealed && !leaves => {
            format!("{by} took over from {from}, which was neither lost nor leaving")
        }
        By::Itself(given_up, _) if *given_up != attempt => {
            format!("attempt {given_up} was given up when {attempt} was open")
        }
        By::Itself(_, Loss::GivenBack) if !leaves && !sealed && !ended(story, closing.at) => {
            format!("{owner} gave it back for no reason")
        }
        By::Itself(_, Loss::ClusterLost) if !cluster_failed(stories, post, open, closing.at) => {
            format!("no cluster of {owner}'s was lost")
        }
        By::Another(..) | By::Itself(..) => return Ok(()),
    };
    Err(format!("{post:?}: {wrong}"))
}

fn ended(story: &Story<'_>, until: Duration) -> bool {
    story.query.iter().any(|(at, event)| {
        let ended = matches!(
            event,
            QueryEvent::Ended { .. } | QueryEvent::Abandoned { .. }
        );
        ended && *at <= until
    })
}

/// Whether anything befell a cluster of the worker's that can have lost it the attempt.
fn cluster_failed(stories: &Stories<'_>, post: Post, open: &Open<'_>, closed: Duration) -> bool {
    let forgotten = stories.runs_that(post.tag, RunEvent::Forgotten);
    let canceled = stories.runs_that(post.tag, RunEvent::Canceled);
    let failed = |(at, event): &(Duration, &ClusterEvent)| {
        let bad = !matches!(event, ClusterEvent::Made { .. } | ClusterEvent::Back);
        bad && *at + AFTERMATH >= open.since && *at <= closed
    };
    !forgotten.is_empty() || !canceled.is_empty() || clusters_of(stories, open.owner).any(failed)
}

/// Whether anything befell the worker or the cluster on which a transaction was begun, or it was forgotten.
pub(super) fn transaction_failed(stories: &Stories<'_>, began: Run) -> bool {
    let mut owners = stories.posts.values().filter_map(|story| {
        let recorded = |event: &QueryEvent| match event {
            QueryEvent::Recorded { run, .. } => *run == began,
            _ => false,
        };
        let mut events = story.query.iter();
        events.find(|(_, event)| recorded(event))?;
        story.query.iter().rev().find_map(|(_, event)| match event {
            QueryEvent::Claimed { worker, .. } => Some(worker),
            _ => None,
        })
    });
    let Some(owner) = owners.next() else {
        return false;
    };
    let bad =
        |event: &ClusterEvent| !matches!(event, ClusterEvent::Made { .. } | ClusterEvent::Back);
    let leaves = stories
        .process_of(owner)
        .is_some_and(|process| stories.draining(process).is_some());
    let cluster = clusters_of(stories, owner).any(|(_, event)| bad(event));
    leaves || cluster || stories.sealed(owner).is_some()
}

/// What befell a worker's clusters.
fn clusters_of<'a>(
    stories: &'a Stories<'_>,
    owner: &'a WorkerId,
) -> impl Iterator<Item = &'a (Duration, &'a ClusterEvent)> {
    let own = stories.clusters.values().filter(move |events| {
        let made = |event: &ClusterEvent| match event {
            ClusterEvent::Made { owner: of } => of == owner,
            _ => false,
        };
        events.iter().any(|(_, event)| made(event))
    });
    own.flatten()
}
