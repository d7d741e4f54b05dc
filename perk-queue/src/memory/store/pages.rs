//! One query's pages: which are kept, which may be seen, which a client may know of.

use std::collections::VecDeque;

use bytes::Bytes;
use perk_core::{Page, PageIndex};

#[derive(Debug)]
pub(super) struct Pages {
    kept: VecDeque<Page>,
    /// The first kept page's index: the oldest token that may still be asked for.
    first: PageIndex,
    /// The latest token that a client was told of.
    told: PageIndex,
    /// What the kept pages weigh.
    weight: usize,
    columns: Option<Bytes>,
    /// Up to what weight the pages are held back; `None` when they are not.
    hold: Option<usize>,
}

impl Pages {
    pub(super) fn new(hold: Option<usize>) -> Self {
        Self {
            kept: VecDeque::new(),
            first: 0,
            told: 0,
            weight: 0,
            columns: None,
            hold,
        }
    }

    pub(super) fn first(&self) -> PageIndex {
        self.first
    }

    pub(super) fn told(&self) -> PageIndex {
        self.told
    }

    pub(super) fn tell(&mut self, token: PageIndex) {
        self.told = self.told.max(token);
    }

    /// One after the last page's index.
    pub(super) fn end(&self) -> PageIndex {
        self.first + self.kept.len() as PageIndex
    }

    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub(super) fn is_held(&self) -> bool {
        self.hold.is_some()
    }

    /// Holds pages back no longer. Whether there are any that can be seen only now.
    pub(super) fn break_hold(&mut self) -> bool {
        self.hold.take().is_some() && !self.kept.is_empty()
    }

    pub(super) fn columns(&self) -> Option<&Bytes> {
        self.columns.as_ref()
    }

    pub(super) fn learn_columns(&mut self, columns: Option<&Bytes>) {
        if self.columns.is_none() {
            self.columns = columns.cloned();
        }
    }

    /// Adds a page. Whether a client can see it.
    pub(super) fn push(&mut self, page: Page) -> bool {
        self.learn_columns(page.columns.as_ref());
        self.weight = self.weight.saturating_add(page.weight());
        self.kept.push_back(page);
        self.hold = self.hold.filter(|bound| self.weight <= *bound);
        self.hold.is_none()
    }

    /// Drops the pages before a token that a client was told of; gives their weight. `None` when there were none.
    pub(super) fn drop_before(&mut self, token: PageIndex) -> Option<usize> {
        if token <= self.first {
            return None;
        }
        let before = self.weight;
        while self.first < token {
            self.first += 1;
            if let Some(page) = self.kept.pop_front() {
                self.weight -= page.weight();
            }
        }
        Some(before - self.weight)
    }

    /// Drops all pages; gives their weight. The tokens stay valid.
    pub(super) fn drop_all(&mut self) -> usize {
        self.kept.clear();
        std::mem::take(&mut self.weight)
    }

    /// The pages from the first kept one on: as many as fit into `bytes`, and at least one where there is one.
    pub(super) fn gather(&self, bytes: usize) -> Vec<Page> {
        let mut sum = 0_usize;
        let fits = |page: &&Page| {
            let alone = sum == 0;
            sum = sum.saturating_add(page.weight().max(1));
            alone || sum <= bytes
        };
        self.kept.iter().take_while(fits).cloned().collect()
    }
}
