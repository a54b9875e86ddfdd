//! The served folder: its files, its manifest, and how a finished one takes the old one's place.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Mode, compress::compress, inputs::hex};

/// Files in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct Site {
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    path: String,
    content_type: &'static str,
    digest: String,
    /// The name changes with the content, so that caches may keep it for ever.
    immutable: bool,
    when: When,
    bytes: Vec<u8>,
}

/// When a browser asks for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Before anything can be done.
    First,
    /// Once a page needs it, or never.
    Later,
}

/// What the server reads; its half is `crates/server/src/dashboard/site.rs`.
#[derive(Debug, Serialize)]
struct Manifest<'a> {
    mode: &'a str,
    inputs: &'a str,
    files: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    path: &'a str,
    content_type: &'a str,
    digest: &'a str,
    immutable: bool,
    size: usize,
    br_size: Option<usize>,
    gz_size: Option<usize>,
}

/// Lists the files of a finished build.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Totals of what the first screen needs.
#[derive(Debug, Default)]
pub(crate) struct Sizes {
    pub(crate) files: usize,
    pub(crate) identity: usize,
    /// With brotli, where that was made.
    pub(crate) sent: usize,
    /// The same of what pages need later.
    pub(crate) sent_later: usize,
}

/// Whether the folder holds a finished build of exactly these inputs.
pub(crate) fn is_current(out: &Path, inputs: &str) -> bool {
    fs::read_to_string(out.join(MANIFEST))
        .ok()
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        .is_some_and(|manifest| manifest["inputs"] == inputs)
}

impl Site {
    /// Adds a file under a name that holds its content's digest; answers its address.
    pub(crate) fn add_hashed(
        &mut self,
        stem: &str,
        extension: &str,
        bytes: Vec<u8>,
    ) -> Result<String> {
        let digest = digest(&bytes);
        let path = format!("assets/{stem}-{}.{extension}", &digest[..16]);
        let address = format!("/{path}");
        self.add(path, digest, true, When::First, bytes)?;
        Ok(address)
    }

    /// Adds files that name each other, in a folder whose name holds the digest of all of them;
    /// answers its address, with a slash at its end.
    pub(crate) fn add_set(
        &mut self,
        stem: &str,
        files: Vec<(String, Vec<u8>)>,
        when: impl Fn(&str) -> When,
    ) -> Result<String> {
        let mut all = Sha256::new();
        for (name, bytes) in &files {
            for part in [name.as_bytes(), bytes] {
                all.update((part.len() as u64).to_le_bytes());
                all.update(part);
            }
        }
        let folder = format!("assets/{stem}-{}/", &hex(&all.finalize())[..16]);
        for (name, bytes) in files {
            let digest = digest(&bytes);
            let when = when(&name);
            self.add(format!("{folder}{name}"), digest, true, when, bytes)?;
        }
        Ok(format!("/{folder}"))
    }

    /// Adds a file under the name that it has.
    pub(crate) fn add_as_is(&mut self, path: &str, bytes: Vec<u8>) -> Result<()> {
        let digest = digest(&bytes);
        let when = if path == "index.html" {
            When::First
        } else {
            When::Later
        };
        self.add(path.to_owned(), digest, false, when, bytes)
    }

    fn add(
        &mut self,
        path: String,
        digest: String,
        immutable: bool,
        when: When,
        bytes: Vec<u8>,
    ) -> Result<()> {
        if self.files.iter().any(|file| file.path == path) {
            bail!("two files want the name {path}");
        }
        let content_type = content_type(&path)
            .with_context(|| format!("{path}: no content type is known for this extension"))?;
        self.files.push(File {
            path,
            content_type,
            digest,
            immutable,
            when,
            bytes,
        });
        Ok(())
    }

    /// Writes everything beside `out`, then swaps: a server that reads the folder never sees half
    /// of a build.
    pub(crate) fn publish(&self, out: &Path, mode: Mode, inputs: &str) -> Result<Sizes> {
        let staging = out.with_extension("staging");
        remove_folder(&staging)?;
        let mut sizes = Sizes {
            files: self.files.len(),
            ..Sizes::default()
        };
        let mut entries = Vec::new();
        for file in &self.files {
            let target = staging.join(&file.path);
            fs::create_dir_all(target.parent().context("a file lies in a folder")?)?;
            fs::write(&target, &file.bytes)?;
            let mut entry = Entry {
                path: &file.path,
                content_type: file.content_type,
                digest: &file.digest,
                immutable: file.immutable,
                size: file.bytes.len(),
                br_size: None,
                gz_size: None,
            };
            // While developing, the time to compress counts more than the size on loopback.
            if mode == Mode::Release && is_compressible(file.content_type) {
                let packed = compress(&file.bytes)?;
                for (form, extension, size) in [
                    (&packed.br, "br", &mut entry.br_size),
                    (&packed.gz, "gz", &mut entry.gz_size),
                ] {
                    if let Some(bytes) = form {
                        fs::write(staging.join(format!("{}.{extension}", file.path)), bytes)?;
                        *size = Some(bytes.len());
                    }
                }
            }
            let sent = entry.br_size.unwrap_or(entry.size);
            match file.when {
                When::First => {
                    sizes.identity += entry.size;
                    sizes.sent += sent;
                }
                When::Later => sizes.sent_later += sent,
            }
            entries.push(entry);
        }
        let manifest = Manifest {
            mode: mode.as_str(),
            inputs,
            files: entries,
        };
        fs::write(
            staging.join(MANIFEST),
            serde_json::to_vec_pretty(&manifest)?,
        )?;
        swap(&staging, out)?;
        Ok(sizes)
    }
}

fn swap(staging: &Path, out: &Path) -> Result<()> {
    let old = out.with_extension("old");
    remove_folder(&old)?;
    if out.exists() {
        fs::rename(out, &old)?;
    }
    fs::rename(staging, out)
        .with_context(|| format!("cannot put the finished dashboard at {}", out.display()))?;
    remove_folder(&old)
}

fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..16])
}

fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

fn is_compressible(content_type: &str) -> bool {
    !matches!(
        content_type,
        "image/png" | "image/jpeg" | "image/webp" | "font/woff2"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_build_replaces_the_old_one_whole() {
        let folder = std::env::temp_dir().join(format!("accord-site-{}", std::process::id()));
        let out = folder.join("dashboard");
        let mut first = Site::default();
        let address = first.add_hashed("accord", "js", b"one".to_vec()).unwrap();
        first.publish(&out, Mode::Dev, "inputs-1").unwrap();
        assert!(out.join(&address[1..]).exists());
        assert!(is_current(&out, "inputs-1") && !is_current(&out, "inputs-2"));

        let mut second = Site::default();
        let newer = second.add_hashed("accord", "js", b"two".to_vec()).unwrap();
        second.publish(&out, Mode::Dev, "inputs-2").unwrap();
        assert_ne!(address, newer);
        assert!(!out.join(&address[1..]).exists() && out.join(&newer[1..]).exists());
        remove_folder(&folder).unwrap();
    }

    #[test]
    fn a_set_moves_as_a_whole() {
        let files = |chunk: &[u8]| {
            vec![
                ("first.js".to_owned(), b"import './chunk.wasm'".to_vec()),
                ("chunk.wasm".to_owned(), chunk.to_vec()),
            ]
        };
        let address = |chunk: &[u8]| {
            let set = files(chunk);
            Site::default()
                .add_set("app", set, |_| When::First)
                .unwrap()
        };
        assert_eq!(address(b"one"), address(b"one"));
        assert_ne!(address(b"one"), address(b"two"));
        assert!(address(b"one").ends_with('/'));
    }

    #[test]
    fn one_name_twice_and_unknown_kinds_are_refused() {
        let mut site = Site::default();
        site.add_as_is("assets/a.svg", Vec::new()).unwrap();
        assert!(site.add_as_is("assets/a.svg", Vec::new()).is_err());
        assert!(site.add_as_is("assets/a.exe", Vec::new()).is_err());
    }
}
