//! Reading a type from its spelling, as it stands in `CAST` and in the signatures of functions.

use std::sync::Arc;

use super::{MAX_PRECISION, Type};

/// Why a text is no type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoType {
    /// It is spelled as a type, but there is none of that name.
    Unknown(String),
    /// What the type was given in parentheses makes no sense.
    Parameters(String),
}

/// Reads a type. Names are read without regard to case; row fields keep theirs.
pub(crate) fn parse(text: &str) -> Result<Type, NoType> {
    let mut reader = Reader { rest: text };
    let kind = reader.kind()?;
    match reader.rest.trim() {
        "" => Ok(kind),
        _ => Err(NoType::Unknown(text.to_owned())),
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn kind(&mut self) -> Result<Type, NoType> {
        let name = self.word().to_ascii_lowercase();
        match name.as_str() {
            "array" => {
                let element = self.inside(Self::kind)?;
                return Ok(Type::array(element));
            }
            "map" => {
                return self.inside(|reader| {
                    let key = reader.kind()?;
                    reader.comma()?;
                    Ok(Type::map(key, reader.kind()?))
                });
            }
            "row" => return self.inside(Self::fields).map(Type::Row),
            "time" | "timestamp" => {
                // A precision is read and not kept: there are milliseconds only.
                self.numbers()?;
                let zoned = self.words("with time zone");
                return Ok(match (name.as_str(), zoned) {
                    ("time", false) => Type::Time,
                    ("time", true) => Type::TimeWithZone,
                    (_, false) => Type::Timestamp,
                    (_, true) => Type::TimestampWithZone(Arc::from("UTC")),
                });
            }
            "double" => {
                self.words("precision");
                return Ok(Type::Double);
            }
            "interval" => {
                return if self.words("year to month") {
                    Ok(Type::IntervalYearToMonth)
                } else if self.words("day to second") {
                    Ok(Type::IntervalDayToSecond)
                } else {
                    Err(NoType::Unknown(name))
                };
            }
            _ => {}
        }
        let numbers = self.numbers()?;
        scalar(&name, &numbers)
    }

    fn fields(&mut self) -> Result<Vec<(Option<String>, Type)>, NoType> {
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            if self.comma().is_err() {
                return Ok(fields);
            }
        }
    }

    /// `name type`, or a type alone.
    fn field(&mut self) -> Result<(Option<String>, Type), NoType> {
        let before = self.rest;
        if let Some(name) = self.quoted() {
            return Ok((Some(name), self.kind()?));
        }
        let name = self.word().to_owned();
        // A name has a type behind it; the words behind a type's own name belong to no type.
        let after = self.rest.trim_start();
        let follows = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let own_words = ["with ", "precision", "year to", "day to"];
        let own = own_words.iter().any(|words| {
            after
                .get(..words.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(words))
        }) && ["time", "timestamp", "double", "interval"]
            .contains(&name.to_ascii_lowercase().as_str());
        if follows && !own {
            return Ok((Some(name), self.kind()?));
        }
        self.rest = before;
        Ok((None, self.kind()?))
    }

    fn quoted(&mut self) -> Option<String> {
        let text = self.rest.trim_start().strip_prefix('"')?;
        let mut name = String::new();
        let mut characters = text.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            if c != '"' {
                name.push(c);
            } else if characters.next_if(|(_, next)| *next == '"').is_some() {
                name.push('"');
            } else {
                self.rest = &text[at + 1..];
                return Some(name);
            }
        }
        None
    }

    fn word(&mut self) -> &'a str {
        let text = self.rest.trim_start();
        let end = text
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        word
    }

    /// These words, if they are what comes next.
    fn words(&mut self, words: &str) -> bool {
        let before = self.rest;
        let all = words
            .split(' ')
            .all(|word| self.word().eq_ignore_ascii_case(word));
        if !all {
            self.rest = before;
        }
        all
    }

    fn symbol(&mut self, symbols: [char; 2]) -> Result<char, NoType> {
        let text = self.rest.trim_start();
        let found = symbols.into_iter().find(|symbol| text.starts_with(*symbol));
        let found = found.ok_or_else(|| NoType::Unknown(text.to_owned()))?;
        self.rest = &text[found.len_utf8()..];
        Ok(found)
    }

    fn comma(&mut self) -> Result<(), NoType> {
        self.symbol([',', ',']).map(|_| ())
    }

    /// What stands in parentheses, or in angle brackets as older Presto has them.
    fn inside<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, NoType>,
    ) -> Result<T, NoType> {
        let closing = match self.symbol(['(', '<'])? {
            '(' => ')',
            _ => '>',
        };
        let value = read(self)?;
        self.symbol([closing, closing])?;
        Ok(value)
    }

    /// Numbers in parentheses, if there are any.
    fn numbers(&mut self) -> Result<Vec<u64>, NoType> {
        if !self.rest.trim_start().starts_with('(') {
            return Ok(Vec::new());
        }
        self.inside(|reader| {
            let mut numbers = Vec::new();
            loop {
                let word = reader.word();
                let number = word.parse();
                numbers.push(number.map_err(|_| NoType::Parameters(word.to_owned()))?);
                if reader.comma().is_err() {
                    return Ok(numbers);
                }
            }
        })
    }
}

fn scalar(name: &str, numbers: &[u64]) -> Result<Type, NoType> {
    let length = |most: u32| match numbers {
        [] => Ok(None),
        [length] if *length <= u64::from(most) => Ok(u32::try_from(*length).ok()),
        _ => Err(NoType::Parameters(format!("{name}{numbers:?}"))),
    };
    let plain = match name {
        "varchar" => {
            return Ok(Type::Varchar(
                length(i32::MAX.cast_unsigned())?.filter(|n| *n < i32::MAX.cast_unsigned()),
            ));
        }
        "char" => return Ok(Type::Char(length(65_536)?.unwrap_or(1))),
        "decimal" | "dec" | "numeric" => {
            let (precision, scale) = match numbers {
                [] => (u64::from(MAX_PRECISION), 0),
                [precision] => (*precision, 0),
                [precision, scale] => (*precision, *scale),
                _ => return Err(NoType::Parameters(format!("{name}{numbers:?}"))),
            };
            return match (u8::try_from(precision), u8::try_from(scale)) {
                (Ok(precision @ 1..=MAX_PRECISION), Ok(scale)) if scale <= precision => {
                    Ok(Type::Decimal(precision, scale))
                }
                _ => Err(NoType::Parameters(format!("DECIMAL({precision}, {scale})"))),
            };
        }
        "unknown" => Type::Unknown,
        "boolean" => Type::Boolean,
        "tinyint" => Type::Tinyint,
        "smallint" => Type::Smallint,
        "integer" | "int" => Type::Integer,
        "bigint" => Type::Bigint,
        "real" => Type::Real,
        "varbinary" => Type::Varbinary,
        "json" => Type::Json,
        "date" => Type::Date,
        _ => return Err(NoType::Unknown(name.to_owned())),
    };
    match numbers {
        [] => Ok(plain),
        _ => Err(NoType::Parameters(format!("{name}{numbers:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelled_is_read_again() {
        for text in [
            "bigint",
            "decimal(38,10)",
            "varchar",
            "varchar(5)",
            "char(3)",
            "timestamp with time zone",
            "time with time zone",
            "interval day to second",
            "interval year to month",
            "array(map(varchar(2), row(a integer, \"b c\" array(double))))",
            "row(bigint, varchar)",
            "row(a timestamp with time zone, timestamp with time zone)",
        ] {
            assert_eq!(
                parse(text).map(|kind| kind.to_string()).as_deref(),
                Ok(text)
            );
        }
    }

    #[test]
    fn other_spellings_are_understood() {
        for (text, plain) in [
            ("INT", "integer"),
            ("Double Precision", "double"),
            ("decimal", "decimal(38,0)"),
            ("decimal(5)", "decimal(5,0)"),
            ("timestamp(3)", "timestamp"),
            ("timestamp(3) with time zone", "timestamp with time zone"),
            ("array<row<x bigint>>", "array(row(x bigint))"),
            ("char", "char(1)"),
            ("varchar(2147483647)", "varchar"),
        ] {
            assert_eq!(
                parse(text).map(|kind| kind.to_string()).as_deref(),
                Ok(plain)
            );
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "nosuch",
            "array(",
            "array(bigint",
            "decimal(39)",
            "decimal(2,3)",
            "bigint(3)",
            "map(bigint)",
            "row()",
            "varchar(x)",
            "bigint bigint",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
