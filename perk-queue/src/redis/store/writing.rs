//! Pages and ends, and waiting for room.

use std::iter::once;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join;
use perk_core::{Attempt, Ending, Outcome, Page, PageIndex, QueryId, Unavailable, WriteError};

use super::books::When;
use super::packing::pack;
use super::{APPEND, Answer, FINISH, FINISH_WITH_PAGE, RedisResultStore, SHOW, written};
use crate::redis::connection::{SERVICE, is_full};
use crate::redis::reply::Reply;
use crate::redis::script::text;

/// After how long one that waits for room and has heard nothing looks all the same: a word may be lost, and what is known here of the
/// room of all may be old.
const LOOK_FOR_ROOM: Duration = Duration::from_secs(1);

/// Up to how many bytes rows are stored in one step with the end, whatever that costs: a result that is read in one piece is to cost few
/// round trips.
const LAST: usize = 64 << 10;

fn unstaged() -> Unavailable {
    Unavailable {
        service: SERVICE,
        reason: "append: the page that was sent was gone before it was taken".to_owned(),
    }
}

/// A page as it is stored.
#[derive(Debug, Clone)]
struct StoredPage {
    rows: Bytes,
    /// What came with them.
    with: Bytes,
    columns: Bytes,
    /// What it weighs there.
    weight: u64,
    /// What it weighs for its reader, where that is more.
    whole: Option<u64>,
}

impl RedisResultStore {
    pub(super) async fn append_when_there_is_room(
        &self,
        id: &QueryId,
        attempt: Attempt,
        index: PageIndex,
        page: Page,
    ) -> Result<(), WriteError> {
        let page = self.stored(page).await;
        self.append_stored(id, attempt, index, page).await
    }

    async fn append_stored(
        &self,
        id: &QueryId,
        attempt: Attempt,
        index: PageIndex,
        page: StoredPage,
    ) -> Result<(), WriteError> {
        let weight = page.weight;
        let is_apart = page.rows.len() >= self.config.apart_from;
        let staged = is_apart.then(|| {
            let name = format!("{}:staged:{attempt}:{index}", self.base(id));
            (name, page.rows.clone())
        });
        let page = self.page_arguments(attempt, index, page, is_apart);
        let topic = self.topic(id);
        loop {
            // Both count from here on, so that no word between looking and waiting is missed.
            let (changed, freed) = (topic.told(), self.books.room.told());
            let has_room = self.books.has_room(weight);
            let more = [has_room, is_apart].map(|is| text(&u8::from(is)));
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

    /// Both in one step where there is room, as there always is for a result's first page; otherwise the page waits for it.
    pub(super) async fn finish_with(
        &self,
        id: &QueryId,
        attempt: Attempt,
        (index, page): (PageIndex, Page),
        ending: Ending,
    ) -> Result<(), WriteError> {
        let page = self.stored(page).await;
        let weight = page.weight;
        if page.rows.len() <= LAST.min(self.config.apart_from.saturating_mul(2))
            && (index == 0 || self.books.has_room(weight))
        {
            let last = self.page_arguments(attempt, index, page.clone(), false);
            let arguments = last.into_iter().chain(ending_arguments(ending.clone()));
            let finished = self.run(&FINISH_WITH_PAGE, id, arguments).await;
            let answer = Answer::of(&self.or_shown(id, attempt, finished).await?)?;
            if answer.how != "full" {
                return self.ended(id, &answer, weight);
            }
        }
        match self.append_stored(id, attempt, index, page).await {
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

    /// A page as it is to be stored.
    async fn stored(&self, page: Page) -> StoredPage {
        let whole = page.weight();
        let rows = page.rows.as_ref();
        let (rows, packed) = match rows {
            Some(rows) => pack(self.config.compression, rows).await,
            None => (Bytes::new(), None),
        };
        let less = page.rows.as_ref().map_or(0, Bytes::len) - rows.len();
        StoredPage {
            rows,
            with: written::write_page(&page, packed),
            columns: page.columns.unwrap_or_default(),
            weight: (whole - less) as u64,
            whole: (less > 0).then_some(whole as u64),
        }
    }

    /// A page as scripts take it, with what its query may have unread, and where this process listens.
    fn page_arguments(
        &self,
        attempt: Attempt,
        index: PageIndex,
        page: StoredPage,
        is_staged: bool,
    ) -> [Bytes; 8] {
        let weight = match page.whole {
            None => text(&page.weight),
            Some(whole) => text(&format!("{}/{whole}", page.weight)),
        };
        let rows = if is_staged { Bytes::new() } else { page.rows };
        [
            text(&attempt),
            text(&index),
            weight,
            rows,
            page.with,
            page.columns,
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
