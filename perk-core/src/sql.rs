//! Cuts SQL into tokens and statements, by the rules of `SqlBase.g4` (both engines').

/// A token. Words are as written; compare them without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A word: keyword or unquoted identifier.
    Word(&'a str),
    /// `"…"` or `` `…` ``: an identifier that is never a keyword. With its quotes.
    Quoted(&'a str),
    /// `'…'`: the text between the quotes, quotes inside still doubled.
    Text(&'a str),
    /// Anything else, a character each.
    Symbol(&'a str),
}

impl Token<'_> {
    /// Whether this is that keyword.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        matches!(self, Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

/// The tokens of a text; comments and white space are left out. `None` when a quote or comment does not end:
/// then nothing can be told of the text.
pub(crate) fn tokens(sql: &str) -> Option<Vec<Token<'_>>> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        if first.is_whitespace() {
            rest = after;
        } else if rest.starts_with("--") {
            rest = rest.find(['\n', '\r']).map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = &rest[rest[2..].find("*/")? + 4..];
        } else if matches!(first, '\'' | '"' | '`') {
            let length = quoted(rest, first)?;
            let token = if first == '\'' {
                Token::Text(&rest[1..length - 1])
            } else {
                Token::Quoted(&rest[..length])
            };
            found.push(token);
            rest = &rest[length..];
        } else if first.is_alphanumeric() || first == '_' {
            let word = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '@' | ':' | '$'));
            let end = rest.find(word).unwrap_or(rest.len());
            found.push(Token::Word(&rest[..end]));
            rest = &rest[end..];
        } else {
            found.push(Token::Symbol(&rest[..first.len_utf8()]));
            rest = after;
        }
    }
    Some(found)
}

/// The statements of a text, which are separated by semicolons; what is only white space and comments is none. A quote or
/// comment that does not end belongs, with all that follows, to the last statement: its server will say so.
///
/// ```
/// let text = "SELECT ';' ; -- nothing;\n USE tpch.tiny;";
/// assert_eq!(perk_core::sql::statements(text), ["SELECT ';'", "-- nothing;\n USE tpch.tiny"]);
/// ```
pub fn statements(sql: &str) -> Vec<&str> {
    let parts: Vec<&str> = match tokens(sql) {
        Some(tokens) => {
            let semicolons = tokens.iter().filter_map(|token| match token {
                Token::Symbol(text) if *text == ";" => {
                    Some(text.as_ptr() as usize - sql.as_ptr() as usize)
                }
                _ => None,
            });
            let mut from = 0;
            let mut parts = Vec::new();
            for at in semicolons {
                parts.push(&sql[from..at]);
                from = at + 1;
            }
            parts.push(&sql[from..]);
            parts
        }
        None => vec![sql],
    };
    let says_something = |part: &&str| tokens(part).is_none_or(|tokens| !tokens.is_empty());
    parts
        .into_iter()
        .map(str::trim)
        .filter(says_something)
        .collect()
}

/// The length of a quoted stretch at the text's start, its quotes included; a doubled quote stands for itself.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut at = 1;
    loop {
        at += text[at..].find(quote)? + 1;
        if !text[at..].starts_with(quote) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Token::{Quoted, Symbol, Text, Word};

    #[test]
    fn comments_and_quotes_hide_what_is_in_them() {
        let sql = "/* INSERT */ SELECT 'it''s -- ' , \"TABLE\"(x) -- DELETE\n FROM t$1";
        let expected = [
            Word("SELECT"),
            Text("it''s -- "),
            Symbol(","),
            Quoted("\"TABLE\""),
            Symbol("("),
            Word("x"),
            Symbol(")"),
            Word("FROM"),
            Word("t$1"),
        ];
        assert_eq!(tokens(sql).unwrap(), expected);
    }

    #[test]
    fn what_does_not_end_cannot_be_told() {
        for sql in ["SELECT 'a", "/* SELECT 1", "SELECT \"a", "SELECT 'a''"] {
            assert_eq!(tokens(sql), None, "{sql}");
        }
        assert_eq!(tokens("").unwrap(), []);
        assert_eq!(tokens("é λ🦀").unwrap().len(), 3);
    }
}
