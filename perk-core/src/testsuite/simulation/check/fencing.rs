//! Which writes were taken (promise P2).

use super::super::history::QueryEvent;
use super::story::{Stories, Story};
use super::{Check, Violation};
use crate::ids::Attempt;
use crate::store::GivenUp;

/// A write is taken only while its attempt is the open one.
pub(super) fn check(stories: &Stories<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (post, story) in &stories.posts {
        if let Some((event, open)) = stale(story) {
            let what = format!("{post:?}: {event:?} was taken when {open:?} was open");
            violations.push(Violation::new(Check::WritesAreFenced, Some(post.tag), what));
        }
    }
    violations
}

/// The first write that was taken and should not have been, with the attempt that was open then.
fn stale<'a>(story: &Story<'a>) -> Option<(&'a QueryEvent, Option<Attempt>)> {
    let mut open = None;
    for (_, event) in &story.query {
        match event {
            QueryEvent::Recorded { attempt, .. }
            | QueryEvent::Appended { attempt, .. }
            | QueryEvent::Finished { attempt }
                if open != Some(*attempt) =>
            {
                return Some((event, open));
            }
            QueryEvent::Claimed { attempt, .. } => open = Some(*attempt),
            QueryEvent::GivenUp { became, .. } | QueryEvent::TakenOver { became, .. }
                if *became != GivenUp::Fenced =>
            {
                open = None;
            }
            QueryEvent::Finished { .. }
            | QueryEvent::Ended { .. }
            | QueryEvent::Abandoned { .. } => {
                open = None;
            }
            _ => {}
        }
    }
    None
}
