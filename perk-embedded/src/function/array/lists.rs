//! Columns of arrays, and others made of their elements.
//!
//! Elements are chosen by their places and taken all at once, so that no function here needs to know of what type they
//! are. Where they are compared it is by their form as bytes (`arrow::row`), in which NULL equals NULL.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::{concat, take};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::DataFusionError;

use crate::error::{Error, Kind, Result};
use crate::function::Call;

/// Elements of one array by their places among all of a column; `None` is NULL.
pub(crate) type Places = Vec<Option<usize>>;

/// Of Arrow's own code, which fails only if this crate's is wrong.
pub(crate) fn arrow<T>(result: std::result::Result<T, ArrowError>) -> Result<T> {
    result.map_err(|error| DataFusionError::from(error).into())
}

/// A call's argument that is a column of arrays.
pub(crate) fn list<'a>(call: &Call<'a>, argument: usize) -> &'a ListArray {
    call.arguments[argument].as_list()
}

/// Where the elements of a row's array are among all; none where it is NULL.
pub(crate) fn range(list: &ListArray, row: usize) -> Option<Range<usize>> {
    list.is_valid(row).then(|| {
        let offsets = list.value_offsets();
        index(offsets[row])..index(offsets[row + 1])
    })
}

pub(crate) fn index(offset: i32) -> usize {
    usize::try_from(offset).unwrap_or_default()
}

/// Whether a value is NULL. Arrow says of a column without a type that none is.
pub(crate) fn is_null(values: &ArrayRef, place: usize) -> bool {
    *values.data_type() == DataType::Null || values.is_null(place)
}

/// A count as SQL has it.
pub(crate) fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// The values at these places.
pub(crate) fn taken(
    values: &ArrayRef,
    places: impl IntoIterator<Item = Option<usize>>,
) -> Result<ArrayRef> {
    let places = places.into_iter().map(|place| match place {
        Some(place) => u32::try_from(place).map(Some).map_err(|_| too_many()),
        None => Ok(None),
    });
    let places = places.collect::<Result<UInt32Array>>()?;
    arrow(take(values, &places, None))
}

fn too_many() -> Error {
    Error::new(
        Kind::NotSupported,
        "arrays of that many elements are not supported",
    )
}

/// What a row's work gives, with a failure that `TRY` forgives made NULL.
pub(crate) fn tried<T>(call: &Call<'_>, result: Result<Option<T>>) -> Result<Option<T>> {
    match result {
        Err(error) if call.lenient && error.kind.is_tried() => Ok(None),
        result => result,
    }
}

/// A column of single elements of `values`.
pub(crate) fn choose(
    call: &Call<'_>,
    values: &ArrayRef,
    work: impl Fn(usize) -> Result<Option<usize>>,
) -> Result<ArrayRef> {
    let places = (0..call.rows).map(|row| tried(call, work(row)));
    taken(values, places.collect::<Result<Places>>()?)
}

/// A column of arrays of elements of `values`.
pub(crate) fn pick(
    call: &Call<'_>,
    values: &ArrayRef,
    work: impl Fn(usize) -> Result<Option<Places>>,
) -> Result<ArrayRef> {
    let mut groups = Groups::default();
    let mut places = Places::new();
    for row in 0..call.rows {
        let chosen = tried(call, work(row))?;
        groups.push(chosen.as_ref().map(Vec::len));
        places.extend(chosen.into_iter().flatten());
    }
    Ok(Arc::new(groups.list(taken(values, places)?)?))
}

/// The same, of every row whose arguments are not NULL.
pub(crate) fn pick_each(
    call: &Call<'_>,
    values: &ArrayRef,
    work: impl Fn(usize) -> Result<Places>,
) -> Result<ArrayRef> {
    pick(call, values, |row| {
        if call.arguments.iter().any(|argument| is_null(argument, row)) {
            return Ok(None);
        }
        work(row).map(Some)
    })
}

/// How many elements each row of a column has.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    lengths: Vec<usize>,
    valid: Vec<bool>,
}

impl Groups {
    /// One row more: NULL, or of so many elements.
    pub(crate) fn push(&mut self, length: Option<usize>) {
        self.lengths.push(length.unwrap_or(0));
        self.valid.push(length.is_some());
    }

    pub(crate) fn offsets(&self) -> OffsetBuffer<i32> {
        OffsetBuffer::from_lengths(self.lengths.iter().copied())
    }

    pub(crate) fn nulls(&self) -> Option<NullBuffer> {
        let nulls = NullBuffer::from(self.valid.clone());
        (nulls.null_count() > 0).then_some(nulls)
    }

    /// Where each row's elements are.
    pub(crate) fn ranges(&self) -> Vec<Range<usize>> {
        let offsets = self.offsets();
        offsets
            .windows(2)
            .map(|pair| index(pair[0])..index(pair[1]))
            .collect()
    }

    /// A column of arrays of these elements.
    pub(crate) fn list(&self, values: ArrayRef) -> Result<ListArray> {
        let field = Field::new_list_field(values.data_type().clone(), true);
        arrow(ListArray::try_new(
            Arc::new(field),
            self.offsets(),
            values,
            self.nulls(),
        ))
    }
}

/// All elements of a column's arrays or maps, without those that belong to none.
pub(crate) struct Flat {
    /// Where they are among all that the column holds.
    pub(crate) places: Places,
    /// Of which row each is.
    pub(crate) rows: Vec<usize>,
    pub(crate) groups: Groups,
}

impl Flat {
    pub(crate) fn of_list(list: &ListArray) -> Self {
        Self::new((0..list.len()).map(|row| range(list, row)))
    }

    pub(crate) fn new(ranges: impl Iterator<Item = Option<Range<usize>>>) -> Self {
        let mut groups = Groups::default();
        let (mut places, mut rows) = (Places::new(), Vec::new());
        for (row, range) in ranges.enumerate() {
            groups.push(range.as_ref().map(ExactSizeIterator::len));
            let range = range.unwrap_or_default();
            rows.extend(range.clone().map(|_| row));
            places.extend(range.map(Some));
        }
        Self {
            places,
            rows,
            groups,
        }
    }

    /// The elements themselves, of all that the column holds.
    pub(crate) fn taken(&self, values: &ArrayRef) -> Result<ArrayRef> {
        taken(values, self.places.iter().copied())
    }

    /// Where each row's elements are among these; nothing where it is NULL.
    pub(crate) fn ranges(&self) -> Vec<Range<usize>> {
        self.groups.ranges()
    }
}

/// Values in a form that can be compared, also of nested types.
pub(crate) fn comparable(values: &ArrayRef) -> Result<Rows> {
    let converter = arrow(RowConverter::new(vec![SortField::new(
        values.data_type().clone(),
    )]))?;
    arrow(converter.convert_columns(std::slice::from_ref(values)))
}

/// Two columns of values one behind the other, so that a place says which of both is meant.
pub(crate) struct Both {
    pub(crate) values: ArrayRef,
    pub(crate) keys: Rows,
    /// Where the second column begins.
    pub(crate) second: usize,
}

impl Both {
    pub(crate) fn new(first: &ArrayRef, second: &ArrayRef) -> Result<Self> {
        let values = arrow(concat(&[first.as_ref(), second.as_ref()]))?;
        Ok(Self {
            keys: comparable(&values)?,
            values,
            second: first.len(),
        })
    }

    /// Places in the second column as they are here.
    pub(crate) fn shifted(&self, range: &Range<usize>) -> Range<usize> {
        range.start + self.second..range.end + self.second
    }
}

/// Arrow's type of a list's elements.
pub(crate) fn element(kind: &DataType) -> DataType {
    match kind {
        DataType::List(field) => field.data_type().clone(),
        other => other.clone(),
    }
}
