-- What somebody did on any account, for who takes their data along.
CREATE INDEX tasks_actor_at ON tasks (actor_id, at, id);
