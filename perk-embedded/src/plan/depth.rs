//! How deep a statement is. Trees are walked by recursion, also by the parser and by `DataFusion`, and where a chain of
//! operators is long its tree is deep: `1 + 1 + 1` is `(1 + 1) + 1`. What no stack holds is refused before it is parsed.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::error::{Error, Kind, Position, Result};

/// How deep a statement may be.
const MOST: usize = 2_000;
/// How many operators a chain of values may have: `DataFusion` works out the names and types of each part again for each that
/// it is in.
const MOST_OF_VALUES: usize = 500;

/// Refuses statements that are too deep.
pub(super) fn check(tokens: &[TokenWithSpan]) -> Result<()> {
    let mut open = vec![Depth::default()];
    for TokenWithSpan { token, .. } in tokens {
        match Role::of(token) {
            Role::Opens => open.push(Depth::default()),
            Role::Indexes => {
                if let Some(depth) = open.last_mut() {
                    depth.join(Chain::Values);
                }
                open.push(Depth::default());
            }
            Role::Closes => {
                if open.len() > 1
                    && let (Some(inner), Some(outer)) = (open.pop(), open.last_mut())
                {
                    outer.inner = outer.inner.max(inner.whole() + 1);
                }
            }
            Role::Separates => {
                if let Some(depth) = open.last_mut() {
                    depth.separate();
                }
            }
            Role::Joins(chain) => {
                if let Some(depth) = open.last_mut() {
                    depth.join(chain);
                }
            }
            Role::Other => {}
        }
        let is_too_deep =
            |depth: &Depth| open.len() + depth.whole() > MOST || depth.value > MOST_OF_VALUES;
        if open.last().is_some_and(is_too_deep) {
            let message = "statement is too large (stack overflow while parsing)";
            let start = Position { line: 1, column: 1 };
            return Err(Error::new(Kind::Syntax, message).at(Some(start)));
        }
    }
    Ok(())
}

/// What a word or sign does to the depth.
enum Role {
    Opens,
    /// Opens too; `x[1][2]` is a chain as well.
    Indexes,
    Closes,
    /// What comes next stands beside what has been, not around it.
    Separates,
    Joins(Chain),
    Other,
}

/// What is joined to a chain; those that come later here are around those that come before.
#[derive(Clone, Copy)]
enum Chain {
    Values,
    Conditions,
    Queries,
}

impl Role {
    fn of(token: &Token) -> Self {
        match token {
            Token::LParen => Self::Opens,
            Token::LBracket => Self::Indexes,
            Token::RParen | Token::RBracket => Self::Closes,
            Token::Comma => Self::Separates,
            Token::Word(word) if word.quote_style.is_none() => match word.keyword {
                Keyword::CASE => Self::Opens,
                Keyword::END => Self::Closes,
                Keyword::WHEN | Keyword::THEN | Keyword::ELSE => Self::Separates,
                Keyword::AND | Keyword::OR => Self::Joins(Chain::Conditions),
                Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT | Keyword::JOIN => {
                    Self::Joins(Chain::Queries)
                }
                Keyword::IS | Keyword::AT => Self::Joins(Chain::Values),
                _ => Self::Other,
            },
            Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::Mod
            | Token::StringConcat
            | Token::Eq
            | Token::Neq
            | Token::Lt
            | Token::LtEq
            | Token::Gt
            | Token::GtEq => Self::Joins(Chain::Values),
            _ => Self::Other,
        }
    }
}

/// How deep what stands between two parentheses is so far.
#[derive(Default)]
struct Depth {
    value: usize,
    condition: usize,
    query: usize,
    /// Of what stands beside the rest.
    beside: usize,
    /// Of what stands in parentheses of its own.
    inner: usize,
}

impl Depth {
    fn whole(&self) -> usize {
        let Self {
            value,
            condition,
            query,
            beside,
            inner,
        } = *self;
        value.max(condition).max(query).max(beside) + inner
    }

    fn separate(&mut self) {
        self.beside = self.beside.max(self.value).max(self.condition);
        self.value = 0;
        self.condition = 0;
    }

    fn join(&mut self, chain: Chain) {
        match chain {
            Chain::Values => self.value += 1,
            Chain::Conditions => {
                self.condition = self.condition.max(self.value) + 1;
                self.value = 0;
            }
            Chain::Queries => {
                self.separate();
                self.query = self.query.max(self.beside) + 1;
                self.beside = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::syntax::tokens;
    use crate::testing::answer;
    use serde_json::json;

    /// As many times one after the other.
    fn chain(part: &str, between: &str, times: usize) -> String {
        vec![part; times].join(between)
    }

    #[test]
    fn what_is_too_deep_is_refused() {
        for sql in [
            format!("SELECT {}", chain("1", " + ", 100_000)),
            format!(
                "SELECT 1 WHERE {}",
                chain("1 = 1 AND f(1, 2)", " OR ", 100_000)
            ),
            chain("SELECT 1, 2", " UNION ALL ", 100_000),
            format!(
                "SELECT {}",
                chain("CASE WHEN a THEN b END", " || ", 100_000)
            ),
            format!("SELECT {}1", "(1 + 1 + 1 + 1 + 1 + 1) - (".repeat(100_000)),
            format!("SELECT x{}", "[1]".repeat(100_000)),
            format!("SELECT {}", chain("ARRAY[1, 2]", " || ", 100_000)),
        ] {
            let error = tokens(&sql).err().map(|error| error.message);
            let wanted = "statement is too large (stack overflow while parsing)";
            assert_eq!(error.as_deref(), Some(wanted), "{}", &sql[..40]);
        }
    }

    #[test]
    fn long_chains_are_answered() {
        let value = |sql: &str| answer(sql).unwrap().rows[0][0].clone();
        assert_eq!(
            value(&format!("SELECT {}", chain("1", " + ", 100))),
            json!(100)
        );
        let or = chain("x = 1", " OR ", 200);
        let sql = format!("SELECT count(*) FROM (VALUES 1, 2) t(x) WHERE {or}");
        assert_eq!(value(&sql), json!(1));
        let union = chain("SELECT 1", " UNION ALL ", 200);
        let sql = format!("SELECT count(*) FROM ({union})");
        assert_eq!(value(&sql), json!(200));
        let list = chain("1", ", ", 20_000);
        assert_eq!(value(&format!("SELECT 1 IN ({list})")), json!(true));
    }
}
