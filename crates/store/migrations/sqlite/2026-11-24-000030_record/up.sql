-- The record is read by what it is about and by who did it, too.
CREATE INDEX tasks_member ON tasks (account_id, member_id, at, id);
CREATE INDEX tasks_environment ON tasks (account_id, environment_id, at, id);
CREATE INDEX tasks_actor ON tasks (account_id, actor_id, at, id);

-- A row that takes the place of another deletes it without asking the trigger that refuses deletion.
CREATE TRIGGER tasks_refuse_replacement BEFORE INSERT ON tasks
WHEN EXISTS (SELECT 1 FROM tasks WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'tasks are append-only');
END;
