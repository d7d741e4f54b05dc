//! Reads a statement's words.

use std::ops::Range;

use datafusion::sql::sqlparser::ast::{Expr, Ident, Query};
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use crate::error::{Error, Kind, Result};
use crate::plan::syntax;

/// How many statements may be in one another, as in `EXPLAIN EXPLAIN SELECT 1`.
const DEEPEST: usize = 8;

/// A place in a statement's words, from which it is read on.
pub(super) struct Reader<'a> {
    parser: Parser<'static>,
    sql: &'a str,
    /// How many statements are around the one that is read.
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(sql: &'a str, tokens: Vec<TokenWithSpan>) -> Self {
        Self {
            parser: syntax::parser(tokens),
            sql,
            depth: 0,
        }
    }

    /// A statement begins within the one that is read, as the last part of it.
    pub(super) fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth < DEEPEST {
            return Ok(());
        }
        let message = format!(
            "more than {DEEPEST} statements in one another are not supported by the embedded engine"
        );
        Err(Error::new(Kind::NotSupported, message).at(syntax::place(self.place())))
    }

    fn peek(&self, n: usize) -> &TokenWithSpan {
        self.parser.peek_nth_token_ref(n)
    }

    /// Where the next word stands.
    pub(super) fn place(&self) -> Location {
        self.peek(0).span.start
    }

    /// Whether these words come next, in any case; a word in quotes is none of them.
    pub(super) fn is(&self, words: &[&str]) -> bool {
        let is = |(n, word): (usize, &&str)| match &self.peek(n).token {
            Token::Word(found) => {
                found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word)
            }
            _ => false,
        };
        words.iter().enumerate().all(is)
    }

    /// Whether this sign comes next, after so many words.
    pub(super) fn is_sign(&self, n: usize, sign: &Token) -> bool {
        self.peek(n).token == *sign
    }

    /// The same as [`Self::is`]; and if so, reads them.
    pub(super) fn take(&mut self, words: &[&str]) -> bool {
        let is = self.is(words);
        if is {
            for _ in words {
                self.parser.advance_token();
            }
        }
        is
    }

    pub(super) fn take_sign(&mut self, sign: &Token) -> bool {
        self.parser.consume_token(sign)
    }

    /// What Presto says where something else should come.
    pub(super) fn expected(&self, what: &str) -> Error {
        syntax::unexpected(self.peek(0), what)
    }

    /// This word must come.
    pub(super) fn expect(&mut self, word: &str) -> Result<()> {
        if self.take(&[word]) {
            return Ok(());
        }
        Err(self.expected(&format!("'{word}'")))
    }

    pub(super) fn expect_sign(&mut self, sign: &Token) -> Result<()> {
        if self.take_sign(sign) {
            return Ok(());
        }
        Err(self.expected(&format!("'{sign}'")))
    }

    /// A name as it is written.
    pub(super) fn name(&mut self) -> Result<Ident> {
        match &self.peek(0).token {
            Token::Word(word) => {
                let mut name = Ident::new(word.value.clone());
                name.quote_style = word.quote_style;
                name.span = self.peek(0).span;
                self.parser.advance_token();
                Ok(name)
            }
            _ => Err(self.expected("<identifier>")),
        }
    }

    /// A name in lower case.
    pub(super) fn folded(&mut self) -> Result<String> {
        self.name().map(|name| syntax::folded(&name))
    }

    /// What a prepared statement is called: as written in quotes, else in lower case.
    pub(super) fn prepared_name(&mut self) -> Result<String> {
        let name = self.name()?;
        Ok(match name.quote_style {
            Some(_) => name.value,
            None => name.value.to_lowercase(),
        })
    }

    /// A name of any number of parts, in lower case.
    pub(super) fn parts(&mut self) -> Result<Vec<String>> {
        let mut parts = vec![self.folded()?];
        while self.take_sign(&Token::Period) {
            parts.push(self.folded()?);
        }
        Ok(parts)
    }

    pub(super) fn text(&mut self) -> Result<String> {
        match &self.peek(0).token {
            Token::SingleQuotedString(text) => {
                let text = text.clone();
                self.parser.advance_token();
                Ok(text)
            }
            _ => Err(self.expected("<string>")),
        }
    }

    /// Names in parentheses.
    pub(super) fn names(&mut self) -> Result<Vec<String>> {
        self.expect_sign(&Token::LParen)?;
        let mut names = vec![self.folded()?];
        while self.take_sign(&Token::Comma) {
            names.push(self.folded()?);
        }
        self.expect_sign(&Token::RParen)?;
        Ok(names)
    }

    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.parser
            .parse_expr()
            .map_err(|error| syntax::problem(&error, &self.parser))
    }

    pub(super) fn expressions(&mut self) -> Result<Vec<Expr>> {
        let mut all = vec![self.expression()?];
        while self.take_sign(&Token::Comma) {
            all.push(self.expression()?);
        }
        Ok(all)
    }

    /// Whether a query comes next, after so many signs.
    pub(super) fn is_query(&self, n: usize) -> bool {
        match &self.peek(n).token {
            Token::LParen => true,
            Token::Word(word) => {
                let first = word.value.to_ascii_uppercase();
                word.quote_style.is_none()
                    && matches!(first.as_str(), "SELECT" | "WITH" | "VALUES" | "TABLE")
            }
            _ => false,
        }
    }

    pub(super) fn query(&mut self) -> Result<Box<Query>> {
        self.parser
            .parse_query()
            .map_err(|error| syntax::problem(&error, &self.parser))
    }

    /// A type, as text; it ends before what cannot be in one.
    pub(super) fn kind(&mut self) -> Result<String> {
        let mut text = String::new();
        let mut depth = 0;
        loop {
            let outside = depth == 0;
            match &self.peek(0).token {
                Token::LParen | Token::Lt => depth += 1,
                Token::RParen | Token::Comma if outside => break,
                Token::RParen | Token::Gt => depth -= 1,
                Token::EOF => break,
                Token::Word(_)
                    if outside
                        && (self.is(&["NOT"])
                            || self.is(&["COMMENT"])
                            || (self.is(&["WITH"]) && !self.is(&["WITH", "TIME"]))) =>
                {
                    break;
                }
                _ => {}
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&self.peek(0).token.to_string());
            self.parser.advance_token();
        }
        if text.is_empty() {
            return Err(self.expected("<type>"));
        }
        Ok(text)
    }

    /// Where in the text the rest of the statement is; it is not read.
    pub(super) fn rest(&self) -> Range<usize> {
        let Location { line, column } = self.place();
        let before = |number: u64| usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let lines = self.sql.split_inclusive('\n').take(before(line));
        let line: usize = lines.map(str::len).sum();
        let characters = self.sql[line..].chars().take(before(column));
        let column: usize = characters.map(char::len_utf8).sum();
        let begins = line + column;
        let rest = self.sql[begins..].trim_end();
        begins..begins + rest.trim_end_matches(';').trim_end().len()
    }

    /// Reads over everything that is left.
    pub(super) fn skip(&mut self) {
        while self.peek(0).token != Token::EOF {
            self.parser.advance_token();
        }
    }

    /// Nothing may come any more.
    pub(super) fn end(&mut self) -> Result<()> {
        syntax::end(&mut self.parser)
    }
}
