//! The parts that screens are made of. They never fetch: what they show and do is handed to them.

mod address_field;
mod avatar;
mod button;
mod choice;
mod conflict;
mod copy_field;
mod dialog;
mod dom;
mod field;
mod floating;
mod icon;
mod list;
mod long_list;
mod long_table;
mod menu;
mod notice;
mod page;
mod popover;
mod role_picker;
mod secret;
pub(crate) mod share_editor;
mod shared_items;
mod sorting;
mod states;
mod status;
mod theme;
mod time;
mod toast;
mod told;

pub(crate) use address_field::{AddressField, RecipientId, Recipients, model::Parsed};
pub(crate) use avatar::{Avatar, Person};
pub(crate) use button::{Button, ButtonKind, IconButton};
pub(crate) use choice::{Choice, ChoiceList, chosen_ids};
pub(crate) use conflict::ConflictNotice;
pub(crate) use copy_field::CopyField;
pub(crate) use dialog::{CancelButton, ConfirmDialog, Dialog, DialogFooter, DialogSize, Parting};
pub(crate) use dom::{
    download, focus_awaited_heading, focus_conflict, focus_first_invalid, focus_heading, focus_row,
    next_id, step,
};
pub(crate) use field::{Checkbox, FieldKind, SearchField, Select, TextArea, TextField};
pub(crate) use icon::{Glyph, Icon, Sprite};
pub(crate) use list::each;
pub(crate) use long_list::LongList;
pub(crate) use long_table::LongTable;
pub(crate) use menu::{Menu, MenuItem, MenuLink};
pub(crate) use notice::{FailureNotice, Notice, Tone};
pub(crate) use page::{PageHeader, Section};
pub(crate) use popover::Popover;
pub(crate) use role_picker::{Pick, RolePicker};
pub(crate) use secret::{Secret, SecretDialog};
pub(crate) use share_editor::{GroupTools, OutcomeList, Outcomes, ShareEditor};
pub(crate) use shared_items::SharedItems;
pub(crate) use sorting::{Column, SortHead, SortedFrame, Sorting, order_asked_for, orders};
pub(crate) use states::{Empty, Skeleton, SkeletonView, screen};
pub(crate) use status::{
    AccessLevelTag, DeliveryStatusTag, EnvironmentStatusTag, GroupTag, MemberStatusTag, RoleTags,
    WebhookStateTag,
};
pub(crate) use theme::{ThemeChoice, ThemeSwitch};
pub(crate) use time::{
    Clock, DateTimeField, RelativeTime, exact, from_local_text, now, short_date,
};
pub(crate) use toast::{ToastRegion, Toasts};
pub(crate) use told::{Told, kind_words};
