<?php
/**
 * The table of what MCI must still hear.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

// The queue must be read and written as it is now, by any number of processes: no cache, and SQL that decides by itself.
// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared

/**
 * One row per order (order_id 0: a test message). Times are seconds since 1970.
 *
 * `version` grows with each change, so that a change which comes while the row is being sent is seen afterwards.
 */
class MCI_Queue_Table {

	const SCHEMA = 1;

	/**
	 * The table's name in this site.
	 *
	 * @return string
	 */
	public function name() {
		global $wpdb;
		return $wpdb->prefix . 'mci_connector_queue';
	}

	/**
	 * Makes the table, or brings it up to date.
	 */
	public function install() {
		global $wpdb;
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		$collate = $wpdb->get_charset_collate();
		// dbDelta wants two spaces after PRIMARY KEY and one definition a line.
		dbDelta(
			"CREATE TABLE {$this->name()} (
order_id bigint(20) unsigned NOT NULL,
topic varchar(32) NOT NULL,
message varchar(36) NOT NULL,
version bigint(20) unsigned NOT NULL DEFAULT 1,
noted_at bigint(20) unsigned NOT NULL,
waiting_since bigint(20) unsigned NOT NULL,
attempts int(10) unsigned NOT NULL DEFAULT 0,
try_after bigint(20) unsigned NOT NULL,
state varchar(10) NOT NULL DEFAULT 'waiting',
reason varchar(190) NOT NULL DEFAULT '',
claim varchar(36) NOT NULL DEFAULT '',
claimed_until bigint(20) unsigned NOT NULL DEFAULT 0,
PRIMARY KEY  (order_id),
KEY due (state,try_after),
KEY claim (claim)
) $collate;"
		);
	}

	/**
	 * Takes the table away.
	 */
	public function drop() {
		global $wpdb;
		$wpdb->query( "DROP TABLE IF EXISTS {$this->name()}" );
	}

	/**
	 * Notes a change. A row that waits keeps its place; one that was given up gets a fresh start.
	 *
	 * @param int    $order_id The order.
	 * @param string $topic    What happened to it.
	 * @param string $message  UUID of the message that will tell it.
	 * @param int    $now      Now.
	 * @return bool Whether it is in the table.
	 */
	public function note( $order_id, $topic, $message, $now ) {
		global $wpdb;
		$done = $wpdb->query(
			$wpdb->prepare(
				"INSERT INTO {$this->name()} (order_id, topic, message, noted_at, waiting_since, try_after)
				VALUES (%d, %s, %s, %d, %d, %d)
				ON DUPLICATE KEY UPDATE
					topic = VALUES(topic), message = VALUES(message), noted_at = VALUES(noted_at), version = version + 1,
					attempts = IF(state = 'failed', 0, attempts),
					try_after = IF(state = 'failed', VALUES(try_after), try_after),
					waiting_since = IF(state = 'failed', VALUES(waiting_since), waiting_since),
					reason = IF(state = 'failed', '', reason),
					state = 'waiting'",
				$order_id,
				$topic,
				$message,
				$now,
				$now,
				$now
			)
		);
		return false !== $done;
	}

	/**
	 * Takes one row that is due, for this process alone.
	 *
	 * @param string $claim A name for this taking.
	 * @param int    $now   Now.
	 * @param int    $until When the taking lapses, should this process die.
	 * @return array<string,mixed>|null
	 */
	public function claim( $claim, $now, $until ) {
		global $wpdb;
		$taken = $wpdb->query(
			$wpdb->prepare(
				"UPDATE {$this->name()} SET claim = %s, claimed_until = %d
				WHERE state = 'waiting' AND try_after <= %d AND claimed_until <= %d
				ORDER BY try_after, waiting_since, order_id LIMIT 1",
				$claim,
				$until,
				$now,
				$now
			)
		);
		if ( ! $taken ) {
			return null;
		}
		$row = $wpdb->get_row( $wpdb->prepare( "SELECT * FROM {$this->name()} WHERE claim = %s", $claim ), ARRAY_A );
		return $row ? $this->read( $row ) : null;
	}

	/**
	 * Forgets a row that was told, unless the order changed meanwhile.
	 *
	 * @param int    $order_id The order.
	 * @param int    $version  What was told.
	 * @param string $claim    The taking.
	 * @return bool Whether it is gone.
	 */
	public function remove( $order_id, $version, $claim ) {
		global $wpdb;
		return (bool) $wpdb->query(
			$wpdb->prepare(
				"DELETE FROM {$this->name()} WHERE order_id = %d AND version = %d AND claim = %s",
				$order_id,
				$version,
				$claim
			)
		);
	}

	/**
	 * Gives a row back that changed while it was told: due at once, as if new.
	 *
	 * @param int    $order_id The order.
	 * @param string $claim    The taking.
	 * @param int    $now      Now.
	 */
	public function renew( $order_id, $claim, $now ) {
		global $wpdb;
		$wpdb->query(
			$wpdb->prepare(
				"UPDATE {$this->name()} SET claim = '', claimed_until = 0, attempts = 0, try_after = %d, waiting_since = noted_at, reason = ''
				WHERE order_id = %d AND claim = %s",
				$now,
				$order_id,
				$claim
			)
		);
	}

	/**
	 * Gives a row back that could not be told. One that changed meanwhile is not given up.
	 *
	 * @param int    $order_id  The order.
	 * @param int    $version   What was tried.
	 * @param string $claim     The taking.
	 * @param bool   $failed    Given up.
	 * @param int    $attempts  Tries so far.
	 * @param int    $try_after Next try.
	 * @param string $reason    Why.
	 */
	public function give_back( $order_id, $version, $claim, $failed, $attempts, $try_after, $reason ) {
		global $wpdb;
		$wpdb->query(
			$wpdb->prepare(
				"UPDATE {$this->name()} SET claim = '', claimed_until = 0, attempts = %d, try_after = %d, reason = %s,
					state = IF(%d = 1 AND version = %d, 'failed', 'waiting')
				WHERE order_id = %d AND claim = %s",
				$attempts,
				$try_after,
				substr( $reason, 0, 190 ),
				$failed ? 1 : 0,
				$version,
				$order_id,
				$claim
			)
		);
	}

	/**
	 * Puts off all that is due: MCI is away, there is no sense in trying each.
	 *
	 * @param int    $now    Now.
	 * @param int    $until  Next try.
	 * @param string $reason Why.
	 */
	public function put_off( $now, $until, $reason ) {
		global $wpdb;
		$wpdb->query(
			$wpdb->prepare(
				"UPDATE {$this->name()} SET try_after = %d, reason = %s
				WHERE state = 'waiting' AND try_after <= %d AND claimed_until <= %d",
				$until,
				$reason,
				$now,
				$now
			)
		);
	}

	/**
	 * MCI is back: what waited for it only is due now. What failed time and again may itself be the trouble: it waits on.
	 *
	 * @param string $reason Beginning of the reason.
	 * @param int    $tries  So many tries are too many.
	 * @param int    $now    Now.
	 */
	public function hurry( $reason, $tries, $now ) {
		global $wpdb;
		$wpdb->query(
			$wpdb->prepare(
				"UPDATE {$this->name()} SET try_after = %d WHERE state = 'waiting' AND try_after > %d AND attempts < %d AND reason LIKE %s",
				$now,
				$now,
				$tries,
				$wpdb->esc_like( $reason ) . '%'
			)
		);
	}

	/**
	 * All that is left is due now, also what was given up.
	 *
	 * @param int $now Now.
	 */
	public function retry( $now ) {
		global $wpdb;
		$wpdb->query(
			$wpdb->prepare(
				"UPDATE {$this->name()} SET
					waiting_since = IF(state = 'failed', %d, waiting_since), state = 'waiting', attempts = 0, try_after = %d",
				$now,
				$now
			)
		);
	}

	/**
	 * Forgets everything.
	 */
	public function clear() {
		global $wpdb;
		$wpdb->query( "DELETE FROM {$this->name()}" );
	}

	/**
	 * How it stands.
	 *
	 * @return array{waiting:int,failed:int,oldest:int,next:int} `oldest`, `next`: 0 when nothing waits.
	 */
	public function counts() {
		global $wpdb;
		$row = $wpdb->get_row(
			"SELECT SUM(state = 'waiting') AS waiting, SUM(state = 'failed') AS failed, MIN(waiting_since) AS oldest,
				MIN(IF(state = 'waiting', try_after, NULL)) AS next FROM {$this->name()}",
			ARRAY_A
		);
		return array_map( 'intval', (array) $row ) + array(
			'waiting' => 0,
			'failed'  => 0,
			'oldest'  => 0,
			'next'    => 0,
		);
	}

	/**
	 * What has a reason to be looked at, oldest first.
	 *
	 * @param int $limit How many.
	 * @return array<int,array<string,mixed>>
	 */
	public function troubles( $limit ) {
		global $wpdb;
		$rows = $wpdb->get_results(
			$wpdb->prepare( "SELECT * FROM {$this->name()} WHERE reason <> '' ORDER BY state, waiting_since LIMIT %d", $limit ),
			ARRAY_A
		);
		return array_map( array( $this, 'read' ), (array) $rows );
	}

	/**
	 * A row with its numbers as numbers.
	 *
	 * @param array<string,string> $row As the database gives it.
	 * @return array<string,mixed>
	 */
	private function read( array $row ) {
		foreach ( array( 'order_id', 'version', 'noted_at', 'waiting_since', 'attempts', 'try_after' ) as $name ) {
			$row[ $name ] = (int) $row[ $name ];
		}
		return $row;
	}
}
