<?php
/**
 * An order as WooCommerce's REST API shows it.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * The same JSON as `GET /wc/v3/orders/<id>`, whoever asks; and which pieces were refunded, which that does not say.
 */
class MCI_Order_Json {

	/**
	 * Reads an order.
	 *
	 * @param int $order_id The order.
	 * @return array<string,mixed>|null Null: WooCommerce has no such order.
	 * @throws RuntimeException When WooCommerce cannot read it.
	 */
	public function read( $order_id ) {
		$order = wc_get_order( $order_id );
		if ( ! $order instanceof WC_Order || 'shop_order' !== $order->get_type() ) {
			return null;
		}
		// The signature of MCI's call, or the pairing, is what allows this; there is no user behind it.
		add_filter( 'woocommerce_rest_check_permissions', array( $this, 'allow' ), PHP_INT_MAX, 4 );
		try {
			$data = $this->endpoint( '/wc/v3/orders/' . $order_id );
		} finally {
			remove_filter( 'woocommerce_rest_check_permissions', array( $this, 'allow' ), PHP_INT_MAX );
		}
		if ( ! is_array( $data ) || ! isset( $data['id'] ) || (int) $data['id'] !== $order_id ) {
			$code = is_array( $data ) && isset( $data['code'] ) && is_string( $data['code'] ) ? $data['code'] : 'no_answer';
			throw new RuntimeException( $code ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		if ( ! empty( $data['refunds'] ) ) {
			$data['mciRefunds'] = self::refunds( $order );
		}
		return $data;
	}

	/**
	 * The refunds of an order piece by piece, as `GET /wc/v3/orders/<id>/refunds` shows them, without reasons and names.
	 *
	 * @param WC_Order $order The order.
	 * @return array<int,array<string,mixed>>
	 */
	public static function refunds( WC_Order $order ) {
		$refunds = array();
		foreach ( $order->get_refunds() as $refund ) {
			$lines = array();
			foreach ( $refund->get_items() as $item ) {
				$lines[] = array(
					'quantity'  => $item->get_quantity(),
					'total'     => wc_format_decimal( $item->get_total(), wc_get_price_decimals() ),
					'total_tax' => wc_format_decimal( $item->get_total_tax(), wc_get_price_decimals() ),
					'meta_data' => array(
						array(
							'key'   => '_refunded_item_id',
							'value' => (string) $item->get_meta( '_refunded_item_id' ),
						),
					),
				);
			}
			$refunds[] = array(
				'id'         => $refund->get_id(),
				'line_items' => $lines,
			);
		}
		return $refunds;
	}

	/**
	 * Lets orders be read, and nothing else.
	 *
	 * @param bool   $permission What WooCommerce found.
	 * @param string $context    read, create…
	 * @param int    $object_id  The order.
	 * @param string $post_type  Of what.
	 * @return bool
	 */
	public function allow( $permission, $context, $object_id, $post_type ) {
		return 'read' === $context && 'shop_order' === $post_type ? true : $permission;
	}

	/**
	 * Asks WooCommerce's API from within.
	 *
	 * @param string $path The route.
	 * @return mixed
	 */
	private function endpoint( $path ) {
		if ( class_exists( Automattic\WooCommerce\Utilities\RestApiUtil::class ) ) { // From WooCommerce 9.
			return wc_get_container()->get( Automattic\WooCommerce\Utilities\RestApiUtil::class )->get_endpoint_data( $path );
		}
		return WC()->api->get_endpoint_data( $path );
	}
}
