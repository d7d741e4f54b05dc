//! How often writes were begun.

use super::super::history::{ClientEvent, End, RunEvent};
use super::story::Stories;
use super::{Check, Violation};

pub(super) fn check(stories: &Stories<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (tag, spec) in stories.specs.iter().filter(|(_, spec)| !spec.may_rerun()) {
        let begun = stories.begun(*tag);
        let completed = stories.runs_that(*tag, RunEvent::Completed);
        let succeeded = stories.posts.iter().filter(|(post, story)| {
            let success = |event: &ClientEvent| {
                let (ClientEvent::Got(got) | ClientEvent::Missed(got)) = event else {
                    return false;
                };
                matches!(got.end, Some(End::Finished { .. }))
            };
            post.tag == *tag && story.client.iter().any(|(_, event)| success(event))
        });
        let mut fail = |what: String| {
            let check = Check::WritesBeginOnce;
            violations.push(Violation::new(check, Some(*tag), what));
        };
        if begun.len() > 1 {
            fail(format!("{tag:?} was begun as {begun:?}"));
        }
        match succeeded.count() {
            0 => {}
            1 if completed.len() == 1 && begun == completed => {}
            times => fail(format!(
                "{:?} was said to have succeeded {times} times, was begun as {begun:?} and completed as {completed:?}",
                spec.tag
            )),
        }
    }
    violations
}
