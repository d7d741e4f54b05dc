//! The clauses of [`ResultStore`]'s contract.

pub mod expiry;
pub mod fencing;
pub mod giving_up;
pub mod holding;
pub mod races;
pub mod reading;
pub mod room;
mod subject;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::SuiteTimes;
use crate::store::ResultStore;

pub(crate) use subject::{Subject, names, page, reading_of, rows_of, upstream, worker};

type Made = Pin<Box<dyn Future<Output = Arc<dyn ResultStore>> + Send>>;

/// What a clause asks a store to be made with.
#[derive(Debug, Clone, Copy)]
pub struct StoreSettings {
    /// A query whose client has not been heard of for this long is abandoned.
    pub client_timeout: Duration,
    /// How long a result is kept after its end was read.
    pub keep_ended: Duration,
    /// How many bytes of a re-runnable query's pages are held back; 0 holds nothing back.
    pub hold_results: usize,
    /// How many bytes of unread pages one query may have.
    pub unread_per_query: usize,
    /// How many bytes of unread pages all queries may have.
    pub unread_total: usize,
}

/// What the clauses are held against.
pub struct StoreSuite {
    times: SuiteTimes,
    make: Box<dyn Fn(StoreSettings) -> Made + Send + Sync>,
}

impl StoreSuite {
    /// A suite over the stores that `make` makes, each new and empty, with the settings it is given.
    pub fn new<F, M>(times: SuiteTimes, make: F) -> Self
    where
        F: Fn(StoreSettings) -> M + Send + Sync + 'static,
        M: Future<Output = Arc<dyn ResultStore>> + Send + 'static,
    {
        Self {
            times,
            make: Box::new(move |settings| Box::pin(make(settings))),
        }
    }

    /// A store that holds nothing back and has room for all that a clause writes.
    async fn subject(&self) -> Subject {
        self.subject_with(|_| {}).await
    }

    async fn subject_with(&self, change: impl FnOnce(&mut StoreSettings)) -> Subject {
        let mut settings = StoreSettings {
            client_timeout: self.times.client_timeout,
            keep_ended: self.times.keep_ended,
            hold_results: 0,
            unread_per_query: 1 << 20,
            unread_total: 1 << 20,
        };
        change(&mut settings);
        Subject::new((self.make)(settings).await, self.times)
    }
}

impl Debug for StoreSuite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreSuite").finish_non_exhaustive()
    }
}

/// Makes a test of each clause of [`ResultStore`](crate::ResultStore)'s contract. The argument makes a new and empty store
/// with the [`StoreSettings`](crate::testsuite::store::StoreSettings) that it is called with. With `real_time:` and
/// [`SuiteTimes`](crate::testsuite::SuiteTimes) before it, the tests run in real time.
///
/// ```
/// # use std::sync::Arc;
/// # use perk_core::{ResultStore, testsuite::MockResultStore};
/// # fn my_store(_timeout: std::time::Duration) -> MockResultStore { MockResultStore::new() }
/// perk_core::result_store_test_suite!(|settings| async move {
///     Arc::new(my_store(settings.client_timeout)) as Arc<dyn ResultStore>
/// });
/// ```
#[macro_export]
macro_rules! result_store_test_suite {
    ($make:expr) => {
        $crate::result_store_test_suite!(@((start_paused = true)) $crate::testsuite::SuiteTimes::paused(), $crate::testsuite::SuiteTimes::real(), $make);
    };
    (real_time: $times:expr, $make:expr) => {
        $crate::result_store_test_suite!(@(()) $times, $times, $make);
    };
    (@($arguments:tt) $times:expr, $real:expr, $make:expr) => {
        $crate::clause_tests! { $arguments, store::StoreSuite, $times, $make;
            store::fencing {
                a_claim_may_be_repeated_until_something_was_posted
                a_page_sent_twice_is_there_once
                a_write_is_taken_under_the_current_attempt_only
                an_unclaimed_or_unknown_query_takes_no_write
                one_claim_is_granted_and_the_others_are_held
                a_claim_may_come_before_the_gateway_s_word
                attempts_only_grow
                a_taken_over_attempt_writes_nothing
                after_its_end_a_query_takes_no_write
                a_query_ended_from_outside_fences_its_attempt
                what_has_ended_or_is_unknown_cannot_be_claimed
                a_query_is_created_once
            }
            store::reading {
                a_stored_query_answers_at_once
                queued_changes_a_stored_query_only
                pages_come_in_order_from_the_token_on
                a_token_may_be_asked_for_again
                tokens_before_and_ahead_are_told_apart
                a_read_waits_for_a_page
                a_read_waits_for_the_end
                a_read_without_patience_comes_back_at_once
                progress_does_not_end_a_wait_and_the_last_one_wins
                an_answer_is_bounded_in_bytes
                a_dropped_read_loses_nothing
                the_end_comes_with_the_last_pages
                a_result_without_rows_has_columns_with_its_end
                columns_stay_with_every_page
                a_failed_query_gives_its_error_at_any_valid_token
                a_query_ended_from_outside_wakes_its_reader
                an_end_nobody_read_gives_way_to_a_cancel
                a_reading_tells_of_the_query
                a_query_s_particulars_can_be_asked_for
                unended_queries_are_listed
                all_of_very_many_unended_queries_are_listed
                an_ended_query_with_an_open_attempt_is_listed
                nothing_is_known_of_an_unknown_query
            }
            store::holding {
                held_rows_are_kept_back_until_the_end
                what_passes_the_bound_is_shown
                what_may_not_run_again_is_not_held
                an_append_that_waits_for_room_breaks_the_hold
                a_held_query_is_not_handed_out
                every_attempt_is_held_anew
                a_failed_query_shows_nothing_of_what_was_held
            }
            store::room {
                an_append_waits_for_its_query_s_reader
                an_append_waits_for_the_room_of_all
                a_query_with_no_unread_page_always_has_room
                a_page_that_weighs_nothing_counts_as_unread
                a_dropped_append_stores_nothing
                an_append_that_waits_is_fenced_by_the_end
                an_append_that_waits_is_fenced_by_a_take_over
                what_fails_gives_its_room_back
                what_runs_again_gives_its_room_back
                what_was_read_to_its_end_gives_its_room_back
                a_page_that_is_not_stored_takes_no_room
            }
            store::giving_up {
                another_upstream_is_still_to_be_canceled
                ending_what_waits_leaves_its_upstream_to_be_canceled
                a_lost_attempt_runs_again_and_its_upstream_is_superseded
                a_canceled_upstream_is_not_named_again
                what_may_not_run_again_fails_once_posted
                what_may_not_run_again_runs_again_before_that
                what_was_handed_out_does_not_run_again
                a_page_without_rows_is_handed_out_too
                three_losses_are_enough
                giving_back_is_no_failure
                running_again_begins_with_nothing
                a_reader_waits_through_a_lost_attempt
                only_the_current_attempt_can_be_given_up
                only_its_worker_s_attempt_is_taken_over
                a_query_that_fails_so_leaves_its_upstream_to_be_canceled
                an_ended_query_s_attempt_can_be_given_back
                a_lost_worker_s_ended_query_leaves_its_upstream_to_be_canceled
            }
            store::expiry {
                what_its_client_ended_goes_soon
                a_waiting_query_is_abandoned_by_a_silent_client
                a_running_query_is_abandoned_by_a_silent_client
                a_stored_query_is_abandoned_by_a_silent_client
                a_client_that_is_heard_of_keeps_its_query
                a_result_is_kept_a_while_for_a_repeated_request
                an_unread_end_is_kept_until_its_client_is_gone
                nothing_goes_while_an_attempt_is_open
                an_upstream_to_be_canceled_is_remembered
                a_claim_that_comes_again_after_the_end_closes_its_attempt
            }
        }
        $crate::clause_tests! {
            (flavor = "multi_thread", worker_threads = 4),
            store::StoreSuite, $real, $make;
            store::races {
                handing_out_and_running_again_exclude_each_other
                one_of_racing_claims_is_granted
                one_of_racing_ends_decides
                a_reader_misses_no_page_and_sees_none_twice
                many_writers_share_little_room
            }
        }
    };
}
