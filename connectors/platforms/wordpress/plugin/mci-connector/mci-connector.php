<?php
/**
 * Plugin Name:          MCI Connector for WooCommerce
 * Description:          Sends the orders of this shop to the MCI portal of your supplier, and takes back tracking, stock, prices and products.
 * Version:              1.2.0
 * Requires at least:    6.4
 * Requires PHP:         7.4
 * Requires Plugins:     woocommerce
 * Author:               MCI
 * License:              GPL-2.0-or-later
 * License URI:          https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:          mci-connector
 * Domain Path:          /languages
 * WC requires at least: 8.2
 * WC tested up to:      10.9
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

define( 'MCI_CONNECTOR_VERSION', '1.2.0' );
define( 'MCI_CONNECTOR_FILE', __FILE__ );
define( 'MCI_CONNECTOR_DIR', plugin_dir_path( __FILE__ ) );

// MCI_Order_Json is in includes/class-mci-order-json.php.
spl_autoload_register(
	static function ( $name ) {
		if ( 0 === strpos( $name, 'MCI_' ) ) {
			$file = MCI_CONNECTOR_DIR . 'includes/class-' . str_replace( '_', '-', strtolower( $name ) ) . '.php';
			if ( is_readable( $file ) ) {
				require_once $file;
			}
		}
	}
);

add_action(
	'before_woocommerce_init',
	static function () {
		$features = Automattic\WooCommerce\Utilities\FeaturesUtil::class;
		if ( class_exists( $features ) ) {
			$features::declare_compatibility( 'custom_order_tables', MCI_CONNECTOR_FILE, true );
			$features::declare_compatibility( 'cart_checkout_blocks', MCI_CONNECTOR_FILE, true );
		}
	}
);

add_action( 'plugins_loaded', array( new MCI_Plugin(), 'run' ) );

// What waits stays in its table: it is sent when the plugin is switched on again.
register_deactivation_hook( __FILE__, array( MCI_Waker::class, 'stop' ) );
