//! Delegation: members with `collaboration.manage` on an environment, and what they may do with it.

mod environments;
mod giving;
mod others;

use accord_client::Result;
use accord_client::types::{
    DirectRoles, Environment, EnvironmentAccess, Item, Role, ShareEnvironment, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp};

/// An owner, and Carla who manages who has access to the shop. She reads files there too.
struct Scene {
    olga: Person,
    carla: Person,
    carlas_record: Uuid,
    shop: Environment,
    blog: Environment,
    manager: Role,
    reader: Role,
    writer: Role,
}

impl Scene {
    async fn set(app: &TestApp) -> Self {
        let olga = app.owner("olga").await;
        let (shop, blog) = (
            olga.adds_environment("shop").await,
            olga.adds_environment("blog").await,
        );
        let manager = olga.role_of("Manager", &["collaboration.manage"]).await;
        let reader = olga.role_of("Reader", &["files.read"]).await;
        let writer = olga.role_of("Writer", &["files.read", "files.write"]).await;
        let carla = app.owner("carla").await;
        let given = vec![share(Item::environment(shop.id), &[&manager, &reader])];
        let carlas_record = olga.invites(&carla.email, given).await.id;
        carla.accepts(&olga).await;
        Self {
            olga,
            carla,
            carlas_record,
            shop,
            blog,
            manager,
            reader,
            writer,
        }
    }

    /// Somebody joins with these shares.
    async fn joins(&self, app: &TestApp, name: &str, given: &[(Item, &Role)]) -> (Person, Uuid) {
        let person = app.owner(name).await;
        let shares = given.iter().map(|(item, role)| share(*item, &[role]));
        let member = self.olga.invites(&person.email, shares.collect()).await;
        person.accepts(&self.olga).await;
        (person, member.id)
    }

    async fn rows(&self) -> Vec<EnvironmentAccess> {
        let page = self
            .carla
            .environment_access(self.olga.id, self.shop.id, &Default::default())
            .await;
        page.expect("a delegate sees who has access").items
    }

    async fn row(&self, member: Uuid) -> EnvironmentAccess {
        let mut rows = self.rows().await;
        rows.retain(|row| row.member_id == member);
        rows.pop().expect("the member is listed")
    }

    async fn carla_gives(&self, member: Uuid, roles: &[&Role]) -> Result<EnvironmentAccess> {
        let body = DirectRoles {
            role_ids: roles.iter().map(|role| role.id).collect(),
            expires_at: None,
        };
        let put = self
            .carla
            .set_direct_roles(self.olga.id, self.shop.id, member, &body, None)
            .await;
        put.map(accord_client::Versioned::into_inner)
    }

    async fn carla_takes(&self, member: Uuid) -> Result<()> {
        self.carla
            .remove_direct_roles(self.olga.id, self.shop.id, member, None)
            .await
    }

    async fn carla_invites(&self, email: &str, roles: &[&Role]) -> Result<EnvironmentAccess> {
        let body = ShareEnvironment {
            email: email.into(),
            role_ids: roles.iter().map(|role| role.id).collect(),
            expires_at: None,
        };
        self.carla
            .share_environment(self.olga.id, self.shop.id, &body)
            .await
    }

    fn on_shop(&self) -> Item {
        Item::environment(self.shop.id)
    }
}
