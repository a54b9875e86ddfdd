//! Notices changed files, by looking: a few hundred files take a millisecond, on every system.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Files below some folders, with the times of their last change.
#[derive(Debug)]
pub(crate) struct Watched {
    folders: Vec<PathBuf>,
    seen: BTreeMap<PathBuf, SystemTime>,
}

impl Watched {
    pub(crate) fn new(root: &Path, folders: &[&str]) -> Self {
        let folders: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
        let seen = look(&folders);
        Self { folders, seen }
    }

    /// Whether anything changed, appeared or went since the last call.
    pub(crate) fn changed(&mut self) -> bool {
        let now = look(&self.folders);
        let changed = now != self.seen;
        self.seen = now;
        changed
    }
}

fn look(folders: &[PathBuf]) -> BTreeMap<PathBuf, SystemTime> {
    let mut seen = BTreeMap::new();
    let mut waiting = folders.to_vec();
    while let Some(path) = waiting.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name.ends_with('~') || name == "node_modules" {
            continue;
        }
        // Files come and go while an editor saves: what cannot be read now is read next time.
        let Ok(found) = fs::metadata(&path) else {
            continue;
        };
        if found.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            waiting.extend(entries.map(|entry| entry.path()));
        } else if let Ok(time) = found.modified() {
            seen.insert(path, time);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_noticed_once() {
        let root = std::env::temp_dir().join(format!("accord-watch-{}", std::process::id()));
        fs::create_dir_all(root.join("src/deep")).unwrap();
        let file = root.join("src/deep/lib.rs");
        fs::write(&file, "one").unwrap();
        let mut watched = Watched::new(&root, &["src"]);
        assert!(!watched.changed());

        let opened = fs::File::options().write(true).open(&file).unwrap();
        opened.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(watched.changed() && !watched.changed());

        fs::write(root.join("src/.lib.rs.swp"), "an editor's").unwrap();
        assert!(!watched.changed());
        fs::remove_file(&file).unwrap();
        assert!(watched.changed());
        fs::remove_dir_all(&root).unwrap();
    }
}
