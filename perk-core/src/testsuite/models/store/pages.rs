//! One attempt's pages, by the result store's contract.

use bytes::Bytes;

use crate::query::Page;

#[derive(Debug)]
pub(super) struct Pages {
    /// All that were appended; the ones before `first` have been dropped.
    all: Vec<Page>,
    pub(super) first: usize,
    /// The latest token that a client was told of.
    pub(super) told: usize,
    /// The token after the last page, where it came with the end: a client was given no such token, but it is known to it.
    pub(super) after_end: usize,
    /// The query failed, and what was not read has gone.
    gone: bool,
    pub(super) hold: Hold,
    pub(super) columns: Option<Bytes>,
}

/// Whether pages are held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    Held,
    /// Another query's writer waits for room. That "something" waits may mean this too, or its own writers only.
    Perhaps,
    Shown,
}

impl Pages {
    pub(super) fn new(held: bool) -> Self {
        Self {
            all: Vec::new(),
            first: 0,
            told: 0,
            after_end: 0,
            gone: false,
            hold: if held { Hold::Held } else { Hold::Shown },
            columns: None,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// The ones that are kept: from `first` on.
    pub(super) fn kept(&self) -> &[Page] {
        if self.gone {
            &[]
        } else {
            &self.all[self.first.min(self.all.len())..]
        }
    }

    pub(super) fn weight(&self) -> usize {
        self.kept().iter().map(Page::weight).sum()
    }

    /// A page, which may be there already; up to `hold` bytes are held back.
    pub(super) fn append(&mut self, index: usize, page: Page, hold: usize) {
        if index < self.all.len() {
            return;
        }
        self.learn(page.columns.as_ref());
        self.all.push(page);
        if self.weight() > hold {
            self.hold = Hold::Shown;
        }
    }

    pub(super) fn learn(&mut self, columns: Option<&Bytes>) {
        if self.columns.is_none() {
            self.columns = columns.cloned();
        }
    }

    pub(super) fn are_complete(&mut self) {
        self.hold = Hold::Shown;
    }

    pub(super) fn drop_all(&mut self) {
        self.gone = true;
        self.hold = Hold::Shown;
    }
}
