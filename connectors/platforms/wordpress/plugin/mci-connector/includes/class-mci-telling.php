<?php
/**
 * What to do in the shop when MCI tells how an order stands.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * The decisions, apart from the deeds. Knows nothing of WordPress.
 */
final class MCI_Telling {

	const STATES = array( 'shipped', 'delivered', 'returned', 'lost', 'cancelled' );

	/**
	 * From these an order may become `completed`; from any other the merchant has taken it out of our hands.
	 */
	const SHIPPABLE = array( 'processing', 'on-hold', 'pending' );

	/**
	 * The status that the order gets; "": it keeps its own. A prepaid order is completed when it leaves, a COD order
	 * when the customer has it: WooCommerce takes `completed` for paid. Where only a part of the order is MCI's, its
	 * status is the merchant's affair.
	 *
	 * @param string $status The order's status, without `wc-`.
	 * @param string $state  One of STATES.
	 * @param bool   $cod    Paid at the door.
	 * @param bool   $part   Others send the rest, or money for it is still to come.
	 * @return string
	 */
	public static function status( $status, $state, $cod, $part = false ) {
		if ( $part ) {
			return '';
		}
		$arrived = 'delivered' === $state || ( 'shipped' === $state && ! $cod );
		return $arrived && in_array( $status, self::SHIPPABLE, true ) ? 'completed' : '';
	}

	/**
	 * Which note is due: `tracking` (with the number, to the customer when it leaves), one of the states (for the shop),
	 * or "" for none.
	 *
	 * @param string $state    One of STATES.
	 * @param string $tracking The tracking number, or "".
	 * @return string
	 */
	public static function note( $state, $tracking ) {
		if ( '' !== $tracking && ( 'shipped' === $state || 'delivered' === $state ) ) {
			return 'tracking';
		}
		return 'shipped' === $state ? '' : $state;
	}

	/**
	 * Whether the notes of an order hold this one already: an answer that was lost must not become two e-mails.
	 *
	 * @param string[] $notes Their texts.
	 * @param string   $mark  What the note cannot be without.
	 * @return bool
	 */
	public static function is_said( array $notes, $mark ) {
		foreach ( $notes as $note ) {
			if ( false !== strpos( html_entity_decode( $note, ENT_QUOTES, 'UTF-8' ), $mark ) ) {
				return true;
			}
		}
		return false;
	}

	/**
	 * The list that the common tracking plugins read, with our parcel in it once, and all that others wrote. What is no
	 * list is left as it is.
	 *
	 * @param mixed  $items    What is there: a list of rows, or nothing.
	 * @param int    $order_id The order.
	 * @param string $courier  The courier's name.
	 * @param string $tracking The tracking number.
	 * @param string $url      The tracking page.
	 * @param int    $now      Seconds since 1970.
	 * @return mixed
	 */
	public static function tracking_items( $items, $order_id, $courier, $tracking, $url, $now ) {
		if ( ! empty( $items ) && ! is_array( $items ) ) {
			return $items;
		}
		$items = is_array( $items ) ? array_values( $items ) : array();
		foreach ( $items as $item ) {
			if ( is_array( $item ) && isset( $item['tracking_number'] ) && $tracking === $item['tracking_number'] ) {
				return $items;
			}
		}
		$ours = 'mci-' . $order_id;
		$kept = array();
		foreach ( $items as $item ) {
			if ( ! is_array( $item ) || ! isset( $item['tracking_id'] ) || $ours !== $item['tracking_id'] ) {
				$kept[] = $item; // What others wrote stays.
			}
		}
		$kept[] = array(
			'tracking_provider'        => '',
			'custom_tracking_provider' => $courier,
			'custom_tracking_link'     => $url,
			'tracking_number'          => $tracking,
			'date_shipped'             => (string) $now,
			'tracking_id'              => $ours,
		);
		return $kept;
	}
}
