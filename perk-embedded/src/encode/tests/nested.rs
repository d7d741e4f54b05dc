//! Arrays, maps and rows.

use datafusion::arrow::array::{ListArray, MapArray};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::cast;

use super::*;

#[test]
fn arrays_of_any_kind() {
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![
        Some(vec![Some(1), None, Some(3)]),
        Some(vec![]),
        None,
        Some(vec![Some(4)]),
    ]);
    let written = "[[[1,null,3]],[[]],[null],[[4]]]";
    assert_eq!(cells("array(integer)", list.clone()), written);
    // Cut out of a larger one, of numbers that are held in another width.
    assert_eq!(cells("array(bigint)", list.slice(2, 2)), "[[null],[[4]]]");
    let field = Arc::new(Field::new("element", DataType::Int32, true));
    for form in [
        DataType::LargeList(field.clone()),
        DataType::ListView(field),
    ] {
        let array = cast(&list, &form).unwrap();
        assert_eq!(cells("array(integer)", array), written, "{form}");
    }
}

fn map_of(keys: ArrayRef, values: ArrayRef, ends: &[i32]) -> MapArray {
    let fields = Fields::from(vec![
        Field::new("keys", keys.data_type().clone(), false),
        Field::new("values", values.data_type().clone(), true),
    ]);
    let entries = StructArray::new(fields, vec![keys, values], None);
    let field = Arc::new(Field::new("entries", entries.data_type().clone(), false));
    let offsets = OffsetBuffer::new(ends.to_vec().into());
    MapArray::new(field, offsets, entries, None, false)
}

#[test]
fn maps_are_objects_in_their_own_order() {
    let keys = StringArray::from(vec!["b", "a\"", "c"]);
    let values = Int32Array::from(vec![Some(1), None, Some(3)]);
    let map = map_of(Arc::new(keys), Arc::new(values), &[0, 2, 2, 3]);
    assert_eq!(
        cells("map(varchar, integer)", map),
        r#"[[{"b":1,"a\"":null}],[{}],[{"c":3}]]"#
    );
}

#[test]
fn keys_are_strings_whatever_they_are() {
    let one = || Arc::new(Int32Array::from(vec![1])) as ArrayRef;
    let written = |text: &str, key: ArrayRef| {
        let cells = cells(
            &format!("map({text}, integer)"),
            map_of(key, one(), &[0, 1]),
        );
        cells[3..cells.len() - 5].to_owned()
    };
    let double = |value| Arc::new(Float64Array::from(vec![value]));
    assert_eq!(written("integer", one()), r#""1""#);
    assert_eq!(written("double", double(1.0)), r#""1.0""#);
    assert_eq!(written("double", double(f64::NAN)), r#""NaN""#);
    assert_eq!(
        written("boolean", Arc::new(BooleanArray::from(vec![true]))),
        r#""true""#
    );
    assert_eq!(
        written("date", Arc::new(Date32Array::from(vec![0]))),
        r#""1970-01-01""#
    );
    assert_eq!(
        written("char(3)", Arc::new(StringArray::from(vec!["a"]))),
        r#""a  ""#
    );
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some([Some(1), None])]);
    assert_eq!(written("array(integer)", Arc::new(list)), r#""[1, null]""#);
    let text = Arc::new(StringArray::from(vec!["x\"y"])) as ArrayRef;
    let date = Arc::new(Date32Array::from(vec![0])) as ArrayRef;
    let fields = ["a", "b", "c"].map(|name| Arc::new(Field::new(name, DataType::Null, true)));
    let columns = [one(), text, date];
    let fields = fields.iter().zip(&columns).map(|(field, column)| {
        Arc::new(Field::clone(field).with_data_type(column.data_type().clone()))
    });
    let row = StructArray::new(fields.collect(), columns.to_vec(), None);
    assert_eq!(
        written("row(integer, varchar, date)", Arc::new(row)),
        r#""[1, x\"y, 1970-01-01]""#
    );
    let inner = map_of(one(), one(), &[0, 1]);
    assert_eq!(
        written("map(integer, integer)", Arc::new(inner)),
        r#""{1=1}""#
    );
}

#[test]
fn rows_go_by_place() {
    // Both fields have the same name, and neither is held as its type would be.
    let fields = Fields::from(vec![
        Field::new("x", DataType::Int32, true),
        Field::new("x", DataType::Utf8View, true),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from(vec![Some(1), None, Some(3)])),
        Arc::new(StringViewArray::from(vec![Some("a"), Some("b"), None])),
    ];
    let nulls = NullBuffer::from(vec![true, true, false]);
    let row = StructArray::new(fields, columns, Some(nulls));
    assert_eq!(
        cells("row(bigint, varchar(1))", row.slice(1, 2)),
        r#"[[[null,"b"]],[null]]"#
    );
    assert_eq!(
        cells("row(bigint, varchar(1))", row),
        r#"[[[1,"a"]],[[null,"b"]],[null]]"#
    );
}
