//! What a client may be given, by the result store's contract.

use std::fmt::{self, Debug};

use super::pages::Hold;
use super::query::{Life, Query};
use crate::ids::PageIndex;
use crate::query::{Outcome, Page};
use crate::store::{Next, ReadError, Reading};
use crate::testsuite::models::perhaps::Perhaps;
use crate::testsuite::models::trial::{Moment, Trial, Unlike, same};
use crate::testsuite::store::rows_of;

/// What a reading came to, and in a line of a failure no more of it than is needed.
pub(super) struct Answer(pub(super) Result<Reading, ReadError>);

impl Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(reading) => f
                .debug_struct("Reading")
                .field("pages", &rows_of(reading))
                .field("columns", &reading.columns)
                .field("next", &reading.next)
                .field("state", &reading.state)
                .finish_non_exhaustive(),
            Err(error) => Debug::fmt(error, f),
        }
    }
}

impl Query {
    /// Whether a client that asks for a token is answered without having to wait.
    pub(super) fn answers(&self, token: usize) -> Perhaps {
        let known = token >= self.pages.first && token <= self.pages.told;
        let at_once = !known || matches!(self.life, Life::Stored | Life::Ended(_));
        let pages = match self.pages.hold {
            _ if self.pages.kept().len() <= token.saturating_sub(self.pages.first) => Perhaps::No,
            Hold::Held => Perhaps::No,
            Hold::Perhaps => Perhaps::Either,
            Hold::Shown => Perhaps::Yes,
        };
        pages.or(at_once.into())
    }

    /// A client asked for a token, and for so many bytes. The call lasted `now`.
    pub(super) fn read(
        &mut self,
        token: usize,
        bytes: usize,
        answer: &Result<Reading, ReadError>,
        now: Moment,
        trial: &Trial,
    ) -> Result<(), Unlike> {
        self.heard = now;
        let gone = matches!(answer, Err(ReadError::PageGone));
        same("gone", &gone, &(token < self.pages.first))?;
        if gone {
            return Ok(());
        }
        let ahead = matches!(answer, Err(ReadError::TokenAhead));
        let may_be_ahead = if token <= self.pages.told {
            Perhaps::No
        } else if token <= self.pages.after_end {
            // It came with the end: no client was told to ask for it, but one may know it.
            Perhaps::Either
        } else {
            Perhaps::Yes
        };
        if !may_be_ahead.allows(ahead) {
            return Err(
                format!("token {token} ahead: {ahead}, which should be {may_be_ahead:?}").into(),
            );
        }
        if ahead {
            return Ok(());
        }
        match answer {
            Ok(reading) => {
                self.pages.first = token;
                self.pages.told = self.pages.told.max(token);
                self.gives(token, bytes, reading, now)?;
                self.tells(reading, now, trial)
            }
            Err(error) => Err(format!("a reading is {error:?}").into()),
        }
    }

    /// The pages, and what comes after them.
    fn gives(
        &mut self,
        token: usize,
        bytes: usize,
        reading: &Reading,
        now: Moment,
    ) -> Result<(), Unlike> {
        let kept = self.pages.kept();
        let given = reading.pages.len();
        // Whether a page that weighs nothing counts for something is not said.
        let fit = fits(kept, bytes, 1)..=fits(kept, bytes, 0);
        let shown = match self.pages.hold {
            Hold::Held => given == 0,
            Hold::Perhaps => given == 0 || fit.contains(&given),
            Hold::Shown => fit.contains(&given),
        };
        if !shown {
            let held = self.pages.hold;
            return Err(
                format!("{given} pages are given, where {fit:?} fit and are {held:?}").into(),
            );
        }
        same("the pages", &reading.pages.as_slice(), &&kept[..given])?;
        let complete = given == kept.len();
        let after = token + given;
        if given > 0 {
            self.pages.hold = Hold::Shown;
            self.handed_out = true;
        }
        let failed = match &self.life {
            Life::Ended(end) if complete => {
                let Next::End(ending) = &reading.next else {
                    return Err("the end should have come".to_owned().into());
                };
                same("the end", ending.as_ref(), &end.ending)?;
                self.pages.after_end = after;
                matches!(end.ending.outcome, Outcome::Failed(_))
            }
            _ => {
                let Next::Token(next) = reading.next else {
                    return Err("the end came before it is there".to_owned().into());
                };
                same("the next token", &next, &(after as PageIndex))?;
                self.pages.told = self.pages.told.max(after);
                false
            }
        };
        let ended = matches!(reading.next, Next::End(_));
        if ended {
            self.client_knows(now);
        }
        let columns = self.pages.columns.clone();
        let columns = columns.filter(|_| ended || given > 0);
        // A failed query has no result that its columns could describe, but may tell them.
        if failed && reading.columns.is_none() {
            return Ok(());
        }
        same("the columns", &reading.columns, &columns)
    }

    /// What a reading says of its query.
    fn tells(&self, reading: &Reading, now: Moment, trial: &Trial) -> Result<(), Unlike> {
        same(
            "the statement",
            &reading.statement.sql,
            &self.statement().sql,
        )?;
        same("the state", &reading.state, &self.state())?;
        same("the dialect", &reading.dialect, &self.dialect)?;
        same("the progress", &reading.progress, &self.progress)?;
        let ended = self.end().map(|end| end.at);
        let elapsed = self.created.until(ended.unwrap_or(now));
        trial.lasts("elapsed", reading.elapsed, &elapsed)?;
        let queued = self.created.until(self.begun.or(ended).unwrap_or(now));
        trial.lasts("queued", reading.queued, &queued)
    }
}

/// How many pages fit into an answer, where one counts for so many bytes at least. One that is larger is given alone.
fn fits(pages: &[Page], bytes: usize, least: usize) -> usize {
    let mut sum = 0;
    let fit = pages.iter().take_while(|page| {
        sum += page.weight().max(least);
        sum <= bytes
    });
    fit.count().max(pages.len().min(1))
}
