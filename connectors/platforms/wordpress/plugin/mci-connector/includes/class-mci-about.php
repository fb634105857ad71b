<?php
/**
 * What the shop says of itself.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Versions, currency, clock, gateways: what pairing and `about` tell.
 */
class MCI_About {

	const PROTOCOL = 1;

	/**
	 * The shop's description.
	 *
	 * @return array<string,mixed>
	 */
	public function shop() {
		return array(
			'protocol'    => self::PROTOCOL,
			'plugin'      => MCI_CONNECTOR_VERSION,
			'wordpress'   => get_bloginfo( 'version' ),
			'woocommerce' => defined( 'WC_VERSION' ) ? WC_VERSION : '',
			'php'         => PHP_VERSION,
			'name'        => wp_specialchars_decode( get_bloginfo( 'name' ), ENT_QUOTES ),
			'home'        => MCI_Pairing_Store::home(),
			'rest'        => rest_url( 'mci/v1/call' ),
			'currency'    => get_woocommerce_currency(),
			'time_zone'   => wp_timezone_string(),
			'hpos'        => self::has_order_tables(),
			'gateways'    => $this->gateways(),
		);
	}

	/**
	 * Whether orders are in tables of their own rather than posts.
	 *
	 * @return bool
	 */
	public static function has_order_tables() {
		$util = Automattic\WooCommerce\Utilities\OrderUtil::class;
		return class_exists( $util ) && $util::custom_orders_table_usage_is_enabled();
	}

	/**
	 * The ways to pay that the shop knows.
	 *
	 * @return array<int,array<string,mixed>>
	 */
	private function gateways() {
		$found = array();
		foreach ( WC()->payment_gateways()->payment_gateways() as $gateway ) {
			$title   = html_entity_decode( wp_strip_all_tags( (string) $gateway->get_title() ), ENT_QUOTES, 'UTF-8' );
			$found[] = array(
				'id'      => (string) $gateway->id,
				'title'   => $title,
				'enabled' => 'yes' === $gateway->enabled,
			);
		}
		return $found;
	}
}
