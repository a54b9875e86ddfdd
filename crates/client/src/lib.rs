//! The typed client of the API, native and WASM.
