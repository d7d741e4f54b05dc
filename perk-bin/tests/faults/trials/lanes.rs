//! One user has very many queries waiting, another sends one: it is the other's turn next.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{Seen, count, deployed};
use crate::client::{End, Nobody};
use crate::deployment::{Deployment, Plan};
use crate::load::Outcomes;
use crate::statement::{Kind, Statement};

/// How many queries run at once.
const CONCURRENCY: usize = 4;
/// How long each takes.
const QUERY: Duration = Duration::from_millis(500);
/// How many of the one user's are posted at once.
const POSTERS: usize = 16;
/// How often the other user sends one.
const TURNS: usize = 4;

pub(super) async fn run() -> Seen {
    let plan = Plan {
        workers: 1,
        concurrency: CONCURRENCY,
        // The one user's queries wait for longer than their client does.
        client_timeout: Duration::from_mins(1),
        ..Plan::default()
    };
    deployed(plan, share).await
}

async fn share(deployment: &Deployment) -> Seen {
    let waiting = count(400, 10_000);
    let script = format!("rows=1 work_ms={}", QUERY.as_millis());
    let many = deployment.client("many");
    let mut posting = JoinSet::new();
    for _ in 0..POSTERS {
        let (many, script) = (many.clone(), script.clone());
        posting.spawn(async move {
            let mut tokens = Vec::new();
            for _ in 0..waiting / POSTERS {
                tokens.push(
                    many.post(&Statement::scripted(Kind::Other, &script))
                        .await?,
                );
            }
            Ok::<_, String>(tokens)
        });
    }
    let mut tokens = Vec::new();
    while let Some(posted) = posting.join_next().await {
        tokens.extend(posted.map_err(|error| error.to_string())??);
    }

    let (one, mut longest, mut outcomes) = (deployment.client("one"), Duration::ZERO, Vec::new());
    for _ in 0..TURNS {
        let statement = Statement::scripted(Kind::Other, &script);
        let posted = Instant::now();
        let outcome = one.run(statement.clone(), &Nobody).await;
        let begun = deployment.journal().story(&statement.sql).begun;
        let begun = begun
            .first()
            .ok_or_else(|| format!("it was never begun: {:?}", outcome.end))?;
        longest = longest.max(*begun - posted);
        outcomes.push(outcome);
    }
    let outcomes = Outcomes(outcomes);
    outcomes.check(deployment, crate::load::never)?;
    if outcomes
        .0
        .iter()
        .any(|outcome| !matches!(outcome.end, End::Rows(_)))
    {
        return Err(format!(
            "the other user's queries: {}",
            outcomes.errors_text()
        ));
    }
    let still = deployment
        .journal()
        .statements(|_, story| !story.begun.is_empty())
        .len();
    if longest > 2 * QUERY {
        return Err(format!(
            "the other user's query was begun after {longest:?}"
        ));
    }
    let left = tokens.len();
    let mut canceling = JoinSet::new();
    for part in tokens.chunks(tokens.len().div_ceil(POSTERS)) {
        let (many, part) = (many.clone(), part.to_vec());
        canceling.spawn(async move {
            for posted in part {
                many.cancel(&posted.next).await?;
            }
            Ok::<_, String>(())
        });
    }
    while let Some(canceled) = canceling.join_next().await {
        canceled.map_err(|error| error.to_string())??;
    }
    Ok(format!(
        "{left} wait ({still} had begun by the end), {CONCURRENCY} run at once for {QUERY:?} each; the other's was begun {} ms after its POST \
         at most",
        longest.as_millis(),
    ))
}
