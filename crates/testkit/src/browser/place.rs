//! Places on a page, found as people find them: by what they are and what they are called.

use std::fmt;

use serde_json::{Value, json};

use super::webdriver::{Answer, Element, Key, WebError};
use super::{Browser, Patience};

const FIND: &str = include_str!("find.js");

/// How a step recognizes what it looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// The accessible name, whole.
    Name,
    /// Words somewhere in it.
    Words,
}

#[derive(Clone, Debug)]
struct Step {
    kind: &'static str,
    selector: &'static str,
    name: String,
    by: By,
}

/// Something on the page, described but not looked up before it is needed: it may be drawn later, or anew.
#[derive(Clone, Debug)]
pub struct Place {
    browser: Browser,
    steps: Vec<Step>,
    /// Of several that fit, the first will do.
    first: bool,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $by:ident $selector:literal;)+) => {
        /// What can be looked for in the whole page.
        impl Browser {
            $($(#[$doc])*
            #[must_use]
            pub fn $kind(&self, name: &str) -> Place {
                Place { browser: self.clone(), steps: Vec::new(), first: false }.$kind(name)
            })+
        }

        /// What can be looked for inside.
        impl Place {
            $($(#[$doc])*
            #[must_use]
            pub fn $kind(&self, name: &str) -> Place {
                let kind = stringify!($kind);
                self.inside(Step { kind, selector: $selector, name: name.into(), by: By::$by })
            })+
        }
    };
}

kinds! {
    /// A button by its name.
    button Name "button:not([role]), [role=button], input[type=submit], summary";
    /// A link by its name.
    link Name "a[href]:not([role])";
    /// A field to type into or to choose from, by its label.
    field Name "input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select";
    /// A box to tick, by its label.
    checkbox Name "input[type=checkbox]";
    /// One of a few, by its label.
    radio Name "input[type=radio]";
    /// An entry of a menu.
    menu_item Name "[role=menuitem]";
    /// An entry of a list to choose from.
    option Name "[role=option]";
    /// A heading of any level.
    heading Name "h1, h2, h3, h4, h5, h6";
    /// A dialog by its title.
    dialog Name "dialog[open], [role=alertdialog]";
    /// An article or a section by its name.
    article Name "article, section";
    /// The row of a table that holds these words.
    row Words "tbody tr";
    /// The line of a tree with columns that holds these words.
    line Words "[role=treegrid] [data-row]";
    /// The entry of a plain list that holds these words.
    entry Words "li";
    /// Words that are read out as soon as they are there.
    alert Words "[role=alert]";
    /// Words, wherever they stand.
    words Words "*:not(script, style, option, html, head, head *)";
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().rev().enumerate() {
            let inside = if at == 0 { "" } else { " in " };
            write!(f, "{inside}{} {:?}", step.kind.replace('_', " "), step.name)?;
        }
        Ok(())
    }
}

impl Place {
    fn inside(&self, step: Step) -> Self {
        let mut place = self.clone();
        place.steps.push(step);
        place
    }

    /// The first of several: a page may offer the same twice.
    #[must_use]
    pub fn first(&self) -> Self {
        let mut place = self.clone();
        place.first = true;
        place
    }

    /// Every element that fits now, and what those are called that nearly do.
    async fn look(&self) -> Answer<(Vec<Element>, Vec<String>)> {
        let as_json = |step: &Step| {
            let by = match step.by {
                By::Name => "name",
                By::Words => "words",
            };
            json!({ "selector": step.selector, "name": step.name, "by": by })
        };
        let steps: Vec<Value> = self.steps.iter().map(as_json).collect();
        let session = self.browser.session();
        let mut found = session.find(FIND, json!([steps])).await?;
        let last = self.steps.last().expect("a place has a step");
        if last.by == By::Words {
            if self.first {
                found.truncate(1);
            }
            return Ok((found, Vec::new()));
        }
        let (mut meant, mut others) = (Vec::new(), Vec::new());
        for element in found {
            let name = one_line(&session.name_of(&element).await?);
            if name == last.name {
                meant.push(element);
                if self.first {
                    break;
                }
            } else {
                others.push(name);
            }
        }
        Ok((meant, others))
    }

    /// The one element that is meant, once it is there.
    async fn one(&self, patience: &mut Patience) -> Element {
        loop {
            let problem = match self.look().await {
                Ok((found, others)) => match <[Element; 1]>::try_from(found) {
                    Ok([element]) => return element,
                    Err(found) if found.is_empty() && others.is_empty() => {
                        "there is none".to_owned()
                    }
                    Err(found) if found.is_empty() => format!("the browser calls it {others:?}"),
                    Err(found) => format!("there are {}", found.len()),
                },
                Err(error) if error.is_passing() => error.to_string(),
                Err(error) => panic!("looking for {self}: {error}"),
            };
            patience
                .wait(&self.browser, || format!("{self}: {problem}"))
                .await;
        }
    }

    /// Waits until it is there.
    pub async fn appears(&self) {
        self.one(&mut Patience::new()).await;
    }

    /// Waits until there is at least one such thing.
    pub async fn is_said(&self) {
        self.becomes("is to be there", |found| found > 0).await;
    }

    /// Waits until no such thing is there.
    pub async fn disappears(&self) {
        self.becomes("is to be gone", |found| found == 0).await;
    }

    /// How many there are at this moment.
    pub async fn count(&self) -> usize {
        self.look()
            .await
            .unwrap_or_else(|error| panic!("looking for {self}: {error}"))
            .0
            .len()
    }

    async fn becomes(&self, what: &str, is_right: impl Fn(usize) -> bool) {
        let mut patience = Patience::new();
        loop {
            let problem = match self.look().await {
                Ok((found, _)) if is_right(found.len()) => return,
                Ok((found, _)) => format!("there are {}", found.len()),
                Err(error) if error.is_passing() => error.to_string(),
                Err(error) => panic!("looking for {self}: {error}"),
            };
            patience
                .wait(&self.browser, || format!("{self} {what}: {problem}"))
                .await;
        }
    }

    /// Does something with it, again if it was just drawn anew or something lay over it.
    async fn attempt<T>(
        &self,
        what: &str,
        act: impl AsyncFn(&Element) -> Result<T, WebError>,
    ) -> T {
        let mut patience = Patience::new();
        loop {
            let element = self.one(&mut patience).await;
            match act(&element).await {
                Ok(done) => return done,
                Err(error) if error.is_passing() => {
                    patience
                        .wait(&self.browser, || format!("{what} {self}: {error}"))
                        .await;
                }
                Err(error) => panic!("{what} {self}: {error}"),
            }
        }
    }

    /// Clicks it with the mouse.
    pub async fn click(&self) {
        let session = self.browser.session();
        self.attempt("clicking", async |element| session.click(element).await)
            .await;
    }

    /// Clicks it while a key is held down.
    pub async fn click_holding(&self, key: Key) {
        let session = self.browser.session();
        self.attempt("clicking", async |element| {
            session.click_holding(element, key).await
        })
        .await;
    }

    /// Types this in place of what stands there.
    pub async fn fill(&self, text: &str) {
        let session = self.browser.session();
        let (control, delete) = (Key::Control.character(), Key::Delete.character());
        let keys = format!("{control}a{control}{delete}{text}");
        self.attempt("typing into", async |element| {
            session.type_into(element, &keys).await
        })
        .await;
        self.holds(text).await;
    }

    /// Chooses the entry of a list that begins with these words, as by typing them.
    pub async fn choose(&self, words: &str) {
        let session = self.browser.session();
        self.attempt("choosing from", async |element| {
            session.type_into(element, words).await
        })
        .await;
    }

    /// Waits until this is typed in it.
    pub async fn holds(&self, text: &str) {
        self.shows("value", |value| value == text, text).await;
    }

    /// Waits until these are among its words.
    pub async fn says(&self, words: &str) {
        self.shows("innerText", |text| one_line(text).contains(words), words)
            .await;
    }

    async fn shows(&self, property: &str, is_right: impl Fn(&str) -> bool, wanted: &str) {
        let session = self.browser.session();
        let mut patience = Patience::new();
        loop {
            let element = self.one(&mut patience).await;
            let now = session.property(&element, property).await;
            let now = now.ok().and_then(|now| now.as_str().map(str::to_owned));
            if now.as_deref().is_some_and(&is_right) {
                return;
            }
            patience
                .wait(&self.browser, || {
                    format!("{self} with {wanted:?}; it has {now:?}")
                })
                .await;
        }
    }

    /// Whether it is ticked.
    pub async fn is_ticked(&self) -> bool {
        let session = self.browser.session();
        let ticked = self
            .attempt("asking about", async |element| {
                session.property(element, "checked").await
            })
            .await;
        ticked == Value::Bool(true)
    }

    /// Whether it has the focus now.
    pub async fn has_focus(&self) -> bool {
        let session = self.browser.session();
        // Asked first, as it takes one question and not one for everything of its kind.
        if !self.may_have_focus().await.unwrap_or(false) {
            return false;
        }
        let Ok((found, _)) = self.look().await else {
            return false;
        };
        let [element] = found.as_slice() else {
            return false;
        };
        let script = "return document.activeElement === arguments[0]";
        let focused = session.run(script, json!([element.to_json()])).await;
        focused.is_ok_and(|focused| focused == Value::Bool(true))
    }

    /// Whether what has the focus is called so, where this goes by its name.
    async fn may_have_focus(&self) -> Answer<bool> {
        let last = self.steps.last().expect("a place has a step");
        if last.by == By::Words {
            return Ok(true);
        }
        let session = self.browser.session();
        let script = "return document.activeElement ? [document.activeElement] : []";
        let focused = session.find(script, json!([])).await?;
        let Some(element) = focused.first() else {
            return Ok(false);
        };
        Ok(one_line(&session.name_of(element).await?) == last.name)
    }
}

/// Text without its line breaks and double spaces.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
