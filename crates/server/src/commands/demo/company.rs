//! The believable company.

use accord_domain::environment::EnvironmentStatus::{Running, Sleeping, Stopped};

use super::DemoEnvironment;

/// Everybody's password, so that one can look at the company from every side.
pub(super) const PASSWORD: &str = "seven lamps over the harbour";

pub(super) struct Owner {
    pub(super) company: &'static str,
    pub(super) name: &'static str,
    pub(super) email: &'static str,
}

pub(super) const OWNER: Owner = Owner {
    company: "Harbour Lane Books",
    name: "Ingrid Solheim",
    email: "ingrid@harbourlane.example",
};

/// Path and colour; parents before children.
pub(super) const GROUPS: &[(&str, &str)] = &[
    ("shop", "#2563eb"),
    ("shop/production", "#dc2626"),
    ("shop/staging", "#f59e0b"),
    ("content", "#059669"),
    ("content/magazine", "#14b8a6"),
    ("internal", "#7c3aed"),
    ("internal/tools", "#a855f7"),
];

pub(super) const ENVIRONMENTS: &[DemoEnvironment] = &[
    ("shop-web", "Shop, web front", Running, &["shop/production"]),
    ("shop-api", "Shop, API", Running, &["shop/production"]),
    ("shop-search", "Shop, search", Running, &["shop/production"]),
    (
        "shop-payments",
        "Shop, payments",
        Running,
        &["shop/production"],
    ),
    ("shop-staging", "Shop, staging", Running, &["shop/staging"]),
    (
        "shop-load-test",
        "Shop, load test",
        Sleeping,
        &["shop/staging"],
    ),
    (
        "magazine",
        "Harbour Magazine",
        Running,
        &["content/magazine"],
    ),
    (
        "magazine-preview",
        "Harbour Magazine, preview",
        Running,
        &["content/magazine", "shop/staging"],
    ),
    ("newsletter", "Newsletter", Running, &["content"]),
    ("wiki", "Staff wiki", Running, &["internal/tools"]),
    (
        "reports",
        "Sales reports",
        Stopped,
        &["internal/tools", "internal"],
    ),
    ("sandbox", "Sandbox", Sleeping, &[]),
];

/// Name, description, actions.
pub(super) const POLICY: (&str, &str, &[&str]) = (
    "Release day",
    "What whoever is on duty needs on the day of a release.",
    &[
        "environment.start",
        "environment.stop",
        "node.restart",
        "logs.read",
        "statistics.view",
    ],
);

/// Name, description, policies, whether load alerts are received.
pub(super) const ROLES: &[(&str, &str, &[&str], bool)] = &[(
    "On duty",
    "Keeps things running on the day of a release, and hears when they do not.",
    &["Release day"],
    true,
)];

pub(super) enum Shared {
    Environments(&'static [&'static str]),
    Groups(&'static [&'static str]),
    Group(&'static str, &'static [&'static str]),
    Environment(&'static str, &'static [&'static str]),
}

/// What became of an invitation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Pending,
    Active,
    Suspended,
    Rejected,
    Left,
    Removed,
    Expired,
}

impl Fate {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Rejected => "rejected",
            Self::Left => "left",
            Self::Removed => "removed",
            Self::Expired => "expired",
        }
    }

    /// Whether the person ever accepted, which made an account.
    pub(super) const fn has_account(self) -> bool {
        match self {
            Self::Active | Self::Suspended | Self::Left | Self::Removed => true,
            Self::Pending | Self::Rejected | Self::Expired => false,
        }
    }
}

pub(super) struct Colleague {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) invited_days_ago: i64,
    pub(super) shares: &'static [Shared],
    pub(super) fate: Fate,
}

/// In the order in which they were invited.
pub(super) const COLLEAGUES: &[Colleague] = &[
    Colleague {
        name: "Tomás Ferreira",
        email: "tomas@harbourlane.example",
        invited_days_ago: 38,
        shares: &[
            Shared::Environments(&["Viewer"]),
            Shared::Group("shop", &["Developer"]),
        ],
        fate: Fate::Active,
    },
    Colleague {
        name: "Mei-Ling Zhou",
        email: "mei-ling@harbourlane.example",
        invited_days_ago: 36,
        shares: &[
            Shared::Groups(&["User"]),
            Shared::Environment("shop-payments", &["Admin", "On duty"]),
        ],
        fate: Fate::Active,
    },
    Colleague {
        name: "Old Agency",
        email: "team@oldagency.example",
        invited_days_ago: 30,
        shares: &[Shared::Group("content", &["Admin"])],
        fate: Fate::Removed,
    },
    Colleague {
        name: "Pavel Novák",
        email: "pavel@harbourlane.example",
        invited_days_ago: 27,
        shares: &[Shared::Environment("shop-load-test", &["User"])],
        fate: Fate::Left,
    },
    Colleague {
        name: "Amara Okafor",
        email: "amara@freelance.example",
        invited_days_ago: 21,
        shares: &[Shared::Group("content/magazine", &["Developer"])],
        fate: Fate::Suspended,
    },
    Colleague {
        name: "Jonas Lindqvist",
        email: "jonas@auditors.example",
        invited_days_ago: 16,
        shares: &[Shared::Environments(&["Viewer"])],
        fate: Fate::Expired,
    },
    Colleague {
        name: "Priya Raman",
        email: "priya@competitor.example",
        invited_days_ago: 12,
        shares: &[Shared::Group("shop/staging", &["User"])],
        fate: Fate::Rejected,
    },
    Colleague {
        name: "Yusuf Demir",
        email: "yusuf@harbourlane.example",
        invited_days_ago: 6,
        shares: &[
            Shared::Group("internal/tools", &["Developer"]),
            Shared::Environment("sandbox", &["Admin"]),
        ],
        fate: Fate::Active,
    },
    Colleague {
        name: "Sofia Marchetti",
        email: "sofia@harbourlane.example",
        invited_days_ago: 1,
        shares: &[Shared::Group("shop/production", &["On duty"])],
        fate: Fate::Pending,
    },
];
