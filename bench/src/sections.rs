//! The sections of a run.

pub(crate) mod callers;
pub(crate) mod growth;
pub(crate) mod launches;
pub(crate) mod parse;
pub(crate) mod reads;
pub(crate) mod size;
