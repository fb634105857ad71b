"""One address per user, the user's own: what the old e-mail page let in goes, and the database keeps it out.

Rows of other addresses (a second one, another user's) are deleted, so that reset letters and sign-in know `User.email`
alone. The address of staff and of companies that staff approved counts as proven: the portal's letters have gone there
all the time. Those who still wait for approval prove theirs when they sign in next. Names lose the
line breaks that single-line fields took."""

from django.db import migrations

DATA = """
UPDATE accounts_user SET email = lower(email) WHERE email <> lower(email);
UPDATE accounts_user SET name = regexp_replace(name, '[[:cntrl:]]+', ' ', 'g') WHERE name ~ '[[:cntrl:]]';
UPDATE accounts_dropshipper SET name = regexp_replace(name, '[[:cntrl:]]+', ' ', 'g') WHERE name ~ '[[:cntrl:]]';
DELETE FROM account_emailconfirmation;
DELETE FROM account_emailaddress e USING accounts_user u WHERE u.id = e.user_id AND lower(e.email) <> u.email;
DELETE FROM account_emailaddress e USING account_emailaddress kept
    WHERE kept.user_id = e.user_id AND (kept.verified::int, -kept.id) > (e.verified::int, -e.id);
UPDATE account_emailaddress SET email = lower(email), "primary" = true;
INSERT INTO account_emailaddress (user_id, email, verified, "primary")
    SELECT u.id, u.email, false, true FROM accounts_user u
    WHERE NOT EXISTS (SELECT 1 FROM account_emailaddress e WHERE e.user_id = u.id);
UPDATE account_emailaddress e SET verified = true FROM accounts_user u
    WHERE u.id = e.user_id AND NOT e.verified AND (u.is_staff OR u.is_superuser OR EXISTS (
        SELECT 1 FROM accounts_member m JOIN accounts_dropshipper d ON d.id = m.dropshipper_id
        WHERE m.user_id = u.id AND d.status IN ('active', 'suspended')));
"""
# The foreign keys are checked at the end of the transaction; tables that wait for it cannot be altered.
GUARDS = """
SET CONSTRAINTS ALL IMMEDIATE;
CREATE UNIQUE INDEX accounts_one_address ON account_emailaddress (user_id);
CREATE UNIQUE INDEX accounts_address_once ON account_emailaddress (lower(email));

CREATE FUNCTION accounts_address_is_the_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM accounts_user WHERE id = NEW.user_id AND lower(email) = NEW.email) THEN
        RAISE EXCEPTION 'an address must be the one of its user' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_address_is_the_users BEFORE INSERT OR UPDATE ON account_emailaddress
    FOR EACH ROW EXECUTE FUNCTION accounts_address_is_the_users();

CREATE FUNCTION accounts_address_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account_emailaddress SET email = lower(NEW.email), verified = false WHERE user_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_address_follows AFTER UPDATE OF email ON accounts_user
    FOR EACH ROW WHEN (lower(OLD.email) IS DISTINCT FROM lower(NEW.email)) EXECUTE FUNCTION accounts_address_follows();
SET CONSTRAINTS ALL DEFERRED;
"""
NO_GUARDS = """
DROP TRIGGER accounts_address_follows ON accounts_user;
DROP TRIGGER accounts_address_is_the_users ON account_emailaddress;
DROP FUNCTION accounts_address_follows();
DROP FUNCTION accounts_address_is_the_users();
DROP INDEX accounts_address_once;
DROP INDEX accounts_one_address;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_what_waits_for_a_word"), ("account", "0009_emailaddress_unique_primary_email")]
    operations = [
        migrations.RunSQL(DATA, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
