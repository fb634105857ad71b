"""The guards of the books: what PostgreSQL refuses, whoever asks, and the one function that posts.

The hatch for maintenance, `SET LOCAL mci.ledger_maintenance = 'on'`, lifts the refusals of changes for one transaction and
is written to the server's log; the balance of entries is checked even then.
"""

from django.db import migrations

SYSTEM = "bank,card,cod_in_transit,sales,shipping_income,cod_fees,vat,adjustments,losses"

# The transaction that wrote an entry: the seal takes only what every snapshot sees, and a later transaction cannot add to it.
COLUMN = """
ALTER TABLE wallet_entry ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX wallet_entry_xid ON wallet_entry (xid, id);
"""

APPEND_ONLY = """
CREATE FUNCTION wallet_refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF current_setting('mci.ledger_maintenance', true) = 'on' THEN
    RAISE LOG 'ledger maintenance: % on % by %', TG_OP, TG_TABLE_NAME, session_user;
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the books are append-only: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'wallet_append_only';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet_entry
  FOR EACH STATEMENT EXECUTE FUNCTION wallet_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet_posting
  FOR EACH STATEMENT EXECUTE FUNCTION wallet_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wallet_seal
  FOR EACH STATEMENT EXECUTE FUNCTION wallet_refuse_change();
CREATE TRIGGER never_gone BEFORE DELETE OR TRUNCATE ON wallet_account
  FOR EACH STATEMENT EXECUTE FUNCTION wallet_refuse_change();
"""

ACCOUNT = """
CREATE FUNCTION wallet_refuse_account() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF current_setting('mci.ledger_maintenance', true) = 'on' THEN
    RAISE LOG 'ledger maintenance: % on account % by %', TG_OP, NEW.id, session_user;
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'account %: only postings move a balance, and an account keeps its kind and owner', NEW.id
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'wallet_account_guard';
END $$;

CREATE TRIGGER balance_by_postings BEFORE UPDATE ON wallet_account FOR EACH ROW
  WHEN (OLD.balance IS DISTINCT FROM NEW.balance AND pg_trigger_depth() = 0)
  EXECUTE FUNCTION wallet_refuse_account();
CREATE TRIGGER same_account BEFORE UPDATE ON wallet_account FOR EACH ROW
  WHEN (OLD.id <> NEW.id OR OLD.kind <> NEW.kind OR OLD.dropshipper_id IS DISTINCT FROM NEW.dropshipper_id)
  EXECUTE FUNCTION wallet_refuse_account();
CREATE TRIGGER starts_empty BEFORE INSERT ON wallet_account FOR EACH ROW
  WHEN (NEW.balance <> 0) EXECUTE FUNCTION wallet_refuse_account();
"""

# Balance: at the statement that inserts postings (all its entries at once), and again at commit for each new entry, which
# also catches an entry without postings.
BALANCED = """
CREATE FUNCTION wallet_check_entry() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  lines bigint;
  total numeric;
BEGIN
  SELECT count(*), coalesce(sum(amount), 0) INTO lines, total FROM wallet_posting WHERE entry_id = NEW.id;
  IF lines < 2 OR total <> 0 THEN
    RAISE EXCEPTION 'entry % has % postings that sum to %', NEW.id, lines, total
      USING ERRCODE = 'check_violation', CONSTRAINT = 'wallet_entry_balanced';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON wallet_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION wallet_check_entry();

CREATE FUNCTION wallet_postings_added() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  bad record;
  settled bigint[];
BEGIN
  FOR bad IN
    SELECT e.id, e.reverses_id, e.xid <> pg_current_xact_id() AS closed, sum(p.amount) AS total, count(*) AS lines,
           bool_or(a.dropshipper_id IS NOT NULL AND a.dropshipper_id IS DISTINCT FROM e.dropshipper_id) AS foreign_account
      FROM (SELECT DISTINCT entry_id FROM added) t
      JOIN wallet_entry e ON e.id = t.entry_id
      JOIN wallet_posting p ON p.entry_id = e.id
      JOIN wallet_account a ON a.id = p.account_id
     GROUP BY e.id
    HAVING e.reverses_id IS NOT NULL OR e.xid <> pg_current_xact_id() OR sum(p.amount) <> 0 OR count(*) < 2
        OR bool_or(a.dropshipper_id IS NOT NULL AND a.dropshipper_id IS DISTINCT FROM e.dropshipper_id)
  LOOP
    IF bad.closed THEN
      RAISE EXCEPTION 'entry % is closed', bad.id USING ERRCODE = 'restrict_violation', CONSTRAINT = 'wallet_entry_closed';
    ELSIF bad.total <> 0 OR bad.lines < 2 THEN
      RAISE EXCEPTION 'entry % has % postings that sum to %', bad.id, bad.lines, bad.total
        USING ERRCODE = 'check_violation', CONSTRAINT = 'wallet_entry_balanced';
    ELSIF bad.foreign_account THEN
      RAISE EXCEPTION 'entry % moves an account of another dropshipper', bad.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'wallet_entry_tenant_only';
    ELSIF EXISTS (
        (SELECT account_id, amount FROM wallet_posting WHERE entry_id = bad.id
         EXCEPT SELECT account_id, -amount FROM wallet_posting WHERE entry_id = bad.reverses_id)
        UNION ALL
        (SELECT account_id, -amount FROM wallet_posting WHERE entry_id = bad.reverses_id
         EXCEPT SELECT account_id, amount FROM wallet_posting WHERE entry_id = bad.id)
      ) OR EXISTS (
        SELECT 1 FROM wallet_entry e JOIN wallet_entry o ON o.id = e.reverses_id
         WHERE e.id = bad.id AND (o.reverses_id IS NOT NULL OR o.reference <> e.reference)
      ) THEN
      RAISE EXCEPTION 'entry % is not the exact reversal of %', bad.id, bad.reverses_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'wallet_entry_exact_reversal';
    END IF;
  END LOOP;
  -- Each account is locked once and moved once, in id order. The supplier's accounts cache nothing and are not touched.
  PERFORM 1 FROM wallet_account
    WHERE id IN (SELECT account_id FROM added) AND balance IS NOT NULL ORDER BY id FOR NO KEY UPDATE;
  UPDATE wallet_account a SET balance = a.balance + m.amount
    FROM (SELECT account_id, sum(amount) AS amount FROM added GROUP BY account_id) m
   WHERE a.id = m.account_id AND a.balance IS NOT NULL AND m.amount <> 0;
  -- What is to come, by reference: under the lock of its account, and gone when it is settled. Looked up line by line:
  -- linear, whatever the planner thinks of a young table.
  WITH moved AS (
    INSERT INTO wallet_openitem AS o (account_id, reference, amount, since)
    SELECT p.account_id, e.reference, sum(p.amount), min(e.at)
      FROM added p CROSS JOIN LATERAL (SELECT reference, at FROM wallet_entry WHERE id = p.entry_id OFFSET 0) e
     WHERE (SELECT kind FROM wallet_account WHERE id = p.account_id) = 'cod_due'
     GROUP BY p.account_id, e.reference
    ON CONFLICT (account_id, reference) DO UPDATE SET amount = o.amount + excluded.amount
    RETURNING o.id, o.amount
  )
  SELECT array_agg(id) INTO settled FROM moved WHERE amount = 0;
  IF settled IS NOT NULL THEN
    DELETE FROM wallet_openitem WHERE id = ANY (settled);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER by_postings BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON wallet_openitem
  FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION wallet_refuse_change();

CREATE TRIGGER postings_added AFTER INSERT ON wallet_posting REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION wallet_postings_added();
"""

# All entries and postings of a call in one round trip, whatever their number. Entries whose key exists are left as they are.
# A broken floor, a key with other content or a second reversal undoes the whole call and is told in `o_refused`.
POST = """
CREATE FUNCTION wallet_post(
  keys text[], kinds text[], refs text[], owners bigint[], hashes text[], authors bigint[], memos text[], undone bigint[],
  times timestamptz[], line_key text[], line_kind text[], line_amount numeric[]
) RETURNS TABLE (o_key text, o_id bigint, o_refused text)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  broken text;
  other text;
  made bigint[];
BEGIN
  BEGIN
    INSERT INTO wallet_account (kind, dropshipper_id, balance, floor)
    SELECT k, d, 0, 0 FROM (SELECT DISTINCT unnest(owners) AS d) o, unnest('{wallet,held,cod_due}'::text[]) k
     WHERE d IS NOT NULL AND NOT EXISTS (SELECT 1 FROM wallet_account a WHERE a.dropshipper_id = d AND a.kind = k)
    ON CONFLICT DO NOTHING;
    INSERT INTO wallet_account (kind)
    SELECT k FROM (SELECT DISTINCT unnest(line_kind) AS k) o
     WHERE k = ANY ('{SYSTEM_KINDS}') AND NOT EXISTS (SELECT 1 FROM wallet_account a WHERE a.dropshipper_id IS NULL AND a.kind = k)
    ON CONFLICT DO NOTHING;
    WITH added AS (
      INSERT INTO wallet_entry (key, kind, reference, dropshipper_id, request_hash, by_id, memo, reverses_id, at)
      SELECT key, kind, reference, owner, decode(hash, 'hex'), author, memo, reverses, at
        FROM unnest(keys, kinds, refs, owners, hashes, authors, memos, undone, times)
          AS g (key, kind, reference, owner, hash, author, memo, reverses, at)
       ORDER BY key
      ON CONFLICT (key) DO NOTHING
      RETURNING id
    )
    SELECT array_agg(id) INTO made FROM added;
    -- Index lookups line by line: linear, whatever the planner thinks of the arrays' length.
    INSERT INTO wallet_posting (entry_id, account_id, amount)
    SELECT e.id, account.id, line.amount
      FROM unnest(line_key, line_kind, line_amount) AS line (key, kind, amount)
      JOIN wallet_entry e ON e.key = line.key
     CROSS JOIN LATERAL (
       SELECT a.id FROM wallet_account a WHERE a.dropshipper_id = e.dropshipper_id AND a.kind = line.kind
       UNION ALL
       SELECT a.id FROM wallet_account a WHERE a.dropshipper_id IS NULL AND a.kind = line.kind
     ) account
     WHERE e.id = ANY (made)
     ORDER BY e.id, account.id;
    SELECT e.key INTO other FROM unnest(keys, hashes) AS g (key, hash) JOIN wallet_entry e ON e.key = g.key
     WHERE e.request_hash <> decode(g.hash, 'hex') ORDER BY e.key LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'key % exists with other content', other
        USING ERRCODE = 'check_violation', CONSTRAINT = 'wallet_entry_same_content';
    END IF;
  EXCEPTION WHEN check_violation OR unique_violation THEN
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
    IF broken NOT IN (
      'wallet_account_floor', 'wallet_entry_same_content', 'wallet_entry_one_sale', 'wallet_entry_reverses_id_key'
    ) THEN
      RAISE;
    END IF;
    RETURN QUERY SELECT other, NULL::bigint, broken;
    RETURN;
  END;
  RETURN QUERY SELECT e.key::text, e.id, NULL::text FROM wallet_entry e WHERE e.key = ANY (keys);
END $$;
""".replace("SYSTEM_KINDS", SYSTEM)

SYSTEM_ACCOUNTS = """
INSERT INTO wallet_account (kind) SELECT unnest('{SYSTEM_KINDS}'::text[]) ON CONFLICT DO NOTHING;
""".replace("SYSTEM_KINDS", SYSTEM)

BACK = """
DROP FUNCTION wallet_post;
DROP TRIGGER postings_added ON wallet_posting;
DROP TRIGGER by_postings ON wallet_openitem;
DROP TRIGGER balanced ON wallet_entry;
DROP TRIGGER balance_by_postings ON wallet_account;
DROP TRIGGER same_account ON wallet_account;
DROP TRIGGER starts_empty ON wallet_account;
DROP TRIGGER append_only ON wallet_entry;
DROP TRIGGER append_only ON wallet_posting;
DROP TRIGGER append_only ON wallet_seal;
DROP TRIGGER never_gone ON wallet_account;
DROP FUNCTION wallet_postings_added;
DROP FUNCTION wallet_check_entry;
DROP FUNCTION wallet_refuse_account;
DROP FUNCTION wallet_refuse_change;
ALTER TABLE wallet_entry DROP COLUMN xid;
DELETE FROM wallet_account a WHERE dropshipper_id IS NULL AND NOT EXISTS (SELECT 1 FROM wallet_posting p WHERE p.account_id = a.id);
"""


class Migration(migrations.Migration):
    dependencies = [("wallet", "0001_initial")]
    operations = [migrations.RunSQL("\n".join([COLUMN, APPEND_ONLY, ACCOUNT, BALANCED, POST, SYSTEM_ACCOUNTS]), BACK)]
