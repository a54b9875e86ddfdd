//! The record of tasks.

use accord_api_types::{ExportTasksQuery, Page, Task, TasksQuery};
use uuid::Uuid;

use crate::{Client, Result};

impl Client {
    /// The record of an account as far as the caller sees it, the newest first.
    pub async fn tasks(&self, account_id: Uuid, query: &TasksQuery) -> Result<Page<Task>> {
        self.get(&["accounts", &account_id.to_string(), "tasks"])
            .query(query)
            .read()
            .await
    }

    /// The same entries, all of them, as a file.
    pub async fn export_tasks(
        &self,
        account_id: Uuid,
        query: &ExportTasksQuery,
    ) -> Result<Vec<u8>> {
        self.get(&["accounts", &account_id.to_string(), "tasks", "export"])
            .query(query)
            .bytes()
            .await
    }
}
