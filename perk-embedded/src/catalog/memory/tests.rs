use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, StringArray, StringViewArray,
    StructArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Fields, Int64Type, Schema};
use datafusion::physical_plan::collect;
use datafusion::prelude::SessionContext;

use super::*;
use crate::types::parse::parse;

/// More bytes than any of these tests needs.
const ROOM: usize = 256 << 20;

fn columns(columns: &[(&str, &str)]) -> Vec<(String, Type)> {
    let column = |(name, kind): &(&str, &str)| ((*name).to_owned(), parse(kind).unwrap());
    columns.iter().map(column).collect()
}

fn batch(columns: Vec<ArrayRef>) -> RecordBatch {
    let field = |column: &ArrayRef| Field::new("c", column.data_type().clone(), true);
    let fields: Fields = columns.iter().map(field).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

fn numbers(numbers: impl IntoIterator<Item = i64>) -> RecordBatch {
    batch(vec![Arc::new(Int64Array::from_iter_values(numbers))])
}

fn with_table(limit: usize) -> Memory {
    let memory = Memory::new("memory", limit);
    let made = memory.create_table("default", "t", columns(&[("n", "bigint")]), IfExists::Fail);
    assert_eq!(made, Ok(true));
    memory
}

fn insert(memory: &Memory, rows: &RecordBatch) -> Result<usize> {
    let mut insert = memory.insert("default", "t")?;
    insert.append(rows)?;
    insert.commit()
}

fn snapshot(memory: &Memory) -> Arc<dyn datafusion::catalog::TableProvider> {
    memory.table("default", "t").unwrap().snapshot()
}

async fn read(table: Arc<dyn datafusion::catalog::TableProvider>) -> Vec<RecordBatch> {
    let context = SessionContext::new();
    let plan = table.scan(&context.state(), None, &[], None).await.unwrap();
    collect(plan, context.task_ctx()).await.unwrap()
}

async fn sum(table: Arc<dyn datafusion::catalog::TableProvider>) -> i64 {
    let batches = read(table).await;
    let columns = batches.iter().map(|batch| batch.column(0));
    let values = columns.flat_map(|column| column.as_primitive::<Int64Type>().values().to_vec());
    values.sum()
}

#[test]
fn schemas_come_and_go() {
    let memory = Memory::new("memory", ROOM);
    assert_eq!(memory.schemas(), ["default"]);
    assert_eq!(memory.create_schema("s", IfExists::Fail), Ok(true));
    assert_eq!(memory.create_schema("s", IfExists::Keep), Ok(false));
    let again = memory.create_schema("s", IfExists::Fail).unwrap_err();
    assert_eq!(again.message, "Schema 'memory.s' already exists");
    assert_eq!(memory.schemas(), ["default", "s"]);
    assert!(memory.has_schema("s"));
    let kept = memory.create_table("s", "t", columns(&[("n", "bigint")]), IfExists::Fail);
    assert_eq!(kept, Ok(true));
    assert!(memory.drop_schema("s", IfMissing::Ignore).is_err());
    assert_eq!(memory.drop_table("s", "t", IfMissing::Fail), Ok(true));
    assert_eq!(memory.drop_schema("s", IfMissing::Fail), Ok(true));
    assert_eq!(memory.drop_schema("s", IfMissing::Ignore), Ok(false));
    let gone = memory.drop_schema("s", IfMissing::Fail).unwrap_err();
    assert_eq!(gone.kind, Kind::SchemaNotFound);
    assert_eq!(memory.tables("s"), None);
}

#[test]
fn tables_keep_their_types() {
    let memory = Memory::new("memory", ROOM);
    let wanted = columns(&[
        ("a", "varchar(5)"),
        ("b", "char(3)"),
        ("c", "row(x bigint,varchar(2))"),
        ("d", "json"),
    ]);
    let make = |if_exists| memory.create_table("default", "t", wanted.clone(), if_exists);
    assert_eq!(make(IfExists::Fail), Ok(true));
    assert_eq!(make(IfExists::Keep), Ok(false));
    assert_eq!(
        make(IfExists::Fail).unwrap_err().message,
        "Table 'memory.default.t' already exists"
    );
    let own = memory.table("default", "t").unwrap().columns().into_iter();
    let own: Vec<_> = own.map(|column| (column.name, column.kind)).collect();
    assert_eq!(own, wanted);
    assert_eq!(memory.tables("default").unwrap(), ["t"]);
    let nowhere = memory.create_table("nosuch", "t", wanted.clone(), IfExists::Keep);
    assert_eq!(nowhere.unwrap_err().message, "Schema nosuch not found");
    let other = memory.rename_table(("default", "t"), ("default", "u"));
    assert_eq!(other, Ok(()));
    assert!(memory.table("default", "t").is_none());
    assert!(
        memory
            .rename_table(("default", "t"), ("default", "v"))
            .is_err()
    );
    assert!(
        memory
            .rename_table(("default", "u"), ("default", "u"))
            .is_err()
    );
    assert!(
        memory
            .rename_table(("default", "u"), ("nosuch", "u"))
            .is_err()
    );
    let drop = |if_missing| memory.drop_table("default", "u", if_missing);
    assert_eq!(drop(IfMissing::Fail), Ok(true));
    assert_eq!(drop(IfMissing::Ignore), Ok(false));
    assert_eq!(drop(IfMissing::Fail).unwrap_err().kind, Kind::TableNotFound);
}

#[tokio::test]
async fn an_insert_is_seen_as_a_whole_and_only_when_it_is_over() {
    let memory = with_table(ROOM);
    let empty = snapshot(&memory);
    let mut running = memory.insert("default", "t").unwrap();
    running.append(&numbers(0..10)).unwrap();
    running.append(&numbers(10..20)).unwrap();
    let during = snapshot(&memory);
    assert_eq!(running.commit(), Ok(20));
    let after = snapshot(&memory);
    assert_eq!(sum(empty).await, 0);
    assert_eq!(sum(during).await, 0);
    // What was begun to be read stays, though the table is emptied and dropped.
    assert_eq!(memory.delete_all("default", "t"), Ok(20));
    assert_eq!(memory.drop_table("default", "t", IfMissing::Fail), Ok(true));
    assert_eq!(sum(after).await, 190);
}

#[tokio::test]
async fn an_insert_that_is_given_up_leaves_nothing() {
    let memory = with_table(ROOM);
    assert_eq!(insert(&memory, &numbers(0..10)), Ok(10));
    let used = memory.used();
    let mut given_up = memory.insert("default", "t").unwrap();
    given_up.append(&numbers(0..100_000)).unwrap();
    assert!(memory.used() > used + 100_000);
    drop(given_up);
    assert_eq!(memory.used(), used);
    assert_eq!(sum(snapshot(&memory)).await, 45);
}

#[tokio::test]
async fn rows_from_the_table_itself_are_those_from_before() {
    let memory = with_table(ROOM);
    assert_eq!(insert(&memory, &numbers(0..10)), Ok(10));
    for doubled in 1..5 {
        let table = snapshot(&memory);
        let mut running = memory.insert("default", "t").unwrap();
        for batch in read(table).await {
            running.append(&batch).unwrap();
        }
        running.commit().unwrap();
        assert_eq!(sum(snapshot(&memory)).await, 45 << doubled);
    }
}

#[test]
fn a_dropped_table_gets_no_rows() {
    let memory = with_table(ROOM);
    let mut late = memory.insert("default", "t").unwrap();
    late.append(&numbers(0..10)).unwrap();
    memory.drop_table("default", "t", IfMissing::Fail).unwrap();
    // Another of the same name is another.
    let again = memory.create_table("default", "t", columns(&[("n", "bigint")]), IfExists::Fail);
    assert_eq!(again, Ok(true));
    assert_eq!(late.commit().unwrap_err().kind, Kind::TableNotFound);
    assert_eq!(memory.table("default", "t").unwrap().count(), 0);
    assert_eq!(memory.used(), 0);
}

#[test]
fn a_table_of_a_query_is_there_with_its_rows() {
    let memory = Memory::new("memory", ROOM);
    let begin = || memory.create_table_as("default", "t", columns(&[("n", "bigint")]));
    let (mut first, mut second) = (begin().unwrap(), begin().unwrap());
    first.append(&numbers(0..10)).unwrap();
    second.append(&numbers(0..20)).unwrap();
    assert!(memory.table("default", "t").is_none());
    assert_eq!(second.commit(), Ok(20));
    assert!(first.commit().is_err());
    assert!(begin().is_err());
    assert!(memory.create_table_as("nosuch", "t", vec![]).is_err());
    assert_eq!(memory.table("default", "t").unwrap().count(), 20);
}

#[test]
fn there_is_a_bound_over_all_tables() {
    let memory = with_table(1 << 20);
    let other = memory.create_table("default", "u", columns(&[("n", "bigint")]), IfExists::Fail);
    assert_eq!(other, Ok(true));
    assert_eq!(insert(&memory, &numbers(0..100_000)), Ok(100_000));
    let mut more = memory.insert("default", "u").unwrap();
    more.append(&numbers(0..20_000)).unwrap();
    let full = more.append(&numbers(0..20_000)).unwrap_err();
    assert_eq!(full.kind, Kind::MemoryTables);
    assert_eq!(
        full.message,
        "Memory limit [1048576] for memory connector exceeded"
    );
    drop(more);
    assert_eq!(memory.delete_all("default", "t"), Ok(100_000));
    assert_eq!(memory.used(), 0);
    assert_eq!(insert(&memory, &numbers(0..100_000)), Ok(100_000));
    memory.drop_table("default", "t", IfMissing::Fail).unwrap();
    assert_eq!(memory.used(), 0);
}

#[tokio::test]
async fn what_is_read_keeps_its_room() {
    let memory = with_table(ROOM);
    insert(&memory, &numbers(0..100)).unwrap();
    let (used, reading) = (memory.used(), snapshot(&memory));
    // Neither is put together with what is read, nor does it go with the table.
    insert(&memory, &numbers([7])).unwrap();
    let (both, longer) = (memory.used(), snapshot(&memory));
    assert!(both > used);
    memory.drop_table("default", "t", IfMissing::Fail).unwrap();
    assert_eq!(memory.used(), both);
    drop(longer);
    assert_eq!(memory.used(), used);
    assert_eq!(sum(reading.clone()).await, 99 * 50);
    drop(reading);
    assert_eq!(memory.used(), 0);
}

#[test]
fn a_table_gets_its_rows_by_any_name() {
    let memory = with_table(ROOM);
    memory.create_schema("other", IfExists::Fail).unwrap();
    let mut running = memory.insert("default", "t").unwrap();
    running.append(&numbers(0..10)).unwrap();
    let renamed = memory.rename_table(("default", "t"), ("other", "u"));
    assert_eq!(renamed, Ok(()));
    assert_eq!(running.commit(), Ok(10));
    assert_eq!(memory.table("other", "u").unwrap().count(), 10);
}

#[tokio::test]
async fn many_small_inserts_make_few_batches() {
    let memory = with_table(ROOM);
    for n in 0..500 {
        insert(&memory, &numbers([n])).unwrap();
    }
    assert_eq!(insert(&memory, &numbers([])), Ok(0));
    let batches = read(snapshot(&memory)).await;
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0].num_rows(), 500);
    assert!(memory.used() < 10_000, "{}", memory.used());
    assert_eq!(sum(snapshot(&memory)).await, 499 * 250);
    memory.delete_all("default", "t").unwrap();
    assert_eq!(memory.used(), 0);
}

#[test]
fn a_slice_does_not_keep_the_whole() {
    let memory = with_table(ROOM);
    let large = numbers(0..100_000);
    assert_eq!(insert(&memory, &large.slice(500, 10)), Ok(10));
    assert!(memory.used() < 10_000, "{}", memory.used());
}

#[tokio::test]
async fn rows_take_the_table_s_form() {
    let memory = Memory::new("memory", ROOM);
    let wanted = columns(&[
        ("n", "bigint"),
        ("s", "varchar"),
        ("r", "row(a bigint,b varchar)"),
        ("l", "array(row(a bigint))"),
        ("m", "map(varchar,bigint)"),
    ]);
    let made = memory.create_table("default", "t", wanted.clone(), IfExists::Fail);
    assert_eq!(made, Ok(true));
    let number = || Arc::new(Int32Array::from(vec![7])) as ArrayRef;
    let text = || Arc::new(StringViewArray::from(vec!["x"])) as ArrayRef;
    // The same names in another order: places count.
    let fields = |names: &[&str], columns: &[ArrayRef]| -> Fields {
        let field = |(name, column): (&&str, &ArrayRef)| {
            Field::new(*name, column.data_type().clone(), false)
        };
        names.iter().zip(columns).map(field).collect()
    };
    let row = StructArray::new(
        fields(&["b", "a"], &[number(), text()]),
        vec![number(), text()],
        None,
    );
    let inner = StructArray::new(fields(&["$0"], &[number()]), vec![number()], None);
    let element = Arc::new(Field::new("element", inner.data_type().clone(), false));
    let offsets = datafusion::arrow::buffer::OffsetBuffer::new(vec![0, 1].into());
    let list =
        datafusion::arrow::array::ListArray::new(element, offsets.clone(), Arc::new(inner), None);
    let key = Arc::new(StringArray::from(vec!["k"])) as ArrayRef;
    let entries = StructArray::new(
        fields(&["keys", "values"], &[key.clone(), number()]),
        vec![key, number()],
        None,
    );
    let field = Arc::new(Field::new("entries", entries.data_type().clone(), false));
    let map = datafusion::arrow::array::MapArray::new(field, offsets, entries, None, false);
    let rows = batch(vec![
        number(),
        text(),
        Arc::new(row),
        Arc::new(list),
        Arc::new(map),
    ]);
    assert_eq!(insert(&memory, &rows), Ok(1));
    let read = read(snapshot(&memory)).await.remove(0);
    for (column, (_, kind)) in read.columns().iter().zip(&wanted) {
        assert_eq!(column.data_type(), &kind.to_arrow());
    }
    let row = read.column(2).as_struct();
    assert_eq!(row.column(0).as_primitive::<Int64Type>().value(0), 7);
    assert_eq!(row.column(1).as_string::<i32>().value(0), "x");
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let memory = with_table(ROOM);
    let mut running = memory.insert("default", "t").unwrap();
    let two = batch(vec![
        Arc::new(Int64Array::from(vec![1])),
        Arc::new(Int64Array::from(vec![2])),
    ]);
    assert!(running.append(&two).is_err());
    let text = batch(vec![Arc::new(StringArray::from(vec!["x"]))]);
    assert!(running.append(&text).is_err());
    assert_eq!(running.schema().field(0).data_type(), &DataType::Int64);
    assert!(memory.insert("default", "nosuch").is_err());
    assert!(memory.delete_all("default", "nosuch").is_err());
}

#[test]
fn writers_and_readers_do_not_disturb_each_other() {
    let memory = with_table(ROOM);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    insert(&memory, &numbers(0..7)).unwrap();
                }
            });
        }
        for _ in 0..200 {
            let count = memory.table("default", "t").unwrap().count();
            assert_eq!(count % 7, 0);
        }
    });
    let table = memory.table("default", "t").unwrap();
    assert_eq!(table.count(), 4 * 50 * 7);
}
