//! Going through all queries.

use std::collections::HashSet;

use futures::future::join_all;
use perk_core::{
    Abandoned, Ending, QueryError, QueryId, QueryState, Target, Unavailable, UnendedQueries,
};

use super::books::When;
use super::record::Record;
use super::{RedisResultStore, STATE, SWEEP, ended, millis, written};
use crate::redis::script::text;

/// How many queries a sweep, or a listing, asks for at once.
const AT_ONCE: usize = 100;
/// When a query that is over and yet kept is looked at again, in milliseconds.
const LOOK_LATER: u64 = 1000;

impl RedisResultStore {
    pub(super) async fn list_unended(&self, from: u64) -> Result<UnendedQueries, Unavailable> {
        let (next, ids) = self.books.some(from, AT_ONCE).await?;
        let records = join_all(ids.iter().map(|id| self.record(id, STATE))).await;
        let (mut queries, mut all_read) = (Vec::new(), true);
        for (id, record) in ids.into_iter().zip(records) {
            match record.and_then(|record| unended(record.as_ref())) {
                Ok(None) => {}
                Ok(Some((target, state))) => queries.push((id, target, state)),
                Err(error) => {
                    tracing::warn!(query = %id, %error, "it could not be looked at");
                    all_read = false;
                }
            }
        }
        if !all_read {
            // What nobody can read keeps nobody from the others. Where Redis is away, this says so.
            self.books.some(from, 1).await?;
        }
        let next = (next != 0).then_some(next);
        Ok(UnendedQueries { queries, next })
    }

    pub(super) async fn sweep_all(&self) -> Result<Vec<Abandoned>, Unavailable> {
        self.books.flush().await?;
        let (mut abandoned, mut seen) = (Vec::new(), HashSet::new());
        loop {
            let (now, ids) = self.books.due(AT_ONCE).await?;
            // Nobody could be heard while Redis was away, or was about to be.
            let until = match self.connection.up_for() {
                up if up >= self.config.client_timeout => now,
                _ => 0,
            };
            let swept = ids.iter().map(|id| self.sweep_one(id, now, until));
            let (mut gone, mut refused) = (Vec::new(), Vec::new());
            for (id, swept) in ids.iter().zip(join_all(swept).await) {
                match swept {
                    Ok((is_gone, ended)) => {
                        abandoned.extend(ended);
                        gone.extend(is_gone.then(|| id.clone()));
                    }
                    Err(error) => refused.push((id, error)),
                }
            }
            // What a newer Perk wrote, or nobody can read, keeps nobody from the others. Where Redis is away, this says so.
            if !refused.is_empty() {
                let ids: Vec<_> = refused.iter().map(|(id, _)| *id).collect();
                self.books.put_off(LOOK_LATER, &ids).await?;
            }
            for (id, error) in refused {
                tracing::warn!(query = %id, %error, "it could not be looked at");
            }
            self.books.strike(&gone).await?;
            self.books.flush().await?;
            let are_new = ids.iter().filter(|id| seen.insert((*id).clone())).count();
            if ids.len() < AT_ONCE || are_new == 0 {
                return Ok(abandoned);
            }
        }
    }

    /// One query's part of a sweep. Whether it is gone, and whether this ended it.
    async fn sweep_one(
        &self,
        id: &QueryId,
        now: u64,
        silence_counts_until: u64,
    ) -> Result<(bool, Option<Abandoned>), Unavailable> {
        let abandoned = Ending::failed(QueryError::abandoned());
        let arguments = [
            text(&millis(self.config.client_timeout)),
            text(&millis(self.config.keep_ended)),
            text(&silence_counts_until),
            written::write_ending(&abandoned),
        ];
        let reply = self.run(&SWEEP, id, arguments).await?;
        let [gone, was, whose, said @ ..] = reply.list()? else {
            return Err(reply.unexpected());
        };
        if let [said] = said {
            self.note_from(id, said, (0, When::Soon), now + LOOK_LATER)?;
        }
        let abandoned = match was.text()? {
            "" => None,
            was => Some(Abandoned {
                id: id.clone(),
                was: ended(was, whose)?,
            }),
        };
        Ok((gone.number()? == 1, abandoned))
    }
}

/// Where a query that has not ended is to run, and what it is doing.
fn unended(record: Option<&Record>) -> Result<Option<(Target, QueryState)>, Unavailable> {
    let Some(record) = record else {
        return Ok(None);
    };
    let state = record.unended()?;
    state.map(|state| Ok((record.target()?, state))).transpose()
}
