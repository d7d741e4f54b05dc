//! A [`ResultStore`] beside its model.

mod model;
mod operations;
mod pages;
mod query;
mod reading;
mod steps;

use std::future::Future;
use std::sync::Arc;

use super::perhaps::Perhaps;
use super::trial::{Moment, Trial, Unlike, Waiting, first, same};
use super::{Clock, ModelRun};
use crate::ids::QueryId;
use crate::store::{ReadLimits, ResultStore};
use crate::testsuite::every_unended;
use crate::testsuite::store::StoreSettings;
use model::StoreModel;
use operations::{Bulk, By, Index, Operation, Step, Token, Wait, operation, queries, settings};

/// Does random things to stores, each made new and empty by `make` with the settings it is given. Panics with the shortest
/// list of operations it finds in which one does what the contract does not allow.
pub fn agrees<F, M>(run: &ModelRun, make: F)
where
    F: Fn(StoreSettings) -> M,
    M: Future<Output = Arc<dyn ResultStore>>,
{
    if let Err(unlike) = differs(run, make) {
        panic!("{unlike}");
    }
}

/// As [`agrees`], for one that should not: what was found, if anything.
pub fn differs<F, M>(run: &ModelRun, make: F) -> Result<(), String>
where
    F: Fn(StoreSettings) -> M,
    M: Future<Output = Arc<dyn ResultStore>>,
{
    let case = async |settings: StoreSettings, list: Vec<Operation>, trial: &mut Trial| {
        let mut beside = Beside {
            store: make(settings).await,
            model: StoreModel::new(settings),
            settings,
            trial,
        };
        for operation in &list {
            beside.apply(operation).await?;
        }
        beside.drain().await
    };
    let may_pass = run.clock == Clock::Paused;
    run.check(settings(run.times), operation(may_pass), &case)
}

/// A store, and what it should hold.
struct Beside<'a> {
    store: Arc<dyn ResultStore>,
    model: StoreModel,
    settings: StoreSettings,
    trial: &'a mut Trial,
}

impl Beside<'_> {
    async fn apply(&mut self, operation: &Operation) -> Result<(), Unlike> {
        match operation {
            Operation::Do(step, None) => self.step(step).await,
            Operation::Do(then, Some(Wait::Reader(id))) => self.wait_to_read(id, then).await,
            Operation::Do(then, Some(Wait::Writer(id))) => self.wait_to_append(id, then).await,
            Operation::WaitLong(id) => self.wait_long(id).await,
            Operation::Pass(hundredths, sweep) => {
                let time = self.settings.client_timeout * *hundredths / 100;
                self.trial.note(format_args!("{time:?} pass"));
                self.trial.times.pass(time).await;
                if *sweep {
                    self.step(&Step::Sweep).await?;
                }
                Ok(())
            }
        }
    }

    /// The token that a client would ask for next, if it had to wait.
    fn must_wait(&self, id: &QueryId) -> Option<usize> {
        let query = self.model.queries.get(id)?;
        let token = query.pages.told;
        (query.answers(token) == Perhaps::No).then_some(token)
    }

    /// A client waits, something happens, and it is answered if there is something for it now.
    async fn wait_to_read(&mut self, id: &QueryId, then: &Step) -> Result<(), Unlike> {
        let Some(token) = self.must_wait(id) else {
            return self.step(then).await;
        };
        let mut waiting = Waiting::new();
        let read = self.reading(id, token, self.patient());
        waiting.spawn(async move { (0, read.await) });
        let what = format!("{id} is read at {token}");
        let (came, began) = self.trial.now(what, first(&mut waiting)).await;
        if let Some((_, answer)) = came {
            return Err(format!("{id}'s reader should have waited: {answer:?}").into());
        }
        self.hears(id, began);
        // It has asked: that it waits, or gives up, changes nothing of what asking for a token means.
        if let Some(query) = self.model.queries.get_mut(id) {
            query.pages.first = token;
        }
        let (done, during) = Moment::of(self.step(then)).await;
        done?;
        let Some(query) = self.model.queries.get(id) else {
            return Ok(());
        };
        let due = query.answers(token);
        let what = format!("{id}'s reader that waited");
        let (came, at) = match due {
            Perhaps::Yes => {
                let (came, at) = self.trial.soon(what, first(&mut waiting)).await?;
                (Some(came), at)
            }
            Perhaps::No | Perhaps::Either => self.trial.now(what, first(&mut waiting)).await,
        };
        waiting.shutdown().await;
        if !due.allows(came.is_some()) {
            return Err(format!("{id}'s reader came: {came:?}").into());
        }
        if let Some((_, answer)) = came {
            self.has_read(id, token, usize::MAX, &answer, during.or(at))?;
        }
        self.hears(id, began.or(at));
        self.look().await
    }

    /// A writer waits for room, something happens, and it gets in if there is room now, or learns that it is fenced.
    async fn wait_to_append(&mut self, id: &QueryId, then: &Step) -> Result<(), Unlike> {
        let page = self.page(id, By::Last, Index::Next, Bulk::Rows);
        // An attempt has one writer, which does one thing at a time.
        let writes = matches!(then, Step::Append(other, ..) if other == id);
        if writes || self.room(&page) != Perhaps::No {
            return self.step(then).await;
        }
        let mut waiting = Waiting::new();
        let append = self.appending(&page);
        waiting.spawn(async move { (0, append.await) });
        // While it waits, it may take room at any time.
        self.model.wanted = Some(page.page.weight());
        let what = format!("{page}");
        let (came, _) = self.trial.now(what, first(&mut waiting)).await;
        if let Some((_, answer)) = came {
            return Err(format!("{id}'s writer should have waited: {answer:?}").into());
        }
        self.model.waits_for_room(id);
        self.look().await?;
        self.step(then).await?;
        let due = self.room(&page);
        let what = format!("{id}'s writer that waited");
        let came = match due {
            Perhaps::Yes => Some(self.trial.soon(what, first(&mut waiting)).await?.0),
            Perhaps::No | Perhaps::Either => self.trial.now(what, first(&mut waiting)).await.0,
        };
        waiting.shutdown().await;
        self.has_appended(page, due, came.map(|(_, answer)| answer))?;
        self.look().await?;
        self.model.wanted = None;
        Ok(())
    }

    /// Who waits is answered within half a client timeout, because it must be heard of again.
    async fn wait_long(&mut self, id: &QueryId) -> Result<(), Unlike> {
        let Some(token) = self.must_wait(id) else {
            return self.step(&Step::Heard(id.clone())).await;
        };
        let read = self.reading(id, token, self.patient());
        let what = format!("{id} is read at {token} for long");
        let half = self.settings.client_timeout / 2;
        let (answer, at) = self.trial.within(half, what, read).await?;
        self.has_read(id, token, usize::MAX, &answer, at)?;
        self.look().await
    }

    /// A client that would wait for longer than it may.
    fn patient(&self) -> ReadLimits {
        ReadLimits {
            wait: 2 * self.settings.client_timeout,
            bytes: usize::MAX,
        }
    }

    fn hears(&mut self, id: &QueryId, at: Moment) {
        if let Some(query) = self.model.queries.get_mut(id) {
            query.heard = at;
        }
    }

    /// What can be seen of the store without being its client is what the model has.
    async fn look(&mut self) -> Result<(), Unlike> {
        if let Some(weight) = self.model.wanted {
            self.model.makes_room(weight);
        }
        for id in queries() {
            let (info, now) = Moment::of(self.store.info(&id)).await;
            self.model.look(&id, info?.as_ref(), now, self.trial)?;
        }
        let unended = every_unended(&*self.store).await?;
        same("unended", &unended, &self.model.unended())
    }

    /// What every client has still to read, and a worker to cancel or to run.
    async fn drain(&mut self) -> Result<(), Unlike> {
        for id in queries() {
            for _ in 0..2 {
                self.step(&Step::Read(id.clone(), Token::Told, usize::MAX))
                    .await?;
            }
            let late = "late".parse().unwrap();
            self.step(&Step::Claim(id, late)).await?;
        }
        Ok(())
    }
}
