//! Names of functions serve debuggers alone, and are a good part of a module.

use anyhow::Result;
use wasmparser::{Parser, Payload};

/// The same module without its names.
pub(crate) fn without_names(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut kept = Vec::with_capacity(wasm.len());
    let mut from = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Payload::Version { range, .. } = &payload {
            from = usize::try_from(range.end)?;
            kept.extend(&wasm[..from]);
        }
        let Some((_, contents)) = payload.as_section() else {
            continue;
        };
        // What lies before the contents, and after the section before, is the head of this one.
        let end = usize::try_from(contents.end)?;
        let with_head = &wasm[from..end];
        from = end;
        let names = matches!(&payload, Payload::CustomSection(custom) if custom.name() == "name");
        if !names {
            kept.extend(with_head);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of custom sections, each one byte of contents.
    fn module(sections: &[&str]) -> Vec<u8> {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        for name in sections {
            let length = u8::try_from(name.len()).unwrap();
            wasm.extend([0, length + 2, length]);
            wasm.extend(name.as_bytes());
            wasm.push(7);
        }
        wasm
    }

    #[test]
    fn only_names_go() {
        let found = without_names(&module(&["linking", "name", "producers"])).unwrap();
        assert_eq!(found, module(&["linking", "producers"]));
        assert_eq!(without_names(&module(&["name"])).unwrap(), module(&[]));
        assert!(without_names(b"no module").is_err());
    }
}
