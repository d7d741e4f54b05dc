//! What each GET of a statement is answered: one step of its script.

use bytes::Bytes;
use tokio::time::Instant;

use super::envelope::{self, Envelope, Page, Stats};
use super::query::{Address, Asker, End, Phase, Query, Stage, Turn};
use super::script::{Failure, When};
use super::{Flavor, Mode, rows};

impl Query {
    /// The answer to the POST.
    pub(super) fn initial(&self, asker: Asker<'_>) -> Page {
        let state = match asker.server.flavor {
            Flavor::Presto => "WAITING_FOR_PREREQUISITES",
            Flavor::Trino => "QUEUED",
        };
        let first = Address {
            phase: Phase::Queued,
            token: 1,
        };
        let next = Some(asker.server.uri(asker.origin, &self.id, first));
        Envelope {
            next,
            ..self.envelope(asker, state)
        }
        .page()
    }

    /// Answers the step after the last one answered.
    pub(super) async fn advance(&self, asker: Asker<'_>, turn: &mut Turn) -> Page {
        let step = turn.at + 1;
        if step == 1 && asker.server.begin(self) {
            turn.ready = Instant::now() + self.script.work;
        }
        let page = match self.ended_page(asker, turn) {
            Some(page) => page,
            None => match self.queue(asker, turn, step).await {
                Some(page) => page,
                None => self.execute(asker, turn, step).await,
            },
        };
        turn.at = step;
        turn.over = page.last;
        turn.page = Some(page.clone());
        page
    }

    /// The answer while the statement is queued; `None` once it is time for its results.
    async fn queue(&self, asker: Asker<'_>, turn: &mut Turn, step: u32) -> Option<Page> {
        if turn.base.is_some() {
            return None;
        }
        if let Some(failure) = &self.script.failure
            && failure.when == When::Submitted
        {
            return Some(self.fail(asker, turn, failure));
        }
        let flavor = asker.server.flavor;
        let mut state = "QUEUED";
        let starved = flavor == Flavor::Presto && asker.server.mode() == Mode::NoNodes;
        if starved && step > 1 {
            // Presto's queries wait for a node for ever.
            state = "WAITING_FOR_PREREQUISITES";
            self.wait(None, asker.max_wait).await;
        } else if step >= 2 + self.script.queued {
            turn.base = Some(step);
            self.life().stage = Stage::Executing;
            if flavor == Flavor::Presto {
                return None;
            }
        }
        if let Some(page) = self.ended_page(asker, turn) {
            return Some(page);
        }
        let next = Some(self.next(asker, turn, step));
        Some(
            Envelope {
                next,
                ..self.envelope(asker, state)
            }
            .page(),
        )
    }

    async fn execute(&self, asker: Asker<'_>, turn: &mut Turn, step: u32) -> Page {
        let script = &self.script;
        if asker.server.mode() == Mode::NoNodes {
            return self.fail(asker, turn, &Failure::nowhere("NO_NODES_AVAILABLE"));
        }
        let ready = self
            .wait((!script.hang).then_some(turn.ready), asker.max_wait)
            .await;
        if let Some(page) = self.ended_page(asker, turn) {
            return page;
        }
        let next = self.next(asker, turn, step);
        if !ready {
            return self.running(asker, turn, Some(next)).page();
        }
        if let Some(failure) = &script.failure
            && let When::Pages(after) = failure.when
            && turn.pages == after.min(script.pages)
        {
            return self.fail(asker, turn, failure);
        }
        if script.retry && asker.server.flavor == Flavor::Presto {
            asker.server.end(self, End::Failed, 0);
            let again = format!("{}/v1/statement/queued/retry/{}", asker.origin, self.id);
            let mut page = self.running(asker, turn, Some(again)).page();
            page.last = true;
            return page;
        }
        if script.dataless && !turn.columns_known {
            turn.columns_known = true;
            return self.running(asker, turn, Some(next)).page();
        }
        turn.columns_known |= script.pages > 0;
        if turn.pages == script.pages {
            return self.finish(asker, turn, None);
        }
        let data = script.page(asker.server.flavor, turn.pages);
        turn.pages += 1;
        turn.ready = Instant::now() + script.between_pages;
        if script.final_data && turn.pages == script.pages {
            return self.finish(asker, turn, data);
        }
        let envelope = self.running(asker, turn, Some(next));
        Envelope {
            data,
            headers: &script.headers,
            ..envelope
        }
        .page()
    }

    fn finish(&self, asker: Asker<'_>, turn: &Turn, data: Option<Bytes>) -> Page {
        let mut envelope = self.running(asker, turn, None);
        envelope.stats.state = "FINISHED";
        envelope.partial_cancel = None;
        let count = self.script.count;
        envelope.update = self.script.update.as_deref().map(|update| (update, count));
        let page = Envelope {
            data,
            headers: &self.script.headers,
            ..envelope
        }
        .page();
        asker.server.end(self, End::Finished, page.len());
        page
    }

    fn fail(&self, asker: Asker<'_>, turn: &Turn, failure: &Failure) -> Page {
        let place = (failure.line > 0).then_some((failure.line, failure.column));
        let message = match place {
            Some((line, column)) => format!("line {line}:{column}: scripted {}", failure.name),
            None => format!("scripted {}", failure.name),
        };
        let page = self.failed(asker, turn, &failure.name, &message, place);
        asker.server.end(self, End::Failed, page.len());
        page
    }

    /// The answer when something else than its script has ended the query.
    fn ended_page(&self, asker: Asker<'_>, turn: &Turn) -> Option<Page> {
        let end = self.life().end?;
        let abandoned;
        let (name, message) = match end {
            End::Abandoned => {
                abandoned = format!("Query {} has not been accessed: abandoned", self.id);
                ("ABANDONED_QUERY", abandoned.as_str())
            }
            _ => ("USER_CANCELED", "Query was canceled"),
        };
        Some(self.failed(asker, turn, name, message, None))
    }

    fn failed(
        &self,
        asker: Asker<'_>,
        turn: &Turn,
        name: &str,
        message: &str,
        place: Option<(u32, u32)>,
    ) -> Page {
        let flavor = asker.server.flavor;
        let columns = turn
            .columns_known
            .then(|| rows::columns(flavor, self.script.nested));
        let error = Some(envelope::error(flavor, name, message, place));
        Envelope {
            columns,
            error,
            ..self.envelope(asker, "FAILED")
        }
        .page()
    }

    /// The answer of a query that runs, as far as it is the same for all of them.
    fn running<'a>(&'a self, asker: Asker<'a>, turn: &Turn, next: Option<String>) -> Envelope<'a> {
        let (script, origin, id) = (&self.script, asker.origin, &self.id);
        let mut envelope = self.envelope(asker, "RUNNING");
        envelope.stats.pages_done = turn.pages;
        envelope.stats.rows = turn.pages * script.rows;
        let row_bytes = u64::try_from(script.cell)
            .unwrap_or(u64::MAX)
            .saturating_add(8);
        envelope.stats.bytes = envelope.stats.rows.saturating_mul(row_bytes);
        envelope.columns = turn
            .columns_known
            .then(|| rows::columns(asker.server.flavor, script.nested));
        envelope.update = script.update.as_deref().map(|update| (update, None));
        envelope.warnings = script.warnings;
        envelope.partial_cancel = Some(match asker.server.flavor {
            Flavor::Presto => format!("{origin}/v1/stage/{id}.0"),
            Flavor::Trino => {
                format!("{origin}/v1/statement/executing/partialCancel/{id}/0/y0/0")
            }
        });
        envelope.next = next;
        envelope
    }

    fn envelope<'a>(&'a self, asker: Asker<'a>, state: &'static str) -> Envelope<'a> {
        Envelope {
            flavor: asker.server.flavor,
            id: &self.id,
            origin: asker.origin,
            next: None,
            partial_cancel: None,
            columns: None,
            data: None,
            stats: Stats {
                state,
                elapsed: self.created.elapsed(),
                pages: self.script.pages,
                ..Stats::default()
            },
            error: None,
            update: None,
            warnings: 0,
            headers: &[],
        }
    }

    fn next(&self, asker: Asker<'_>, turn: &Turn, step: u32) -> String {
        let address = turn.address_of(asker.server.flavor, step + 1);
        match self.script.foreign.as_deref() {
            // A whole URI is given out as it is, a bare origin with this coordinator's path.
            Some(foreign) if foreign.splitn(4, '/').nth(3).is_some() => foreign.to_owned(),
            Some(foreign) => asker.server.uri(foreign, &self.id, address),
            None => asker.server.uri(asker.origin, &self.id, address),
        }
    }
}

impl Failure {
    /// A failure that is no fault of the statement's text.
    fn nowhere(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            line: 0,
            column: 0,
            when: When::Pages(0),
        }
    }
}
