//! What is waited for in this process, and word of it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// What somebody waits for word of.
#[derive(Debug, Default)]
pub(super) struct Topic {
    /// How many words came.
    words: AtomicU64,
    told: Notify,
}

impl Topic {
    /// How many words have come so far: with the same number later, nothing has been said in between.
    pub(super) fn words(&self) -> u64 {
        self.words.load(Ordering::Acquire)
    }

    /// The next word.
    pub(super) fn told(&self) -> Notified<'_> {
        self.told.notified()
    }

    fn tell(&self) {
        self.words.fetch_add(1, Ordering::AcqRel);
        self.told.notify_waiters();
    }
}

/// Everything that somebody in this process waits for.
#[derive(Debug, Default)]
pub(super) struct Topics {
    by_name: Mutex<HashMap<String, Weak<Topic>>>,
}

/// After how many forgotten topics their names are dropped.
const TIDY_AFTER: usize = 1024;

impl Topics {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Weak<Topic>>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, name: &str) -> Arc<Topic> {
        let mut by_name = self.lock();
        if let Some(topic) = by_name.get(name).and_then(Weak::upgrade) {
            return topic;
        }
        if by_name.len() >= TIDY_AFTER && by_name.len() == by_name.capacity() {
            by_name.retain(|_, topic| topic.strong_count() > 0);
        }
        let topic = Arc::<Topic>::default();
        by_name.insert(name.to_owned(), Arc::downgrade(&topic));
        topic
    }

    pub(super) fn tell(&self, name: &str) {
        let topic = self.lock().get(name).and_then(Weak::upgrade);
        if let Some(topic) = topic {
            topic.tell();
        }
    }

    pub(super) fn tell_all(&self) {
        let all: Vec<_> = self.lock().values().filter_map(Weak::upgrade).collect();
        for topic in all {
            topic.tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_reaches_whoever_waits_and_nobody_else() {
        let topics = Topics::default();
        let (one, other) = (topics.get("w:one"), topics.get("w:other"));
        topics.tell("w:one");
        topics.tell("w:nobody");
        assert_eq!((one.words(), other.words()), (1, 0));
        assert_eq!(topics.get("w:one").words(), 1);
        topics.tell_all();
        assert_eq!((one.words(), other.words()), (2, 1));
        drop(other);
        assert_eq!(topics.get("w:other").words(), 0);
    }
}
