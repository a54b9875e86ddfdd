//! What stands around the pages: the guards, the bar on top, the settings' own navigation.

mod bell;
mod brand;
mod ended;
mod guest;
mod hosting;
mod return_path;
mod settings;
mod shell;

pub(crate) use brand::{Brand, CardPage};
pub(crate) use guest::{Guest, Splash};
pub(crate) use hosting::{Hosting, Upgrade, may_upgrade};
pub(crate) use settings::SettingsLayout;
pub(crate) use shell::AppShell;
