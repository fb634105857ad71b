<?php
/**
 * The column "MCI" in the list of orders.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Shows what MCI said of each order, in the list of order tables and in that of posts.
 */
class MCI_Column {

	const NAME = 'mci_connector';

	/**
	 * Registers the column in both lists.
	 */
	public function listen() {
		add_filter( 'manage_woocommerce_page_wc-orders_columns', array( $this, 'add' ) );
		add_action( 'manage_woocommerce_page_wc-orders_custom_column', array( $this, 'show' ), 10, 2 );
		add_filter( 'manage_edit-shop_order_columns', array( $this, 'add' ) );
		add_action( 'manage_shop_order_posts_custom_column', array( $this, 'show' ), 10, 2 );
	}

	/**
	 * Puts the column after the status.
	 *
	 * @param array<string,string> $columns Titles by name.
	 * @return array<string,string>
	 */
	public function add( $columns ) {
		$place = array_search( 'order_status', array_keys( $columns ), true );
		$place = false === $place ? count( $columns ) : $place + 1;
		return array_slice( $columns, 0, $place, true ) + array( self::NAME => 'MCI' ) + array_slice( $columns, $place, null, true );
	}

	/**
	 * One cell.
	 *
	 * @param string       $column The column.
	 * @param WC_Order|int $order  The order, or its id.
	 */
	public function show( $column, $order ) {
		if ( self::NAME !== $column ) {
			return;
		}
		$order = $order instanceof WC_Order ? $order : wc_get_order( $order );
		$state = $order ? (string) $order->get_meta( '_mci_state' ) : '';
		$words = self::words();
		if ( ! isset( $words[ $state ] ) ) {
			echo '<span aria-hidden="true">–</span><span class="screen-reader-text">' . esc_html__( 'Nothing yet', 'mci-connector' ) . '</span>';
			return;
		}
		echo '<strong>' . esc_html( $words[ $state ] ) . '</strong>';
		$tracking = (string) $order->get_meta( '_mci_tracking' );
		$url      = (string) $order->get_meta( '_mci_tracking_url' );
		if ( '' !== $tracking ) {
			$label = trim( $order->get_meta( '_mci_courier' ) . ' ' . $tracking );
			echo '<br>';
			if ( '' !== $url ) {
				echo '<a href="' . esc_url( $url ) . '" target="_blank" rel="noopener noreferrer">' . esc_html( $label ) . '</a>';
			} else {
				echo esc_html( $label );
			}
		}
		if ( 'yes' === $order->get_meta( '_mci_cash_in' ) ) {
			echo '<br>' . esc_html__( 'Cash on delivery paid out', 'mci-connector' );
		}
	}

	/**
	 * The states in words.
	 *
	 * @return array<string,string>
	 */
	private static function words() {
		return array(
			'shipped'   => __( 'Shipped', 'mci-connector' ),
			'delivered' => __( 'Delivered', 'mci-connector' ),
			'returned'  => __( 'Comes back', 'mci-connector' ),
			'lost'      => __( 'Lost by the courier', 'mci-connector' ),
			'cancelled' => __( 'Cancelled', 'mci-connector' ),
		);
	}
}
