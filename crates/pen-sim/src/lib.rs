//! pen-sim
