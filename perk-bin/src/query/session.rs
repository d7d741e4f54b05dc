//! What one statement changes for the next: catalog, schema, properties, prepared statements, a transaction.

use perk_core::SessionHeader;

/// The headers of the next statement's POST, without their prefix.
#[derive(Debug, Default)]
pub(super) struct Session {
    headers: Vec<SessionHeader>,
}

/// Headers of which a session has several, as `name=value`: what sets one, what takes one away, and the header itself.
const NAMED: [(&str, &str, &str); 3] = [
    ("set-session", "clear-session", "Session"),
    ("added-prepare", "deallocated-prepare", "Prepared-Statement"),
    ("set-role", "", "Role"),
];
/// Headers of which a session has one.
const SINGLE: [(&str, &str); 4] = [
    ("set-catalog", "Catalog"),
    ("set-schema", "Schema"),
    ("set-path", "Path"),
    ("started-transaction-id", "Transaction-Id"),
];

impl Session {
    /// Adds a header as the user gave it.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// The headers for a POST.
    pub(super) fn headers(&self) -> Vec<(&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// Takes over what an answer says, as the CLIs do.
    pub(super) fn apply(&mut self, changes: &[SessionHeader]) {
        for (change, value) in changes {
            if change == "clear-transaction-id" {
                self.remove("Transaction-Id", |_| true);
            } else if let Some((_, header)) = SINGLE.iter().find(|(set, _)| set == change) {
                self.remove(header, |_| true);
                self.add(header, value);
            } else if let Some((set, _, header)) = NAMED
                .iter()
                .find(|(set, unset, _)| set == change || unset == change)
            {
                let name = value.split('=').next().unwrap_or_default();
                self.remove(header, |known| known.split('=').next() == Some(name));
                if set == change {
                    self.add(header, value);
                }
            }
        }
    }

    fn remove(&mut self, header: &str, which: impl Fn(&str) -> bool) {
        self.headers
            .retain(|(name, value)| name != header || !which(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_changes_the_next_statement() {
        let mut session = Session::default();
        session.add("User", "ann");
        session.add("Catalog", "a");
        let changes = |list: &[(&str, &str)]| -> Vec<SessionHeader> {
            list.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        session.apply(&changes(&[
            ("set-catalog", "b"),
            ("added-prepare", "q=SELECT+1"),
            ("added-prepare", "r=SELECT+2"),
        ]));
        session.apply(&changes(&[
            ("added-prepare", "q=SELECT+3"),
            ("started-transaction-id", "t"),
            ("unheard-of", "x"),
        ]));
        let expected = [
            ("User", "ann"),
            ("Catalog", "b"),
            ("Prepared-Statement", "r=SELECT+2"),
            ("Prepared-Statement", "q=SELECT+3"),
            ("Transaction-Id", "t"),
        ];
        assert_eq!(session.headers(), expected);
        session.apply(&changes(&[
            ("deallocated-prepare", "r"),
            ("clear-transaction-id", "true"),
        ]));
        assert_eq!(
            session.headers(),
            expected[..2]
                .iter()
                .chain(&expected[3..4])
                .copied()
                .collect::<Vec<_>>()
        );
    }
}
