//! `sqlx::migrate!` embeds the migrations; cargo must hear when they change.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
