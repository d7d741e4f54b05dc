//! Rows, counts and sums as Presto 0.287 and Trino 476 show them.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type, Int64Type};
use datafusion::common::stats::Precision;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::{SessionConfig, SessionContext};

use super::*;
use crate::encode::{Encoder, Page};
use crate::types::Type;

/// A table's columns.
fn columns_of(name: &str) -> Vec<(String, Type)> {
    let table = TpchCatalog.table("tiny", name).unwrap();
    let pair = |column: Column| (column.name, column.kind);
    table.columns.into_iter().map(pair).collect()
}

async fn scan(
    schema: &str,
    name: &str,
    projection: &[usize],
    limit: Option<usize>,
) -> (SessionContext, Arc<dyn ExecutionPlan>) {
    let config = SessionConfig::new().with_target_partitions(3);
    let context = SessionContext::new_with_config(config);
    let table = TpchCatalog.table(schema, name).unwrap().rows;
    let projection = projection.to_vec();
    let plan = table
        .scan(&context.state(), Some(&projection), &[], limit)
        .await
        .unwrap();
    (context, plan)
}

async fn read(
    schema: &str,
    table: &str,
    projection: &[usize],
    limit: Option<usize>,
) -> Vec<RecordBatch> {
    let (context, plan) = scan(schema, table, projection, limit).await;
    collect(plan, context.task_ctx()).await.unwrap()
}

fn rows(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::num_rows).sum()
}

/// The sum of a column: of numbers, of days, or of the lengths of texts.
fn sum(column: &ArrayRef) -> f64 {
    match column.data_type() {
        DataType::Int64 => {
            let values = column.as_primitive::<Int64Type>().values();
            values
                .iter()
                .map(|value| f64::from(i32::try_from(*value).unwrap()))
                .sum()
        }
        DataType::Int32 => {
            let values = column.as_primitive::<Int32Type>().values();
            values.iter().copied().map(f64::from).sum()
        }
        DataType::Date32 => {
            let values = column.as_primitive::<Date32Type>().values();
            values.iter().copied().map(f64::from).sum()
        }
        DataType::Float64 => column.as_primitive::<Float64Type>().values().iter().sum(),
        _ => {
            let texts = column.as_string::<i32>().iter().flatten();
            texts
                .map(|text| f64::from(u32::try_from(text.chars().count()).unwrap()))
                .sum()
        }
    }
}

async fn sums(table: &str, columns: &[&str]) -> Vec<f64> {
    let all = columns_of(table);
    let place = |column: &&str| {
        all.iter()
            .position(|(name, _)| name.as_str() == *column)
            .unwrap()
    };
    let projection: Vec<usize> = columns.iter().map(place).collect();
    let batches = read("tiny", table, &projection, None).await;
    let of_column = |at: usize| batches.iter().map(|batch| sum(batch.column(at))).sum();
    (0..columns.len()).map(of_column).collect()
}

/// The first row, as clients are shown it.
async fn first(table: &str) -> String {
    let columns = columns_of(table);
    let all: Vec<usize> = (0..columns.len()).collect();
    let batches = read("tiny", table, &all, Some(1)).await;
    assert_eq!(rows(&batches), 1);
    let types: Vec<Type> = columns.into_iter().map(|(_, kind)| kind).collect();
    let mut page = Page::default();
    let mut encoded = Encoder::new(&types).rows(&batches[0]).unwrap();
    encoded.write(&mut page, usize::MAX);
    String::from_utf8(page.take().to_vec()).unwrap()
}

#[test]
fn names_and_types_are_presto_s() {
    assert_eq!(TpchCatalog.schemas(), ["sf1", "tiny"]);
    let tables = TpchCatalog.tables("tiny");
    let described = tables.iter().map(|table| {
        let columns = columns_of(table);
        let columns = columns.iter().map(|(name, kind)| format!("{name} {kind}"));
        format!("{table}: {}", columns.collect::<Vec<_>>().join(", "))
    });
    assert_eq!(
        described.collect::<Vec<_>>(),
        [
            "customer: custkey bigint, name varchar(25), address varchar(40), nationkey bigint, phone varchar(15), \
             acctbal double, mktsegment varchar(10), comment varchar(117)",
            "lineitem: orderkey bigint, partkey bigint, suppkey bigint, linenumber integer, quantity double, \
             extendedprice double, discount double, tax double, returnflag varchar(1), linestatus varchar(1), \
             shipdate date, commitdate date, receiptdate date, shipinstruct varchar(25), shipmode varchar(10), \
             comment varchar(44)",
            "nation: nationkey bigint, name varchar(25), regionkey bigint, comment varchar(152)",
            "orders: orderkey bigint, custkey bigint, orderstatus varchar(1), totalprice double, orderdate date, \
             orderpriority varchar(15), clerk varchar(15), shippriority integer, comment varchar(79)",
            "part: partkey bigint, name varchar(55), mfgr varchar(25), brand varchar(10), type varchar(25), \
             size integer, container varchar(10), retailprice double, comment varchar(23)",
            "partsupp: partkey bigint, suppkey bigint, availqty integer, supplycost double, comment varchar(199)",
            "region: regionkey bigint, name varchar(25), comment varchar(152)",
            "supplier: suppkey bigint, name varchar(25), address varchar(40), nationkey bigint, phone varchar(15), \
             acctbal double, comment varchar(101)",
        ]
    );
    assert!(TpchCatalog.table("tiny", "nosuch").is_none());
    assert!(TpchCatalog.table("sf2", "nation").is_none());
    assert!(TpchCatalog.tables("sf2").is_empty());
}

/// With all their columns, so that comments have their text.
#[tokio::test]
async fn first_rows_are_presto_s() {
    for (table, row) in [
        (
            "customer",
            r#"[[1,"Customer#000000001","IVhzIApeRb ot,c,E",15,"25-989-741-2988",711.56,"BUILDING","to the even, regular platelets. regular, ironic epitaphs nag e"]]"#,
        ),
        (
            "lineitem",
            r#"[[1,1552,93,1,17.0,24710.35,0.04,0.02,"N","O","1996-03-13","1996-02-12","1996-03-22","DELIVER IN PERSON","TRUCK","egular courts above the"]]"#,
        ),
        (
            "nation",
            r#"[[0,"ALGERIA",0," haggle. carefully final deposits detect slyly agai"]]"#,
        ),
        (
            "orders",
            r#"[[1,370,"O",172799.49,"1996-01-02","5-LOW","Clerk#000000951",0,"nstructions sleep furiously among "]]"#,
        ),
        (
            "part",
            r#"[[1,"goldenrod lavender spring chocolate lace","Manufacturer#1","Brand#13","PROMO BURNISHED COPPER",7,"JUMBO PKG",901.0,"ly. slyly ironi"]]"#,
        ),
        (
            "partsupp",
            r#"[[1,2,3325,771.64,", even theodolites. regular, final theodolites eat after the carefully pending foxes. furiously regular deposits sleep slyly. carefully bold realms above the ironic dependencies haggle careful"]]"#,
        ),
        (
            "region",
            r#"[[0,"AFRICA","lar deposits. blithely final packages cajole. regular waters are final requests. regular accounts are according to "]]"#,
        ),
        (
            "supplier",
            r#"[[1,"Supplier#000000001"," N kD4on9OM Ipw3,gf0JBoQDd7tgrzrddZ",17,"27-918-335-1736",5755.94,"each slyly above the careful"]]"#,
        ),
    ] {
        assert_eq!(first(table).await, row, "{table}");
    }
}

#[tokio::test]
async fn sums_are_presto_s() {
    let tables: [(&str, &[(&str, f64)]); 8] = [
        (
            "customer",
            &[
                ("nationkey", 17_784.0),
                ("acctbal", 6_681_865.59),
                ("address", 37_090.0),
                ("comment", 109_800.0),
            ],
        ),
        (
            "lineitem",
            &[
                ("comment", 1_598_371.0),
                ("orderkey", 1_802_759_573.0),
                ("partkey", 60_337_552.0),
                ("linenumber", 180_782.0),
                ("quantity", 1_536_127.0),
                ("extendedprice", 2_152_189_760.47),
                ("tax", 2_420.51),
                ("receiptdate", 560_325_038.0),
                ("shipinstruct", 722_163.0),
            ],
        ),
        (
            "nation",
            &[
                ("nationkey", 300.0),
                ("regionkey", 50.0),
                ("comment", 1_857.0),
            ],
        ),
        (
            "orders",
            &[
                ("orderkey", 449_872_500.0),
                ("custkey", 11_331_746.0),
                ("totalprice", 2_127_396_830.02),
                ("orderdate", 138_579_435.0),
                ("comment", 727_364.0),
            ],
        ),
        (
            "part",
            &[
                ("size", 50_511.0),
                ("retailprice", 2_800_992.0),
                ("name", 65_314.0),
                ("comment", 27_173.0),
            ],
        ),
        (
            "partsupp",
            &[
                ("suppkey", 404_000.0),
                ("availqty", 40_079_419.0),
                ("supplycost", 3_957_437.38),
                ("comment", 992_530.0),
            ],
        ),
        (
            "region",
            &[("regionkey", 10.0), ("name", 34.0), ("comment", 330.0)],
        ),
        (
            "supplier",
            &[
                ("nationkey", 1_322.0),
                ("acctbal", 400_930.0),
                ("address", 2_537.0),
                ("comment", 6_115.0),
            ],
        ),
    ];
    for (table, expected) in tables {
        let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
        for (sum, (column, wanted)) in sums(table, &names).await.into_iter().zip(expected) {
            assert!((sum - wanted).abs() < 0.01, "{table}.{column}: {sum}");
        }
    }
}

async fn counted(schema: &str, table: &str, expected: usize) {
    let batches = read(schema, table, &[], None).await;
    assert_eq!(rows(&batches), expected, "{schema}.{table}");
    let provider = TpchCatalog.table(schema, table).unwrap().rows;
    let statistics = provider.statistics().unwrap();
    assert_eq!(statistics.num_rows, Precision::Exact(expected));
}

#[tokio::test]
async fn tiny_has_as_many_rows_as_presto_s() {
    for (table, expected) in [
        ("customer", 1_500),
        ("lineitem", 60_175),
        ("nation", 25),
        ("orders", 15_000),
        ("part", 2_000),
        ("partsupp", 8_000),
        ("region", 5),
        ("supplier", 100),
    ] {
        counted("tiny", table, expected).await;
    }
}

#[tokio::test]
async fn sf1_has_as_many_rows_as_presto_s() {
    for (table, expected) in [
        ("customer", 150_000),
        ("lineitem", 6_001_215),
        ("nation", 25),
        ("orders", 1_500_000),
        ("part", 200_000),
        ("partsupp", 800_000),
        ("region", 5),
        ("supplier", 10_000),
    ] {
        counted("sf1", table, expected).await;
    }
}

#[tokio::test]
async fn parts_are_the_whole() {
    let (context, plan) = scan("sf1", "part", &[0], None).await;
    assert_eq!(plan.properties().partitioning.partition_count(), 3);
    let batches = collect(plan, context.task_ctx()).await.unwrap();
    let keys = batches.iter().map(|batch| batch.column(0));
    let mut keys: Vec<i64> = keys
        .flat_map(|keys| keys.as_primitive::<Int64Type>().values().to_vec())
        .collect();
    keys.sort_unstable();
    assert!(keys.into_iter().eq(1..=200_000));
    let (_, small) = scan("tiny", "lineitem", &[0], None).await;
    assert_eq!(small.properties().partitioning.partition_count(), 1);
}

#[tokio::test]
async fn only_what_is_asked_for_is_read() {
    for (projection, names) in [
        (vec![], vec![]),
        (vec![14, 3], vec!["shipmode", "linenumber"]),
    ] {
        let batches = read("sf1", "lineitem", &projection, Some(20_000)).await;
        assert_eq!(rows(&batches), 20_000);
        for batch in batches {
            let schema = batch.schema();
            let fields: Vec<_> = schema.fields().iter().map(|field| field.name()).collect();
            assert_eq!(fields, names);
            assert!(batch.num_rows() <= 8_192);
        }
    }
    assert_eq!(rows(&read("tiny", "region", &[0], Some(0)).await), 0);
    assert_eq!(rows(&read("tiny", "region", &[0], Some(9)).await), 5);
}

#[tokio::test]
async fn statistics_say_what_joins_are_ordered_by() {
    let of = async |schema: &str, table: &str, projection: &[usize], limit| {
        let (_, plan) = scan(schema, table, projection, limit).await;
        StatisticsContext::new()
            .compute(plan.as_ref(), &StatisticsArgs::new())
            .unwrap()
    };
    let orders = of("sf1", "orders", &[1], None).await;
    assert_eq!(orders.num_rows, Precision::Exact(1_500_000));
    let keys = &orders.column_statistics[0];
    assert_eq!(keys.distinct_count, Precision::Inexact(150_000));
    assert_eq!(keys.null_count, Precision::Exact(0));
    let lines = of("sf1", "lineitem", &[0], None).await;
    assert!(lines.total_byte_size.get_value() > orders.total_byte_size.get_value());
    let few = of("sf1", "lineitem", &[], Some(10)).await;
    assert_eq!(few.num_rows, Precision::Exact(10));
}

/// Every batch is a moment in which a query can be cancelled, and others run.
#[tokio::test]
async fn generating_makes_way_for_others() {
    let (context, plan) = scan("tiny", "lineitem", &[0], None).await;
    let mut stream = plan.execute(0, context.task_ctx()).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    let mut waits = 0;
    let mut batches = 0;
    loop {
        let next = pin!(futures::StreamExt::next(&mut stream)).poll(&mut cx);
        match next {
            Poll::Pending => waits += 1,
            Poll::Ready(Some(batch)) => batches += usize::from(batch.is_ok()),
            Poll::Ready(None) => break,
        }
    }
    assert_eq!(batches, 8);
    assert!(waits >= batches, "{waits}");
}
