//! What clients were given.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::history::{ClientEvent, End, Got, Post, QueryEvent, Refusal, Run, RunEvent};
use super::super::plan::Settings;
use super::super::statement::{NO_TRANSACTION, OWN_FAULT, Row, Upset, Verb};
use super::story::{Stories, Story};
use super::{Check, Violation};
use crate::error::PerkError;
use crate::store::GivenUp;

pub(super) fn check(stories: &Stories<'_>, settings: &Settings) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (post, story) in &stories.posts {
        let reader = Reader {
            post: *post,
            story,
            stories,
            settings,
        };
        let found = [
            reader.end(),
            reader.rows(),
            reader.repeated(),
            reader.heard_of(),
        ];
        violations.extend(found.into_iter().filter_map(Result::err));
    }
    violations
}

struct Reader<'a> {
    post: Post,
    story: &'a Story<'a>,
    stories: &'a Stories<'a>,
    settings: &'a Settings,
}

type Checked = Result<(), Violation>;

impl Reader<'_> {
    fn must(&self, check: Check, holds: bool, what: impl FnOnce() -> String) -> Checked {
        if holds {
            return Ok(());
        }
        let what = format!("{:?}: {}", self.post, what());
        Err(Violation::new(check, Some(self.post.tag), what))
    }

    fn client(&self, which: impl Fn(&ClientEvent) -> bool) -> bool {
        self.story.client.iter().any(|(_, event)| which(event))
    }

    /// What the client heard, in order.
    fn heard(&self) -> impl Iterator<Item = &Got> {
        self.story
            .client
            .iter()
            .filter_map(|(_, event)| match event {
                ClientEvent::Got(got) => Some(got),
                _ => None,
            })
    }

    /// Who goes on asking is told of an end, and that is right.
    fn end(&self) -> Checked {
        for (at, event) in &self.story.client {
            if let ClientEvent::Refused { why, silent, .. } = event {
                self.refused(*at, *why, *silent)?;
            }
        }
        if let Some(end) = self.heard().find_map(|got| got.end.as_ref()) {
            return match end {
                End::Finished { count, .. } => self.finished(*count),
                End::Failed(error) => self.failed(error),
            };
        }
        let leaves = |event: &ClientEvent| {
            matches!(
                event,
                ClientEvent::Leaves | ClientEvent::Canceled | ClientEvent::Refused { .. }
            )
        };
        let accepted = self.client(|event| *event == ClientEvent::Accepted);
        let ended = !accepted || self.client(leaves);
        self.must(Check::EverythingEnds, ended, || {
            "its client was never told of an end".to_owned()
        })
    }

    /// A token is refused only when its query is over: its end was given, and the time for asking again is over too; or its
    /// client was silent for too long.
    fn refused(&self, at: Duration, why: Refusal, silent: Duration) -> Checked {
        let ended = self.story.query.iter().find(|(_, event)| match event {
            QueryEvent::Read { end, .. } => *end,
            QueryEvent::Ended { by, .. } => *by == crate::store::EndedBy::Client,
            _ => false,
        });
        let keep = self.settings.store.keep_ended;
        // Where room is short, what was read is kept for less long.
        let tight = self.settings.store.unread_total < 1 << 20;
        let over = ended.is_some_and(|(ended, _)| tight || at >= *ended + keep);
        let over = over || silent >= self.settings.store.client_timeout;
        self.must(
            Check::ErrorsAreTrue,
            why == Refusal::Expired && over,
            || format!("a client that keeps asking was told {why:?}"),
        )
    }

    fn abandoned(&self) -> bool {
        self.query(|event| matches!(event, QueryEvent::Abandoned { .. }))
    }

    /// A query is abandoned only when nothing was heard of its client for a client timeout.
    fn heard_of(&self) -> Checked {
        let timeout = self.settings.store.client_timeout;
        let too_early = |event: &QueryEvent| match event {
            QueryEvent::Abandoned { silent } => *silent < timeout,
            _ => false,
        };
        self.must(Check::ClientsAreWaitedFor, !self.query(too_early), || {
            "it was abandoned, though its client had just been heard of".to_owned()
        })
    }

    fn finished(&self, count: Option<u32>) -> Checked {
        let spec = self.story.spec;
        self.must(Check::ErrorsAreTrue, spec.upset.is_none(), || {
            "it cannot succeed, and is said to have".to_owned()
        })?;
        let rows = self.all_rows();
        if spec.verb == Verb::Writes {
            let right = rows.len() == 1 && rows[0].0 == spec.rows && count == Some(spec.rows);
            return self.must(Check::ResultsAreWhole, right, || {
                format!("a write of {} rows says {rows:?} and {count:?}", spec.rows)
            });
        }
        let whole = match rows.first() {
            Some((_, run)) => self.order(Run(*run)).len() == rows.len(),
            None => spec.rows == 0,
        };
        self.must(Check::ResultsAreWhole, whole, || {
            format!("of {} rows it has {rows:?}", spec.rows)
        })
    }

    fn all_rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        // Where the last answer was asked for again, the later one counts.
        let mut by_token = BTreeMap::new();
        for got in self.heard() {
            by_token.insert(got.token, &got.rows);
        }
        rows.extend(by_token.into_values().flatten().copied());
        rows
    }

    fn order(&self, run: Run) -> Vec<Row> {
        let values = self.stories.executions.values(run);
        values.into_iter().map(|value| (value, run.0)).collect()
    }

    /// Whatever the end, the rows are the beginning of one execution's, as that gave them.
    fn rows(&self) -> Checked {
        let rows = self.all_rows();
        let Some((_, run)) = rows.first() else {
            return Ok(());
        };
        let order = self.order(Run(*run));
        self.must(Check::RowsAreRight, order.starts_with(&rows), || {
            format!("it was given {rows:?}, of an execution that gave {order:?}")
        })?;
        let begun = self.stories.begun(self.post.tag).contains(&Run(*run));
        self.must(Check::RowsAreRight, begun, || {
            format!("nobody began run {run}, of which it has rows")
        })
    }

    /// What was given for a token is given again; more may have come since, or an error without rows.
    fn repeated(&self) -> Checked {
        let mut given: BTreeMap<u64, &Got> = BTreeMap::new();
        for (_, event) in &self.story.client {
            let (ClientEvent::Got(got) | ClientEvent::Missed(got)) = event else {
                continue;
            };
            if let Some(before) = given.insert(got.token, got) {
                let failed = matches!(got.end, Some(End::Failed(_)));
                let again = got.rows.starts_with(&before.rows) || (failed && got.rows.is_empty());
                self.must(Check::RowsAreRight, again, || {
                    format!("{before:?} was given for a token, and then {got:?}")
                })?;
                let end = before.end.is_none() || before.end == got.end;
                self.must(Check::ErrorsAreTrue, end, || {
                    format!("the end {before:?} was given for a token, and then {got:?}")
                })?;
            }
        }
        Ok(())
    }

    /// Every error has its cause in what happened to this query.
    fn failed(&self, error: &str) -> Checked {
        let spec = self.story.spec;
        let true_error = if error == OWN_FAULT {
            let fails = matches!(spec.upset, Some(Upset::Fails { .. }));
            fails
                && !self
                    .stories
                    .runs_that(self.post.tag, RunEvent::Failed)
                    .is_empty()
        } else if error == NO_TRANSACTION || error == PerkError::TransactionLost.name() {
            let began = spec.transaction;
            began.is_some_and(|began| super::attempts::transaction_failed(self.stories, began))
        } else if error == "ABANDONED_QUERY" {
            self.abandoned()
        } else if error == "USER_CANCELED" {
            self.client(|event| *event == ClientEvent::Cancels)
        } else if error == PerkError::ClusterLost.name() {
            spec.may_rerun() && self.lost() && self.handed_out()
        } else if error == PerkError::OutcomeUnknown.name() {
            !spec.may_rerun() && self.lost() && self.recorded()
        } else if error == PerkError::AttemptsExhausted.name() {
            self.lost() && super::attempts::lost(self.story) == crate::rerun::MAX_LOST_ATTEMPTS
        } else {
            false
        };
        self.must(Check::ErrorsAreTrue, true_error, || {
            format!("nothing that happened to it explains {error}")
        })
    }

    /// An attempt at it was lost, and that ended it.
    fn lost(&self) -> bool {
        let ends = |became: &GivenUp| *became == GivenUp::Failed;
        self.query(|event| match event {
            QueryEvent::GivenUp { became, .. } | QueryEvent::TakenOver { became, .. } => {
                ends(became)
            }
            _ => false,
        })
    }

    fn handed_out(&self) -> bool {
        self.query(|event| matches!(event, QueryEvent::Read { pages: 1.., .. }))
    }

    fn recorded(&self) -> bool {
        self.query(|event| matches!(event, QueryEvent::Recorded { .. }))
    }

    fn query(&self, which: impl Fn(&QueryEvent) -> bool) -> bool {
        self.story.query.iter().any(|(_, event)| which(event))
    }
}
