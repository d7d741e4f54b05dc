//! What is made of a pattern, kept from row to row: it is nearly always the same one.

use std::cell::RefCell;
use std::rc::Rc;

use crate::error::Result;

/// The last pattern, and what was made of it.
pub(crate) struct Compiled<T> {
    last: RefCell<Option<(String, Rc<T>)>>,
}

impl<T> Default for Compiled<T> {
    fn default() -> Self {
        Self {
            last: RefCell::new(None),
        }
    }
}

impl<T> Compiled<T> {
    /// What this pattern is made, if need be.
    pub(crate) fn get(&self, pattern: &str, make: impl FnOnce(&str) -> Result<T>) -> Result<Rc<T>> {
        if let Some((last, made)) = &*self.last.borrow()
            && last == pattern
        {
            return Ok(made.clone());
        }
        let fresh = Rc::new(make(pattern)?);
        *self.last.borrow_mut() = Some((pattern.to_owned(), fresh.clone()));
        Ok(fresh)
    }
}
