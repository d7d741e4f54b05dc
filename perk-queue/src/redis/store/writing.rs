//! Pages and ends, and waiting for room.

use std::iter::once;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join;
use perk_core::{Attempt, Ending, Outcome, Page, PageIndex, QueryId, Unavailable, WriteError};

use super::books::When;
use super::{APPEND, Answer, FINISH, FINISH_WITH_PAGE, RedisResultStore, SHOW, written};
use crate::redis::connection::{SERVICE, is_full};
use crate::redis::reply::Reply;
use crate::redis::script::text;

/// After how long one that waits for room and has heard nothing looks all the same: a word may be lost, and what is known here of the
/// room of all may be old.
const LOOK_FOR_ROOM: Duration = Duration::from_secs(1);

/// From how many bytes on rows pass by the scripts instead of through them, which costs a command more when they are written
/// and a round trip more when they are read. Redis itself takes what is as large as this without copying it.
const LARGE: usize = 32 << 10;
/// Up to how many bytes rows are stored in one step with the end, whatever that costs: a result that is read in one piece is to cost few
/// round trips.
const LAST: usize = 64 << 10;

fn unstaged() -> Unavailable {
    Unavailable {
        service: SERVICE,
        reason: "append: the page that was sent was gone before it was taken".to_owned(),
    }
}

impl RedisResultStore {
    pub(super) async fn append_when_there_is_room(
        &self,
        id: &QueryId,
        attempt: Attempt,
        index: PageIndex,
        page: Page,
    ) -> Result<(), WriteError> {
        let weight = page.weight() as u64;
        let rows = page.rows.as_ref().filter(|rows| rows.len() >= LARGE);
        let staged = rows.map(|rows| {
            let name = format!("{}:staged:{attempt}:{index}", self.base(id));
            (name, rows.clone())
        });
        let page = self.page_arguments(attempt, index, page, staged.is_some());
        let topic = self.topic(id);
        loop {
            // Both count from here on, so that no word between looking and waiting is missed.
            let (changed, freed) = (topic.told(), self.books.room.told());
            let has_room = self.books.has_room(weight);
            let more = [has_room, staged.is_some()].map(|is| text(&u8::from(is)));
            let arguments = page.iter().cloned().chain(more);
            let appended = self.run(&APPEND, id, arguments);
            let appended = match &staged {
                None => appended.await,
                Some((name, rows)) => {
                    // In this order: the script takes what is there by then.
                    let staged = self.connection.stage(name, rows.clone());
                    let (staged, appended) = join(staged, appended).await;
                    staged.and(appended)
                }
            };
            let answer = Answer::of(&self.or_shown(id, attempt, appended).await?)?;
            match answer.how.as_str() {
                "fenced" => return Err(WriteError::Fenced),
                "unstaged" => return Err(unstaged().into()),
                "stored" => return Ok(self.note(id, answer.at(0), weight, When::Now)?),
                _ => {}
            }
            if !has_room && self.books.wait_for_room(weight).await? {
                continue;
            }
            tokio::select! {
                () = changed => {}
                () = freed => {}
                () = tokio::time::sleep(LOOK_FOR_ROOM) => {}
            }
        }
    }

    /// Where Redis is full, has what the attempt holds back shown: only readers can make room.
    async fn or_shown(
        &self,
        id: &QueryId,
        attempt: Attempt,
        written: Result<Reply, Unavailable>,
    ) -> Result<Reply, Unavailable> {
        if written.as_ref().is_err_and(is_full) {
            self.run(&SHOW, id, [text(&attempt)]).await?;
        }
        written
    }

    /// Both in one step where there is room; otherwise the page waits for it.
    pub(super) async fn finish_with(
        &self,
        id: &QueryId,
        attempt: Attempt,
        (index, page): (PageIndex, Page),
        ending: Ending,
    ) -> Result<(), WriteError> {
        let weight = page.weight() as u64;
        let is_large = page.rows.as_ref().is_some_and(|rows| rows.len() > LAST);
        if !is_large && self.books.has_room(weight) {
            let last = self.page_arguments(attempt, index, page.clone(), false);
            let arguments = last.into_iter().chain(ending_arguments(ending.clone()));
            let finished = self.run(&FINISH_WITH_PAGE, id, arguments).await;
            let answer = Answer::of(&self.or_shown(id, attempt, finished).await?)?;
            if answer.how != "full" {
                return self.ended(id, &answer, weight);
            }
        }
        match self
            .append_when_there_is_room(id, attempt, index, page)
            .await
        {
            // An end closes the attempt also where its page is not wanted any more.
            Ok(()) | Err(WriteError::Fenced) => self.finish_alone(id, attempt, ending).await,
            Err(error) => Err(error),
        }
    }

    pub(super) async fn finish_alone(
        &self,
        id: &QueryId,
        attempt: Attempt,
        ending: Ending,
    ) -> Result<(), WriteError> {
        let arguments = once(text(&attempt)).chain(ending_arguments(ending));
        let answer = Answer::of(&self.run(&FINISH, id, arguments).await?)?;
        self.ended(id, &answer, 0)
    }

    fn ended(&self, id: &QueryId, answer: &Answer, weight: u64) -> Result<(), WriteError> {
        self.note(id, answer.at(0), weight, When::Soon)?;
        match answer.how.as_str() {
            "ended" => Ok(()),
            _ => Err(WriteError::Fenced),
        }
    }

    /// A page as scripts take it, with what its query may have unread, and where this process listens.
    fn page_arguments(
        &self,
        attempt: Attempt,
        index: PageIndex,
        page: Page,
        is_staged: bool,
    ) -> [Bytes; 8] {
        let weight = page.weight();
        let (rows, with) = written::write_page(&page);
        let rows = if is_staged { Bytes::new() } else { rows };
        [
            text(&attempt),
            text(&index),
            text(&weight),
            rows,
            with,
            page.columns.unwrap_or_default(),
            text(&self.config.unread_per_query),
            self.connection.channel(),
        ]
    }
}

/// An end as scripts take it: outcome, what is written of it, stats, columns.
pub(super) fn ending_arguments(ending: Ending) -> [Bytes; 4] {
    let outcome = match ending.outcome {
        Outcome::Finished => "finished",
        Outcome::Failed(_) => "failed",
    };
    [
        text(outcome),
        written::write_ending(&ending),
        ending.stats.unwrap_or_default(),
        ending.columns.unwrap_or_default(),
    ]
}
