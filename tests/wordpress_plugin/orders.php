<?php
/**
 * What the plugin adds to an order's JSON: the pieces that were refunded.
 */

class WC_Order {
	public $refunds = array();

	public function get_refunds() {
		return $this->refunds;
	}
}

class Refund_In_Memory {
	public function __construct( private $id, private array $items ) {}

	public function get_id() {
		return $this->id;
	}

	public function get_items() {
		return $this->items;
	}
}

class Refunded_Line_In_Memory {
	public function __construct( private $of, private $quantity, private $total, private $tax ) {}

	public function get_quantity() {
		return $this->quantity;
	}

	public function get_total() {
		return $this->total;
	}

	public function get_total_tax() {
		return $this->tax;
	}

	public function get_meta( $key ) {
		return '_refunded_item_id' === $key ? $this->of : '';
	}
}

function wc_get_price_decimals() {
	return 2;
}

function wc_format_decimal( $number, $places ) {
	return number_format( (float) $number, $places, '.', '' );
}

function test_refunds_are_told_piece_by_piece_without_names() {
	$order          = new WC_Order();
	$order->refunds = array(
		7 => new Refund_In_Memory( 49, array( 131 => new Refunded_Line_In_Memory( 5, -1, '-20.081967', '-4.42' ) ) ),
		8 => new Refund_In_Memory( 50, array() ),
	);
	$line = array(
		'quantity'  => -1,
		'total'     => '-20.08',
		'total_tax' => '-4.42',
		'meta_data' => array( array( 'key' => '_refunded_item_id', 'value' => '5' ) ),
	);
	same(
		array( array( 'id' => 49, 'line_items' => array( $line ) ), array( 'id' => 50, 'line_items' => array() ) ),
		MCI_Order_Json::refunds( $order )
	);
}
