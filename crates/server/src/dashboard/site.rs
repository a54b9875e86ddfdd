//! The built files in memory, as the manifest of `dashboard-builder` lists them.

use std::collections::HashMap;

use actix_web::web::Bytes;
use anyhow::{Context, Result};
use serde::Deserialize;

/// One built dashboard.
#[derive(Debug)]
pub(super) struct Site {
    files: HashMap<String, File>,
}

/// One file in all the forms that were made beforehand.
#[derive(Debug)]
pub(super) struct File {
    pub(super) content_type: String,
    pub(super) digest: String,
    pub(super) immutable: bool,
    pub(super) identity: Bytes,
    pub(super) br: Option<Bytes>,
    pub(super) gz: Option<Bytes>,
}

#[derive(Deserialize)]
struct Manifest {
    files: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
    content_type: String,
    digest: String,
    immutable: bool,
    br_size: Option<usize>,
    gz_size: Option<usize>,
}

impl Site {
    /// Puts a site together from its manifest and a way to read its files by name.
    pub(super) fn load(manifest: &[u8], read: impl Fn(&str) -> Option<Bytes>) -> Result<Self> {
        let manifest: Manifest =
            serde_json::from_slice(manifest).context("its manifest is malformed")?;
        let read = |name: String| read(&name).with_context(|| format!("it lacks the file {name}"));
        let mut files = HashMap::new();
        for entry in manifest.files {
            let packed = |size: Option<usize>, extension: &str| {
                size.map(|_| read(format!("{}.{extension}", entry.path)))
                    .transpose()
            };
            let file = File {
                identity: read(entry.path.clone())?,
                br: packed(entry.br_size, "br")?,
                gz: packed(entry.gz_size, "gz")?,
                content_type: entry.content_type,
                digest: entry.digest,
                immutable: entry.immutable,
            };
            files.insert(entry.path, file);
        }
        let site = Self { files };
        site.file("index.html").context("it has no page")?;
        Ok(site)
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }
}
