//! Rows that are kept back so that their query may run again.

use std::pin::pin;

use super::{StoreSettings, StoreSuite, Subject, page, reading_of, rows_of};
use crate::ids::QueryId;
use crate::query::Rerunnable;
use crate::rerun::Loss;
use crate::store::GivenUp;

/// Holds back up to `pages` of the pages that these clauses write.
fn holding(pages: usize) -> impl FnOnce(&mut StoreSettings) {
    move |settings| settings.hold_results = pages * page("00").weight()
}

async fn shows_nothing(s: &Subject, id: &QueryId) {
    let reading = s.read(id, 0).await.unwrap();
    assert_eq!(reading_of(&reading), (vec![], Some(0)));
    assert_eq!(reading.columns, None);
}

/// While rows are held, a read gives progress only; the end gives all at once.
pub async fn held_rows_are_kept_back_until_the_end(suite: &StoreSuite) {
    let s = suite.subject_with(holding(3)).await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    let mut read = pin!(s.wait(&id, 0));
    for text in ["00", "01", "02"] {
        s.append(&id, attempt, text).await;
    }
    let stats = bytes::Bytes::from_static(b"{\"n\":1}");
    let progress = s.store.progress(&id, attempt, stats.clone());
    progress.await.unwrap();
    s.times.not_yet("a held page", &mut read).await;
    shows_nothing(&s, &id).await;
    assert_eq!(s.read(&id, 0).await.unwrap().progress, Some(stats));
    s.finish(&id, attempt).await;
    let reading = s.times.soon("the end", read).await.unwrap();
    assert_eq!(
        reading_of(&reading),
        (["00", "01", "02"].map(String::from).into(), None)
    );
}

/// What is more than the bound is shown as it comes.
pub async fn what_passes_the_bound_is_shown(suite: &StoreSuite) {
    let s = suite.subject_with(holding(2)).await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.append(&id, attempt, "00").await;
    s.append(&id, attempt, "01").await;
    let mut read = pin!(s.wait(&id, 0));
    s.times.not_yet("a held page", &mut read).await;
    s.append(&id, attempt, "02").await;
    let reading = s.times.soon("the pages", read).await.unwrap();
    assert_eq!(rows_of(&reading), ["00", "01", "02"]);
    s.append(&id, attempt, "03").await;
    assert_eq!(s.see(&id, 3).await, (vec!["03".into()], Some(4)));
}

/// Holding serves running again, so what may not is shown at once.
pub async fn what_may_not_run_again_is_not_held(suite: &StoreSuite) {
    let s = suite.subject_with(holding(9)).await;
    let (id, attempt) = s.running("q", Rerunnable::No).await;
    s.append(&id, attempt, "00").await;
    assert_eq!(s.see(&id, 0).await, (vec!["00".into()], Some(1)));
}

/// A writer that waits for room can only be helped by a reader, who must see something first.
pub async fn an_append_that_waits_for_room_breaks_the_hold(suite: &StoreSuite) {
    let per_query = |settings: &mut StoreSettings| {
        settings.hold_results = usize::MAX;
        settings.unread_per_query = 2 * page("00").weight();
    };
    let s = suite.subject_with(per_query).await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.append(&id, attempt, "00").await;
    s.append(&id, attempt, "01").await;
    let mut read = pin!(s.wait(&id, 0));
    s.times.not_yet("a held page", &mut read).await;
    let mut append = pin!(s.try_append(&id, attempt, page("02")));
    s.times.not_yet("room", &mut append).await;
    let reading = s.times.soon("the pages", read).await.unwrap();
    assert_eq!(
        reading_of(&reading),
        (vec!["00".into(), "01".into()], Some(2))
    );
    let both = async { tokio::join!(s.wait(&id, 2), append) };
    let (reading, appended) = s.times.soon("the page", both).await;
    appended.unwrap();
    assert_eq!(rows_of(&reading.unwrap()), ["02"]);
}

/// A read that gave nothing but progress leaves a query free to run again.
pub async fn a_held_query_is_not_handed_out(suite: &StoreSuite) {
    let s = suite.subject_with(holding(3)).await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.posted(&id, attempt, "up").await;
    s.append(&id, attempt, "00").await;
    shows_nothing(&s, &id).await;
    let given_up = s.give_up(&id, attempt, Loss::ClusterLost).await;
    assert_eq!(given_up, GivenUp::Again);
}

/// A second attempt's rows are held as the first one's were, also where the first one's hold was broken.
pub async fn every_attempt_is_held_anew(suite: &StoreSuite) {
    let s = suite.subject_with(holding(1)).await;
    let (id, first) = s.running("q", Rerunnable::Yes).await;
    s.append(&id, first, "00").await;
    s.append(&id, first, "01").await;
    assert_eq!(s.give_up(&id, first, Loss::GivenBack).await, GivenUp::Again);
    let second = s.claim(&id, "w").await;
    s.append(&id, second, "02").await;
    shows_nothing(&s, &id).await;
    s.finish(&id, second).await;
    assert_eq!(s.see(&id, 0).await, (vec!["02".into()], None));
}

/// Rows that were held when their query failed are never seen.
pub async fn a_failed_query_shows_nothing_of_what_was_held(suite: &StoreSuite) {
    let s = suite.subject_with(holding(3)).await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    s.append(&id, attempt, "00").await;
    let ending = Subject::failed("WHY");
    s.store.finish(&id, attempt, ending).await.unwrap();
    assert_eq!(s.error(&id, 0).await, "WHY");
}
