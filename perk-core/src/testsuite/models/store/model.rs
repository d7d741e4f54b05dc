//! The result store's contract as plain data.

use std::collections::{BTreeMap, BTreeSet};

use super::operations::{By, Token};
use super::pages::Hold;
use super::query::{Life, Query};
use crate::error::QueryError;
use crate::ids::{Attempt, QueryId};
use crate::query::{Ending, Page, QueryState};
use crate::queue::Target;
use crate::store::{Abandoned, EndedBy, NewQuery, QueryInfo};
use crate::testsuite::models::perhaps::Perhaps;
use crate::testsuite::models::trial::{Moment, Trial, Unlike, same};
use crate::testsuite::store::StoreSettings;

/// What a store should hold.
#[derive(Debug)]
pub(super) struct StoreModel {
    settings: StoreSettings,
    pub(super) queries: BTreeMap<QueryId, Query>,
    /// Names that were used, and must not be used again.
    pub(super) removed: BTreeSet<QueryId>,
    /// The weight of a page whose writer waits.
    pub(super) wanted: Option<usize>,
}

impl StoreModel {
    pub(super) fn new(settings: StoreSettings) -> Self {
        Self {
            settings,
            queries: BTreeMap::new(),
            removed: BTreeSet::new(),
            wanted: None,
        }
    }

    pub(super) fn create(&mut self, query: NewQuery, now: Moment) {
        let holds = self.settings.hold_results > 0;
        let id = query.id.clone();
        self.queries
            .entry(id)
            .or_insert_with(|| Query::new(query, holds, now));
    }

    /// The attempt that is meant, whether there is one or not.
    pub(super) fn attempt(&self, id: &QueryId, by: By) -> Attempt {
        let last = self.queries.get(id).map_or(0, |query| query.last.0);
        Attempt(match by {
            By::Last => last,
            By::Earlier => last.saturating_sub(1),
            By::Later => last + 1,
        })
    }

    pub(super) fn token(&self, id: &QueryId, token: Token) -> usize {
        let Some(query) = self.queries.get(id) else {
            return 0;
        };
        match token {
            Token::Told => query.pages.told,
            Token::Oldest => query.pages.first,
            Token::Gone => query.pages.first.saturating_sub(1),
            Token::Ahead(more) => query.pages.told + more,
        }
    }

    /// Appends a page that was taken.
    pub(super) fn append(&mut self, id: &QueryId, index: usize, page: Page) {
        let hold = self.settings.hold_results;
        self.running(id).pages.append(index, page, hold);
    }

    /// A query whose write was taken.
    pub(super) fn running(&mut self, id: &QueryId) -> &mut Query {
        self.queries
            .get_mut(id)
            .expect("what takes writes is known")
    }

    pub(super) fn takes(&self, id: &QueryId, attempt: Attempt) -> bool {
        self.queries
            .get(id)
            .is_some_and(|query| query.takes(attempt))
    }

    /// Whether an append is answered without having to wait.
    pub(super) fn has_room(
        &self,
        id: &QueryId,
        attempt: Attempt,
        index: usize,
        weight: usize,
    ) -> Perhaps {
        let Some(query) = self.queries.get(id).filter(|query| query.takes(attempt)) else {
            return Perhaps::Yes;
        };
        let unread = query.pages.kept();
        if index < query.pages.count() || unread.is_empty() {
            return Perhaps::Yes;
        }
        let fits = query.pages.weight() + weight <= self.settings.unread_per_query;
        // What is kept for a repeated request only gives way to what is unread, at once or when it is swept away.
        let in_all = |counts: fn(&Query) -> bool| {
            let queries = self.queries.values().filter(|query| counts(query));
            queries.map(|query| query.pages.weight()).sum::<usize>() + weight
        };
        let bound = self.settings.unread_total;
        let fits_in_all = match (
            in_all(|_| true) <= bound,
            in_all(|query| !query.is_over()) <= bound,
        ) {
            (true, _) => Perhaps::Yes,
            (false, true) => Perhaps::Either,
            (false, false) => Perhaps::No,
        };
        fits_in_all.and(fits.into())
    }

    /// Somebody wants to append: if that takes room that there is not, what is kept for a repeated request only may go.
    pub(super) fn wants_room(
        &mut self,
        id: &QueryId,
        attempt: Attempt,
        index: usize,
        weight: usize,
    ) {
        let writer = self.queries.get(id).filter(|query| query.takes(attempt));
        if writer.is_some_and(|query| index >= query.pages.count()) {
            self.makes_room(weight);
        }
    }

    /// What is kept for a repeated request only may go for a page of this weight.
    pub(super) fn makes_room(&mut self, weight: usize) {
        let used: usize = self
            .queries
            .values()
            .map(|query| query.pages.weight())
            .sum();
        if used + weight > self.settings.unread_total {
            for query in self.queries.values_mut().filter(|query| query.is_over()) {
                query.gone = Perhaps::Either;
            }
        }
    }

    /// A writer waits for room: what its query holds back is shown.
    pub(super) fn waits_for_room(&mut self, id: &QueryId) {
        for (other, query) in &mut self.queries {
            if other == id {
                query.pages.hold = Hold::Shown;
            } else if query.pages.hold == Hold::Held {
                query.pages.hold = Hold::Perhaps;
            }
        }
    }

    /// What `info` says must be so; what it does not know has been removed.
    pub(super) fn look(
        &mut self,
        id: &QueryId,
        info: Option<&QueryInfo>,
        now: Moment,
        trial: &Trial,
    ) -> Result<(), Unlike> {
        let Some(query) = self.queries.get_mut(id) else {
            return same("known", &info.is_some(), &false);
        };
        let gone = std::mem::replace(&mut query.gone, Perhaps::No);
        if !gone.allows(info.is_none()) {
            return Err(format!(
                "{id} has been removed: {gone:?}, and not {}",
                info.is_none()
            )
            .into());
        }
        let Some(info) = info else {
            self.removed.insert(id.clone());
            self.queries.remove(id);
            return Ok(());
        };
        same("the statement", &info.statement.sql, &query.statement().sql)?;
        same(format_args!("{id}'s state"), &info.state, &query.state())?;
        let end = query.end();
        let ending = end.map(|end| &end.ending);
        same(format_args!("{id}'s end"), &info.ending.as_deref(), &ending)?;
        let elapsed = query.created.until(end.map_or(now, |end| end.at));
        trial.lasts("elapsed", info.elapsed, &elapsed)
    }

    pub(super) fn unended(&self) -> Vec<(QueryId, Target, QueryState)> {
        let unended = |(id, query): (&QueryId, &Query)| {
            Some((id.clone(), query.asked.target.clone(), query.unended()?))
        };
        self.queries.iter().filter_map(unended).collect()
    }

    /// A sweep ended these queries. What it may have removed, or must have, is left to be looked at.
    pub(super) fn swept(&mut self, abandoned: &[Abandoned], now: Moment) -> Result<(), Unlike> {
        let StoreSettings {
            client_timeout,
            keep_ended,
            ..
        } = self.settings;
        if let Some(unknown) = abandoned
            .iter()
            .find(|one| !self.queries.contains_key(&one.id))
        {
            return Err(format!("a sweep ended {unknown:?}").into());
        }
        for (id, query) in &mut self.queries {
            let left = query.heard.passed(now, client_timeout);
            let unended = query.end().is_none();
            let named: Vec<&Abandoned> = abandoned.iter().filter(|one| one.id == *id).collect();
            if named.len() > 1 || !left.and(unended.into()).allows(!named.is_empty()) {
                return Err(
                    format!("a sweep ended {named:?}; {id}'s client has left: {left:?}").into(),
                );
            }
            let left = if let [told] = named[..] {
                let ending = Ending::failed(QueryError::abandoned());
                let was = query.end_from_outside(ending, EndedBy::Perk, now);
                same(format_args!("what {id} was doing"), &told.was, &was)?;
                // What a sweep ends it may remove at once, or leave to the next one.
                Perhaps::Either
            } else {
                left
            };
            let Life::Ended(end) = &query.life else {
                continue;
            };
            let kept = end
                .read
                .map_or(Perhaps::Yes, |read| read.passed(now, keep_ended).not());
            let to_cancel = Perhaps::from(!query.superseded.is_empty())
                .and(end.at.passed(now, client_timeout).not());
            let needed = Perhaps::from(end.open.is_some()).or(to_cancel);
            query.gone = left.or(kept.not()).and(needed.not());
        }
        Ok(())
    }
}
