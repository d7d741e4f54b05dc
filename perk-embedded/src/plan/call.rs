//! Function calls in a statement's tree.
//!
//! A call's place is written into its name (`length@1:8`), since `DataFusion`'s expressions have nowhere else for it.
//! [`Name`] reads it again.

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, ObjectNamePart, Value,
};
use datafusion::sql::sqlparser::tokenizer::{Location, Span};

use super::syntax::place;
use crate::error::Position;

/// A called function's name, and where it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name<'a> {
    pub(crate) function: &'a str,
    pub(crate) at: Option<Position>,
}

impl<'a> Name<'a> {
    pub(crate) fn read(text: &'a str) -> Self {
        let Some((function, rest)) = text.rsplit_once('@') else {
            return Self {
                function: text,
                at: None,
            };
        };
        let at = rest.split_once(':').and_then(|(line, column)| {
            Some(Position {
                line: line.parse().ok()?,
                column: column.parse().ok()?,
            })
        });
        Self { function, at }
    }

    pub(crate) fn write(&self) -> String {
        let Position { line, column } = self.at.unwrap_or(Position { line: 0, column: 0 });
        format!("{}@{line}:{column}", self.function)
    }

    /// Whether the name has been written by [`Name::write`].
    pub(crate) fn is_placed(text: &str) -> bool {
        text.contains('@')
    }
}

/// A call of a function with its place in its name.
pub(crate) fn placed(function: &str, at: Location, arguments: Vec<Expr>) -> Expr {
    let name = Name {
        function,
        at: place(at),
    };
    unplaced(&name.write(), at, arguments)
}

/// A call of a function of that name.
pub(crate) fn unplaced(name: &str, at: Location, arguments: Vec<Expr>) -> Expr {
    let argument = |argument| FunctionArg::Unnamed(FunctionArgExpr::Expr(argument));
    Expr::Function(Function {
        name: ObjectName(vec![ObjectNamePart::Identifier(Ident {
            value: name.to_owned(),
            quote_style: Some('"'),
            span: Span::new(at, at),
        })]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments.into_iter().map(argument).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// A text literal.
pub(crate) fn text(value: &str) -> Expr {
    Expr::value(Value::SingleQuotedString(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_written() {
        let at = Some(Position {
            line: 3,
            column: 14,
        });
        let name = Name {
            function: "length",
            at,
        };
        assert_eq!(Name::read(&name.write()), name);
        let plain = Name {
            function: "sum",
            at: None,
        };
        assert_eq!(Name::read("sum"), plain);
    }
}
