//! Why something cannot be taken away.

/// Why something cannot be taken away.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store refuses.
    #[error("the store: {0}")]
    Store(#[from] store::StoreError),
    /// A page cannot be written as PDF.
    #[error("the PDF: {0}")]
    Pdf(#[from] printing::PrintingError),
    /// A table cannot be written as xlsx.
    #[error("the xlsx: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// A table cannot be written as CSV.
    #[error("the CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A table cannot be written as Parquet.
    #[error("the Parquet: {0}")]
    Parquet(#[from] ::parquet::errors::ParquetError),
    /// A folder that is to be filled holds something.
    #[error("{}: the folder is not empty: name another, or empty it", .0.display())]
    NotEmpty(std::path::PathBuf),
    /// A file cannot be written.
    #[error("{}: {source}", file.display())]
    File {
        /// The file.
        file: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
