//! Columns of arrays, and others made of their elements.
//!
//! Elements are chosen by their places and taken all at once, so that no function here needs to know of what type they
//! are. Where they are compared it is by their form as bytes (`arrow::row`), in which NULL equals NULL.
//!
//! | | |
//! |---|---|
//! | [`comparable`], [`Both`] | for equality |
//! | [`sortable`] | for order |

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayBuilder, ArrayRef, AsArray, ListArray, MapArray, UInt32Array, UInt32Builder,
    make_array,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::{concat, take};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::DataFusionError;
use datafusion::common::utils::normalize_float_zero;

use crate::error::Result;
use crate::function::{Call, budget};

/// Elements of one row's array by their places among all of a column; `None` is NULL.
pub(crate) type Chosen = Vec<Option<usize>>;

/// The same of all rows, in the form that Arrow takes them in. How many there may be is for [`Groups`] to say.
#[derive(Debug, Default)]
pub(crate) struct Places(UInt32Builder);

impl Places {
    pub(crate) fn push(&mut self, place: Option<usize>) {
        // What Arrow can hold of a column's elements is less.
        let place = place.map(|place| u32::try_from(place).unwrap_or(u32::MAX));
        self.0.append_option(place);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Extend<Option<usize>> for Places {
    fn extend<I: IntoIterator<Item = Option<usize>>>(&mut self, places: I) {
        places.into_iter().for_each(|place| self.push(place));
    }
}

impl FromIterator<Option<usize>> for Places {
    fn from_iter<I: IntoIterator<Item = Option<usize>>>(places: I) -> Self {
        let mut all = Self::default();
        all.extend(places);
        all
    }
}

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
pub(crate) fn taken(values: &ArrayRef, places: Places) -> Result<ArrayRef> {
    let Places(mut places) = places;
    let places = places.finish();
    budget::bytes(text_length(values, &places))?;
    arrow(take(values, &places, None))
}

/// How many bytes of text are at these places.
fn text_length(values: &ArrayRef, places: &UInt32Array) -> usize {
    let sum = |length: &dyn Fn(usize) -> usize| {
        let places = places.iter().flatten();
        places
            .filter_map(|place| usize::try_from(place).ok())
            .map(length)
            .sum()
    };
    match values.data_type() {
        DataType::Utf8 => {
            let texts = values.as_string::<i32>();
            sum(&|place| index(texts.value_length(place)))
        }
        DataType::Binary => {
            let bytes = values.as_binary::<i32>();
            sum(&|place| index(bytes.value_length(place)))
        }
        _ => 0,
    }
}

/// The column with these others in the places of those rows.
pub(crate) fn replaced(values: &ArrayRef, rows: &[usize], others: &ArrayRef) -> Result<ArrayRef> {
    if rows.is_empty() {
        return Ok(values.clone());
    }
    let mut places: Vec<usize> = (0..values.len()).collect();
    for (place, &row) in rows.iter().enumerate() {
        places[row] = values.len() + place;
    }
    let all = arrow(concat(&[values.as_ref(), others.as_ref()]))?;
    taken(&all, places.into_iter().map(Some).collect())
}

/// Whether an argument is NULL.
pub(crate) fn has_null(call: &Call<'_>, row: usize) -> bool {
    let mut arguments = call.arguments.iter();
    arguments.any(|argument| is_null(argument, row))
}

/// A column of single elements of `values`.
pub(crate) fn choose(
    call: &Call<'_>,
    values: &ArrayRef,
    work: impl Fn(usize) -> Result<Option<usize>>,
) -> Result<ArrayRef> {
    let places = (0..call.rows).map(work);
    taken(values, places.collect::<Result<_>>()?)
}

/// A column of arrays of elements of `values`.
pub(crate) fn pick(
    call: &Call<'_>,
    values: &ArrayRef,
    work: impl Fn(usize) -> Result<Option<Chosen>>,
) -> Result<ArrayRef> {
    let mut groups = Groups::default();
    let mut places = Places::default();
    for row in 0..call.rows {
        let chosen = work(row)?;
        groups.push(chosen.as_ref().map(Vec::len))?;
        places.extend(chosen.into_iter().flatten());
    }
    Ok(Arc::new(groups.list(taken(values, places)?)?))
}

/// The same, of every row whose arguments are not NULL.
pub(crate) fn pick_each(
    call: &Call<'_>,
    values: &ArrayRef,
    work: impl Fn(usize) -> Result<Chosen>,
) -> Result<ArrayRef> {
    pick(call, values, |row| {
        if has_null(call, row) {
            return Ok(None);
        }
        work(row).map(Some)
    })
}

/// The column with no more elements than its rows have: a slice of another has all of that one's.
pub(crate) fn compacted(column: &ArrayRef) -> Result<ArrayRef> {
    let inside = |offsets: &OffsetBuffer<i32>| {
        let ends = offsets.first().zip(offsets.last());
        let (first, last) = ends.map_or((0, 0), |(first, last)| (index(*first), index(*last)));
        (first, last - first)
    };
    Ok(match column.data_type() {
        DataType::List(field) => {
            let list = column.as_list::<i32>();
            let (first, length) = inside(list.offsets());
            if length == list.values().len() {
                return Ok(column.clone());
            }
            let offsets = OffsetBuffer::from_lengths(list.offsets().lengths());
            let values = list.values().slice(first, length);
            let nulls = list.nulls().cloned();
            Arc::new(arrow(ListArray::try_new(
                field.clone(),
                offsets,
                values,
                nulls,
            ))?)
        }
        DataType::Map(field, sorted) => {
            let map = column.as_map();
            let (first, length) = inside(map.offsets());
            if length == map.entries().len() {
                return Ok(column.clone());
            }
            let offsets = OffsetBuffer::from_lengths(map.offsets().lengths());
            let entries = map.entries().slice(first, length);
            let (field, nulls) = (field.clone(), map.nulls().cloned());
            Arc::new(arrow(MapArray::try_new(
                field, offsets, entries, nulls, *sorted,
            ))?)
        }
        _ => column.clone(),
    })
}

/// How many elements each row of a column has.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    lengths: Vec<usize>,
    valid: Vec<bool>,
    elements: usize,
}

impl Groups {
    /// One row more: NULL, or of so many elements. Fails before there are too many, so that it had better be said before
    /// they are made.
    pub(crate) fn push(&mut self, length: Option<usize>) -> Result<()> {
        self.lengths.push(length.unwrap_or(0));
        self.valid.push(length.is_some());
        self.elements += length.unwrap_or(0);
        budget::elements(self.elements)
    }

    pub(crate) fn is_valid(&self, row: usize) -> bool {
        self.valid[row]
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
    places: Vec<Range<usize>>,
    /// Of which row each is.
    pub(crate) rows: Vec<usize>,
    pub(crate) groups: Groups,
}

impl Flat {
    pub(crate) fn of_list(list: &ListArray) -> Result<Self> {
        Self::new((0..list.len()).map(|row| range(list, row)))
    }

    pub(crate) fn new(ranges: impl Iterator<Item = Option<Range<usize>>>) -> Result<Self> {
        let mut groups = Groups::default();
        let (mut places, mut rows) = (Vec::new(), Vec::new());
        for (row, range) in ranges.enumerate() {
            groups.push(range.as_ref().map(ExactSizeIterator::len))?;
            let range = range.unwrap_or_default();
            rows.extend(std::iter::repeat_n(row, range.len()));
            places.push(range);
        }
        Ok(Self {
            places,
            rows,
            groups,
        })
    }

    /// The elements themselves, of all that the column holds.
    pub(crate) fn taken(&self, values: &ArrayRef) -> Result<ArrayRef> {
        let places = self.places.iter().cloned().flatten();
        taken(values, places.map(Some).collect())
    }

    /// Where each row's elements are among these; nothing where it is NULL.
    pub(crate) fn ranges(&self) -> Vec<Range<usize>> {
        self.groups.ranges()
    }
}

/// Values in a form that shows whether they are equal, also of nested types.
pub(crate) fn comparable(values: &ArrayRef) -> Result<Rows> {
    sortable(&with_one_zero(values)?)
}

/// SQL's equality knows one zero, IEEE's order two.
fn with_one_zero(values: &ArrayRef) -> Result<ArrayRef> {
    let data = values.to_data();
    if data.child_data().is_empty() {
        return Ok(normalize_float_zero(values));
    }
    let inside = data.child_data().iter();
    let inside = inside
        .map(|child| Ok(with_one_zero(&make_array(child.clone()))?.to_data()))
        .collect::<Result<_>>()?;
    let data = arrow(data.into_builder().child_data(inside).build())?;
    Ok(make_array(data))
}

/// Values in a form that shows which comes before which, also of nested types.
pub(crate) fn sortable(values: &ArrayRef) -> Result<Rows> {
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
        Self::with(comparable, first, second)
    }

    /// With two zeros, 0.0 and -0.0: what a map is looked up by.
    pub(crate) fn of_keys(first: &ArrayRef, second: &ArrayRef) -> Result<Self> {
        Self::with(sortable, first, second)
    }

    fn with(
        keys: fn(&ArrayRef) -> Result<Rows>,
        first: &ArrayRef,
        second: &ArrayRef,
    ) -> Result<Self> {
        let values = arrow(concat(&[first.as_ref(), second.as_ref()]))?;
        Ok(Self {
            keys: keys(&values)?,
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
