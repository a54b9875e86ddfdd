//! Compression beforehand: the server only picks a finished answer.

use std::io::Write as _;

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};

/// The compressed forms that are smaller than the original.
#[derive(Debug)]
pub(crate) struct Compressed {
    pub(crate) br: Option<Vec<u8>>,
    pub(crate) gz: Option<Vec<u8>>,
}

/// Compresses with brotli and gzip as small as they can.
pub(crate) fn compress(bytes: &[u8]) -> Result<Compressed> {
    let mut br = Vec::new();
    brotli::CompressorWriter::new(&mut br, 1 << 16, 11, 24).write_all(bytes)?;
    let mut gz = GzEncoder::new(Vec::new(), Compression::best());
    gz.write_all(bytes)?;
    let gz = gz.finish()?;
    let if_smaller = |packed: Vec<u8>| (packed.len() < bytes.len()).then_some(packed);
    Ok(Compressed {
        br: if_smaller(br),
        gz: if_smaller(gz),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn both_forms_unpack_to_the_original() {
        let text = "to be compressed ".repeat(100).into_bytes();
        let packed = compress(&text).unwrap();
        let mut unpacked = Vec::new();
        brotli::Decompressor::new(packed.br.unwrap().as_slice(), 4096)
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(packed.gz.unwrap().as_slice())
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
    }

    #[test]
    fn what_does_not_shrink_is_left_alone() {
        let packed = compress(b"x").unwrap();
        assert!(packed.br.is_none() && packed.gz.is_none());
    }
}
