"""What connectors/listings/stock.py asks the database: constants, put together of parts."""

# ruff: noqa: S608

# What a shop should show: pieces that can be sold, in bundles of theirs, less what its own open orders already sold
# (the shop took them off by itself; MCI reserves them at Sincronizza), what it sold and we have not heard of, and what
# the reseller keeps back. `short`: pieces of ours that its orders want and that are not there.
_HEARD = """
    SELECT regexp_replace(l.external_id, '/0$', '') AS external_id, l.quantity, l.shop_quantity, i.first_seen_at
      FROM connectors_inboxorder i
      JOIN orders_order o ON o.id = i.order_id AND o.state <> 'cancelled'
      JOIN orders_orderline l ON l.order_id = o.id AND NOT l.ignored
     WHERE i.shop_id = %(shop)s"""
_WANTED = f"""
WITH sold AS (
    SELECT l.variant_id, sum(l.quantity) AS pieces
      FROM orders_orderline l
      JOIN orders_order o ON o.id = l.order_id AND o.state IN ('received', 'ready')
      JOIN connectors_inboxorder i ON i.order_id = o.id AND i.shop_id = %(shop)s
     WHERE l.variant_id IS NOT NULL AND NOT l.ignored
     GROUP BY l.variant_id
), known AS (
    SELECT g.id, g.external_id, g.told, g.stock_id, g.try_after, g.heard_at, g.unheard, g.quantity,
           v.active AND p.active AS active, coalesce(s.on_hand - s.reserved, 0) AS here,
           coalesce(s.buffer, 0) AS buffer, coalesce(sold.pieces, 0) AS sold, h.stock_buffer,
           CASE WHEN g.unheard > 0 AND (h.heard_until IS NULL OR h.heard_until < g.heard_at + %(lag)s)
                THEN greatest(0, g.unheard - coalesce((
                         SELECT sum(coalesce(n.shop_quantity, ceil(n.quantity / g.quantity::numeric))) FROM ({_HEARD}) n
                          WHERE n.first_seen_at > g.heard_at AND n.external_id = g.external_id), 0))::int
                ELSE 0 END AS unseen
      FROM connectors_listing g
      JOIN connectors_shop h ON h.id = g.shop_id
      JOIN catalog_variant v ON v.id = g.variant_id
      JOIN catalog_product p ON p.id = v.product_id
      LEFT JOIN catalog_stock s ON s.variant_id = g.variant_id
      LEFT JOIN sold ON sold.variant_id = g.variant_id
     WHERE g.shop_id = %(shop)s AND g.off_at IS NULL AND (h.stock_on OR g.ours)
), wanted AS (
    SELECT id, external_id, told, stock_id, try_after, heard_at, unheard, quantity, unseen,
           CASE WHEN active THEN greatest(0, greatest(0, greatest(0, here - buffer) - sold) / quantity - stock_buffer
                                             - unseen) ELSE 0 END::int AS pieces,
           greatest(0, sold + unseen * quantity - here)::int AS short
      FROM known
)
"""
# What the shop should show by now: what it was told, less the orders since then that were not taken off it already.
_EXPECTED = f"""
, heard AS MATERIALIZED ({_HEARD} AND i.first_seen_at > (
        SELECT greatest(min(heard_at), %(now)s - interval '7 days') FROM these WHERE told IS NOT NULL)
), lately AS (
    SELECT s.id, sum(coalesce(n.shop_quantity, ceil(n.quantity / s.quantity::numeric)))::int AS pieces
      FROM these s JOIN heard n ON n.external_id = s.external_id AND n.first_seen_at > s.heard_at
     GROUP BY s.id
)
"""
_NOW = "s.told - greatest(0, coalesce(lately.pieces, 0) - s.unheard)"
_FROM_THESE = " FROM these s LEFT JOIN lately ON lately.id = s.id"
_BEHIND = " FROM wanted WHERE told IS DISTINCT FROM pieces AND try_after <= statement_timestamp()"
COUNT = _WANTED + "SELECT count(*)" + _BEHIND
IDS = _WANTED + "SELECT id" + _BEHIND
SOME = _WANTED + "SELECT id, pieces, short FROM wanted WHERE id = ANY(%(ids)s)"
# Simple products first, then the variations of one product together: the fewest calls.
ROWS = (
    _WANTED
    + ", these AS MATERIALIZED (SELECT *"
    + _BEHIND
    + " ORDER BY position('/' in external_id) > 0, external_id, id LIMIT %(limit)s)"
    + _EXPECTED
    + f"SELECT s.id, s.external_id, s.pieces, {_NOW}, s.stock_id, s.unseen, s.short{_FROM_THESE}"
    + " ORDER BY position('/' in s.external_id) > 0, s.external_id, s.id"
)
SHOULD = (
    _WANTED
    + ", these AS MATERIALIZED (SELECT * FROM wanted WHERE id = ANY(%(ids)s))"
    + _EXPECTED
    + f"SELECT s.id, s.pieces, {_NOW}, s.unseen{_FROM_THESE}"
)
TOLD = """
UPDATE connectors_listing g SET told = x.pieces, unheard = x.unheard, told_at = statement_timestamp(),
    heard_at = statement_timestamp(), error = ''
  FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS x(id, pieces, unheard) WHERE g.id = x.id
"""
REFUSED = """
UPDATE connectors_listing g SET error = x.error, try_after = statement_timestamp() + %s * interval '1 second'
  FROM unnest(%s::bigint[], %s::text[]) AS x(id, error) WHERE g.id = x.id
"""
