"""The hatch for maintenance is the owner's: a setting of the session is anybody's to make, and the application could open
it. And an account begins with nothing, its floor too: who could make one with a balance, or a floor below, made money."""

from django.db import migrations

IS_OWNER = "pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')"
ANYBODY = "true"

FUNCTIONS = """
CREATE OR REPLACE FUNCTION wallet_refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF current_setting('mci.ledger_maintenance', true) = 'on' AND {WHO} THEN
    RAISE LOG 'ledger maintenance: % on % by %', TG_OP, TG_TABLE_NAME, session_user;
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the books are append-only: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'wallet_append_only';
END $$;

CREATE OR REPLACE FUNCTION wallet_refuse_account() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF current_setting('mci.ledger_maintenance', true) = 'on' AND {WHO} THEN
    RAISE LOG 'ledger maintenance: % on account % by %', TG_OP, NEW.id, session_user;
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'account %: only postings move a balance, and an account keeps its kind and owner', NEW.id
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'wallet_account_guard';
END $$;

CREATE OR REPLACE FUNCTION wallet_refuse_decided() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF current_setting('mci.ledger_maintenance', true) = 'on' AND {WHO} THEN
    RAISE LOG 'ledger maintenance: % on proposal % by %', TG_OP, OLD.id, session_user;
    RETURN coalesce(NEW, OLD);
  END IF;
  RAISE EXCEPTION 'proposal %: what was decided or proposed is not changed', OLD.id
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'wallet_proposal_decided';
END $$;
"""
EMPTY = """
DROP TRIGGER starts_empty ON wallet_account;
CREATE TRIGGER starts_empty BEFORE INSERT ON wallet_account FOR EACH ROW
  WHEN ({WHEN}) EXECUTE FUNCTION wallet_refuse_account();
"""


def _sql(who: str, when: str) -> str:
    return FUNCTIONS.replace("{WHO}", who) + EMPTY.replace("{WHEN}", when)


class Migration(migrations.Migration):
    dependencies = [("wallet", "0004_second_person")]
    operations = [
        migrations.RunSQL(
            _sql(IS_OWNER, "NEW.balance <> 0 OR NEW.floor <> 0"), _sql(ANYBODY, "NEW.balance <> 0")
        )
    ]
