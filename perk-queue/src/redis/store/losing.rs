//! An attempt ends without a result.

use bytes::Bytes;
use perk_core::rerun::{Loss, Lost, Verdict, verdict};
use perk_core::{Ending, GivenUp, QueryId, Rerunnable, Unavailable};

use super::books::When;
use super::{Answer, LOSE, LOSING, RedisResultStore, written};
use crate::redis::reply::Reply;
use crate::redis::script::text;

impl RedisResultStore {
    /// Ends the attempt of which `field` is this.
    pub(super) async fn lose(
        &self,
        id: &QueryId,
        (field, value): (&'static str, Bytes),
        loss: Loss,
    ) -> Result<GivenUp, Unavailable> {
        let which = [Bytes::from_static(field.as_bytes()), value];
        loop {
            let reply = self.run(&LOSING, id, which.clone()).await?;
            let [life, rerunnable, posted, handed_out, lost_before] = reply.list()? else {
                return Ok(GivenUp::Fenced);
            };
            let rerunnable = match rerunnable.number()? {
                1 => Rerunnable::Yes,
                _ => Rerunnable::No,
            };
            let attempt = Lost {
                rerunnable,
                posted: posted.number()? == 1,
                handed_out: handed_out.number()? == 1,
                lost_before: lost_before.count()?,
            };
            let given_back = matches!(loss, Loss::GivenBack | Loss::NotBegun);
            let (decided, lost_now, ending, outcome) = match life.text()? {
                // Its worker was told to stop, and has cancelled what ran.
                "ended" if given_back => ("fenced", 0, Bytes::new(), GivenUp::Fenced),
                "ended" => ("left", 0, Bytes::new(), GivenUp::Failed),
                _ => match verdict(attempt, loss) {
                    Verdict::Again { lost } => ("again", lost, Bytes::new(), GivenUp::Again),
                    Verdict::Fail(error) => {
                        let ending = written::write_ending(&Ending::failed(*error));
                        ("failed", 0, ending, GivenUp::Failed)
                    }
                },
            };
            let seen = [life, posted, handed_out, lost_before].map(|seen| match seen {
                Reply::Number(number) => text(number),
                Reply::Bytes(bytes) => bytes.clone(),
                _ => Bytes::new(),
            });
            let arguments = which.clone().into_iter().chain(seen).chain([
                text(decided),
                text(&lost_now),
                self.hold(rerunnable),
                ending,
            ]);
            let answer = Answer::of(&self.run(&LOSE, id, arguments).await?)?;
            if answer.how != "changed" {
                self.note(id, answer.at(0), 0, When::Now)?;
                return Ok(outcome);
            }
        }
    }
}
