<?php
/**
 * MCI asks for orders.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

// Only ids come from SQL, because no API of WooCommerce pages by (modified, id); the orders are read through WooCommerce.
// phpcs:disable WordPress.DB.DirectDatabaseQuery, WordPress.DB.PreparedSQL.InterpolatedNotPrepared

/**
 * Pages of orders, whether they are in tables of their own (HPOS) or posts.
 */
class MCI_Orders {

	const NO_DRAFTS = "'auto-draft', 'draft', 'checkout-draft', 'wc-checkout-draft', 'new'";

	/**
	 * Columns: table, id, type, status, modified, created.
	 *
	 * @return string[]
	 */
	private function columns() {
		global $wpdb;
		if ( MCI_About::has_order_tables() ) {
			return array( $wpdb->prefix . 'wc_orders', 'id', 'type', 'status', 'date_updated_gmt', 'date_created_gmt' );
		}
		return array( $wpdb->posts, 'ID', 'post_type', 'post_status', 'post_modified_gmt', 'post_date_gmt' );
	}

	/**
	 * Orders changed since a time, the next page by (modified, id): whatever changes between two pages comes later.
	 *
	 * @param string $since    UTC, as the database writes it.
	 * @param int    $after_id Of those changed at `since`, only the ones after this.
	 * @param int    $limit    How many.
	 * @return array<string,mixed>
	 */
	public function since( $since, $after_id, $limit ) {
		global $wpdb;
		list( $table, $id, $type, $status, $modified ) = $this->columns();

		$rows = $wpdb->get_results(
			$wpdb->prepare(
				"SELECT $id AS id, $modified AS modified FROM $table
				WHERE $type = 'shop_order' AND $status NOT IN (" . self::NO_DRAFTS . ") AND $modified >= %s
					AND ($modified > %s OR $id > %d)
				ORDER BY $modified, $id LIMIT %d",
				$since,
				$since,
				$after_id,
				$limit + 1
			)
		);
		$more = count( $rows ) > $limit;
		$rows = array_slice( $rows, 0, $limit );
		$last = $rows ? end( $rows ) : null;
		return array(
			'orders' => array_values( array_filter( array_map( array( $this, 'whole' ), $rows ) ) ),
			'more'   => $more,
			'next'   => array(
				'since'    => MCI_Message::time_of_column( $last ? $last->modified : $since ),
				'after_id' => $last ? (int) $last->id : $after_id,
			),
		);
	}

	/**
	 * Ids of the orders placed since a time, without the trash.
	 *
	 * @param string $since    UTC, as the database writes it.
	 * @param int    $after_id Only those after this.
	 * @param int    $limit    How many.
	 * @return array<string,mixed>
	 */
	public function seen( $since, $after_id, $limit ) {
		global $wpdb;
		list( $table, $id, $type, $status, $modified, $created ) = $this->columns();

		$rows = $wpdb->get_results(
			$wpdb->prepare(
				"SELECT $id AS id, $modified AS modified, $status AS status FROM $table
				WHERE $type = 'shop_order' AND $status NOT IN ('trash', " . self::NO_DRAFTS . ") AND $created >= %s AND $id > %d
				ORDER BY $id LIMIT %d",
				$since,
				$after_id,
				$limit + 1
			)
		);
		$more = count( $rows ) > $limit;
		$rows = array_slice( $rows, 0, $limit );
		$seen = array();
		foreach ( $rows as $row ) {
			$seen[] = array(
				'id'       => (int) $row->id,
				'modified' => MCI_Message::time_of_column( $row->modified ),
				'status'   => preg_replace( '/\Awc-/', '', $row->status ),
			);
		}
		return array(
			'orders' => $seen,
			'more'   => $more,
			'next'   => array( 'after_id' => $rows ? (int) end( $rows )->id : $after_id ),
		);
	}

	/**
	 * One order as it is now.
	 *
	 * @param int $order_id The order.
	 * @return array<string,mixed>
	 */
	public function one( $order_id ) {
		$order = ( new MCI_Order_Json() )->read( $order_id );
		return null === $order ? array( 'gone' => true ) : array( 'order' => $order );
	}

	/**
	 * The order of a row. One that WooCommerce cannot read says so, and does not block the others.
	 *
	 * @param object $row With id and modified.
	 * @return array<string,mixed>|null Null: deleted meanwhile.
	 */
	private function whole( $row ) {
		try {
			return ( new MCI_Order_Json() )->read( (int) $row->id );
		} catch ( Throwable $error ) {
			return array(
				'id'                => (int) $row->id,
				'date_modified_gmt' => str_replace( ' ', 'T', $row->modified ),
				'unreadable'        => get_class( $error ) === 'RuntimeException' ? $error->getMessage() : get_class( $error ),
			);
		}
	}
}
