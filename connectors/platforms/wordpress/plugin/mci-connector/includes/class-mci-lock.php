<?php
/**
 * One at a time, across all processes of the shop.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

// A lock must be taken in the database itself: any cache would give it to two.
// phpcs:disable WordPress.DB.DirectDatabaseQuery

/**
 * A named lock in the options table. It lapses by itself, should its owner die.
 */
final class MCI_Lock {

	const PREFIX = 'mci_connector_lock_';

	/**
	 * Takes a lock.
	 *
	 * @param string $name    What is locked.
	 * @param int    $seconds When it lapses.
	 * @return string The key to give it back with; "" when somebody else has it.
	 */
	public static function take( $name, $seconds ) {
		global $wpdb;
		$option = self::PREFIX . md5( $name );
		$key    = ( time() + $seconds ) . '.' . wp_generate_uuid4();
		$sql    = "INSERT IGNORE INTO {$wpdb->options} (option_name, option_value, autoload) VALUES (%s, %s, 'no')";
		if ( $wpdb->query( $wpdb->prepare( $sql, $option, $key ) ) ) { // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared
			return $key;
		}
		$sql   = "UPDATE {$wpdb->options} SET option_value = %s WHERE option_name = %s AND CAST(option_value AS UNSIGNED) < %d";
		$taken = $wpdb->query( $wpdb->prepare( $sql, $key, $option, time() ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared
		return $taken ? $key : '';
	}

	/**
	 * Gives a lock back, if it is still one's own.
	 *
	 * @param string $name What was locked.
	 * @param string $key  As take() gave it.
	 */
	public static function give( $name, $key ) {
		global $wpdb;
		$wpdb->delete(
			$wpdb->options,
			array(
				'option_name'  => self::PREFIX . md5( $name ),
				'option_value' => $key,
			)
		);
	}
}
