//! The table of faults that is printed at the end, with what was seen of each.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::lock;

static SEEN: Mutex<BTreeMap<usize, (&str, String)>> = Mutex::new(BTreeMap::new());

/// Enters what was seen of a fault; rows are printed in the order of their numbers.
pub(crate) fn enter(number: usize, fault: &'static str, seen: String) {
    lock(&SEEN).insert(number, (fault, seen));
}

/// Prints what was entered.
pub(crate) fn print() {
    let seen = lock(&SEEN);
    if seen.is_empty() {
        return;
    }
    println!("\n| fault | seen |\n|---|---|");
    for (fault, seen) in seen.values() {
        println!("| {fault} | {seen} |");
    }
}
