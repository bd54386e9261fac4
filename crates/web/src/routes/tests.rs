//! The routes against a real store.
//!
//! What counts as failure: a page that somebody may not see, a change that another site made, a
//! verdict that is lost. What does not: how a page looks.

mod access;
mod codes;
mod drawings;
mod exports;
mod hands;
mod keys;
mod login;
mod marking;
mod nobodys;
mod parents;
mod pens;
mod people;
mod roles;
mod roster;
mod school;
mod setup;
mod sheets;
mod statements;
mod steps;
mod stream;
