//! The tables' columns, and how each is made of generated rows.

use std::fmt::{Debug, Display, Write};
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, Float64Array, Int32Array, Int64Array, StringArray, StringBuilder,
};
use tpchgen::distribution::Distributions;
use tpchgen::generators::{
    Customer, CustomerGenerator, LineItem, LineItemGenerator, Order, OrderGenerator, Part,
    PartGenerator, PartSupp, PartSuppGenerator, Supplier, SupplierGenerator,
};
use tpchgen::text::TextPool;

use super::fixed::{NATIONS, Nation, REGIONS, Region};
use crate::types::Type;

/// The column that is cut out of the text.
pub(super) const COMMENT: &str = "comment";

/// In order of their names, as they are listed.
pub(super) static TABLES: [&dyn Table; 8] = [
    &Generated {
        name: "customer",
        columns: CUSTOMER,
        count: Count::Scaled(150_000),
        rows: |Share {
                   scale,
                   part,
                   parts,
                   text,
               }| {
            let all = Distributions::static_default();
            Box::new(
                CustomerGenerator::new_with_distributions_and_text_pool(
                    scale, part, parts, all, text,
                )
                .iter(),
            )
        },
    },
    &Generated {
        name: "lineitem",
        columns: LINEITEM,
        count: Count::Lineitem,
        rows: |Share {
                   scale,
                   part,
                   parts,
                   text,
               }| {
            let all = Distributions::static_default();
            Box::new(
                LineItemGenerator::new_with_distributions_and_text_pool(
                    scale, part, parts, all, text,
                )
                .iter(),
            )
        },
    },
    &Generated {
        name: "nation",
        columns: NATION,
        count: Count::Fixed(NATIONS.len()),
        rows: |_| Box::new(NATIONS.into_iter()),
    },
    &Generated {
        name: "orders",
        columns: ORDERS,
        count: Count::Scaled(1_500_000),
        rows: |Share {
                   scale,
                   part,
                   parts,
                   text,
               }| {
            let all = Distributions::static_default();
            Box::new(
                OrderGenerator::new_with_distributions_and_text_pool(scale, part, parts, all, text)
                    .iter(),
            )
        },
    },
    &Generated {
        name: "part",
        columns: PART,
        count: Count::Scaled(200_000),
        rows: |Share {
                   scale,
                   part,
                   parts,
                   text,
               }| {
            let all = Distributions::static_default();
            Box::new(
                PartGenerator::new_with_distributions_and_text_pool(scale, part, parts, all, text)
                    .iter(),
            )
        },
    },
    &Generated {
        name: "partsupp",
        columns: PARTSUPP,
        // Four suppliers for each part.
        count: Count::Scaled(800_000),
        rows: |Share {
                   scale,
                   part,
                   parts,
                   text,
               }| {
            Box::new(PartSuppGenerator::new_with_text_pool(scale, part, parts, text).iter())
        },
    },
    &Generated {
        name: "region",
        columns: REGION,
        count: Count::Fixed(REGIONS.len()),
        rows: |_| Box::new(REGIONS.into_iter()),
    },
    &Generated {
        name: "supplier",
        columns: SUPPLIER,
        count: Count::Scaled(10_000),
        rows: |Share {
                   scale,
                   part,
                   parts,
                   text,
               }| {
            let all = Distributions::static_default();
            Box::new(
                SupplierGenerator::new_with_distributions_and_text_pool(
                    scale, part, parts, all, text,
                )
                .iter(),
            )
        },
    },
];

/// Which rows of a table are wanted.
#[derive(Clone, Copy)]
pub(super) struct Share {
    pub(super) scale: f64,
    /// From 1.
    pub(super) part: i32,
    pub(super) parts: i32,
    /// What comments are cut out of. They are random for whoever gives another text, and all else stays as it is.
    pub(super) text: &'static TextPool,
}

/// A table, whatever its rows are.
pub(super) trait Table: Send + Sync {
    fn name(&self) -> &'static str;
    fn columns(&self) -> Vec<(&'static str, Type)>;
    /// How many rows there are in all.
    fn count(&self, scale: f64) -> usize;
    /// Whether comments come out of the text.
    fn has_text(&self) -> bool;
    /// Begins to generate rows; of them, those columns are kept.
    fn rows(&self, share: Share, columns: &[usize]) -> Box<dyn Rows>;
}

/// Rows being generated.
pub(super) trait Rows: Send {
    /// The columns of the next rows, at most that many, and how many they are.
    fn next(&mut self, most: usize) -> Option<(Vec<ArrayRef>, usize)>;
}

enum Count {
    Fixed(usize),
    /// At scale 1.
    Scaled(i32),
    /// Orders have between one and seven lines, at random.
    Lineitem,
}

type Iter<R> = Box<dyn Iterator<Item = R> + Send>;

struct Generated<R: 'static> {
    name: &'static str,
    columns: &'static [Column<R>],
    count: Count,
    rows: fn(Share) -> Iter<R>,
}

struct Column<R> {
    name: &'static str,
    kind: Type,
    array: fn(&[R]) -> ArrayRef,
}

impl<R: Send + 'static> Table for Generated<R> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn columns(&self) -> Vec<(&'static str, Type)> {
        let column = |column: &Column<R>| (column.name, column.kind.clone());
        self.columns.iter().map(column).collect()
    }

    fn count(&self, scale: f64) -> usize {
        match self.count {
            Count::Fixed(rows) => rows,
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is whole and small"
            )]
            Count::Scaled(rows) => (f64::from(rows) * scale) as usize,
            // Counted, on the real Presto too.
            Count::Lineitem if scale < 1.0 => 60_175,
            Count::Lineitem => 6_001_215,
        }
    }

    fn has_text(&self) -> bool {
        !matches!(self.count, Count::Fixed(_))
    }

    fn rows(&self, share: Share, columns: &[usize]) -> Box<dyn Rows> {
        Box::new(Generating {
            rows: (self.rows)(share),
            read: Vec::new(),
            arrays: columns.iter().map(|at| self.columns[*at].array).collect(),
        })
    }
}

impl Debug for dyn Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

struct Generating<R> {
    rows: Iter<R>,
    /// Room for rows, to be used again.
    read: Vec<R>,
    arrays: Vec<fn(&[R]) -> ArrayRef>,
}

impl<R: Send> Rows for Generating<R> {
    fn next(&mut self, most: usize) -> Option<(Vec<ArrayRef>, usize)> {
        self.read.clear();
        self.read.extend(self.rows.by_ref().take(most));
        if self.read.is_empty() {
            return None;
        }
        let arrays = self.arrays.iter().map(|array| array(&self.read));
        Some((arrays.collect(), self.read.len()))
    }
}

macro_rules! columns {
    ($($name:literal $kind:ident$(($length:literal))? ($row:ident => $value:expr),)*) => {
        &[$(Column {
            name: $name,
            kind: columns!(@kind $kind $($length)?),
            array: |rows| $kind(rows.iter().map(|$row| $value)),
        },)*]
    };
    (@kind bigint) => { Type::Bigint };
    (@kind integer) => { Type::Integer };
    (@kind double) => { Type::Double };
    (@kind date) => { Type::Date };
    (@kind varchar $length:literal) => { Type::Varchar(Some($length)) };
    (@kind shown $length:literal) => { Type::Varchar(Some($length)) };
}

const CUSTOMER: &[Column<Customer<'static>>] = columns! {
    "custkey" bigint (row => row.c_custkey),
    "name" shown(25) (row => &row.c_name),
    "address" shown(40) (row => &row.c_address),
    "nationkey" bigint (row => row.c_nationkey),
    "phone" shown(15) (row => &row.c_phone),
    "acctbal" double (row => row.c_acctbal.as_f64()),
    "mktsegment" varchar(10) (row => row.c_mktsegment),
    "comment" varchar(117) (row => row.c_comment),
};

const LINEITEM: &[Column<LineItem<'static>>] = columns! {
    "orderkey" bigint (row => row.l_orderkey),
    "partkey" bigint (row => row.l_partkey),
    "suppkey" bigint (row => row.l_suppkey),
    "linenumber" integer (row => row.l_linenumber),
    "quantity" double (row => whole(row.l_quantity)),
    "extendedprice" double (row => row.l_extendedprice.as_f64()),
    "discount" double (row => row.l_discount.as_f64()),
    "tax" double (row => row.l_tax.as_f64()),
    "returnflag" varchar(1) (row => row.l_returnflag),
    "linestatus" varchar(1) (row => row.l_linestatus),
    "shipdate" date (row => row.l_shipdate.to_unix_epoch()),
    "commitdate" date (row => row.l_commitdate.to_unix_epoch()),
    "receiptdate" date (row => row.l_receiptdate.to_unix_epoch()),
    "shipinstruct" varchar(25) (row => row.l_shipinstruct),
    "shipmode" varchar(10) (row => row.l_shipmode),
    "comment" varchar(44) (row => row.l_comment),
};

const NATION: &[Column<Nation>] = columns! {
    "nationkey" bigint (row => row.0),
    "name" varchar(25) (row => row.1),
    "regionkey" bigint (row => row.2),
    "comment" varchar(152) (row => row.3),
};

const ORDERS: &[Column<Order<'static>>] = columns! {
    "orderkey" bigint (row => row.o_orderkey),
    "custkey" bigint (row => row.o_custkey),
    "orderstatus" varchar(1) (row => row.o_orderstatus.as_str()),
    "totalprice" double (row => row.o_totalprice.as_f64()),
    "orderdate" date (row => row.o_orderdate.to_unix_epoch()),
    "orderpriority" varchar(15) (row => row.o_orderpriority),
    "clerk" shown(15) (row => &row.o_clerk),
    "shippriority" integer (row => row.o_shippriority),
    "comment" varchar(79) (row => row.o_comment),
};

const PART: &[Column<Part<'static>>] = columns! {
    "partkey" bigint (row => row.p_partkey),
    "name" shown(55) (row => &row.p_name),
    "mfgr" shown(25) (row => &row.p_mfgr),
    "brand" shown(10) (row => &row.p_brand),
    "type" varchar(25) (row => row.p_type),
    "size" integer (row => row.p_size),
    "container" varchar(10) (row => row.p_container),
    "retailprice" double (row => row.p_retailprice.as_f64()),
    "comment" varchar(23) (row => row.p_comment),
};

const PARTSUPP: &[Column<PartSupp<'static>>] = columns! {
    "partkey" bigint (row => row.ps_partkey),
    "suppkey" bigint (row => row.ps_suppkey),
    "availqty" integer (row => row.ps_availqty),
    "supplycost" double (row => row.ps_supplycost.as_f64()),
    "comment" varchar(199) (row => row.ps_comment),
};

const REGION: &[Column<Region>] = columns! {
    "regionkey" bigint (row => row.0),
    "name" varchar(25) (row => row.1),
    "comment" varchar(152) (row => row.2),
};

const SUPPLIER: &[Column<Supplier>] = columns! {
    "suppkey" bigint (row => row.s_suppkey),
    "name" shown(25) (row => &row.s_name),
    "address" shown(40) (row => &row.s_address),
    "nationkey" bigint (row => row.s_nationkey),
    "phone" shown(15) (row => &row.s_phone),
    "acctbal" double (row => row.s_acctbal.as_f64()),
    "comment" varchar(101) (row => row.s_comment.as_str()),
};

fn bigint(values: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

fn integer(values: impl Iterator<Item = i32>) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(values))
}

fn double(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

fn date(values: impl Iterator<Item = i32>) -> ArrayRef {
    Arc::new(Date32Array::from_iter_values(values))
}

fn varchar<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// What the generator has no text of, and knows how to write.
fn shown(values: impl Iterator<Item = impl Display>) -> ArrayRef {
    let mut builder = StringBuilder::new();
    for value in values {
        let written = write!(builder, "{value}");
        debug_assert!(written.is_ok(), "memory takes all");
        builder.append_value("");
    }
    Arc::new(builder.finish())
}

/// Quantities are between 1 and 50.
#[expect(clippy::cast_precision_loss, reason = "it is small")]
fn whole(value: i64) -> f64 {
    value as f64
}
