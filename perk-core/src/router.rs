//! Which pool a statement goes to, and how urgent it is.

use serde::{Deserialize, Serialize};

use crate::ids::PoolName;
use crate::statement::Statement;

/// How urgent a query is. Strict: while a higher one waits in a pool, no lower one is taken.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Before all others.
    High,
    /// Unless a route says otherwise.
    #[default]
    Normal,
    /// When nothing else waits.
    Low,
}

/// Where a statement goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The pool whose workers run it.
    pub pool: PoolName,
    /// Its urgency there.
    pub priority: Priority,
}

/// One line of routing: what must match, and where it leads. What is absent matches everything; patterns may hold
/// `*` for any text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingRule {
    /// A pattern for the user.
    pub user: Option<String>,
    /// A pattern for the client's source.
    pub source: Option<String>,
    /// A pattern that one of the client's tags must match.
    pub client_tag: Option<String>,
    /// The pool it leads to.
    pub pool: PoolName,
    /// The urgency it gives.
    #[serde(default)]
    pub priority: Priority,
}

/// Maps user, source and client tags to pool and priority: the first rule that matches decides; where none
/// does, it is the pool `default` and normal priority.
///
/// ```
/// use perk_core::{Dialect, Router, RoutingRule, Statement};
/// let etl = RoutingRule { user: None, source: Some("airflow*".into()), client_tag: None,
///     pool: "etl".parse().unwrap(), priority: Default::default() };
/// let mut statement = Statement::new(Dialect::Trino, "ann", "SELECT 1");
/// statement.source = Some("airflow-dag-7".into());
/// assert_eq!(Router::new(vec![etl]).route(&statement).pool.as_str(), "etl");
/// assert_eq!(Router::default().route(&statement).pool.as_str(), "default");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Router {
    rules: Vec<RoutingRule>,
}

impl Router {
    /// A router that asks these rules in turn.
    pub fn new(rules: Vec<RoutingRule>) -> Self {
        Self { rules }
    }

    /// Where this statement goes.
    pub fn route(&self, statement: &Statement) -> Route {
        let fits = |pattern: &Option<String>, text: &str| {
            pattern.as_ref().is_none_or(|p| matches(p, text))
        };
        self.rules
            .iter()
            .find(|rule| {
                fits(&rule.user, &statement.user)
                    && fits(
                        &rule.source,
                        statement.source.as_deref().unwrap_or_default(),
                    )
                    && (rule.client_tag.is_none()
                        || statement
                            .client_tags
                            .iter()
                            .any(|tag| fits(&rule.client_tag, tag)))
            })
            .map_or_else(
                || Route {
                    pool: PoolName::default_pool(),
                    priority: Priority::default(),
                },
                |rule| Route {
                    pool: rule.pool.clone(),
                    priority: rule.priority,
                },
            )
    }
}

/// Whether a text has a pattern's parts (what stands between its `*`) in their order, anchored at both ends.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = text.find(part) else {
            return false;
        };
        text = &text[at + part.len()..];
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::Dialect;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("ann", "ann", true),
            ("ann", "anna", false),
            ("*", "", true),
            ("a*", "ann", true),
            ("*n", "ann", true),
            ("a*n*x", "ann-x", true),
            ("a*a", "a", false),
            ("a*b*b", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn the_first_rule_that_matches_in_every_part_decides() {
        let rule = |user: &str, tag: Option<&str>, pool: &str| RoutingRule {
            user: Some(user.into()),
            source: None,
            client_tag: tag.map(Into::into),
            pool: pool.parse().unwrap(),
            priority: Priority::Low,
        };
        let router = Router::new(vec![rule("ann", Some("night"), "a"), rule("*", None, "b")]);
        let mut statement = Statement::new(Dialect::Presto, "ann", "SELECT 1");
        assert_eq!(router.route(&statement).pool.as_str(), "b");
        statement.client_tags = vec!["day".into(), "night".into()];
        let route = router.route(&statement);
        assert_eq!((route.pool.as_str(), route.priority), ("a", Priority::Low));
    }
}
