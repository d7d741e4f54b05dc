//! What must hold however things interleave. On several threads, and in real time.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::{JoinSet, yield_now};

use super::{StoreSuite, Subject, names, page, reading_of, rows_of, worker};
use crate::query::Rerunnable;
use crate::rerun::Loss;
use crate::store::{Claim, Ended, EndedBy, GivenUp, Next, WriteError};
use crate::testsuite::Dice;

const ROUNDS: usize = 100;

/// A client's read races a lost attempt: rows are given to the client, or the query runs again, never both.
pub async fn handing_out_and_running_again_exclude_each_other(suite: &StoreSuite) {
    let s = suite.subject().await;
    let mut outcomes = [0, 0];
    for id in names("q", ROUNDS) {
        let (id, attempt) = s.running(id.as_str(), Rerunnable::Yes).await;
        s.posted(&id, attempt, "up").await;
        s.append(&id, attempt, "one").await;
        let start = Arc::new(Barrier::new(4));
        let mut reads = JoinSet::new();
        for _ in 0..3 {
            let (s, id, start) = (s.clone(), id.clone(), start.clone());
            reads.spawn(async move {
                start.wait().await;
                rows_of(&s.read(&id, 0).await.unwrap())
            });
        }
        start.wait().await;
        let given_up = s.give_up(&id, attempt, Loss::ClusterLost).await;
        let saw_rows = reads
            .join_all()
            .await
            .into_iter()
            .any(|rows| rows == ["one"]);
        match given_up {
            GivenUp::Again => {
                assert!(!saw_rows, "{id} was handed out and runs again");
                outcomes[0] += 1;
            }
            GivenUp::Failed => {
                assert!(saw_rows, "{id} failed though nobody saw anything of it");
                outcomes[1] += 1;
            }
            GivenUp::Fenced => panic!("the attempt was the current one"),
        }
    }
    assert_eq!(outcomes.iter().sum::<usize>(), ROUNDS);
}

/// Many workers claim at once: one is granted the query, the others are not.
pub async fn one_of_racing_claims_is_granted(suite: &StoreSuite) {
    let s = suite.subject().await;
    for id in names("q", ROUNDS) {
        let id = s.queued(id.as_str(), Rerunnable::Yes).await;
        let start = Arc::new(Barrier::new(4));
        let mut claims = JoinSet::new();
        for number in 0..4 {
            let (s, id, start) = (s.clone(), id.clone(), start.clone());
            claims.spawn(async move {
                start.wait().await;
                s.store.claim(&id, &worker(&format!("w{number}"))).await
            });
        }
        let claims: Vec<Claim> = claims
            .join_all()
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let granted = |claim: &&Claim| matches!(claim, Claim::Granted { .. });
        assert_eq!(claims.iter().filter(granted).count(), 1, "{claims:?}");
        let held = |claim: &&Claim| matches!(claim, Claim::Held);
        assert_eq!(claims.iter().filter(held).count(), 3, "{claims:?}");
    }
}

/// A query finishes, or is cancelled: one of the two is told that it did, and the client sees that one.
pub async fn one_of_racing_ends_decides(suite: &StoreSuite) {
    let s = suite.subject().await;
    for id in names("q", ROUNDS) {
        let (id, attempt) = s.running(id.as_str(), Rerunnable::Yes).await;
        let start = Arc::new(Barrier::new(2));
        let cancel = {
            let (s, id, start) = (s.clone(), id.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                s.store
                    .end(&id, Subject::failed("STOP"), EndedBy::Perk)
                    .await
                    .unwrap()
            })
        };
        start.wait().await;
        let finished = s.store.finish(&id, attempt, Subject::finished()).await;
        match (finished, cancel.await.unwrap()) {
            // The end was not read when the cancel came, and gave way to it.
            (Ok(()), Ended::Before) | (Err(WriteError::Fenced), Ended::Running(_)) => {}
            both => panic!("{id} was ended twice, or not at all: {both:?}"),
        }
        assert_eq!(s.error(&id, 0).await, "STOP");
    }
}

/// A client reads while pages are written into little room: it sees each once, in order, and then the end.
pub async fn a_reader_misses_no_page_and_sees_none_twice(suite: &StoreSuite) {
    let little = |settings: &mut super::StoreSettings| {
        settings.unread_per_query = 3 * page("p000").weight();
    };
    let s = suite.subject_with(little).await;
    let (id, attempt) = s.running("q", Rerunnable::Yes).await;
    let texts: Vec<String> = (0..500).map(|n| format!("p{n:03}")).collect();
    let writer = {
        let (s, id, texts) = (s.clone(), id.clone(), texts.clone());
        tokio::spawn(async move {
            for text in texts {
                s.append(&id, attempt, &text).await;
            }
            s.finish(&id, attempt).await;
        })
    };
    let mut seen = Vec::new();
    let mut token = 0;
    loop {
        let read = s.wait(&id, token);
        let reading = s.times.soon("a page", read).await.unwrap();
        seen.extend(rows_of(&reading));
        match reading.next {
            Next::Token(next) => token = next,
            Next::End(_) => break,
        }
    }
    writer.await.unwrap();
    assert_eq!(seen, texts);
}

/// Many queries share room for a few pages, some of their clients leave: the others still come to their end.
pub async fn many_writers_share_little_room(suite: &StoreSuite) {
    let little = |settings: &mut super::StoreSettings| {
        settings.unread_total = 5 * page("p000").weight();
        settings.hold_results = 2 * page("p000").weight();
    };
    let s = suite.subject_with(little).await;
    let mut clients = JoinSet::new();
    let mut writers = JoinSet::new();
    for (number, id) in names("q", 24).into_iter().enumerate() {
        let (id, attempt) = s.running(id.as_str(), Rerunnable::Yes).await;
        let (writing, written) = (s.clone(), id.clone());
        writers.spawn(async move {
            for n in 0..40 {
                let append = writing
                    .store
                    .append(&written, attempt, n, page(&format!("p{n:03}")));
                match writing.times.soon("room, or a word", append).await {
                    Ok(()) => yield_now().await,
                    Err(WriteError::Fenced) => return,
                    Err(error) => panic!("{error}"),
                }
            }
            let _fenced = writing
                .store
                .finish(&written, attempt, Subject::finished())
                .await;
        });
        let s = s.clone();
        clients.spawn(async move {
            let mut dice = Dice::new(number as u64 + 1);
            let (mut token, mut seen) = (0, 0);
            loop {
                if number % 4 == 0 && dice.roll(10) == 0 {
                    s.store
                        .end(&id, Subject::failed("STOP"), EndedBy::Perk)
                        .await
                        .unwrap();
                    return None;
                }
                let read = s.wait(&id, token);
                let (rows, next) = reading_of(&s.times.soon("a page", read).await.unwrap());
                seen += rows.len();
                match next {
                    Some(next) => token = next,
                    None => return Some(seen),
                }
            }
        });
    }
    writers.join_all().await;
    let seen = clients.join_all().await;
    assert!(seen.into_iter().flatten().all(|seen| seen == 40));
}
