use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use perk_core::rerun::Loss;
use perk_core::testsuite::store::StoreSettings;
use perk_core::{
    Abandoned, Attempt, Claim, Ended, EndedBy, Ending, GivenUp, NewQuery, Outcome, Page, PageIndex,
    PerkError, QueryId, QueryInfo, QueryState, ReadError, ReadLimits, Reading, Rerunnable,
    ResultStore, Unavailable, UnendedQueries, UpstreamRef, WorkerId, WriteError,
};
use perk_queue::MemoryResultStore;

use super::flaws;

flaws! {
    /// What is wrong with a result store.
    StoreFlaw {
        NothingIsHeld,
        QueriesHaveEndlessRoom,
        AllHaveEndlessRoom,
        ClientsAreLeftTooEarly,
        ReadEndsGoAtOnce,
        ReadEndsStay,
        NothingIsFenced,
        APageSentTwiceIsThereTwice,
        DroppedAppendsStore,
        PostedIsForgotten,
        ProgressIsLost,
        HeartbeatsAreIgnored,
        CanceledIsForgotten,
        AClaimAgainIsRefused,
        AnybodyIsTakenOver,
        EverythingMayRunAgain,
        NothingMayRunAgain,
        HandedOutIsMarkedTooLate,
        BytesAreIgnored,
        ReadsDoNotWait,
        ClientsAreNotTheirOwnEnd,
        QueuedIsForgotten,
        ARefusedEndIsConfirmed,
    }
}

#[derive(Debug)]
pub(crate) struct FlawedStore {
    sound: Arc<MemoryResultStore>,
    flaw: StoreFlaw,
}

impl FlawedStore {
    pub(crate) fn new(flaw: StoreFlaw, mut settings: StoreSettings) -> Self {
        match flaw {
            StoreFlaw::NothingIsHeld => settings.hold_results = 0,
            StoreFlaw::QueriesHaveEndlessRoom => settings.unread_per_query = usize::MAX,
            StoreFlaw::AllHaveEndlessRoom => settings.unread_total = usize::MAX,
            StoreFlaw::ClientsAreLeftTooEarly => settings.client_timeout /= 2,
            StoreFlaw::ReadEndsGoAtOnce => settings.keep_ended /= 100,
            StoreFlaw::ReadEndsStay => settings.keep_ended *= 100,
            _ => {}
        }
        let sound = Arc::new(crate::made::store(settings));
        Self { sound, flaw }
    }

    fn has(&self, flaw: StoreFlaw) -> bool {
        self.flaw == flaw
    }

    /// Under which attempt a write is made.
    async fn attempt(&self, id: &QueryId, attempt: Attempt) -> Attempt {
        if !self.has(StoreFlaw::NothingIsFenced) {
            return attempt;
        }
        match self.sound.info(id).await.unwrap().map(|info| info.state) {
            Some(QueryState::Running { attempt, .. }) => attempt,
            _ => attempt,
        }
    }

    /// Whether the query failed because some of it had been handed out.
    async fn failed_as_handed_out(&self, id: &QueryId) -> bool {
        let ending = self
            .sound
            .info(id)
            .await
            .unwrap()
            .and_then(|info| info.ending);
        ending.is_some_and(|ending| match &ending.outcome {
            Outcome::Failed(error) => error.name == PerkError::ClusterLost.name(),
            Outcome::Finished => false,
        })
    }
}

#[async_trait]
impl ResultStore for FlawedStore {
    async fn create(&self, mut query: NewQuery) -> Result<(), Unavailable> {
        match self.flaw {
            StoreFlaw::EverythingMayRunAgain => query.rerunnable = Rerunnable::Yes,
            StoreFlaw::NothingMayRunAgain => query.rerunnable = Rerunnable::No,
            _ => {}
        }
        self.sound.create(query).await
    }

    async fn queued(&self, id: &QueryId) -> Result<(), Unavailable> {
        if self.has(StoreFlaw::QueuedIsForgotten) {
            return Ok(());
        }
        self.sound.queued(id).await
    }

    async fn claim(&self, id: &QueryId, worker: &WorkerId) -> Result<Claim, Unavailable> {
        let before = self.sound.info(id).await?.map(|info| info.state);
        let again = matches!(before, Some(QueryState::Running { .. }));
        if again && self.has(StoreFlaw::AClaimAgainIsRefused) {
            return Ok(Claim::Held);
        }
        self.sound.claim(id, worker).await
    }

    async fn superseded_canceled(
        &self,
        id: &QueryId,
        canceled: &[UpstreamRef],
    ) -> Result<(), Unavailable> {
        if self.has(StoreFlaw::CanceledIsForgotten) {
            return Ok(());
        }
        self.sound.superseded_canceled(id, canceled).await
    }

    async fn posted(
        &self,
        id: &QueryId,
        attempt: Attempt,
        upstream: UpstreamRef,
    ) -> Result<(), WriteError> {
        let attempt = self.attempt(id, attempt).await;
        if self.has(StoreFlaw::PostedIsForgotten) {
            // Whether it is fenced it says all the same.
            let nothing = Bytes::from_static(b"{\"n\":0}");
            return self.sound.progress(id, attempt, nothing).await;
        }
        self.sound.posted(id, attempt, upstream).await
    }

    async fn append(
        &self,
        id: &QueryId,
        attempt: Attempt,
        mut index: PageIndex,
        page: Page,
    ) -> Result<(), WriteError> {
        let attempt = self.attempt(id, attempt).await;
        if self.has(StoreFlaw::APageSentTwiceIsThereTwice) {
            index = PageIndex::MAX;
        }
        if self.has(StoreFlaw::DroppedAppendsStore) {
            // A task goes on when nobody waits for it.
            let (sound, id) = (self.sound.clone(), id.clone());
            let append = async move { sound.append(&id, attempt, index, page).await };
            return tokio::spawn(append).await.unwrap();
        }
        self.sound.append(id, attempt, index, page).await
    }

    async fn progress(
        &self,
        id: &QueryId,
        attempt: Attempt,
        mut stats: Bytes,
    ) -> Result<(), WriteError> {
        let attempt = self.attempt(id, attempt).await;
        if self.has(StoreFlaw::ProgressIsLost) {
            stats = Bytes::from_static(b"{\"n\":0}");
        }
        self.sound.progress(id, attempt, stats).await
    }

    async fn finish(
        &self,
        id: &QueryId,
        attempt: Attempt,
        ending: Ending,
    ) -> Result<(), WriteError> {
        let attempt = self.attempt(id, attempt).await;
        let finished = self.sound.finish(id, attempt, ending).await;
        if self.has(StoreFlaw::ARefusedEndIsConfirmed) {
            return Ok(());
        }
        finished
    }

    async fn give_up(
        &self,
        id: &QueryId,
        attempt: Attempt,
        loss: Loss,
    ) -> Result<GivenUp, Unavailable> {
        let given_up = self.sound.give_up(id, attempt, loss).await?;
        let late = self.has(StoreFlaw::HandedOutIsMarkedTooLate);
        if late && given_up == GivenUp::Failed && self.failed_as_handed_out(id).await {
            return Ok(GivenUp::Again);
        }
        Ok(given_up)
    }

    async fn take_over(&self, id: &QueryId, from: &WorkerId) -> Result<GivenUp, Unavailable> {
        let state = self.sound.info(id).await?.map(|info| info.state);
        match state {
            Some(QueryState::Running { worker, .. }) if self.has(StoreFlaw::AnybodyIsTakenOver) => {
                self.sound.take_over(id, &worker).await
            }
            _ => self.sound.take_over(id, from).await,
        }
    }

    async fn read(
        &self,
        id: &QueryId,
        token: PageIndex,
        mut limits: ReadLimits,
    ) -> Result<Reading, ReadError> {
        match self.flaw {
            StoreFlaw::BytesAreIgnored => limits.bytes = usize::MAX,
            StoreFlaw::ReadsDoNotWait => limits.wait /= 1_000_000,
            _ => {}
        }
        self.sound.read(id, token, limits).await
    }

    async fn heard(&self, id: &QueryId) -> Result<bool, Unavailable> {
        if self.has(StoreFlaw::HeartbeatsAreIgnored) {
            return Ok(self.sound.info(id).await?.is_some());
        }
        self.sound.heard(id).await
    }

    async fn end(
        &self,
        id: &QueryId,
        ending: Ending,
        mut by: EndedBy,
    ) -> Result<Ended, Unavailable> {
        if self.has(StoreFlaw::ClientsAreNotTheirOwnEnd) {
            by = EndedBy::Perk;
        }
        self.sound.end(id, ending, by).await
    }

    async fn info(&self, id: &QueryId) -> Result<Option<QueryInfo>, Unavailable> {
        self.sound.info(id).await
    }

    async fn unended(&self, from: u64) -> Result<UnendedQueries, Unavailable> {
        self.sound.unended(from).await
    }

    async fn sweep(&self) -> Result<Vec<Abandoned>, Unavailable> {
        self.sound.sweep().await
    }
}
