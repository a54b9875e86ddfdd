//! Where the signing keys come from: the setting, or a file that is generated once.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use accord_service::{Randomness, SigningKeys};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::{SettingError, create_data_dir};

const SETTING: &str = "ACCORD_SECRET";
const FILE_NAME: &str = "secret";

/// The keys that a setting lists, the signing one first.
pub(super) fn from_setting(setting: &str) -> Result<SigningKeys, SettingError> {
    let secrets = setting
        .split(',')
        .map(|secret| secret.trim().as_bytes().to_vec());
    SigningKeys::new(secrets).map_err(|error| SettingError::new(SETTING, error.to_string()))
}

/// The key in the data folder. The first start makes it; of several first starts at once, one wins.
pub(super) fn from_data_dir(
    data_dir: &Path,
    randomness: &Randomness,
) -> Result<SigningKeys, SettingError> {
    let file = data_dir.join(FILE_NAME);
    let refused = |error: std::io::Error| {
        SettingError::new(
            SETTING,
            format!(
                "it is not set, and the key file {} cannot be used: {error}",
                file.display()
            ),
        )
    };
    if !file.try_exists().map_err(refused)? {
        create_data_dir(data_dir)?;
        generate(&file, randomness).map_err(refused)?;
    }
    from_setting(fs::read_to_string(&file).map_err(refused)?.trim())
}

/// Writes beside the file and links it into place, so that nobody ever reads half a key, and a key
/// that another instance put there first is kept.
fn generate(file: &Path, randomness: &Randomness) -> std::io::Result<()> {
    let suffix = BASE64_URL_SAFE_NO_PAD.encode(randomness.bytes::<9>());
    let draft = file.with_extension(format!("{suffix}.new"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut handle = options.open(&draft)?;
    let secret = BASE64_URL_SAFE_NO_PAD.encode(randomness.bytes::<48>());
    let written = handle
        .write_all(secret.as_bytes())
        .and_then(|()| handle.sync_all());
    let placed = written.and_then(|()| match fs::hard_link(&draft, file) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        placed => placed,
    });
    fs::remove_file(&draft)?;
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_separated_by_commas_and_long_enough() {
        let (new, old) = ("n".repeat(32), "o".repeat(32));
        let keys = from_setting(&format!("{new}, {old}")).expect("two good secrets");
        assert_eq!(keys.iter().count(), 2);
        assert_eq!(keys.signing().secret, new.as_bytes());

        let error = from_setting(&format!("{new},short"))
            .expect_err("one is short")
            .to_string();
        assert!(
            error.contains("ACCORD_SECRET") && error.contains("32"),
            "{error}"
        );
        assert!(
            !error.contains("short,") && !error.contains(&new),
            "a secret was repeated: {error}"
        );
    }

    #[test]
    fn a_generated_key_is_private_and_stays() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data_dir = folder.path().join("data");
        let first = from_data_dir(&data_dir, &Randomness::system()).expect("generated");
        let again = from_data_dir(&data_dir, &Randomness::system()).expect("read");
        assert_eq!(first.signing().id, again.signing().id);
        let names: Vec<_> = fs::read_dir(&data_dir)
            .expect("listed")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert_eq!(names, ["secret"], "no draft is left behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(data_dir.join("secret"))
                .expect("there")
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
