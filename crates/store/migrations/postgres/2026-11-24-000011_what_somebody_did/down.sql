DROP INDEX tasks_actor_at;
