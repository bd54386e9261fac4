//! Rows into columns, columns into files.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor, TypePtr};
use serde::Serialize;

use crate::ExportError;

/// Rows of a row group: some megabytes of memory, and enough for a column to be packed well.
const GROUP_ROWS: usize = 64 << 10;

/// What a table is called, and its columns: each in Parquet's own words, and what it means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schema {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, &'static str)],
}

impl Schema {
    /// Parquet's description of a row. A group has no semicolon after it.
    fn message(&self) -> String {
        let end = |column: &str| if column.ends_with('}') { "" } else { ";" };
        let columns = self.columns.iter().map(|(column, _)| format!("{column}{} ", end(column)));
        format!("message {} {{ {}}}", self.name, columns.collect::<String>())
    }
}

/// A file that was written.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Written {
    /// Below the export's folder.
    path: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// One value of a row, or none.
#[derive(Clone, Debug)]
pub(super) enum Cell<'a> {
    None,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(&'a str),
    /// A list of texts.
    Texts(&'a [String]),
}

macro_rules! cell_of {
    ($($type:ty => |$value:ident| $cell:expr),+ $(,)?) => {$(
        impl<'a> From<$type> for Cell<'a> {
            fn from($value: $type) -> Self {
                $cell
            }
        }
    )+};
}

cell_of!(
    bool => |value| Self::Bool(value),
    u32 => |value| Self::Int(i64::from(value)),
    i32 => |value| Self::Int(i64::from(value)),
    i64 => |value| Self::Int(value),
    f64 => |value| Self::Real(value),
    &'a str => |value| Self::Text(value),
    &'a String => |value| Self::Text(value),
    &'a [String] => |value| Self::Texts(value),
);

impl<'a, T: Into<Self>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

/// The rows of one column that wait to be written.
#[derive(Debug, Default)]
struct Column {
    values: Values,
    /// Per value or gap: 1 where there is a value.
    defined: Vec<i16>,
    /// Per value of a list: 0 where a row begins.
    repeated: Vec<i16>,
}

#[derive(Debug, Default)]
enum Values {
    #[default]
    Empty,
    Bools(Vec<bool>),
    Ints(Vec<i64>),
    Reals(Vec<f64>),
    Texts(Vec<ByteArray>),
}

/// A table under construction: the file of one partition is open at a time.
pub(super) struct Table {
    folder: PathBuf,
    schema: Schema,
    message: Option<TypePtr>,
    columns: Vec<Column>,
    rows: usize,
    open: Option<Open>,
    written: Vec<Written>,
}

struct Open {
    /// Below the export's folder.
    path: String,
    writer: SerializedFileWriter<File>,
    rows: u64,
}

impl Table {
    pub(super) fn new(folder: &Path, schema: Schema) -> Self {
        Self {
            folder: folder.to_owned(),
            schema,
            message: None,
            columns: Vec::new(),
            rows: 0,
            open: None,
            written: Vec::new(),
        }
    }

    /// The rows that follow belong to a school and a day. Those of one partition come together.
    pub(super) fn partition(&mut self, school: &str, day: &str) -> Result<(), ExportError> {
        let path = format!("{}/school={school}/day={day}/part-0.parquet", self.schema.name);
        if self.open.as_ref().is_some_and(|open| open.path == path) {
            return Ok(());
        }
        self.close()?;
        let message = self.message()?;
        let file = self.folder.join(&path);
        let refused = |source| ExportError::File { file: file.clone(), source };
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(refused)?;
        }
        let opened = File::create_new(part(&file)).map_err(refused)?;
        let properties = properties(&message);
        let writer = SerializedFileWriter::new(opened, message, properties)?;
        self.open = Some(Open { path, writer, rows: 0 });
        Ok(())
    }

    fn message(&mut self) -> Result<TypePtr, ParquetError> {
        if let Some(message) = &self.message {
            return Ok(message.clone());
        }
        let message = Arc::new(parse_message_type(&self.schema.message())?);
        let columns = SchemaDescriptor::new(message.clone()).num_columns();
        self.columns.resize_with(columns, Column::default);
        self.message = Some(message.clone());
        Ok(message)
    }

    /// Adds a row: a cell per column, in their order.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ExportError> {
        if cells.len() != self.columns.len() {
            let found = format!("a row of {} cells, not {}", cells.len(), self.columns.len());
            return Err(ParquetError::General(found).into());
        }
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell)?;
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    /// Writes the waiting rows as a row group.
    fn flush(&mut self) -> Result<(), ExportError> {
        let Some(open) = self.open.as_mut().filter(|_| self.rows > 0) else { return Ok(()) };
        let descriptor = open.writer.schema_descr().columns().to_vec();
        let mut group = open.writer.next_row_group()?;
        for (column, of) in self.columns.iter_mut().zip(&descriptor) {
            std::mem::take(column).write(of, &mut group)?;
        }
        group.close()?;
        open.rows += self.rows as u64;
        self.rows = 0;
        Ok(())
    }

    fn close(&mut self) -> Result<(), ExportError> {
        self.flush()?;
        let Some(open) = self.open.take() else { return Ok(()) };
        let Open { path, writer, rows } = open;
        let file = self.folder.join(&path);
        // The writer is told the end of the file alone.
        let written = writer.into_inner()?;
        let place = || {
            written.sync_all()?;
            let bytes = written.metadata()?.len();
            // A day on which nothing was written has no file.
            match rows {
                0 => std::fs::remove_file(part(&file))?,
                _ => std::fs::rename(part(&file), &file)?,
            }
            Ok(bytes)
        };
        let bytes = place().map_err(|source| ExportError::File { file: file.clone(), source })?;
        if rows > 0 {
            self.written.push(Written { path, rows, bytes });
        }
        Ok(())
    }

    /// What was written.
    pub(super) fn finish(mut self) -> Result<(Schema, Vec<Written>), ExportError> {
        self.close()?;
        Ok((self.schema, self.written))
    }
}

/// What a file is called until it is whole.
fn part(file: &Path) -> PathBuf {
    file.with_extension("parquet.part")
}

/// Whole numbers as differences, texts by dictionary, all with zstd: of the encodings that every reader
/// knows, the smallest and among the fastest.
fn properties(message: &TypePtr) -> WriterPropertiesPtr {
    let mut properties = WriterProperties::builder()
        .set_created_by(format!("zhibi {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(ZstdLevel::default()));
    for column in SchemaDescriptor::new(message.clone()).columns() {
        if matches!(column.physical_type(), Physical::INT32 | Physical::INT64) {
            let path = column.path().clone();
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
    }
    Arc::new(properties.build())
}

impl Values {
    /// The first value decides the type; a column has one.
    fn push(&mut self, cell: &Cell<'_>) -> Result<(), ParquetError> {
        if matches!(self, Self::Empty) {
            *self = match cell {
                Cell::None | Cell::Texts(_) => return Ok(()),
                Cell::Bool(_) => Self::Bools(Vec::new()),
                Cell::Int(_) => Self::Ints(Vec::new()),
                Cell::Real(_) => Self::Reals(Vec::new()),
                Cell::Text(_) => Self::Texts(Vec::new()),
            };
        }
        match (self, cell) {
            (_, Cell::None) => {}
            (Self::Bools(values), Cell::Bool(value)) => values.push(*value),
            (Self::Ints(values), Cell::Int(value)) => values.push(*value),
            (Self::Reals(values), Cell::Real(value)) => values.push(*value),
            (Self::Texts(values), Cell::Text(value)) => {
                values.push(ByteArray::from(value.as_bytes().to_vec()));
            }
            (_, cell) => {
                return Err(ParquetError::General(format!("a column of two types: {cell:?}")));
            }
        }
        Ok(())
    }
}

impl Column {
    fn push(&mut self, cell: &Cell<'_>) -> Result<(), ParquetError> {
        let texts = match cell {
            Cell::Texts(texts) => *texts,
            _ => {
                self.defined.push(i16::from(!matches!(cell, Cell::None)));
                self.repeated.push(0);
                return self.values.push(cell);
            }
        };
        if texts.is_empty() {
            self.defined.push(0);
            self.repeated.push(0);
        }
        for (place, text) in texts.iter().enumerate() {
            self.defined.push(1);
            self.repeated.push(i16::from(place > 0));
            self.values.push(&Cell::Text(text))?;
        }
        Ok(())
    }

    fn write(
        self,
        of: &ColumnDescriptor,
        group: &mut SerializedRowGroupWriter<'_, File>,
    ) -> Result<(), ParquetError> {
        let name = of.name();
        let defined = (of.max_def_level() > 0).then_some(self.defined.as_slice());
        let repeated = (of.max_rep_level() > 0).then_some(self.repeated.as_slice());
        if defined.is_none() && self.defined.contains(&0) {
            return Err(ParquetError::General(format!("column {name} lacks a value")));
        }
        let Some(mut column) = group.next_column()? else {
            return Err(ParquetError::General(format!("no column {name}")));
        };
        let levels = (defined, repeated);
        macro_rules! batch {
            ($type:ty, $values:expr) => {
                column.typed::<$type>().write_batch($values, levels.0, levels.1)?
            };
        }
        match (of.physical_type(), self.values) {
            (Physical::BOOLEAN, Values::Bools(values)) => batch!(BoolType, &values),
            (Physical::INT32, Values::Ints(values)) => {
                let narrow: Vec<i32> =
                    values.iter().map(|value| i32::try_from(*value)).collect::<Result<_, _>>()?;
                batch!(Int32Type, &narrow)
            }
            (Physical::INT64, Values::Ints(values)) => batch!(Int64Type, &values),
            (Physical::DOUBLE, Values::Reals(values)) => batch!(DoubleType, &values),
            (Physical::BYTE_ARRAY, Values::Texts(values)) => batch!(ByteArrayType, &values),
            // A column without a single value has no type of its own.
            (Physical::BOOLEAN, Values::Empty) => batch!(BoolType, &[]),
            (Physical::INT32, Values::Empty) => batch!(Int32Type, &[]),
            (Physical::INT64, Values::Empty) => batch!(Int64Type, &[]),
            (Physical::DOUBLE, Values::Empty) => batch!(DoubleType, &[]),
            (Physical::BYTE_ARRAY, Values::Empty) => batch!(ByteArrayType, &[]),
            (physical, _) => {
                let found = format!("column {name} is {physical}, and its values are not");
                return Err(ParquetError::General(found));
            }
        };
        column.close()
    }
}
