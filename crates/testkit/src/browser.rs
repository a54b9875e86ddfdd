//! Real browsers for tests: headless Chromium, each with a profile of its own, looked at as people do.
//!
//! Whatever a browser complains about in its console fails the test at its end; a test that fails
//! leaves a picture and the words of every page in `target/browser-failures`.

mod axe;
mod complaints;
mod driver;
mod place;
mod webdriver;

pub use complaints::Refusal;
pub use place::Place;
pub use webdriver::Key;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::databases::Backend;
use driver::Driver;
use webdriver::{Answer, Session};

const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Colours in the middle of a transition have no contrast worth measuring.
    "--force-prefers-reduced-motion",
    "--window-size=1280,900",
];

/// How long a test waits for something on a page; nothing ever takes that long when all is well.
const PATIENCE: Duration = Duration::from_secs(30);
const EVIDENCE: &str = "return location.href + '\\n\\n' + document.body.innerText";
const BETWEEN_LOOKS: Duration = Duration::from_millis(40);

/// Light or dark, as the system of the person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

/// One test: the running app and the browsers of the people in it.
#[derive(Debug)]
pub struct Stage {
    pub app: TestApp,
    test: &'static str,
    /// What the dashboard is opened at.
    address: String,
    /// What its browsers are told besides.
    flags: Vec<String>,
    browsers: Mutex<Vec<Browser>>,
}

/// Plays a story in browsers; see [`crate::in_chromium`].
pub async fn play(test: &'static str, backend: Backend, story: impl AsyncFnOnce(&Stage)) {
    let app = TestApp::start(backend).await;
    let address = app.public_url().to_owned();
    play_at(test, app, address, Vec::new(), story).await;
}

/// Plays a story with a dashboard that is reached by plain HTTP, and not as this machine's own: browsers
/// keep from it what they give to secure origins alone.
pub async fn play_without_tls(test: &'static str, story: impl AsyncFnOnce(&Stage)) {
    const ADDRESS: &str = "http://accord.test";
    let app = TestApp::start_with_settings(Backend::Sqlite, |options| {
        options.public_url = Some(ADDRESS.into());
    })
    .await;
    let flags = vec![
        format!(
            "--host-resolver-rules=MAP accord.test:80 {}",
            app.listens_at()
        ),
        "--no-proxy-server".to_owned(),
        "--disable-features=HttpsUpgrades".to_owned(),
    ];
    play_at(test, app, ADDRESS.to_owned(), flags, story).await;
}

async fn play_at(
    test: &'static str,
    app: TestApp,
    address: String,
    flags: Vec<String>,
    story: impl AsyncFnOnce(&Stage),
) {
    let stage = Stage {
        app,
        test,
        address,
        flags,
        browsers: Mutex::default(),
    };
    let outcome = std::panic::AssertUnwindSafe(story(&stage))
        .catch_unwind()
        .await;
    if outcome.is_err() {
        stage.keep_evidence().await;
    }
    let mut complaints = Vec::new();
    for browser in stage.all() {
        complaints.extend(browser.leave().await);
    }
    match outcome {
        Ok(()) => assert!(
            complaints.is_empty(),
            "found in browsers:\n{}",
            complaints.join("\n")
        ),
        Err(panic) => {
            if !complaints.is_empty() {
                let words = format!("found in browsers too:\n{}\n", complaints.join("\n"));
                std::io::Write::write_all(&mut std::io::stderr(), words.as_bytes())
                    .expect("standard error can be written");
            }
            std::panic::resume_unwind(panic);
        }
    }
}

impl Stage {
    /// A browser of somebody's own: nothing of any other's is in it.
    pub async fn browser_of(&self, whose: &str) -> Browser {
        let browser = Browser::start(whose, &self.address, &self.flags).await;
        let mut browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
        browsers.push(browser.clone());
        browser
    }

    fn all(&self) -> Vec<Browser> {
        let browsers = self.browsers.lock().unwrap_or_else(PoisonError::into_inner);
        browsers.clone()
    }

    /// What every page looked like when the test failed.
    async fn keep_evidence(&self) {
        let folder = target_folder().join("browser-failures");
        std::fs::create_dir_all(&folder).expect("the target folder can be written");
        for browser in self.all() {
            let name = format!(
                "{}-{}",
                self.test.replace("browser::", "").replace("::", "-"),
                browser.inner.whose
            );
            let picture = browser.session().picture().await;
            let words = browser.session().run(EVIDENCE, json!([])).await;
            // A browser that died shows nothing; the failure itself still says why.
            if let (Ok(picture), Ok(words)) = (picture, words) {
                std::fs::write(folder.join(&name).with_extension("png"), picture)
                    .and_then(|()| {
                        std::fs::write(
                            folder.join(&name).with_extension("txt"),
                            words.as_str().unwrap_or_default(),
                        )
                    })
                    .expect("the target folder can be written");
            }
        }
    }
}

/// Somebody's browser; clones are the same one.
#[derive(Clone, Debug)]
pub struct Browser {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    whose: String,
    base: String,
    session: Session,
    expected: Mutex<Vec<Refusal>>,
    barriers: Mutex<Vec<String>>,
    _driver: Driver,
    _profile: tempfile::TempDir,
}

impl Browser {
    async fn start(whose: &str, base: &str, flags: &[String]) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let driver = Driver::start();
        let session = open_session(&driver, profile.path(), flags)
            .await
            .unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
        Self {
            inner: Arc::new(Inner {
                whose: whose.into(),
                base: base.into(),
                session,
                expected: Mutex::default(),
                barriers: Mutex::default(),
                _driver: driver,
                _profile: profile,
            }),
        }
    }

    fn session(&self) -> &Session {
        &self.inner.session
    }

    /// Opens a path of the dashboard, or an address in full, as typed into the address bar.
    pub async fn opens(&self, place: &str) {
        let address = if place.starts_with('/') {
            format!("{}{place}", self.inner.base)
        } else {
            place.to_owned()
        };
        let opened = self.session().go_to(&address).await;
        opened.unwrap_or_else(|error| panic!("opening {place}: {error}"));
        let title = self.session().title().await.unwrap_or_default();
        assert!(
            !title.contains("not built"),
            "the dashboard is not built; build it first: cargo xtask dashboard"
        );
    }

    /// The port at which other programs speak to this browser.
    #[must_use]
    pub fn debugger_port(&self) -> &str {
        let debugger = self.session().debugger();
        debugger.rsplit(':').next().unwrap_or_default()
    }

    /// Opens a path of the dashboard in another tab, and turns to it.
    pub async fn opens_in_another_tab(&self, place: &str) {
        let opened = self.session().open_tab().await;
        opened.unwrap_or_else(|error| panic!("opening a tab: {error}"));
        self.opens(place).await;
    }

    /// Turns to the tab that was opened first.
    pub async fn turns_to_the_first_tab(&self) {
        let turned = self.session().turn_to_tab(0).await;
        turned.unwrap_or_else(|error| panic!("turning to the first tab: {error}"));
    }

    /// Turns to the tab that was opened last.
    pub async fn turns_to_the_last_tab(&self) {
        let turned = self.session().turn_to_last_tab().await;
        turned.unwrap_or_else(|error| panic!("turning to the last tab: {error}"));
    }

    /// Closes the tab that was opened first, and turns to what is then the first.
    pub async fn closes_the_first_tab(&self) {
        self.turns_to_the_first_tab().await;
        let closed = self.session().close_tab().await;
        closed.unwrap_or_else(|error| panic!("closing a tab: {error}"));
        self.turns_to_the_first_tab().await;
    }

    /// Loads the page anew.
    pub async fn reloads(&self) {
        self.session()
            .reload()
            .await
            .expect("the page can be loaded again");
    }

    /// Goes back, as by the browser's button.
    pub async fn goes_back(&self) {
        self.session().back().await.expect("there is a page before");
    }

    /// The path that the address bar shows.
    pub async fn path(&self) -> String {
        let address = self
            .session()
            .address()
            .await
            .expect("an open page has an address");
        let path = address.strip_prefix(&self.inner.base).unwrap_or(&address);
        path.split(['?', '#']).next().unwrap_or_default().to_owned()
    }

    /// Waits until the address bar shows this path.
    pub async fn is_at(&self, path: &str) {
        let mut patience = Patience::new();
        loop {
            let now = self.path().await;
            if now == path {
                return;
            }
            patience
                .wait(self, || format!("the place {path}; it is {now}"))
                .await;
        }
    }

    /// What a cookie holds that is sent to the address of the page.
    pub async fn cookie(&self, name: &str) -> String {
        let cookie = self.session().cookie(name).await;
        cookie.unwrap_or_else(|error| panic!("the cookie {name}: {error}"))
    }

    /// Runs a script in the page and answers with what it returns.
    pub async fn script(&self, script: &str) -> Value {
        let answer = self.session().run(script, json!([])).await;
        answer.unwrap_or_else(|error| panic!("a script fails: {error}\n{script}"))
    }

    /// Presses a key where the focus is.
    pub async fn presses(&self, key: Key) {
        self.types(&key.character().to_string()).await;
    }

    /// Presses a key where the focus is, while another is held down.
    pub async fn presses_holding(&self, held: Key, key: Key) {
        let (held, key) = (held.character(), key.character());
        let pressed = self.session().press_holding(held, key).await;
        pressed.unwrap_or_else(|error| panic!("keys cannot be pressed: {error}"));
    }

    /// Types where the focus is.
    pub async fn types(&self, text: &str) {
        let typed = self.session().press(text).await;
        typed.unwrap_or_else(|error| panic!("keys cannot be pressed: {error}"));
    }

    /// Moves the focus forward with the tab key until it is on this, and nothing else is pressed.
    pub async fn tabs_to(&self, place: &Place) {
        const ENOUGH: usize = 160;
        place.appears().await;
        for _ in 0..ENOUGH {
            if place.has_focus().await {
                return;
            }
            self.presses(Key::Tab).await;
        }
        panic!("{place} was not reached with {ENOUGH} presses of the tab key");
    }

    /// Shows the page as on a screen of this size, until another is asked for.
    pub async fn has_screen(&self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Shows the page in light or dark from now on.
    pub async fn prefers(&self, scheme: Scheme) {
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let features = json!([
            { "name": "prefers-color-scheme", "value": value },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await;
    }

    /// What the page looks like, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let picture = self.session().picture().await;
        picture.unwrap_or_else(|error| panic!("taking a picture: {error}"))
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        let done = self.session().devtools(command, parameters).await;
        done.unwrap_or_else(|error| panic!("{command}: {error}"));
    }

    fn found_barriers(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        let barriers = self.inner.barriers.lock();
        barriers.unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends it; answers with what it complained of.
    async fn leave(&self) -> Vec<String> {
        let mut complaints = self.complaints().await;
        complaints.append(&mut self.found_barriers());
        // The driver is ended in any case, and takes its browser along.
        let _ = self.session().close().await;
        let whose = &self.inner.whose;
        complaints
            .into_iter()
            .map(|complaint| format!("{whose}: {complaint}"))
            .collect()
    }
}

async fn open_session(driver: &Driver, profile: &Path, more: &[String]) -> Answer<Session> {
    let mut flags: Vec<String> = FLAGS.map(str::to_owned).into();
    flags.extend_from_slice(more);
    flags.push(format!("--user-data-dir={}", profile.display()));
    let capabilities = json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": {
            "args": flags,
            "prefs": {
                "credentials_enable_service": false,
                "profile.password_manager_enabled": false,
                "profile.password_manager_leak_detection": false,
            },
        },
        // Questions of the browser itself stop a story instead of being answered unseen.
        "unhandledPromptBehavior": "ignore",
    });
    Session::open(&driver.url(), capabilities).await
}

/// How long something is still waited for.
#[derive(Debug)]
struct Patience {
    ends: Instant,
}

impl Patience {
    fn new() -> Self {
        Self {
            ends: Instant::now() + PATIENCE,
        }
    }

    /// A short pause before the next look; fails the test when it was long enough.
    async fn wait(&mut self, browser: &Browser, what: impl FnOnce() -> String) {
        if Instant::now() > self.ends {
            panic!(
                "{} waited in vain for {} at {}",
                browser.inner.whose,
                what(),
                browser.path().await
            );
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

fn target_folder() -> PathBuf {
    let built_into = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    built_into.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"))
}

/// Tests that play in browsers, each an `async fn(&Stage)`: on SQLite, or on both databases with `both`, or
/// with a dashboard that is reached `without_tls`.
#[macro_export]
macro_rules! in_chromium {
    (both: $($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::browser::play(concat!(module_path!(), "::sqlite"), $crate::Backend::Sqlite, super::$story).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgresql() {
                $crate::browser::play(concat!(module_path!(), "::postgresql"), $crate::Backend::PostgreSql, super::$story).await;
            }
        }
    )+};
    (without_tls: $($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn without_tls() {
                $crate::browser::play_without_tls(concat!(module_path!(), "::without_tls"), super::$story).await;
            }
        }
    )+};
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::browser::play(concat!(module_path!(), "::sqlite"), $crate::Backend::Sqlite, super::$story).await;
            }
        }
    )+};
}
