//! The pipeline on a real store.

mod fixture;
mod keeping_on;
mod marking_papers;
mod pool_and_retry;
mod profiling;
mod registration;
mod remarking;
