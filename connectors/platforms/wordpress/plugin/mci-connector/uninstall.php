<?php
/**
 * The plugin is deleted: what is its own goes with it. Orders and products are the shop's and stay, with what MCI said.
 *
 * @package MCI_Connector
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/includes/class-mci-pairing-store.php';
require_once __DIR__ . '/includes/class-mci-queue-table.php';
require_once __DIR__ . '/includes/class-mci-waker.php';

/**
 * Cleans one site.
 */
function mci_connector_uninstall_site() {
	MCI_Waker::stop();
	( new MCI_Queue_Table() )->drop();
	foreach ( array( MCI_Pairing_Store::PAIRING, MCI_Pairing_Store::STATE, MCI_Pairing_Store::WAITING, MCI_Pairing_Store::INSTALL, MCI_Pairing_Store::ADDRESS, MCI_Pairing_Store::SCHEMA ) as $option ) {
		delete_option( $option );
	}
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
