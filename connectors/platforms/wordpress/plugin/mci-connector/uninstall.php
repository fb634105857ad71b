<?php
/**
 * The plugin is deleted: what is its own goes with it. Orders and products are the shop's and stay, with what MCI said.
 *
 * @package MCI_Connector
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/includes/class-mci-queue-table.php';
require_once __DIR__ . '/includes/class-mci-waker.php';

/**
 * Cleans one site.
 */
function mci_connector_uninstall_site() {
	MCI_Waker::stop();
	( new MCI_Queue_Table() )->drop();
	global $wpdb;
	$names = $wpdb->get_col( // phpcs:ignore WordPress.DB.DirectDatabaseQuery
		$wpdb->prepare(
			"SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s OR option_name LIKE %s OR option_name LIKE %s",
			$wpdb->esc_like( 'mci_connector_' ) . '%',
			$wpdb->esc_like( '_transient_mci_connector_' ) . '%',
			$wpdb->esc_like( '_transient_timeout_mci_connector_' ) . '%'
		)
	);
	array_map( 'delete_option', $names );
}

if ( is_multisite() ) {
	foreach ( get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	) as $mci_connector_site ) {
		switch_to_blog( $mci_connector_site );
		mci_connector_uninstall_site();
		restore_current_blog();
	}
} else {
	mci_connector_uninstall_site();
}
