DROP TRIGGER tasks_refuse_replacement;
DROP INDEX tasks_member;
DROP INDEX tasks_environment;
DROP INDEX tasks_actor;
