//! What a finished build was made from, so that an unchanged one is not made again.

use std::{
    fs,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::Job;

/// A digest of everything that the result depends on: the module, the frontend's files, the mode
/// and this program itself.
pub(crate) fn fingerprint(job: &Job) -> Result<String> {
    let mut hasher = Sha256::new();
    let mut add = |part: &[u8]| {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    };
    add(job.mode.as_str().as_bytes());
    let program = fs::metadata(std::env::current_exe()?)?;
    add(&program.len().to_le_bytes());
    let age = program.modified()?.duration_since(UNIX_EPOCH)?;
    add(&age.as_nanos().to_le_bytes());
    add(&read(&job.wasm)?);
    add(&read(&job.frontend.join("index.html"))?);
    for folder in ["styles", "assets"] {
        for (name, path) in files_below(&job.frontend.join(folder))? {
            add(folder.as_bytes());
            add(name.as_bytes());
            add(&read(&path)?);
        }
    }
    Ok(hex(&hasher.finalize()))
}

/// Reads a file, naming it in the error.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Every file below a folder as (name with `/`, path), in the order of names; none where there is
/// no folder. Hidden files are an editor's business.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut waiting = vec![(String::new(), folder.to_path_buf())];
    while let Some((prefix, folder)) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let entry = entry?;
            let file_name = entry.file_name();
            let file_name = file_name
                .to_str()
                .with_context(|| format!("not a UTF-8 name: {}", entry.path().display()))?;
            if file_name.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{file_name}");
            if entry.file_type()?.is_dir() {
                waiting.push((format!("{name}/"), entry.path()));
            } else {
                found.push((name, entry.path()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
