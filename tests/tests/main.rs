//! Everything end to end, in one program: each program of tests links the whole product again.

mod backup;
mod broker_cluster;
mod browser;
mod c_pen;
mod certificates;
mod chaos;
mod checking;
mod circles;
mod conformance;
mod correcting_keys;
mod deciding;
mod demo;
mod edges;
mod filled;
mod first_start;
mod forged_receipts;
mod full_disk;
mod garbage;
mod gateway;
mod guides;
mod keeping;
mod late_corrections;
mod late_ink;
mod live_pages;
mod metrics;
mod own_pdf;
mod own_school;
mod parquet;
mod planted;
mod power_loss;
mod schema;
mod service_manager;
mod stopping;
mod taking_back;
mod two_services;
mod vectors;
mod without_scripts;
mod worksheets;

/// Failure: a file of tests that nobody runs.
#[test]
fn every_file_is_part_of_the_program() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for file in std::fs::read_dir(here).expect("the folder of tests") {
        let path = file.expect("its files").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let is_part = include_str!("main.rs").contains(&format!("\nmod {name};\n"));
        assert!(is_part || name == "main", "tests/main.rs does not name {name}");
    }
}
