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
			'store_id'    => (string) get_option( 'woocommerce_store_id', '' ),
			'rest'        => rest_url( 'mci/v1/call' ),
			'currency'    => get_woocommerce_currency(),
			'taxed'       => wc_tax_enabled(),
			'tax_rates'   => wc_tax_enabled() ? $this->tax_rates() : array(),
			'time_zone'   => wp_timezone_string(),
			'hpos'        => self::has_order_tables(),
			'gateways'    => $this->gateways(),
		);
	}

	/**
	 * How many orders the shop has: shown in MCI to who must recognise his shop.
	 *
	 * @return int|null
	 */
	public function orders() {
		if ( ! function_exists( 'wc_get_orders' ) ) {
			return null;
		}
		$found = wc_get_orders(
			array(
				'limit'    => 1,
				'return'   => 'ids',
				'paginate' => true,
			)
		);
		return isset( $found->total ) ? (int) $found->total : null;
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
	 * What the shop's tax table says about Italy, which is where the VAT rates of MCI's goods are.
	 *
	 * @return array<int,array<string,mixed>>
	 */
	private function tax_rates() {
		$found = array();
		foreach ( array_merge( array( '' ), WC_Tax::get_tax_class_slugs() ) as $class ) {
			foreach ( (array) WC_Tax::get_rates_for_tax_class( $class ) as $rate ) {
				if ( in_array( $rate->tax_rate_country, array( '', 'IT' ), true ) ) {
					$found[] = array(
						'class'     => (string) $class,
						'country'   => (string) $rate->tax_rate_country,
						'state'     => (string) $rate->tax_rate_state,
						'rate'      => (string) $rate->tax_rate,
						'priority'  => (int) $rate->tax_rate_priority,
						'postcodes' => isset( $rate->postcode ) ? array_map( 'strval', $rate->postcode ) : array(),
						'cities'    => isset( $rate->city ) ? array_map( 'strval', $rate->city ) : array(),
					);
				}
			}
		}
		return array_slice( $found, 0, 200 );
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
