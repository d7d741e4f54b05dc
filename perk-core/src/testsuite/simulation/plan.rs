//! What a seed's world is like. Each has another mixture of faults, since a little of everything hides what much of one
//! thing would show.

use std::time::Duration;

use super::process::Step;
use crate::testsuite::Dice;
use crate::testsuite::store::StoreSettings;

/// What the parts under test are asked to be made with.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The store's.
    pub store: StoreSettings,
    /// After this without a renewal a worker is lost.
    pub lease: Duration,
}

/// What can befall the world from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    KillWorker,
    KillGateway,
    PauseWorker,
    PauseGateway,
    DrainWorker,
    Outage,
    KillCluster,
    CutOffCluster,
}

const TROUBLES: [Trouble; 8] = [
    Trouble::KillWorker,
    Trouble::KillGateway,
    Trouble::PauseWorker,
    Trouble::PauseGateway,
    Trouble::DrainWorker,
    Trouble::Outage,
    Trouble::KillCluster,
    Trouble::CutOffCluster,
];

/// Of which one is more frequent in a seed than all others. Lost workers that live on are the hardest to get right.
const FAVOURITES: [Trouble; 8] = [
    Trouble::KillWorker,
    Trouble::PauseWorker,
    Trouble::PauseWorker,
    Trouble::PauseWorker,
    Trouble::PauseGateway,
    Trouble::DrainWorker,
    Trouble::Outage,
    Trouble::KillCluster,
];

/// How often operations go wrong, in thousandths.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    /// Takes its time.
    pub(super) late: u32,
    /// Its request or its answer is lost.
    pub(super) lost: u32,
    /// A gateway dies of it.
    pub(super) gateway_dies: u32,
    /// What a client asks, or the answer, is lost between it and its gateway.
    pub(super) client_lost: u32,
    /// A cluster cannot be had.
    pub(super) cluster_refused: u32,
    /// A worker dies at a step.
    worker_dies: [u32; Step::ALL.len()],
}

impl Rates {
    pub(super) fn worker_dies(&self, at: Step) -> u32 {
        let position = Step::ALL.iter().position(|step| *step == at);
        position.map_or(0, |position| self.worker_dies[position])
    }
}

#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) settings: Settings,
    pub(super) gateways: u32,
    pub(super) workers: u32,
    pub(super) concurrency: usize,
    pub(super) clients: u32,
    pub(super) queries_each: u32,
    /// The longest time that a cluster takes for an answer.
    pub(super) pace: Duration,
    /// Whether a worker reaches its own clusters only, while things go wrong: what others left on theirs runs on.
    pub(super) clusters_apart: bool,
    /// The longest time that anything takes that is late.
    pub(super) late_by: Duration,
    /// The longest time that a renewal takes. Near to a lease, workers are lost that run as ever.
    pub(super) renewals_take: Duration,
    /// How many rows a result has at most.
    pub(super) rows: u32,
    pub(super) answer_bytes: usize,
    /// Whether there are statements that take their worker or cluster down.
    pub(super) poison: bool,
    /// Whether there are transactions.
    pub(super) transactions: bool,
    pub(super) rates: Rates,
    pub(super) troubles: Vec<Trouble>,
    /// The longest time between two troubles.
    pub(super) troubles_apart: Duration,
    /// For how long things go wrong.
    pub(super) faults_for: Duration,
}

impl Plan {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let mut one_of = |from: &[usize]| from[dice.below(from.len())];
        let store = StoreSettings {
            client_timeout: Duration::from_mins(2),
            keep_ended: Duration::from_secs(10),
            hold_results: one_of(&[0, 60, 1 << 20, 1 << 20]),
            unread_per_query: one_of(&[60, 1 << 20, 1 << 20]),
            unread_total: one_of(&[120, 1 << 20, 1 << 20, 1 << 20]),
        };
        let settings = Settings {
            store,
            lease: Duration::from_secs(15),
        };
        let (concurrency, answer_bytes) = (one_of(&[1, 3, 8]), one_of(&[1, 100, 1 << 20]));
        let rows = one_of(&[4, 20, 60]);
        let pace = one_of(&[50, 1000, 4000]);
        let late_by = one_of(&[500, 3000, 40_000]);
        let workers = one_of(&[1, 2, 3, 3, 4]);
        let renewals_take = one_of(&[0, 4000, 15_000]);
        let mut rate = |from: &[u32]| from[dice.below(from.len())];
        let rates = Rates {
            late: rate(&[0, 50, 200, 400]),
            lost: rate(&[0, 0, 10, 50]),
            gateway_dies: rate(&[0, 0, 0, 0, 3]),
            client_lost: rate(&[0, 0, 20, 150]),
            cluster_refused: rate(&[0, 0, 300]),
            worker_dies: Step::ALL.map(|step| match step {
                Step::Elsewhere => rate(&[0, 0, 0, 0, 1, 3]),
                Step::Poison => 0,
                // There are many of these for each of the others.
                Step::Middle => rate(&[0, 0, 0, 10]),
                _ => rate(&[0, 0, 0, 80]),
            }),
        };
        let none_of_them = dice.below(8) == 0;
        let mut troubles = TROUBLES.to_vec();
        troubles.retain(|_| dice.below(3) == 0);
        // One above all: each has its own consequences, which others would cut short.
        troubles.extend([FAVOURITES[dice.below(FAVOURITES.len())]; 5]);
        if none_of_them {
            troubles.clear();
        }
        Self {
            settings,
            gateways: 1 + dice.roll_u32(3),
            workers: u32::try_from(workers).unwrap_or(1),
            concurrency,
            clients: 3 + dice.roll_u32(8),
            queries_each: 5 + dice.roll_u32(10),
            clusters_apart: dice.below(3) == 0,
            late_by: Duration::from_millis(late_by as u64),
            renewals_take: Duration::from_millis(renewals_take as u64),
            pace: Duration::from_millis(pace as u64),
            rows: u32::try_from(rows).unwrap_or_default(),
            answer_bytes,
            poison: dice.below(3) == 0,
            transactions: dice.below(3) == 0,
            rates,
            troubles,
            troubles_apart: Duration::from_secs(2 + dice.roll(8)),
            faults_for: Duration::from_secs(120 + dice.roll(180)),
        }
    }
}
