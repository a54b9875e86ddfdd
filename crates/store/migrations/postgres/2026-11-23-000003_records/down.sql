DROP TABLE meta;
DROP TABLE outbox;
DROP TABLE tasks;
DROP FUNCTION tasks_are_append_only();
