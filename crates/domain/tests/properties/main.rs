//! Properties that hold for any input.

mod delegation;
mod index;
mod life_and_text;
mod rule;
mod sharing;
mod tree;
mod world;
