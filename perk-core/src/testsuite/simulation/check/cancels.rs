//! How soon a cancel reaches the cluster (promise P5).

use std::time::Duration;

use super::super::history::{ClientEvent, ProcessEvent, RunEvent};
use super::story::Stories;
use super::{Check, Violation};

/// For so long after the last fault, workers that were lost by it may still run what others have taken over.
const AFTERMATH: Duration = Duration::from_mins(2);
const SOON: Duration = Duration::from_secs(1);

/// Where nothing is wrong, nothing of a cancelled statement runs a second later.
pub(super) fn check(stories: &Stories<'_>) -> Vec<Violation> {
    let Some(calm_from) = stories.calm_from else {
        return Vec::new();
    };
    let mut violations = Vec::new();
    for (post, story) in &stories.posts {
        let canceled = |event: &ClientEvent| *event == ClientEvent::Canceled;
        let canceled = story.client.iter().find(|(_, event)| canceled(event));
        let Some((at, _)) = canceled.filter(|(at, _)| *at >= calm_from + AFTERMATH) else {
            continue;
        };
        if died(stories, *at) {
            continue;
        }
        let runs = stories.runs.iter().filter(|(_, (tag, _))| *tag == post.tag);
        for (run, (tag, events)) in runs {
            let mut until = events.iter().filter(|(when, _)| *when <= *at + SOON);
            if let Some((_, RunEvent::Begun)) = until.next_back() {
                let what = format!("{post:?} was cancelled at {at:?}, and still ran as {run:?}");
                let check = Check::CancelsReachTheCluster;
                violations.push(Violation::new(check, Some(*tag), what));
            }
        }
    }
    violations
}

/// Whether a process had just died: statements that are their worker's death stay so when nothing else goes wrong.
fn died(stories: &Stories<'_>, at: Duration) -> bool {
    stories.processes.values().flatten().any(|(when, event)| {
        let died = matches!(event, ProcessEvent::Crashed(_));
        died && *when + AFTERMATH >= at && *when <= at + SOON
    })
}
